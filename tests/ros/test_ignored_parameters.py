"""Parameters on the command line that are for other nodes."""

import pytest
from rclpy.node import Node

from mobilepose_ros import ignored_parameters, params_file


@pytest.fixture
def write(tmp_path):
    def make(text):
        path = tmp_path / "mine.yaml"
        path.write_text(text)
        return str(path)

    return make


@pytest.fixture
def node(context):
    made = Node("mobilepose", namespace="/front")
    yield made
    made.destroy_node()


def section(name):
    return f"{name}:\n  ros__parameters:\n    model: small\n"


@pytest.mark.parametrize(
    ("pattern", "is_for"),
    [
        ("/front/mobilepose", True),
        ("front/mobilepose", True),
        ("/**", True),
        ("/**/mobilepose", True),
        ("/*/mobilepose", True),
        ("/front/*", True),
        ("mobilepose", False),
        ("/mobilepose", False),
        ("/*", False),
        ("/rear/mobilepose", False),
        ("/front/mobilepose_node", False),
        ("/front/mobil.pose", False),
    ],
)
def test_a_pattern_is_for_the_nodes_that_it_matches(pattern, is_for):
    assert params_file.matches(pattern, "/front/mobilepose") == is_for


def test_patterns_with_a_double_star_match_at_any_depth():
    for name in ("/mobilepose", "/a/mobilepose", "/a/b/mobilepose"):
        assert params_file.matches("/**/mobilepose", name)


def test_nodes_in_a_file_may_be_below_their_namespaces(write):
    path = write("front:\n  mobilepose:\n    ros__parameters:\n      model: small\n" + section("a"))

    assert ignored_parameters.node_names(path) == ["/front/mobilepose", "/a"]


@pytest.mark.parametrize("text", ["", "- 1\n", "a: 1\n", "a: {\n", "\0"])
def test_what_is_no_file_of_parameters_is_left_to_ros(write, text):
    assert ignored_parameters.node_names(write(text)) == []
    assert ignored_parameters.node_names("/nowhere.yaml") == []


def test_only_arguments_of_ros_name_files():
    arguments = [
        "--params-file",
        "a",
        "--ros-args",
        "--params-file",
        "b",
        "--",
        "--params-file",
        "c",
    ]

    assert ignored_parameters.files(arguments) == ["b"]


def test_a_file_for_another_node_is_named_with_what_to_write(node, write):
    path = write(section("pose_node"))

    (text,) = ignored_parameters.ignored(node, ["--ros-args", "--params-file", path])

    assert text.startswith(
        f"{path} has parameters for /pose_node, but not for this node, /front/mobilepose"
    )
    assert "use /front/mobilepose: in the file, or /**: for any node" in text


def test_a_file_that_is_for_the_node_among_others_is_right(node, write):
    path = write(section("pose_node") + section("/**"))

    assert ignored_parameters.ignored(node, ["--ros-args", "--params-file", path]) == []


def test_a_single_parameter_for_another_node_is_named(node):
    arguments = ["--ros-args", "-p", "pose_node:model:=small", "-p", "device:=cpu", "-r", "a:=b"]

    (text,) = ignored_parameters.ignored(node, arguments)

    assert text.startswith("parameter model is set for pose_node, not for this node")
