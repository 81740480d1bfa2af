"""Boxes of people in other nodes' messages, as PersonBoxes: pure functions."""

from __future__ import annotations

import importlib
import itertools
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from mobilepose_msgs.msg import PersonBoxArray
from sensor_msgs.msg import RegionOfInterest

from mobilepose_core.pose import PersonBoxes
from mobilepose_core.typing import BoolArray, Float64Array

MAX_BOXES = 1000
"""A message with more is no detector's answer, and not looked at."""

REACH = 1e6
"""No corner is farther from the image, in its pixels."""

"""(N, 5) x0, y0, x1, y1 in image pixels and score."""


class Answer(NamedTuple):
    """What a message says of an image.

    Attributes:
        people: boxes that lie in the image, at least in part, cut off at its edges.
        rejected: how many more the message has.
        wrong: what is wrong with the first of these; empty where there is none.
    """

    people: PersonBoxes
    rejected: int = 0
    wrong: str = ""


@dataclass(frozen=True)
class Source:
    """How boxes are read from a type of message.

    Attributes:
        type: of the message.
        name: of the type in full.
        is_stamped: whether the message has a header, and so belongs to an image by its stamp.
        count: how many boxes a message has.
        rows: the boxes of a message; asked with the class of detections that are people.
        of_bodies: whether the boxes of a message are around whole bodies.
    """

    type: type[Any]
    name: str
    is_stamped: bool
    count: Callable[[Any], int]
    rows: Callable[[Any, str], Float64Array]
    of_bodies: Callable[[Any], bool]


def source(kind: str) -> Source:
    """How boxes are read from messages of one of the `TYPES`.

    Raises:
        ValueError: the package of the type is not installed.
    """
    return TYPES[kind]()


def answer(source: Source, message: Any, detection_class: str, width: int, height: int) -> Answer:
    """The people that a message shows in an image.

    Args:
        source: how it is read.
        message: of the source's type, with whatever in it.
        detection_class: of detections that are people; empty for all. Where a type has classes.
        width: of the image, pixels.
        height: of the image, pixels.
    """
    of_bodies = source.of_bodies(message)
    if (count := source.count(message)) > MAX_BOXES:
        wrong = f"{count} boxes in one message; {MAX_BOXES} are allowed"
        return Answer(_people(np.zeros((0, 5)), of_bodies), count, wrong)
    rows = source.rows(message, detection_class)
    sound = _sound(rows, width, height)
    rejected = rows[~sound]
    wrong = "" if sound.all() else _complaint(rejected[0], width, height)
    inside = rows[sound]
    inside[:, [0, 2]] = inside[:, [0, 2]].clip(-0.5, width - 0.5)
    inside[:, [1, 3]] = inside[:, [1, 3]].clip(-0.5, height - 0.5)
    return Answer(_people(inside, of_bodies), len(rejected), wrong)


def _people(rows: Float64Array, of_bodies: bool) -> PersonBoxes:
    return PersonBoxes(
        rows[:, :4].astype(np.float32), rows[:, 4].astype(np.float32), of_bodies=of_bodies
    )


def _sound(rows: Float64Array, width: int, height: int) -> BoolArray:
    """Whether each box has an extent, lies in the image in part, and has a score."""
    x0, y0, x1, y1, score = rows.T
    sound = (np.abs(rows) <= REACH).all(axis=1) & (x0 < x1) & (y0 < y1)
    sound &= (x1 > 0) & (y1 > 0) & (x0 < width - 1) & (y0 < height - 1)
    result: BoolArray = sound & (score >= 0) & (score <= 1)
    return result


def _complaint(row: Float64Array, width: int, height: int) -> str:
    *corners, score = row.tolist()
    shown = ", ".join(f"{value:g}" for value in corners)
    return (
        f"a box from x, y to x, y of {shown} with score {score:g}; expected some extent, a part "
        f"of it inside the image of {width}x{height}, and a score from 0 to 1"
    )


def _person_box_array() -> Source:
    return Source(
        PersonBoxArray,
        "mobilepose_msgs/msg/PersonBoxArray",
        is_stamped=True,
        count=lambda message: len(message.boxes),
        rows=lambda message, _: _rows(
            (box.x_min, box.y_min, box.x_max, box.y_max, box.score) for box in message.boxes
        ),
        of_bodies=lambda message: bool(message.whole_bodies),
    )


def _region_of_interest() -> Source:
    return Source(
        RegionOfInterest,
        "sensor_msgs/msg/RegionOfInterest",
        is_stamped=False,
        count=lambda _: 1,
        rows=_rows_of_region,
        of_bodies=lambda _: True,
    )


def _detection_2d_array() -> Source:
    try:
        messages = importlib.import_module("vision_msgs.msg")
    except ImportError as error:
        raise ValueError(
            "person_boxes_type Detection2DArray needs the package vision_msgs, which cannot be "
            f"imported ({error}): sudo apt install ros-jazzy-vision-msgs"
        ) from error
    return Source(
        messages.Detection2DArray,
        "vision_msgs/msg/Detection2DArray",
        is_stamped=True,
        count=lambda message: len(message.detections),
        rows=_rows_of_detections,
        of_bodies=lambda _: True,
    )


TYPES: Mapping[str, Callable[[], Source]] = {
    "PersonBoxArray": _person_box_array,
    "RegionOfInterest": _region_of_interest,
    "Detection2DArray": _detection_2d_array,
}
"""Types of messages with boxes, by the names that parameter person_boxes_type has for them."""


def _rows(boxes: Any) -> Float64Array:
    flat = np.fromiter(itertools.chain.from_iterable(boxes), np.float64)
    return flat.reshape(-1, 5)


def _rows_of_region(region: RegionOfInterest, _: str) -> Float64Array:
    """Between the middles of its outermost pixels; nobody in one of no size."""
    if region.width == 0 or region.height == 0:
        return np.zeros((0, 5))
    x0, y0 = region.x_offset, region.y_offset
    return np.array([[x0, y0, x0 + region.width - 1, y0 + region.height - 1, 1.0]])


def _rows_of_detections(message: Any, detection_class: str) -> Float64Array:
    boxes = []
    for detection in message.detections:
        scores = [
            result.hypothesis.score
            for result in detection.results
            if not detection_class or result.hypothesis.class_id == detection_class
        ]
        if not detection.results and not detection_class:
            scores = [1.0]
        if scores:
            boxes.append((*_corners(detection.bbox), max(scores)))
    return _rows(boxes)


def _corners(box: Any) -> tuple[float, float, float, float]:
    """The upright box around one that may be turned."""
    x, y, angle = box.center.position.x, box.center.position.y, box.center.theta
    with np.errstate(invalid="ignore", over="ignore"):
        cosine, sine = abs(np.cos(angle)), abs(np.sin(angle))
        half_width = (box.size_x * cosine + box.size_y * sine) / 2
        half_height = (box.size_x * sine + box.size_y * cosine) / 2
        return x - half_width, y - half_height, x + half_width, y + half_height
