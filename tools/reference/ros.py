"""Topics, services, parameters and launch arguments as tables."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import Field
from typing import Any

from mobilepose_ros import follower_topics, hri_topics, topic_table, view_topics
from mobilepose_ros.follower_parameters import FollowerParameters
from mobilepose_ros.hri_parameters import HriParameters
from mobilepose_ros.launch_arguments import DEMO, FOLLOW, MULTI_CAMERA, POSE, Argument
from mobilepose_ros.parameter_table import table_rows
from mobilepose_ros.parameters import CameraParameters, PoseParameters
from mobilepose_ros.view_parameters import ViewParameters
from tools.reference.blocks import code, sentence, table


def tables() -> dict[str, str]:
    """All tables by name."""
    return {
        "subscribed topics": topics(topic_table.SUBSCRIBED),
        "published topics": outputs(topic_table.PUBLISHED),
        "services": services(topic_table.SERVICES),
        "pose parameters": parameters(PoseParameters),
        "camera parameters": parameters(CameraParameters),
        "pose arguments": arguments(POSE),
        "demo arguments": arguments(DEMO, beside=POSE),
        "multi_camera arguments": arguments(MULTI_CAMERA, beside=POSE),
        "follow arguments": arguments(FOLLOW, beside=POSE),
        "follower subscribed topics": topics(follower_topics.SUBSCRIBED),
        "follower published topics": outputs(follower_topics.PUBLISHED),
        "follower services": services(follower_topics.SERVICES),
        "follower parameters": parameters(FollowerParameters),
        "hri subscribed topics": topics(hri_topics.SUBSCRIBED),
        "hri published topics": outputs(hri_topics.PUBLISHED),
        "hri parameters": parameters(HriParameters),
        "view subscribed topics": topics(view_topics.SUBSCRIBED),
        "view requested services": services(view_topics.REQUESTED),
        "view parameters": parameters(ViewParameters),
    }


def topics(rows: tuple[topic_table.Topic, ...]) -> str:
    """Topics with their types and QoS."""
    return _topics(
        (
            row.name,
            row.types,
            row.qos,
            _described(row),
        )
        for row in rows
    )


def outputs(rows: tuple[topic_table.OutputTopic, ...]) -> str:
    """A node's publishers."""
    return _topics((row.name, (row.type,), row.qos, _described(row)) for row in rows)


def _described(row: topic_table.Topic | topic_table.OutputTopic) -> str:
    return (f"With `{row.when}`. " if row.when else "") + row.description


def _topics(rows: Iterable[tuple[str, tuple[str, ...], str, str]]) -> str:
    return table(
        ("Topic", "Type", "QoS", "Description"),
        [
            (
                code(name),
                " or ".join(code(kind.replace("/msg/", "/")) for kind in types),
                qos,
                description,
            )
            for name, types, qos, description in rows
        ],
    )


def services(rows: tuple[topic_table.Service, ...]) -> str:
    """A node's services."""
    return table(
        ("Service", "Type", "Description"),
        [(code(r.name), code(r.type.replace("/srv/", "/")), r.description) for r in rows],
    )


def parameters(kind: type[Any]) -> str:
    """The parameters of a node, with the states in which they can be set, if these differ."""
    rows = table_rows(kind)
    cells = [[*_parameter(name, row), _when(row)] for name, row in rows.items()]
    head = ["Parameter", "Default", "Description", "Can be set"]
    if all(row.metadata["read_only"] for row in rows.values()):
        return table(head[:-1], [line[:-1] for line in cells])
    return table(head, cells)


def _parameter(name: str, row: Field[Any]) -> tuple[str, str, str]:
    default = str(row.default).lower() if isinstance(row.default, bool) else str(row.default)
    return code(name), code(default) or "empty", _description(row)


def _description(row: Field[Any]) -> str:
    span, choices = row.metadata["span"], row.metadata["choices"]
    text = sentence(row.metadata["description"])
    if choices:
        text += f" One of {', '.join(code(str(choice)) for choice in choices)}."
    if span:
        text += f" From {span[0]:g} to {span[1]:g}."
    return text


def _when(row: Field[Any]) -> str:
    if row.metadata["read_only"]:
        return "at start"
    return "unconfigured" if row.metadata["at_configure"] else "any time"


def arguments(rows: Mapping[str, Argument], beside: Mapping[str, Argument] | None = None) -> str:
    """The arguments of a launch file.

    Args:
        rows: by name.
        beside: arguments of pose.launch.py; identical ones are only named.
    """
    own = {name: row for name, row in rows.items() if beside is None or beside.get(name) != row}
    text = table(
        ("Argument", "Default", "Description"),
        [(code(name), _default(row), _argument(row)) for name, row in own.items()],
    )
    if same := [code(name) for name in rows if name not in own]:
        text += f"\n\nThe same as in `pose.launch.py`: {', '.join(same)}."
    return text


def _default(row: Argument) -> str:
    return "required" if row.default is None else code(row.default) or "empty"


def _argument(row: Argument) -> str:
    choices = [choice for choice in row.choices if choice]
    text = sentence(row.description)
    return text + (f" One of {', '.join(map(code, choices))}." if choices else "")
