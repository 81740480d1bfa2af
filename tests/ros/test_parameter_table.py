import math
from dataclasses import fields

import pytest
from rcl_interfaces.msg import ParameterType
from rclpy.node import Node
from rclpy.parameter import Parameter

from mobilepose_ros import parameter_table
from mobilepose_ros.parameters import CameraParameters, PoseParameters

TYPES = {
    bool: ParameterType.PARAMETER_BOOL,
    int: ParameterType.PARAMETER_INTEGER,
    float: ParameterType.PARAMETER_DOUBLE,
    str: ParameterType.PARAMETER_STRING,
}


@pytest.mark.parametrize("table", [PoseParameters, CameraParameters])
def test_a_node_describes_its_parameters(context, table):
    node = Node("declared")

    assert parameter_table.declare(node, table) == {}

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
    assert parameter_table.read(node, table) == table()
    node.destroy_node()


def test_overrides_are_read_and_wrong_ones_are_reported_by_name(context):
    overrides = {"model": "mine.onnx", "device": "tpu", "threads": 2, "marker_depth": -1.0}
    node = Node(
        "declared", parameter_overrides=[Parameter(k, value=v) for k, v in overrides.items()]
    )

    wrong = parameter_table.declare(node, PoseParameters)

    assert set(wrong) == {"device", "marker_depth"}
    assert parameter_table.read(node, PoseParameters).model == "mine.onnx"
    assert parameter_table.read(node, PoseParameters).threads == 2
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
        ("image_rotation", 45),
        ("image_rotation", "90"),
        ("autostart", 1),
    ],
)
def test_a_value_of_another_type_or_out_of_range_is_a_problem(name, value):
    row = parameter_table.table_rows(PoseParameters)[name]

    assert parameter_table.problem(row, value).startswith(f"parameter {name} is ")


@pytest.mark.parametrize("is_configured", [True, False])
def test_what_is_read_at_configure_cannot_change_afterwards(is_configured):
    change = Parameter("model", value="other.onnx")

    reason = parameter_table.refusal(PoseParameters, [change], is_configured)

    assert bool(reason) == is_configured


def test_parameters_of_ros_itself_are_left_alone():
    change = Parameter("use_sim_time", value=True)

    assert parameter_table.refusal(PoseParameters, [change], True) == ""
