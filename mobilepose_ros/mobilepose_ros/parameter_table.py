"""Tables of parameters: dataclasses whose fields a node declares and reads."""

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
        choices: the values allowed; empty for any.
        read_only: can only be set at startup.
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


def read_only_like(table: type[Any], name: str, description: str = "") -> Any:
    """A row of another table that can only be set at startup: same default, range and choices.

    Args:
        table: that has the row.
        name: of the parameter.
        description: where it is another.
    """
    row = table_rows(table)[name]
    facts = {**row.metadata, "read_only": True, "at_configure": False}
    facts["description"] = description or facts["description"]
    return field(default=row.default, metadata=facts)


def declare(node: Node, table: type[Any]) -> dict[str, str]:
    """Declares a table's parameters with their overrides, and warns about unknown ones.

    Returns:
        Error messages for invalid overrides, by parameter name; these parameters have their
        defaults.
    """
    errors: dict[str, str] = {}
    for name, row in table_rows(table).items():
        try:
            value = node.declare_parameter(name, row.default, _descriptor(row)).value
            errors[name] = problem(row, value)
        except (InvalidParameterTypeException, InvalidParameterValueException) as error:
            errors[name] = f"parameter {name} is {_expected(row)}: {error}"
            node.declare_parameter(name, row.default, _descriptor(row), ignore_override=True)
    for name in unknown_overrides(node):
        hint = _nearest(table, name)
        node.get_logger().warning(f"parameter {name} is unknown and ignored; {hint}")
    return {name: text for name, text in errors.items() if text}


def unknown_overrides(node: Node) -> list[str]:
    """Parameters that a file or the command line sets but the node does not have.

    Without QoS overrides, which are declared when their topic is created.
    """
    given = node._parameter_overrides  # rclpy has no public access
    return [
        name
        for name in given
        if not node.has_parameter(name) and not name.startswith("qos_overrides.")
    ]


def read(node: Node, table: type[Table]) -> Table:
    """The current values of a node's parameters."""
    return table(**{name: node.get_parameter(name).value for name in table_rows(table)})


def refusal(table: type[Any], changes: Iterable[Parameter], is_configured: bool) -> str:
    """Why a set of changes is rejected; empty if it is accepted."""
    rows = table_rows(table)
    for change in changes:
        row = rows.get(change.name)
        if row is None:
            continue
        if error := problem(row, change.value):
            return error
        if is_configured and row.metadata["at_configure"]:
            return (
                f"parameter {change.name} can only be set while the node is unconfigured (ros2 "
                "lifecycle set NODE deactivate, then cleanup); configure the node again afterwards"
            )
    return ""


def problem(row: Field[Any], value: Any) -> str:
    """Why a value for a parameter is invalid; empty if it is valid."""
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
