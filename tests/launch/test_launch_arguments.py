from pathlib import Path

import pytest
import yaml

from mobilepose_ros import launch_arguments
from mobilepose_ros.launch_arguments import (
    DEMO,
    FOLLOW,
    MULTI_CAMERA,
    POSE,
    camera_parameters,
    cameras_in,
    input_topics,
    pose_parameters,
    rviz_topics,
)
from mobilepose_ros.parameter_table import table_rows
from mobilepose_ros.parameters import TOPIC, CameraParameters, PoseParameters

ROOT = Path(__file__).parents[2]
FILES = {"pose": POSE, "demo": DEMO, "multi_camera": MULTI_CAMERA, "follow": FOLLOW}


@pytest.mark.parametrize("name", FILES)
def test_every_argument_is_described_and_its_default_is_allowed(name):
    for argument in FILES[name].values():
        assert len(argument.description) > 10
        assert not argument.choices or argument.default in argument.choices


def test_the_pose_launch_file_has_the_usual_arguments():
    assert set(POSE) >= {
        "image",
        "camera_info",
        "depth",
        "boxes",
        "namespace",
        "params_file",
        "model",
        "device",
        "image_transport",
        "image_reliability",
        "image_rotation",
        "person_finder",
        "detector_model",
        "find_size",
        "person_boxes_type",
        "detection_class",
        "rviz",
        "fixed_frame",
        "use_sim_time",
        "autostart",
        "log_level",
    }


def test_only_the_cameras_have_to_be_named():
    required = {
        (name, argument)
        for name, arguments in FILES.items()
        for argument, row in arguments.items()
        if row.default is None
    }

    assert required == {("multi_camera", "cameras")}


@pytest.mark.parametrize("name", launch_arguments.POSE_PARAMETERS)
def test_an_argument_that_is_a_parameter_is_described_by_the_parameters_table(name):
    row = table_rows(PoseParameters)[name]

    assert POSE[name].description.startswith(row.metadata["description"])
    assert POSE[name].default == ""
    if row.metadata["choices"]:
        assert POSE[name].choices == ("", *map(str, row.metadata["choices"]))


def test_pose_yaml_has_every_argument_that_is_a_parameter():
    path = ROOT / "mobilepose_ros" / "config" / "pose.yaml"
    values = yaml.safe_load(path.read_text())["/**"]["ros__parameters"]

    assert set(launch_arguments.POSE_PARAMETERS) < set(values)
    assert values["use_depth"] is False  # what the argument `depth` turns on
    assert values["person_finder"] != TOPIC  # and `boxes`


def test_the_demos_camera_has_the_cameras_own_defaults_but_moves_and_is_calibrated():
    own = {"motion": 1.0, "field_of_view": 53.0}
    for name, row in table_rows(CameraParameters).items():
        default = type(row.default)(yaml.safe_load(DEMO[name].default) or row.default)
        assert default == own.get(name, row.default)


@pytest.mark.parametrize(
    ("passed_on", "arguments"),
    [
        (launch_arguments.DEMO_PASSES, DEMO),
        (launch_arguments.MULTI_CAMERA_PASSES, MULTI_CAMERA),
        (launch_arguments.FOLLOW_PASSES, FOLLOW),
    ],
)
def test_arguments_that_are_passed_on_exist_on_both_sides(passed_on, arguments):
    assert set(passed_on) <= set(POSE) & set(arguments)


def test_every_argument_of_the_pose_launch_file_is_one_of_the_others_too():
    assert set(POSE) <= set(DEMO)
    assert set(POSE) <= set(MULTI_CAMERA)
    assert set(POSE) <= set(FOLLOW)


def given(**values):
    return {name: row.default for name, row in POSE.items()} | values


def test_only_arguments_that_are_given_become_parameters():
    assert pose_parameters(given()) == {}
    values = given(model="mine", image_rotation="90", autostart="false", use_sim_time="true")
    assert pose_parameters(values) == {
        "model": "mine",
        "image_rotation": 90,
        "autostart": False,
        "use_sim_time": True,
    }


def test_a_text_that_looks_like_a_number_stays_a_text():
    assert pose_parameters(given(detection_class="0"))["detection_class"] == "0"


def test_depth_turns_on_its_use():
    assert pose_parameters(given(depth="/camera/depth")) == {"use_depth": True}


def test_boxes_turn_on_their_use_unless_another_finder_is_given():
    assert pose_parameters(given(boxes="/boxes")) == {"person_finder": TOPIC}
    assert pose_parameters(given(boxes="/boxes", person_finder="detector")) == {
        "person_finder": "detector"
    }


def test_the_demos_camera_keeps_its_defaults_apart_from_what_is_given():
    values = {name: row.default for name, row in DEMO.items()}

    defaults, chosen = camera_parameters({**values, "rate": "5", "motion": "0", "source": "0"})

    assert defaults == {"field_of_view": 53.0}
    assert chosen == {"rate": 5.0, "motion": 0.0, "source": "0"}


def test_an_invalid_number_is_refused_with_the_name_of_its_argument():
    values = {name: row.default for name, row in DEMO.items()}

    with pytest.raises(ValueError, match="rate is 'fast'; expected a number"):
        camera_parameters({**values, "rate": "fast"})


def test_cameras_have_to_be_named():
    with pytest.raises(ValueError, match=r'cameras is empty; expected .*cameras:="front rear"'):
        cameras_in(" ")


@pytest.mark.parametrize(
    ("image", "beside"),
    [
        ("/camera/image_raw", "/camera/camera_info"),
        ("camera/color/image_raw", "camera/color/camera_info"),
        ("/image", "/camera_info"),
        ("image", "camera_info"),
        ("/camera/image_raw/compressed", "/camera/camera_info"),
        ("image/compressed", "camera_info"),
        ("/compressed", "/camera_info"),
    ],
)
def test_the_calibration_is_looked_for_beside_the_images(image, beside):
    assert dict(input_topics(image))["camera_info"] == beside
    assert dict(input_topics(image, camera_info="/there"))["camera_info"] == "/there"


def test_compressed_images_are_below_the_topic_of_the_images():
    assert dict(input_topics("/front/image_raw"))["image/compressed"] == (
        "/front/image_raw/compressed"
    )


@pytest.mark.parametrize("image", ["/front/image_raw/compressed", "image_raw/compressed"])
def test_compressed_images_may_be_named_themselves(image):
    assert dict(input_topics(image))["image/compressed"] == image


def test_depth_is_left_where_it_is_unless_it_is_given():
    assert "depth" not in dict(input_topics("image"))
    assert dict(input_topics("image", depth="/camera/depth"))["depth"] == "/camera/depth"


def test_boxes_are_left_where_they_are_unless_they_are_given():
    assert "person_boxes" not in dict(input_topics("image"))
    assert dict(input_topics("image", boxes="/detections"))["person_boxes"] == "/detections"


def test_rviz_has_the_topics_of_the_node():
    topics = dict(rviz_topics(input_topics("image_raw")))

    assert topics["/image"] == "image_raw"
    assert topics["/camera_info"] == "camera_info"
    assert topics["/mobilepose/markers"] == "mobilepose/markers"
