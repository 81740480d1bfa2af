"""What `mobilepose bag` writes is what the node publishes."""

import json
from pathlib import Path

import numpy as np
import pytest
from ament_index_python import get_package_share_directory
from rclpy.serialization import deserialize_message, serialize_message
from std_msgs.msg import Header

pytest.importorskip("rosbags", reason="rosdep has no key for rosbags")

from mobilepose_core import Pose
from mobilepose_core.messages import CameraModel, MarkerStyle
from mobilepose_core.messages import markers as shared_markers
from mobilepose_core.messages import poses as shared_poses
from mobilepose_core.recordings.message_types import (
    constructor,
    message_types,
    serialized,
    typestore,
)
from mobilepose_ros import markers, messages

SIZE = (640, 480)
STAMP = {"sec": 1_700_000_000, "nanosec": 123_456_789}
STYLE = MarkerStyle(labels=True)


@pytest.fixture
def headers():
    """The same header as rclpy and as rosbags have it."""
    ours = Header(frame_id="camera_optical_frame")
    ours.stamp.sec, ours.stamp.nanosec = STAMP.values()
    time = constructor("builtin_interfaces/msg/Time")(**STAMP)
    return ours, constructor("std_msgs/msg/Header")(stamp=time, frame_id="camera_optical_frame")


@pytest.fixture
def people():
    """Two poses with joints on and off the image, scores from 0 to 1."""
    random = np.random.default_rng(5)
    joints = random.uniform(-50, 700, (2, 11, 2)).astype(np.float32)
    scores = np.linspace(0, 1, 22, dtype=np.float32).reshape(2, 11)
    return [Pose(joints[i], scores[i], i + 1) for i in range(2)]


@pytest.fixture
def places():
    """Their joints in metres, some unknown."""
    places = np.random.default_rng(6).uniform(0.5, 3, (2, 11, 3)).astype(np.float32)
    places[0, 3] = np.nan
    return list(places)


def same(message, recorded):
    """Whether rclpy reads the same; what it leaves between aligned fields is anything."""
    sent, written = serialize_message(message), serialized(recorded)
    expected, read = (deserialize_message(data, type(message)) for data in (sent, written))
    return len(sent) - len(written) in range(4) and repr(read) == repr(expected)


def test_joints_are_the_same(headers, people):
    ours, theirs = headers

    message = messages.pose_array(people, ours, *SIZE)

    assert same(message, shared_poses.pose_array(message_types(), people, theirs, *SIZE))


def test_joints_in_metres_are_the_same(headers, people, places):
    ours, theirs = headers

    message = messages.pose_3d_array(people, places, ours, *SIZE)

    recorded = shared_poses.pose_3d_array(message_types(), people, places, theirs, *SIZE)
    assert same(message, recorded)


@pytest.mark.parametrize("in_metres", [True, False])
def test_markers_are_the_same(headers, people, places, in_metres):
    ours, theirs = headers
    camera, positions = CameraModel.of_image(*SIZE), places if in_metres else None
    shown = frozenset({("joints", 9)})

    message, _ = markers.marker_array(shown, people, ours, camera, STYLE, positions)

    recorded, _ = shared_markers.marker_array(
        message_types(), shown, people, theirs, camera, STYLE, positions
    )
    assert same(message, recorded)


def test_skeletons_are_the_same():
    assert same(messages.skeleton_message(), shared_poses.skeleton_message(message_types()))


@pytest.mark.parametrize("name", ["Pose2DArray", "Pose3DArray", "Skeleton"])
def test_the_hash_of_a_type_is_that_of_its_build(name):
    share = Path(get_package_share_directory("mobilepose_msgs"))
    hashes = json.loads((share / "msg" / f"{name}.json").read_text())["type_hashes"]
    full = f"mobilepose_msgs/msg/{name}"
    (built,) = [entry["hash_string"] for entry in hashes if entry["type_name"] == full]

    assert typestore().hash_rihs01(full) == built
