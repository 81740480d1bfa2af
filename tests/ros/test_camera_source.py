import functools
import http.server
import itertools
import threading

import cv2
import numpy as np
import pytest

from mobilepose_core.io.pixel_limit import PixelLimit
from mobilepose_ros import camera_source, motion


@pytest.fixture
def photo():
    return np.random.default_rng(2).integers(0, 256, (32, 48, 3), dtype=np.uint8)


def test_a_photograph_without_motion_never_changes(photo, tmp_path):
    path = tmp_path / "photo.png"
    cv2.imwrite(str(path), photo)

    frames = list(itertools.islice(camera_source.open_images(str(path)), 5))

    assert all(np.array_equal(frame, photo) for frame in frames)


def test_a_photograph_moves_with_the_known_motion(photo, tmp_path):
    path = tmp_path / "photo.png"
    cv2.imwrite(str(path), photo)

    frames = list(itertools.islice(camera_source.open_images(str(path), amplitude=0.7), 4))

    assert np.array_equal(frames[3], motion.move(photo, 3, 0.7))


def test_without_a_source_the_astronaut_is_shown():
    pytest.importorskip("skimage", reason="scikit-image has the photograph")

    frame = next(camera_source.open_images(""))

    assert frame.shape == (512, 512, 3)
    blue, _, red = frame[430, 60].astype(int)  # her suit is orange
    assert red > blue + 50


@pytest.mark.parametrize("loop", [True, False])
def test_a_folder_is_shown_in_the_order_of_its_names(photo, tmp_path, loop):
    for name, value in (("b.png", 20), ("a.png", 10), ("c.jpg", 30)):
        cv2.imwrite(str(tmp_path / name), np.full((8, 8, 3), value, np.uint8))
    (tmp_path / "notes.txt").write_text("no image")

    frames = list(itertools.islice(camera_source.open_images(str(tmp_path), loop=loop), 5))

    expected = [10, 20, 30, 10, 20] if loop else [10, 20, 30]
    assert [round(frame.mean()) for frame in frames] == expected


def test_a_video_is_shown_to_its_end(tmp_path):
    path = tmp_path / "video.avi"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), 10, (64, 48))
    for value in (40, 120, 200):
        writer.write(np.full((48, 64, 3), value, np.uint8))
    writer.release()

    once = list(camera_source.open_images(str(path), loop=False))
    looped = list(itertools.islice(camera_source.open_images(str(path), loop=True), 4))

    assert [round(frame.mean(), -1) for frame in once] == [40, 120, 200]
    assert round(looped[3].mean(), -1) == 40


def test_a_folder_with_one_photograph_ends_and_does_not_move(photo, tmp_path):
    cv2.imwrite(str(tmp_path / "photo.png"), photo)

    (frame,) = camera_source.open_images(str(tmp_path), loop=False, amplitude=0.7)

    assert np.array_equal(frame, photo)


def test_a_source_that_is_not_there_is_named():
    with pytest.raises(ValueError, match=r"nowhere.mp4: no such file; expected a photograph"):
        camera_source.open_images("nowhere.mp4")


def test_a_damaged_photograph_is_named(tmp_path):
    (tmp_path / "photo.jpg").write_bytes(b"no photograph")

    with pytest.raises(ValueError, match=r"photo.jpg: no picture of a known format"):
        camera_source.open_images(str(tmp_path / "photo.jpg"))


def test_a_file_that_is_no_video_is_named(tmp_path):
    (tmp_path / "video.mp4").write_bytes(b"no video")

    with pytest.raises(ValueError, match=r"video.mp4: cannot be opened as a photograph, video or"):
        camera_source.open_images(str(tmp_path / "video.mp4"))


def test_a_folder_without_images_is_named(tmp_path):
    with pytest.raises(ValueError, match=r"a folder without photographs \(.avif, .bmp, "):
        camera_source.open_images(str(tmp_path))


def test_a_webcam_that_is_not_there_is_named():
    with pytest.raises(ValueError, match="77: cannot be opened as a photograph, video or webcam"):
        camera_source.open_images("77")


def test_a_film_on_the_network_is_not_begun_again_and_not_live(tmp_path):
    path = tmp_path / "video.avi"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), 10, (64, 48))
    for _ in range(3):
        writer.write(np.zeros((48, 64, 3), np.uint8))
    writer.release()
    handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=str(tmp_path))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        address = f"http://127.0.0.1:{server.server_port}/video.avi"

        images = camera_source.open_images(address, loop=True)
        frames = list(images)

        server.shutdown()
        thread.join()
    assert len(frames) == 3
    assert not images.is_live


def test_a_photograph_of_too_many_pixels_is_refused_with_the_parameter(photo, tmp_path):
    path = tmp_path / "photo.png"
    cv2.imwrite(str(path), photo)
    limit = PixelLimit(1535, "parameter max_image_pixels")

    with pytest.raises(ValueError, match=r"48 x 32.*at most 1535 .*parameter max_image_pixels"):
        camera_source.open_images(str(path), limit=limit)
