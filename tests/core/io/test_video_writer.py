import itertools
import os
import subprocess
import sys

import cv2
import numpy as np
import pytest

from mobilepose_core.io import video_codecs
from mobilepose_core.io.atomic import WriteError
from mobilepose_core.io.sources import Video
from mobilepose_core.io.video_writer import VideoWriter, rate_for


def grey(value, height=48, width=64):
    return np.full((height, width, 3), value, np.uint8)


def times(*gaps):
    return [0.0, *itertools.accumulate(gaps)]


@pytest.mark.parametrize(
    ("gaps", "announced", "rate"),
    [
        ([0.04] * 50, 25.0, 25.0),
        ([0.033, 0.033, 0.034] * 20, 29.97, 29.97),  # stamps of whole milliseconds
        ([0.033, 0.033, 0.034] * 20, 240.0, 30.0),
        ([0.04, 0.04, 0.08] * 20, 18.75, 25.0),  # frames are missing here and there
        ([1 / 30] * 60 + [0.1] * 60, 15.0, 30.0),  # fast, then slow
        ([0.001] * 50, 1000.0, 120.0),
        ([], 25.0, 25.0),
    ],
)
def test_the_rate_is_that_at_which_frames_keep_their_times(gaps, announced, rate):
    assert rate_for(times(*gaps), announced) == pytest.approx(rate, rel=0.01)


def test_every_frame_lasts_from_its_time_to_the_next(tmp_path):
    writer = VideoWriter(tmp_path / "out.avi", 10.0)
    for time, value in ((0.0, 40), (0.3, 120), (0.4, 200)):
        writer.write(grey(value), time)
    assert writer.close()

    frames = list(Video(tmp_path / "out.avi"))
    assert [round(frame.image.mean(), -1) for frame in frames] == [40, 40, 40, 120, 200]


def test_a_clock_that_jumps_by_days_does_not_fill_the_disk(tmp_path):
    writer = VideoWriter(tmp_path / "out.avi", 1.0)
    for time in (0.0, 90_000.0, 90_001.0):
        writer.write(grey(100), time)

    assert writer.written == 1 + 60 + 2


def test_frames_of_another_size_are_brought_to_that_of_the_first(tmp_path):
    writer = VideoWriter(tmp_path / "out.avi", 10.0)
    writer.write(grey(50))
    writer.write(grey(200, 96, 128))
    writer.close()

    assert [f.image.mean() for f in Video(tmp_path / "out.avi")] == pytest.approx([50, 200], abs=3)


def test_an_mp4_is_in_a_codec_that_browsers_play_where_this_opencv_has_one(tmp_path):
    writer = VideoWriter(tmp_path / "out.mp4", 25.0)
    for value in range(30):
        writer.write(grey(8 * value))
    writer.close()

    capture = cv2.VideoCapture(str(tmp_path / "out.mp4"))
    tag = int(capture.get(cv2.CAP_PROP_FOURCC)).to_bytes(4, "little")
    names = {b"h264": "H.264", b"avc1": "H.264", b"VP90": "VP9", b"vp09": "VP9"}
    assert names.get(tag, "MPEG-4 Part 2") == writer.codec.name
    assert writer.codec.in_browsers == (tag in names)
    is_any_possible = any(
        video_codecs._works(codec, ".mp4", 64, 48)
        for codec in (video_codecs.H264, video_codecs.VP9)
    )
    assert writer.codec.in_browsers == is_any_possible


def test_a_codec_that_this_opencv_has_not_is_passed_over_in_silence(tmp_path, capfd):
    video_codecs.best.cache_clear()

    video_codecs.best(".mp4", 64, 48)

    assert capfd.readouterr().err == ""


@pytest.mark.parametrize("name", [b"\xe9t\xe9.mp4", "写.avi".encode()])
def test_a_video_is_written_under_any_name(tmp_path, name):
    path = tmp_path / os.fsdecode(name)
    writer = VideoWriter(path, 25.0)
    for value in (40, 120):
        writer.write(grey(value))
    writer.close()

    assert len(list(Video(path))) == 2
    assert os.listdir(os.fsencode(tmp_path)) == [name]


def test_until_it_is_closed_what_was_there_stays(tmp_path):
    path = tmp_path / "out.avi"
    path.write_bytes(b"kept")
    writer = VideoWriter(path, 25.0)
    writer.write(grey(40))
    assert path.read_bytes() == b"kept"

    writer.discard()

    assert path.read_bytes() == b"kept"
    assert os.listdir(tmp_path) == ["out.avi"]
    assert not writer.close()


def test_a_file_that_is_damaged_behind_the_writers_back_is_not_given_its_name(tmp_path):
    path = tmp_path / "out.avi"
    writer = VideoWriter(path, 25.0)
    for value in range(40):
        writer.write(np.random.default_rng(value).integers(0, 255, (48, 64, 3), np.uint8))
    (temporary,) = tmp_path.iterdir()
    writer._writer.release()
    os.truncate(temporary, temporary.stat().st_size // 3)

    with pytest.raises(WriteError, match=r"out\.avi was not written whole: \d+ of 40 frames can"):
        writer.close()

    assert os.listdir(tmp_path) == []


FULL = """
import resource, signal, sys
from pathlib import Path
import numpy as np
from mobilepose_core.io.video_writer import VideoWriter
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))
writer = VideoWriter(Path(sys.argv[1]), 25.0)
for index in range(40):
    writer.write(np.random.default_rng(index).integers(0, 255, (120, 160, 3), np.uint8))
try:
    writer.close()
except ValueError as error:
    print(error)
"""


@pytest.mark.parametrize("name", ["out.mp4", "out.avi"])
def test_a_video_that_does_not_fit_on_the_disk_is_an_error_and_not_left_there(tmp_path, name):
    """The limit of a file's size stands for the disk: both fail a write midway."""
    result = subprocess.run(
        [sys.executable, "-c", FULL, str(tmp_path / name)],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )

    assert f"{name} " in result.stdout
    assert os.listdir(tmp_path) == []
