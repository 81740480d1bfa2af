"""Images, depth and calibrations whose frame_id says that something is wrong."""

import numpy as np
import pytest
from diagnostic_msgs.msg import DiagnosticStatus
from mobilepose_msgs.msg import Pose3DArray
from sensor_msgs.msg import CameraInfo
from std_msgs.msg import Header
from visualization_msgs.msg import MarkerArray

from mobilepose_ros import frame_ids, images, pinhole

FRAME = "front_camera"
OTHER = "depth_camera"


@pytest.mark.parametrize("frame_id", ["", "/", "  "])
def test_an_empty_frame_id_is_missing(frame_id):
    assert "images have an empty frame_id" in frame_ids.missing(frame_id)
    assert frame_ids.missing("camera") == ""


@pytest.mark.parametrize("doubt", [frame_ids.of_depth, frame_ids.of_camera_info])
@pytest.mark.parametrize(
    ("one", "other", "is_doubt"),
    [
        ("a", "b", True),
        ("a/b", "a", True),
        ("a", "a", False),
        ("/a", "a", False),
        ("", "a", False),
        ("a", "", False),
    ],
)
def test_frames_that_differ_are_named(doubt, one, other, is_doubt):
    text = doubt(one, other)

    assert bool(text) == is_doubt
    assert not is_doubt or (repr(one) in text and repr(other) in text)


@pytest.fixture
def info():
    """A calibration for the picture's 320x240 pixels, of a frame."""

    def make(frame_id=FRAME, **changes):
        made = pinhole.pinhole_info(Header(frame_id=frame_id), 320, 240, 53.0)
        for name, value in changes.items():
            setattr(made, name, value)
        return made

    return make


@pytest.fixture
def depth_image(message):
    """A depth image of a frame that goes with the message of a number."""

    def make(number, frame_id=FRAME, values=None, encoding="16UC1"):
        values = np.full((240, 320), 1700, np.uint16) if values is None else values
        depth = message(np.zeros((240, 320, 3), np.uint8), number)
        depth.header.frame_id = frame_id
        depth.encoding, depth.step = encoding, values.strides[0]
        depth.data = type(depth.data)("B", values.tobytes())
        return depth

    return make


def test_an_empty_frame_id_is_warned_of_once_and_shows_in_diagnostics(
    ros, network, picture, message, answers, diagnostics, logged
):
    node, camera = ros.pose_node(network), ros.publisher()
    ros.connect(node, camera)
    image = message(picture, 0)
    image.header.frame_id = ""

    ros.publish_until(
        camera,
        image,
        lambda: (
            len(answers) > 3
            and diagnostics.says(DiagnosticStatus.WARN, "images have an empty frame_id")
        ),
    )

    assert answers[-1].poses
    assert sum("empty frame_id" in text for text in logged("WARN")) == 1


def test_depth_and_calibration_of_another_frame_are_warned_of_once_and_used(
    ros, network, picture, message, info, depth_image, diagnostics, logged
):
    node = ros.pose_node(network, use_depth=True)
    cameras, depths = ros.publisher("camera_info", kind=CameraInfo), ros.publisher("depth")
    camera, found = ros.publisher(), ros.heard(Pose3DArray, "mobilepose/joints_3d")
    ros.connect(node, cameras, depths, camera)
    others = [(cameras, info(OTHER)), (depths, depth_image(0, OTHER))]

    ros.publish_together(
        [*others, (camera, message(picture, 0))],
        lambda: (
            len(found) > 3
            and np.isfinite(found[-1].poses[0].joints[0].z)
            and diagnostics.says(DiagnosticStatus.WARN, f"depth images are in frame '{OTHER}'")
            and diagnostics.says(DiagnosticStatus.WARN, f"the calibration is in frame '{OTHER}'")
        ),
    )

    warnings = logged("WARN")
    assert sum("depth images are in frame" in text for text in warnings) == 1
    assert sum("the calibration is in frame" in text for text in warnings) == 1


def test_depth_in_millimetres_that_should_be_metres_is_warned_of(
    ros, network, picture, message, info, depth_image, diagnostics
):
    node = ros.pose_node(network, use_depth=True)
    cameras, depths = ros.publisher("camera_info", kind=CameraInfo), ros.publisher("depth")
    camera, found = ros.publisher(), ros.heard(Pose3DArray, "mobilepose/joints_3d")
    ros.connect(node, cameras, depths, camera)
    values = np.full((240, 320), 2000.0, np.float32)
    others = [(cameras, info()), (depths, depth_image(0, FRAME, values, "32FC1"))]

    ros.publish_together(
        [*others, (camera, message(picture, 0))],
        lambda: diagnostics.says(
            DiagnosticStatus.WARN,
            "people are about 2000 m away according to a depth image",
        ),
    )

    assert all(np.isnan(joint.z) for joint in found[-1].poses[0].joints)


def test_a_distortion_model_that_is_unknown_is_warned_of_once_and_used(
    ros, network, picture, message, info, diagnostics, logged
):
    node = ros.pose_node(network)
    cameras, camera = ros.publisher("camera_info", kind=CameraInfo), ros.publisher()
    shown = ros.heard(MarkerArray, "mobilepose/markers")
    ros.connect(node, cameras, camera)
    unknown = info(distortion_model="unheard of", d=[0.1, 0.0, 0.0, 0.0])

    ros.publish_together(
        [*[(cameras, unknown)], (camera, message(picture, 0))],
        lambda: (
            len(shown) > 3
            and diagnostics.says(DiagnosticStatus.WARN, "distortion model 'unheard of' is unknown")
        ),
    )

    assert sum("'unheard of'" in text for text in logged("WARN")) == 1


def test_a_sensor_of_10_bits_is_answered_and_its_depth_is_logged(
    ros, network, message, answers, logged
):
    node, camera = ros.pose_node(network), ros.publisher()
    ros.connect(node, camera)
    grey = np.tile(np.arange(0, 640, 2, dtype=np.uint16), (240, 1))
    image = images.image_from_bgr(np.zeros((240, 320, 3), np.uint8), Header(frame_id=FRAME))
    image.encoding, image.step = "mono16", 640
    image.data = type(image.data)("B", grey.tobytes())

    ros.publish_until(camera, image, lambda: len(answers) > 1)

    assert sum("use the lower 10 of them" in text for text in logged("INFO")) == 1
