from pathlib import Path

import cv2
import numpy as np
import pytest

from mobilepose_core.io.sources import Photograph, Video, Webcam, open_source


@pytest.fixture
def make_video(tmp_path):
    """Writes a video of 48 x 64 pixels, whose frames are grey and of the given brightnesses."""

    def make(name="video.avi", values=(40, 120, 200), rate=10):
        codec = "MJPG" if name.endswith("avi") else "mp4v"
        path = tmp_path / name
        writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*codec), rate, (64, 48))
        for value in values:
            writer.write(np.full((48, 64, 3), value, np.uint8))
        writer.release()
        return path

    return make


def test_a_photograph_is_one_frame_without_a_time(tmp_path):
    path = tmp_path / "photo.png"
    cv2.imwrite(str(path), np.full((8, 12, 3), 7, np.uint8))

    (source,) = open_source(str(path))
    (frame,) = source

    assert (frame.source, frame.index, frame.time) == (str(path), 0, None)
    assert frame.image.shape == (8, 12, 3)


def test_a_photograph_is_known_by_what_is_in_it_where_its_name_says_nothing(tmp_path):
    path = tmp_path / "photo"
    path.write_bytes(cv2.imencode(".png", np.zeros((8, 8, 3), np.uint8))[1].tobytes())

    assert open_source(str(path)) == [Photograph(path)]


def test_a_folder_is_its_photographs_by_their_names(tmp_path):
    for name in ("b.png", "a.JPG", "c.tiff"):
        cv2.imwrite(str(tmp_path / name), np.zeros((8, 8, 3), np.uint8))
    (tmp_path / "notes.txt").write_text("no image")

    assert [source.path.name for source in open_source(str(tmp_path))] == [
        "a.JPG",
        "b.png",
        "c.tiff",
    ]


@pytest.mark.parametrize("name", ["video.avi", "video.mp4"])
def test_a_videos_frames_come_in_order_at_their_times_and_again_when_asked(make_video, name):
    (video,) = open_source(str(make_video(name)))

    assert (video.rate, video.length) == (10, 3)
    for _ in range(2):
        frames = list(video)
        assert [round(frame.image.mean(), -1) for frame in frames] == [40, 120, 200]
        assert [frame.index for frame in frames] == [0, 1, 2]
        assert [frame.time for frame in frames] == pytest.approx([0, 0.1, 0.2])


def test_the_time_stamps_of_a_video_hold_where_its_rate_varies(tmp_path):
    pillow = pytest.importorskip("PIL.Image", reason="Pillow writes videos of a varying rate")
    path = tmp_path / "video.gif"
    first, *others = (pillow.new("L", (64, 48), value) for value in (40, 120, 200, 240))
    first.save(path, save_all=True, append_images=others, duration=[100, 400, 200, 100])

    assert [frame.time for frame in Video(path)] == pytest.approx([0, 0.1, 0.5, 0.7])


def test_a_webcams_frames_have_the_times_at_which_they_came(make_video):
    webcam = Webcam(str(make_video()))  # OpenCV reads files and devices alike

    times = [frame.time for frame in webcam]

    assert times[0] == 0
    assert times == sorted(times)
    assert times[-1] < 0.2  # at which the file's own time stamp lies


@pytest.mark.parametrize("name", ["nowhere.mp4", "nowhere.jpg", "/dev/video77"])
def test_what_is_not_there_is_named_with_what_may_be(name):
    with pytest.raises(ValueError, match=f"{name}: no such file; expected a photograph, a folder"):
        open_source(name)


def test_an_empty_name_is_not_the_folder_where_one_is():
    with pytest.raises(ValueError, match="an empty name is given; expected a photograph"):
        open_source("")


def test_a_webcam_that_is_not_there_is_named():
    with pytest.raises(ValueError, match="77: cannot be opened as a photograph, video or webcam"):
        open_source("77")


def test_a_file_that_is_no_video_is_named(tmp_path):
    (tmp_path / "video.mp4").write_bytes(b"no video")

    with pytest.raises(ValueError, match=r"video\.mp4: cannot be opened as a photograph, video"):
        open_source(str(tmp_path / "video.mp4"))


def test_a_video_without_a_frame_that_can_be_read_is_named(make_video):
    path = make_video(values=range(0, 200, 20))
    content = path.read_bytes()
    path.write_bytes(content[: content.index(b"movi") + 4])

    with pytest.raises(ValueError, match=r"video\.avi: (not a single frame|cannot be opened)"):
        list(Video(path))


def test_a_folder_without_photographs_is_named(tmp_path):
    with pytest.raises(ValueError, match=r"a folder without photographs \(\.avif, \.bmp, "):
        open_source(str(tmp_path))


def test_a_photograph_that_is_damaged_is_named(tmp_path):
    path = Path(tmp_path / "photo.jpg")
    path.write_bytes(b"no photograph")

    with pytest.raises(ValueError, match=r"photo\.jpg: no picture of a known format"):
        list(Photograph(path))
