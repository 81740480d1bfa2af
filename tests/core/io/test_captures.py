"""Videos of phones, browsers and networks, and those that are cut off."""

import contextlib
import http.server
import os
import socket
import struct
import threading
import time
from functools import partial

import cv2
import numpy as np
import pytest

from mobilepose_core.io import captures, sources
from mobilepose_core.io.sources import Photograph, Stream, Video, is_live, open_source, skipped_in


@pytest.fixture
def make_video(tmp_path):
    """Writes a video, 48 x 64 pixels, whose frames grow brighter."""

    def make(name="video.avi", count=20, rate=10.0, tag=None):
        tag = tag or {"avi": "MJPG", "mp4": "mp4v", "webm": "VP80"}[name.rpartition(".")[2]]
        path = tmp_path / name
        writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*tag), rate, (64, 48))
        for value in np.linspace(20, 230, count):
            writer.write(np.full((48, 64, 3), value, np.uint8))
        writer.release()
        return path

    return make


@pytest.mark.parametrize(
    ("matrix", "corner"),
    [
        ((0, 1, -1, 0), "top right"),
        ((-1, 0, 0, -1), "bottom right"),
        ((0, -1, 1, 0), "bottom left"),
    ],
    ids=["90", "180", "270"],
)
def test_a_video_comes_as_the_phone_was_held(tmp_path, matrix, corner):
    """A phone writes its sensor's rows, and a matrix in the track's header that turns them."""
    path = tmp_path / "phone.mp4"
    stored = np.zeros((48, 64, 3), np.uint8)
    stored[:24, :32] = 255  # what the matrix brings into the corner
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"mp4v"), 10, (64, 48))
    for _ in range(3):
        writer.write(stored)
    writer.release()
    content = bytearray(path.read_bytes())
    a, b, c, d = (value << 16 for value in matrix)
    place = content.find(b"tkhd") + 44
    content[place : place + 36] = struct.pack(">9i", a, b, 0, c, d, 0, 0, 0, 1 << 30)
    path.write_bytes(content)

    image = next(iter(Video(path))).image

    assert image.shape == ((64, 48, 3) if matrix[0] == 0 else (48, 64, 3))
    rows = {"top": image[:10], "bottom": image[-10:]}[corner.split()[0]]
    part = {"left": rows[:, :10], "right": rows[:, -10:]}[corner.split()[1]]
    assert part.mean() > 200
    assert image.mean() < 100


def test_a_clock_tick_that_is_announced_as_the_rate_is_not_believed(make_video):
    path = make_video("browser.webm", rate=25.0)
    content = bytearray(path.read_bytes())
    place = content.find(b"\x23\xe3\x83") + 4  # Matroska's DefaultDuration, ns
    length = content[place - 1] & 0x7F
    content[place : place + length] = (1_000_000).to_bytes(length, "big")
    path.write_bytes(content)

    assert cv2.VideoCapture(str(path)).get(cv2.CAP_PROP_FPS) == 1000
    assert Video(path).rate == pytest.approx(25)


@pytest.mark.parametrize("name", ["video.avi", "video.mp4"])
def test_time_stamps_are_known_without_decoding(make_video, name):
    video = Video(make_video(name))

    assert video.stamps() == pytest.approx([frame.time for frame in video])


def test_a_video_that_ends_before_it_should_says_so(make_video):
    path = make_video(count=40)
    whole = Video(path)
    list(whole)
    assert not whole.shortfall
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])

    video = Video(path)
    count = len(list(video))

    assert 5 < count < 35
    assert f"ends after {count} of 40 frames" in video.shortfall
    assert "of 4.0 s; it is cut off" in video.shortfall


def test_a_recording_that_was_not_ended_is_named_as_such(make_video):
    path = make_video("video.mp4")
    path.write_bytes(path.read_bytes()[:-200])  # OpenCV writes the index last

    with pytest.raises(ValueError, match=r"cut off, its index \(`moov`\) is missing"):
        Video(path)


def test_a_video_without_a_frame_is_named_as_such(tmp_path):
    boxes = [(b"ftyp", b"isom" + bytes(4) + b"isom"), (b"moov", b""), (b"mdat", bytes(64))]
    path = tmp_path / "sound.mp4"
    path.write_bytes(b"".join(struct.pack(">I", 8 + len(c)) + name + c for name, c in boxes))

    with pytest.raises(ValueError, match="an MP4 or MOV without a frame that can be read"):
        open_source(str(path))


def test_a_video_of_any_name_is_read(make_video, tmp_path):
    plain = make_video("video.avi", count=3)
    for name in (b"vid\xe9o.avi", b"12:30%03d.avi"):
        path = tmp_path / os.fsdecode(name)
        plain.rename(path)
        plain = path

        assert len(list(Video(path))) == 3


def test_a_file_or_folder_comes_before_the_webcam_of_its_number(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    picture = np.zeros((8, 8, 3), np.uint8)
    (tmp_path / "0001").mkdir()
    cv2.imwrite("0001/a.png", picture)
    (tmp_path / "7").write_bytes(cv2.imencode(".png", picture)[1].tobytes())

    assert [source.path.name for source in open_source("0001")] == ["a.png"]
    assert isinstance(open_source("7")[0], Photograph)


@pytest.mark.parametrize("name", ["²", "٣", "-1", "1.5"])
def test_what_only_looks_like_a_number_is_no_webcam(name):
    with pytest.raises(ValueError, match="no such file"):
        open_source(name)


def test_a_home_that_there_is_not_is_named():
    with pytest.raises(ValueError, match=r"~no-such-user/film\.mp4: .*write the path in full"):
        open_source("~no-such-user/film.mp4")


def test_hidden_files_are_ignored_and_other_files_are_reported(tmp_path):
    for name in ("a.png", ".b.png", "._a.png", ".DS_Store", "film.mp4", "notes.txt"):
        (tmp_path / name).touch()
    (tmp_path / "folder.jpg").mkdir()

    assert [source.path.name for source in open_source(str(tmp_path))] == ["a.png"]
    assert [path.name for path in skipped_in(tmp_path)] == ["film.mp4", "notes.txt"]


@contextlib.contextmanager
def served(handler):
    """An HTTP server on this machine; gives its port."""
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield server.server_port
        finally:
            server.shutdown()
            thread.join()


def test_a_video_at_an_address_is_read_with_its_time_stamps(make_video):
    path = make_video(count=5)
    handler = partial(http.server.SimpleHTTPRequestHandler, directory=str(path.parent))
    with served(handler) as port:
        (stream,) = open_source(f"http://127.0.0.1:{port}/video.avi")
        times = [frame.time for frame in stream]

    assert isinstance(stream, Stream)
    assert times == pytest.approx([0, 0.1, 0.2, 0.3, 0.4])
    assert not is_live(stream)


@pytest.mark.parametrize("scheme", ["rtsp", "http"])
def test_an_address_at_which_nothing_answers_says_why_and_keeps_the_password(scheme):
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        address = f"{scheme}://me:secret@127.0.0.1:{unused.getsockname()[1]}/stream"

        with pytest.raises(ValueError, match="no video came from this address") as caught:
            open_source(address)

    assert "secret" not in str(caught.value)
    assert f"{scheme}://me:***@127.0.0.1" in str(caught.value)


def test_an_address_that_keeps_silent_is_given_up(monkeypatch):
    monkeypatch.setattr(captures, "TIMEOUT", 0.5)
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        start = time.monotonic()

        with pytest.raises(ValueError, match=r"within 0\.5 s"):
            sources.Stream(f"rtsp://127.0.0.1:{silent.getsockname()[1]}/stream")

    assert time.monotonic() - start < 10


def test_live_pictures_by_http_have_the_times_at_which_they_came():
    picture = cv2.imencode(".jpg", np.zeros((48, 64, 3), np.uint8))[1].tobytes()

    class Camera(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.send_header("Content-Type", "multipart/x-mixed-replace; boundary=frame")
            self.end_headers()
            for _ in range(60):
                head = f"--frame\r\nContent-Type: image/jpeg\r\nContent-Length: {len(picture)}"
                self.wfile.write(head.encode() + b"\r\n\r\n" + picture + b"\r\n")

    with served(Camera) as port:
        (stream,) = open_source(f"http://127.0.0.1:{port}/video.mjpg")
        start = time.monotonic()
        times = [frame.time for frame in stream]

    assert is_live(stream)
    assert len(times) > 40
    assert times == sorted(times)
    assert times[-1] <= time.monotonic() - start  # 60 frames at 25 Hz would be 2.4 s
    assert times[-1] < 2
