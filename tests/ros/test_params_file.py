"""Parameters files, read as ROS reads them."""

import re

import pytest
import yaml
from rclpy.node import Node

from mobilepose_ros.params_file import checked, matches, parameters_of

NODES = ["/mobilepose", "/robot/mobilepose", "/a/b/mobilepose"]

NAMES = [
    "/**",
    "**",
    "/*",
    "*",
    "mobilepose",
    "/mobilepose",
    "/**/mobilepose",
    "/*/mobilepose",
    "/*/*/mobilepose",
    "robot/mobilepose",
    "/robot/mobilepose",
    "/robot/*",
    "/robot/**",
    "/**/robot/mobilepose",
    "/a/*/mobilepose",
    "/a/**/mobilepose",
    "/**/**/a/b/mobilepose",
    "/other",
    "/robot/other",
    "/mobilepose2",
]


@pytest.mark.parametrize("node", NODES)
def test_a_name_means_the_nodes_that_ros_takes_it_for(context, tmp_path, node):
    namespace, name = node.rsplit("/", 1)
    blocks = {key: {"ros__parameters": {f"n{i}": i}} for i, key in enumerate(NAMES)}
    (tmp_path / "all.yaml").write_text(yaml.safe_dump(blocks))
    file = ["--ros-args", "--params-file", str(tmp_path / "all.yaml")]
    by_ros = Node(name, namespace=namespace, cli_args=file)

    taken = {NAMES[parameter.value] for parameter in by_ros._parameter_overrides.values()}

    by_ros.destroy_node()
    assert {key for key in NAMES if matches(key, node)} == taken
    assert set(parameters_of(tmp_path / "all.yaml", node).values()) == {
        NAMES.index(key) for key in taken
    }


def test_names_may_be_nested(tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_text("robot:\n  mobilepose:\n    ros__parameters: {model: small}\n")

    assert parameters_of(path, "/robot/mobilepose") == {"model": "small"}
    assert parameters_of(path, "/mobilepose") is None


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "has no parameters"),
        ("# nothing yet\n", "has no parameters"),
        ("- 1\n", "it is [1]; expected /**:"),
        ("hello\n", "it is 'hello'"),
        ("model: small\n", "/model is 'small'"),
        ("/mobilepose:\n  model: small\n", "/mobilepose/model is 'small'"),
        ("/**:\n", "/** is empty"),
        ("/**:\n  ros__parameters:\n", "ros__parameters of /** is empty"),
        ("/**:\n  ros__parameters: [1]\n", "ros__parameters of /** is [1]"),
        ("ros__parameters:\n  model: small\n", "ros__parameters is not below a node's name"),
        ("/**: {ros__parameters: {model: ]}\n", "is not YAML"),
        ("/**:\n\tros__parameters:\n", "is not YAML"),
        ("/other:\n  ros__parameters: {a: 1}\n", "has parameters of /other, not of /mobilepose"),
        ("mobilepos:\n  ros__parameters: {a: 1}\n", "has parameters of /mobilepos, not of"),
    ],
)
def test_a_file_without_parameters_of_the_node_is_refused_with_the_reason(tmp_path, text, reason):
    path = tmp_path / "mine.yaml"
    path.write_text(text)

    with pytest.raises(ValueError, match=f"^params_file {path} .*{re.escape(reason)}"):
        checked(path, "/mobilepose")


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (lambda path: None, "does not exist"),
        (lambda path: path.mkdir(), "cannot be read: .*Is a directory"),
        (lambda path: path.write_bytes(b"\xff\xfe\x00"), "cannot be read"),
    ],
)
def test_what_is_no_file_of_text_is_refused_with_the_reason(tmp_path, make, reason):
    make(tmp_path / "mine.yaml")

    with pytest.raises(ValueError, match=reason):
        checked(tmp_path / "mine.yaml", "/mobilepose")
