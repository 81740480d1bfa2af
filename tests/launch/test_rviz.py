"""The RViz file, by rules: no RViz runs where there is no screen."""

from pathlib import Path

import pytest
import yaml

from mobilepose_ros.launch_arguments import POSE, input_topics, rviz_topics
from mobilepose_ros.parameters import CameraParameters

FILE = Path(__file__).parents[2] / "mobilepose_ros" / "rviz" / "pose.rviz"

DISPLAYS = {"Camera", "Grid", "Image", "MarkerArray", "Pose", "TF"}
TOOLS = {"FocusCamera", "Measure", "MoveCamera"}


@pytest.fixture
def manager():
    return yaml.safe_load(FILE.read_text())["Visualization Manager"]


@pytest.fixture
def displays(manager):
    return {display["Name"]: display for display in manager["Displays"]}


def test_every_class_is_one_that_rviz_brings(manager):
    displays = {display["Class"] for display in manager["Displays"]}
    tools = {tool["Class"] for tool in manager["Tools"]}

    assert displays == {f"rviz_default_plugins/{name}" for name in DISPLAYS}
    assert tools == {f"rviz_default_plugins/{name}" for name in TOOLS}
    assert manager["Transformation"]["Current"]["Class"] == "rviz_default_plugins/TF"
    assert manager["Views"]["Current"]["Class"] == "rviz_default_plugins/Orbit"


def test_camera_markers_overlay_and_frames_are_shown(displays):
    shown = {name for name, display in displays.items() if display["Enabled"]}

    assert {"Camera", "Skeletons", "Overlay", "Frames"} <= shown


def test_every_topic_is_one_that_the_launch_file_remaps(displays):
    topics = {display["Topic"]["Value"] for display in displays.values() if "Topic" in display}

    assert topics <= set(dict(rviz_topics(input_topics("image"))))
    assert displays["Camera"]["Topic"]["Value"] == "/image"  # RViz takes /camera_info with it
    assert displays["Skeletons"]["Topic"]["Value"] == "/mobilepose/markers"
    assert displays["Overlay"]["Topic"]["Value"] == "/mobilepose/overlay"


def test_the_target_can_be_shown_and_is_not_where_nobody_follows(displays):
    for name, topic in (("Target", "markers"), ("Target pose", "target_pose")):
        assert displays[name]["Topic"]["Value"] == f"/person_follower/{topic}"
        assert not displays[name]["Enabled"]


def test_all_markers_are_shown_and_frames_of_people_who_left_disappear(displays):
    assert displays["Skeletons"]["Namespaces"] == {}  # RViz shows those it does not know
    assert displays["Frames"]["Frame Timeout"] <= 3


@pytest.mark.parametrize("name", ["Camera", "Image"])
def test_images_of_every_camera_can_be_subscribed(displays, name):
    assert displays[name]["Topic"]["Reliability Policy"] == "Best Effort"


def test_the_camera_has_the_skeletons_before_the_picture_and_nothing_else(displays):
    camera = displays["Camera"]
    visible = {name for name, seen in camera["Visibility"].items() if seen and name != "Value"}

    assert camera["Image Rendering"] == "background"
    assert set(camera["Visibility"]) - {"Value"} == set(displays) - {"Camera"}
    assert {displays[name]["Class"] for name in visible} == {
        "rviz_default_plugins/MarkerArray",
        "rviz_default_plugins/Image",
    }


def test_the_fixed_frame_is_that_of_our_camera_unless_the_launch_file_is_given_another(manager):
    assert manager["Global Options"]["Fixed Frame"] == CameraParameters.frame_id
    assert POSE["fixed_frame"].default == CameraParameters.frame_id
