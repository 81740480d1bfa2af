import threading

import cv2
import numpy as np
import pytest
from rclpy.parameter import Parameter
from rclpy.qos import QoSProfile, ReliabilityPolicy
from sensor_msgs.msg import Image

from mobilepose_ros import images, motion
from mobilepose_ros.camera_node import CameraNode


@pytest.fixture
def photo(tmp_path):
    picture = np.random.default_rng(4).integers(0, 256, (24, 36, 3), dtype=np.uint8)
    cv2.imwrite(str(tmp_path / "photo.png"), picture)
    return picture


@pytest.fixture
def camera(ros):
    def make(on_end=lambda: None, **values):
        overrides = [Parameter(key, value=value) for key, value in values.items()]
        return ros.add(CameraNode(on_end=on_end, parameter_overrides=overrides))

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


def test_the_frames_follow_the_known_motion(ros, camera, photo, tmp_path):
    heard = ros.heard(Image, "image")

    camera(source=str(tmp_path / "photo.png"), rate=50.0, motion=1.0)
    ros.wait(lambda: len(heard) >= 3, what="three images")

    shown = [images.bgr_from_image(image) for image in heard]
    start = next(
        index for index in range(200) if np.array_equal(shown[0], motion.move(photo, index, 1.0))
    )
    assert np.array_equal(shown[1], motion.move(photo, start + 1, 1.0))


def test_the_end_of_a_source_is_told_once(ros, camera, photo, tmp_path):
    ended = threading.Event()

    camera(on_end=ended.set, source=str(tmp_path), rate=50.0, loop=False)

    ros.wait(ended.is_set, what="the end")


@pytest.mark.parametrize(
    ("values", "complaint"),
    [
        ({"source": "nowhere.mp4"}, "source 'nowhere.mp4' not found"),
        ({"rate": 0.0}, "parameter rate is a number with a point from 0.1 to 240.0"),
    ],
)
def test_the_node_does_not_start_without_a_source_or_rate(context, values, complaint):
    overrides = [Parameter(key, value=value) for key, value in values.items()]

    with pytest.raises(ValueError, match=complaint):
        CameraNode(parameter_overrides=overrides)
