"""Tables of parameters: dataclasses of which a node declares each field, and reads all back."""

from __future__ import annotations

import difflib
import math
from collections.abc import Iterable, Mapping
from dataclasses import Field, field, fields
from typing import Any, TypeVar

from rcl_interfaces.msg import FloatingPointRange, IntegerRange, ParameterDescriptor
from rclpy.exceptions import InvalidParameterTypeException, InvalidParameterValueException
from rclpy.node import Node
from rclpy.parameter import Parameter

Value = bool | int | float | str
Table = TypeVar("Table")


def parameter(
    default: Value,
    description: str,
    *,
    span: tuple[float, float] | None = None,
    choices: tuple[str, ...] | tuple[int, ...] = (),
    read_only: bool = False,
    at_configure: bool = False,
) -> Any:
    """A row of a table.

    Args:
        default: its type is the parameter's.
        description: what it does, with its unit.
        span: smallest and largest value allowed.
        choices: the values allowed, where not all are.
        read_only: can be set at the start of the process only.
        at_configure: read when the node is configured, and fixed until it is cleaned up.
    """
    return field(
        default=default,
        metadata={
            "description": description,
            "span": span,
            "choices": choices,
            "read_only": read_only,
            "at_configure": at_configure,
        },
    )


def table_rows(table: type[Any]) -> Mapping[str, Field[Any]]:
    """The rows of a table by parameter name."""
    return {row.name: row for row in fields(table)}


def declare(node: Node, table: type[Any]) -> dict[str, str]:
    """Declares a table's parameters with their overrides, and warns of overrides of others.

    Returns:
        What is wrong with an override, by parameter name; such a parameter has its default.
    """
    wrong: dict[str, str] = {}
    for name, row in table_rows(table).items():
        try:
            value = node.declare_parameter(name, row.default, _descriptor(row)).value
            wrong[name] = problem(row, value)
        except (InvalidParameterTypeException, InvalidParameterValueException) as error:
            wrong[name] = f"parameter {name} is {_expected(row)}: {error}"
            node.declare_parameter(name, row.default, _descriptor(row), ignore_override=True)
    for name in unknown_overrides(node):
        hint = _nearest(table, name)
        node.get_logger().warning(f"parameter {name} is unknown and ignored; {hint}")
    return {name: text for name, text in wrong.items() if text}


def unknown_overrides(node: Node) -> list[str]:
    """Names that a file or the command line sets and the node does not have.

    QoS overrides are left out: their parameters are declared with the topics that they are of.
    """
    given = node._parameter_overrides  # rclpy has no public way to them
    return [
        name
        for name in given
        if not node.has_parameter(name) and not name.startswith("qos_overrides.")
    ]


def read(node: Node, table: type[Table]) -> Table:
    """The values that a node's parameters have now."""
    return table(**{name: node.get_parameter(name).value for name in table_rows(table)})


def refusal(table: type[Any], changes: Iterable[Parameter], is_configured: bool) -> str:
    """Why a set of changes cannot be made; empty where it can."""
    rows = table_rows(table)
    for change in changes:
        row = rows.get(change.name)
        if row is None:
            continue
        if wrong := problem(row, change.value):
            return wrong
        if is_configured and row.metadata["at_configure"]:
            return (
                f"parameter {change.name} is read when the node is configured: clean the node up "
                "(ros2 lifecycle set NODE deactivate, then cleanup), change it, configure again"
            )
    return ""


def problem(row: Field[Any], value: Any) -> str:
    """What is wrong with a value for a parameter; empty where nothing is."""
    span, choices = row.metadata["span"], row.metadata["choices"]
    good = type(value) is type(row.default)
    if good and span is not None:
        good = math.isfinite(value) and span[0] <= value <= span[1]
    if good and choices:
        good = value in choices
    return "" if good else f"parameter {row.name} is {_expected(row)}, got {value!r}"


def _nearest(table: type[Any], name: str) -> str:
    known = table_rows(table)
    if near := difflib.get_close_matches(name, known, n=1):
        return f"did you mean {near[0]}?"
    return f"known: {', '.join(known)}"


def _expected(row: Field[Any]) -> str:
    span, choices = row.metadata["span"], row.metadata["choices"]
    if choices:
        return f"one of {', '.join(map(str, choices))}"
    kind = {bool: "true or false", int: "an integer", float: "a number with a point", str: "a text"}
    text = kind[type(row.default)]
    return text if span is None else f"{text} from {span[0]} to {span[1]}"


def _descriptor(row: Field[Any]) -> ParameterDescriptor:
    span, choices = row.metadata["span"], row.metadata["choices"]
    constraints = [f"one of {', '.join(map(str, choices))}"] if choices else []
    if row.metadata["at_configure"]:
        constraints.append("fixed while the node is configured")
    descriptor = ParameterDescriptor(
        description=row.metadata["description"],
        read_only=row.metadata["read_only"],
        additional_constraints="; ".join(constraints),
    )
    if span is not None and isinstance(row.default, int):
        descriptor.integer_range = [IntegerRange(from_value=int(span[0]), to_value=int(span[1]))]
    elif span is not None:
        descriptor.floating_point_range = [FloatingPointRange(from_value=span[0], to_value=span[1])]
    return descriptor
