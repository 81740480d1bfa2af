"""Messages as ROS writes them (CDR): standard ones, and ours from the packaged .msg files."""

from __future__ import annotations

import functools
from collections.abc import Callable
from importlib import resources
from typing import Any

import numpy as np
from rosbags.interfaces import Nodetype
from rosbags.typesys import Stores, get_types_from_msg, get_typestore
from rosbags.typesys.store import Typestore

from mobilepose_core.messages import MessageTypes

IMAGE = "sensor_msgs/msg/Image"
COMPRESSED = "sensor_msgs/msg/CompressedImage"
CAMERA_INFO = "sensor_msgs/msg/CameraInfo"
POSES = "mobilepose_msgs/msg/Pose2DArray"
POSES_3D = "mobilepose_msgs/msg/Pose3DArray"
SKELETON = "mobilepose_msgs/msg/Skeleton"
MARKERS = "visualization_msgs/msg/MarkerArray"

_PACKAGE = "mobilepose_msgs"
_TYPES = {
    "RegionOfInterest": "sensor_msgs",
    "Duration": "builtin_interfaces",
    "Point": "geometry_msgs",
    "Vector3": "geometry_msgs",
    "ColorRGBA": "std_msgs",
    "Marker": "visualization_msgs",
    "MarkerArray": "visualization_msgs",
}
"""Packages of the types in `MessageTypes`, other than ours."""

_NUMBERS = {"byte": "uint8", "char": "uint8", "octet": "uint8"}
"""Types of numbers whose names NumPy has for others."""

_ONES = {("geometry_msgs/msg/Quaternion", "w")}
"""Fields that are 1 by their definition: rosbags leaves defaults out."""


@functools.cache
def typestore() -> Typestore:
    """The types of ROS 2 Jazzy and of mobilepose_msgs."""
    store = get_typestore(Stores.ROS2_JAZZY)
    definitions: dict[str, Any] = {}
    for file in (resources.files(__package__) / "msg").iterdir():
        name, dot, _ = file.name.partition(".msg")
        if dot:
            full = f"{_PACKAGE}/msg/{name}"
            definitions |= get_types_from_msg(file.read_text(encoding="utf-8"), full)
    store.register(definitions)
    return store


@functools.cache
def message_types() -> MessageTypes:
    """Constructors of the messages that results are made of."""
    names = MessageTypes.__dataclass_fields__
    return MessageTypes(
        **{name: constructor(f"{_TYPES.get(name, _PACKAGE)}/msg/{name}") for name in names}
    )


@functools.cache
def constructor(name: str) -> Callable[..., Any]:
    """The constructor of a message type; fields that are not given are empty or 0."""
    store = typestore()
    fields = store.fielddefs[name][1]
    defaults = {field: _default(description) for field, description in fields}
    defaults |= {field: lambda: 1.0 for kind, field in _ONES if kind == name}
    numeric = {field: kind for field, text in fields if (kind := _array_type(text)) is not None}
    cls: Callable[..., Any] = store.types[name]

    def make(**given: Any) -> Any:
        for field in numeric.keys() & given.keys():
            given[field] = np.asarray(given[field], numeric[field])
        for field in defaults.keys() - given.keys():
            given[field] = defaults[field]()
        return cls(**given)

    return make


def deserialized(data: bytes, name: str) -> Any:
    """The message of a type in CDR.

    Raises:
        SerdeError: it is damaged.
    """
    return typestore().deserialize_cdr(data, name)


def serialized(message: Any) -> bytes:
    """A message as CDR."""
    return bytes(typestore().serialize_cdr(message, message.__msgtype__))


def _default(description: Any) -> Callable[[], Any]:
    """What makes the empty value of a field."""
    node, content = description
    if node == Nodetype.NAME:
        return constructor(content)
    if node == Nodetype.BASE:
        kind = content[0]
        value: Any = "" if "string" in kind else np.dtype(_NUMBERS.get(kind, kind)).type(0).item()
        return lambda: value
    kind, count = _array_type(description), content[1] if node == Nodetype.ARRAY else 0
    if kind is not None:
        return lambda: np.zeros(count, kind)
    element = _default(content[0])
    return lambda: [element() for _ in range(count)]


def _array_type(description: Any) -> np.dtype[Any] | None:
    """The element type of an array of numbers; None for all other fields."""
    node, content = description
    if node not in (Nodetype.ARRAY, Nodetype.SEQUENCE):
        return None
    inner, element = content[0]
    if inner != Nodetype.BASE or "string" in element[0]:
        return None
    kind: str = element[0]
    return np.dtype(_NUMBERS.get(kind, kind))
