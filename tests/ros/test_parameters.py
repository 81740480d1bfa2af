import math
import re
from dataclasses import fields
from pathlib import Path

import pytest
import yaml
from rcl_interfaces.msg import ParameterType
from rclpy.node import Node
from rclpy.parameter import Parameter

from mobilepose_ros import parameters
from mobilepose_ros.parameters import CameraParameters, PoseParameters

POSE_YAML = Path(parameters.__file__).parents[1] / "config" / "pose.yaml"
TABLES = (PoseParameters, CameraParameters)
ROWS = [row for table in TABLES for row in fields(table)]
TYPES = {
    bool: ParameterType.PARAMETER_BOOL,
    int: ParameterType.PARAMETER_INTEGER,
    float: ParameterType.PARAMETER_DOUBLE,
    str: ParameterType.PARAMETER_STRING,
}


def shown(row):
    """What pose.yaml says of a parameter beside its description."""
    said = ["at configure"] if row.metadata["at_configure"] else []
    said += ["at the start only"] if row.metadata["read_only"] else []
    if row.metadata["choices"]:
        said.append(f"one of {', '.join(row.metadata['choices'])}")
    if row.metadata["span"]:
        kind = type(row.default)
        said.append(" to ".join(str(kind(end)) for end in row.metadata["span"]))
    return row.metadata["description"] + (f" ({'; '.join(said)})" if said else "")


def test_pose_yaml_has_every_parameter_with_its_default():
    values = yaml.safe_load(POSE_YAML.read_text())["/**"]["ros__parameters"]

    assert values == {row.name: row.default for row in fields(PoseParameters)}
    assert [type(value) for value in values.values()] == [
        type(row.default) for row in fields(PoseParameters)
    ]


@pytest.mark.parametrize("row", fields(PoseParameters), ids=lambda row: row.name)
def test_pose_yaml_describes_every_parameter_as_the_table_does(row):
    blocks = POSE_YAML.read_text().split("\n\n")
    blocks[0] = blocks[0].split("ros__parameters:\n")[1]
    (block,) = [text for text in blocks if re.search(rf"^    {row.name}:", text, re.M)]

    comment = " ".join(re.findall(r"^ *# (.*)$", block, re.M))

    assert comment == shown(row)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_every_default_is_allowed(row):
    assert parameters.problem(row, row.default) == ""


@pytest.mark.parametrize("table", TABLES)
def test_a_node_describes_its_parameters(context, table):
    node = Node("declared")

    assert parameters.declare(node, table) == {}

    for row in fields(table):
        descriptor = node.describe_parameter(row.name)
        assert descriptor.description == row.metadata["description"]
        assert descriptor.type == TYPES[type(row.default)]
        assert descriptor.read_only == row.metadata["read_only"]
        is_fixed = "fixed while the node is configured" in descriptor.additional_constraints
        assert is_fixed == row.metadata["at_configure"]
        ranges = [*descriptor.floating_point_range, *descriptor.integer_range]
        assert [(r.from_value, r.to_value) for r in ranges] == [
            span for span in [row.metadata["span"]] if span
        ]
    assert parameters.read(node, table) == table()
    node.destroy_node()


def test_overrides_are_read_and_wrong_ones_are_reported_by_name(context):
    overrides = {"model": "mine.onnx", "device": "tpu", "threads": 2, "marker_depth": -1.0}
    node = Node(
        "declared", parameter_overrides=[Parameter(k, value=v) for k, v in overrides.items()]
    )

    wrong = parameters.declare(node, PoseParameters)

    assert set(wrong) == {"device", "marker_depth"}
    assert parameters.read(node, PoseParameters).model == "mine.onnx"
    assert parameters.read(node, PoseParameters).threads == 2
    node.destroy_node()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("joint_threshold", 1.01),
        ("joint_threshold", math.nan),
        ("joint_threshold", "much"),
        ("joint_threshold", 1),
        ("marker_lifetime", math.inf),
        ("threads", True),
        ("device", "gpu"),
        ("autostart", 1),
    ],
)
def test_a_value_of_another_type_or_out_of_range_is_a_problem(name, value):
    row = parameters.table_rows(PoseParameters)[name]

    assert parameters.problem(row, value).startswith(f"parameter {name} is ")


@pytest.mark.parametrize("is_configured", [True, False])
def test_what_is_read_at_configure_cannot_change_afterwards(is_configured):
    change = Parameter("model", value="other.onnx")

    reason = parameters.refusal(PoseParameters, [change], is_configured)

    assert bool(reason) == is_configured


def test_parameters_of_ros_itself_are_left_alone():
    change = Parameter("use_sim_time", value=True)

    assert parameters.refusal(PoseParameters, [change], True) == ""
