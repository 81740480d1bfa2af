import threading

import cv2
import numpy as np
import pytest
from rclpy.parameter import Parameter
from rclpy.qos import QoSProfile, ReliabilityPolicy
from sensor_msgs.msg import CameraInfo, Image

from mobilepose_core.errors import DataError
from mobilepose_core.messages import CameraModel
from mobilepose_ros import camera_source, images, motion
from mobilepose_ros.camera_node import CameraNode


@pytest.fixture
def photo(tmp_path):
    picture = np.random.default_rng(4).integers(0, 256, (24, 36, 3), dtype=np.uint8)
    cv2.imwrite(str(tmp_path / "photo.png"), picture)
    return picture


@pytest.fixture
def camera(ros):
    def make(arguments=(), on_end=lambda: None, on_failure=lambda: None, **values):
        overrides = [Parameter(key, value=value) for key, value in values.items()]
        node = CameraNode(
            on_end=on_end,
            on_failure=on_failure,
            cli_args=["--ros-args", *arguments],
            parameter_overrides=overrides,
        )
        return ros.add(node)

    return make


@pytest.mark.parametrize("reliability", [ReliabilityPolicy.BEST_EFFORT, ReliabilityPolicy.RELIABLE])
def test_a_photograph_is_published_as_it_is(ros, camera, photo, tmp_path, reliability):
    heard = ros.heard(Image, "image", QoSProfile(depth=5, reliability=reliability))

    node = camera(source=str(tmp_path / "photo.png"), rate=50.0, frame_id="head_camera")
    ros.wait(lambda: len(heard) >= 3, what="three images")

    assert np.array_equal(images.bgr_from_image(heard[0]), photo)
    assert heard[0].header.frame_id == "head_camera"
    stamps = [(image.header.stamp.sec, image.header.stamp.nanosec) for image in heard[:3]]
    assert stamps == sorted(set(stamps))
    now = node.get_clock().now().nanoseconds / 1e9
    assert now - 60 < stamps[0][0] <= now


def test_the_frame_is_an_optical_one_unless_another_is_given(ros, camera, photo, tmp_path):
    heard = ros.heard(Image, "image")

    camera(source=str(tmp_path / "photo.png"), rate=50.0)
    ros.wait(lambda: heard, what="an image")

    assert heard[0].header.frame_id.endswith("_optical_frame")


def test_the_frames_follow_the_known_motion(ros, camera, photo, tmp_path):
    heard = ros.heard(Image, "image")

    camera(source=str(tmp_path / "photo.png"), rate=50.0, motion=1.0)
    ros.wait(lambda: len(heard) >= 3, what="three images")

    shown = [images.bgr_from_image(image) for image in heard]
    start = next(
        index for index in range(200) if np.array_equal(shown[0], motion.move(photo, index, 1.0))
    )
    assert np.array_equal(shown[1], motion.move(photo, start + 1, 1.0))


def test_the_end_of_a_source_is_logged_once(ros, camera, photo, tmp_path):
    ended = threading.Event()

    camera(on_end=ended.set, source=str(tmp_path), rate=50.0, loop=False)

    ros.wait(ended.is_set, what="the end")


@pytest.fixture
def source(monkeypatch):
    """Replaces what the camera opens by one image, after which an error or the end comes."""

    def replace(error=None, is_live=False):
        def one_image():
            yield np.zeros((8, 8, 3), np.uint8)
            if error is not None:
                raise error

        images = camera_source.SourceImages(one_image(), is_live)
        monkeypatch.setattr(camera_source, "open_images", lambda *_: images)

    return replace


@pytest.fixture
def ending(ros, camera):
    """Runs a camera until it ends, and tells how."""

    def run(name):
        ended, failed = threading.Event(), threading.Event()
        camera(on_end=ended.set, on_failure=failed.set, source=name, rate=50.0)
        ros.wait(lambda: ended.is_set() or failed.is_set(), what="the end")
        return "failure" if failed.is_set() else "end"

    return run


@pytest.mark.parametrize("name", ["0", "/dev/video0", "rtsp://camera/stream"])
def test_a_camera_or_stream_that_gives_no_more_images_is_a_failure(source, ending, name, capfd):
    source(is_live=True)

    assert ending(name) == "failure"

    log = capfd.readouterr().err
    assert "[ERROR]" in log
    assert f"{name} gives no more images: was the camera unplugged" in log


def test_the_end_of_a_file_is_none(source, ending, capfd):
    source()

    assert ending("video.mp4") == "end"

    log = capfd.readouterr().err
    assert "stopping: end of the source" in log
    assert "[ERROR]" not in log


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (DataError("photo.png: damaged"), "stopping: photo.png: damaged"),
        (OSError(19, "No such device"), "cannot be read any more: OSError(19, 'No such device')"),
    ],
)
def test_a_source_that_cannot_be_read_any_more_is_a_failure(
    source, ending, tmp_path, capfd, error, text
):
    source(error)

    assert ending(str(tmp_path)) == "failure"

    log = capfd.readouterr().err
    assert "[ERROR]" in log
    assert text in log


def test_a_program_whose_source_fails_is_exit_status_1_and_at_its_end_0(program, photo, tmp_path):
    folder = tmp_path / "photos"
    folder.mkdir()
    (tmp_path / "photo.png").rename(folder / "1.png")
    arguments = ["--ros-args", "-p", f"source:={folder}", "-p", "loop:=false", "-p", "rate:=50.0"]

    process = program("camera_node", *arguments)
    assert process.wait(60) == 0, process.text()

    (folder / "2.png").write_bytes((folder / "1.png").read_bytes()[:60])
    process = program("camera_node", *arguments)
    assert process.wait(60) == 1, process.text()
    assert "2.png" in process.text()
    assert "Traceback" not in process.text()


def test_a_calibration_beside_the_images_says_how_wide_they_look(ros, camera, photo, tmp_path):
    shown = ros.heard(Image, "/front/image_raw")
    calibrations = ros.heard(CameraInfo, "/front/camera_info")

    camera(
        ("-r", "image:=/front/image_raw"),
        source=str(tmp_path / "photo.png"),
        rate=50.0,
        field_of_view=90.0,
    )
    ros.wait(lambda: shown and calibrations, what="an image and a calibration")

    info = calibrations[-1]
    ros.wait(lambda: info.header in [image.header for image in shown], what="its image")
    height, width = photo.shape[:2]
    assert (info.width, info.height) == (width, height)
    edges = np.array([[-0.5, height / 2 - 0.5], [width - 0.5, height / 2 - 0.5]])
    # The edges of the outermost pixels of an image 90 degrees wide lie at 45 degrees.
    for rectified in (False, True):
        rays = CameraModel.from_info(info, width, height, rectified).rays(edges)
        assert np.allclose(rays, [[-1, 0, 1], [1, 0, 1]])


def test_a_camera_whose_field_of_view_is_unknown_has_no_calibration(ros, camera, photo, tmp_path):
    node = camera(source=str(tmp_path / "photo.png"))

    assert node.count_publishers("/camera_info") == 0


@pytest.mark.parametrize(
    ("values", "complaint"),
    [
        ({"source": "nowhere.mp4"}, "nowhere.mp4: no such file; expected a photograph"),
        ({"rate": 0.0}, "parameter rate is a number with a point from 0.1 to 240.0"),
        ({"field_of_view": 180.0}, "parameter field_of_view is a number with a point from 0.0 to"),
        (
            {"qos_overrides./image.publisher.reliability": "perhaps"},
            "Unexpected QoS override for policy `reliability`: `perhaps`",
        ),
    ],
)
def test_the_node_does_not_start_without_a_source_or_rate(context, values, complaint):
    overrides = [Parameter(key, value=value) for key, value in values.items()]

    with pytest.raises(ValueError, match=complaint):
        CameraNode(parameter_overrides=overrides)
