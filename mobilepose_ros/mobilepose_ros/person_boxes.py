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

from mobilepose_core import PersonBoxes
from mobilepose_core.typing import BoolArray, Float64Array

MAX_BOXES = 1000
"""A message with more boxes is rejected as a whole."""

LARGEST_COORDINATE = 1e6
"""Largest absolute value of a corner's coordinates, pixels."""


class BoxesInImage(NamedTuple):
    """The boxes of a message that are valid in an image.

    Attributes:
        people: boxes at least partly inside the image, clipped to it.
        rejected: number of invalid boxes.
        error: what is wrong with the first invalid box; empty without one.
    """

    people: PersonBoxes
    rejected: int = 0
    error: str = ""


@dataclass(frozen=True)
class BoxesReader:
    """Reads boxes from one type of message.

    Attributes:
        type: of the message.
        name: full name of the type.
        is_stamped: whether the message has a header, so that its stamp identifies the image.
        count: number of boxes in a message.
        rows: boxes (N, 5) of a message: x0, y0, x1, y1 in image pixels and score. Its second
            argument is the class of detections that are people.
        of_bodies: whether a message's boxes are around whole bodies.
    """

    type: type[Any]
    name: str
    is_stamped: bool
    count: Callable[[Any], int]
    rows: Callable[[Any, str], Float64Array]
    of_bodies: Callable[[Any], bool]


def reader(kind: str) -> BoxesReader:
    """The reader for one of the types in `READERS`.

    Raises:
        ValueError: the type's package is not installed.
    """
    return READERS[kind]()


def boxes_in_image(
    reader: BoxesReader, message: Any, detection_class: str, width: int, height: int
) -> BoxesInImage:
    """The people that a message reports in an image.

    Args:
        reader: for the message's type.
        message: its contents need not be valid.
        detection_class: class of detections that are people, for types with classes; empty
            accepts all.
        width: of the image, pixels.
        height: of the image, pixels.
    """
    of_bodies = reader.of_bodies(message)
    if (count := reader.count(message)) > MAX_BOXES:
        error = f"{count} boxes in one message; at most {MAX_BOXES} are allowed"
        return BoxesInImage(_people(np.zeros((0, 5)), of_bodies), count, error)
    rows = reader.rows(message, detection_class)
    valid = _are_valid(rows, width, height)
    rejected = rows[~valid]
    error = "" if valid.all() else _error(rejected[0], width, height)
    inside = rows[valid]
    inside[:, [0, 2]] = inside[:, [0, 2]].clip(-0.5, width - 0.5)
    inside[:, [1, 3]] = inside[:, [1, 3]].clip(-0.5, height - 0.5)
    return BoxesInImage(_people(inside, of_bodies), len(rejected), error)


def _people(rows: Float64Array, of_bodies: bool) -> PersonBoxes:
    return PersonBoxes(
        rows[:, :4].astype(np.float32), rows[:, 4].astype(np.float32), of_bodies=of_bodies
    )


def _are_valid(rows: Float64Array, width: int, height: int) -> BoolArray:
    """Whether each box is not empty, overlaps the image, and has a score in [0, 1]."""
    x0, y0, x1, y1, score = rows.T
    valid = (np.abs(rows) <= LARGEST_COORDINATE).all(axis=1) & (x0 < x1) & (y0 < y1)
    valid &= (x1 > 0) & (y1 > 0) & (x0 < width - 1) & (y0 < height - 1)
    result: BoolArray = valid & (score >= 0) & (score <= 1)
    return result


def _error(row: Float64Array, width: int, height: int) -> str:
    *corners, score = row.tolist()
    shown = ", ".join(f"{value:g}" for value in corners)
    return (
        f"a box x0, y0, x1, y1 = {shown} with score {score:g}; expected x0 < x1, y0 < y1, an "
        f"overlap with the image of {width}x{height}, and a score from 0 to 1"
    )


def _person_box_array() -> BoxesReader:
    return BoxesReader(
        PersonBoxArray,
        "mobilepose_msgs/msg/PersonBoxArray",
        is_stamped=True,
        count=lambda message: len(message.boxes),
        rows=lambda message, _: _rows(
            (box.x_min, box.y_min, box.x_max, box.y_max, box.score) for box in message.boxes
        ),
        of_bodies=lambda message: bool(message.whole_bodies),
    )


def _region_of_interest() -> BoxesReader:
    return BoxesReader(
        RegionOfInterest,
        "sensor_msgs/msg/RegionOfInterest",
        is_stamped=False,
        count=lambda _: 1,
        rows=_rows_of_region,
        of_bodies=lambda _: True,
    )


def _detection_2d_array() -> BoxesReader:
    try:
        messages = importlib.import_module("vision_msgs.msg")
    except ImportError as error:
        raise ValueError(
            "person_boxes_type Detection2DArray needs the package vision_msgs, which cannot be "
            f"imported ({error}): sudo apt install ros-jazzy-vision-msgs"
        ) from error
    return BoxesReader(
        messages.Detection2DArray,
        "vision_msgs/msg/Detection2DArray",
        is_stamped=True,
        count=lambda message: len(message.detections),
        rows=_rows_of_detections,
        of_bodies=lambda _: True,
    )


READERS: Mapping[str, Callable[[], BoxesReader]] = {
    "PersonBoxArray": _person_box_array,
    "RegionOfInterest": _region_of_interest,
    "Detection2DArray": _detection_2d_array,
}
"""Supported message types, by their names in parameter person_boxes_type."""


def _rows(boxes: Any) -> Float64Array:
    flat = np.fromiter(itertools.chain.from_iterable(boxes), np.float64)
    return flat.reshape(-1, 5)


def _rows_of_region(region: RegionOfInterest, _: str) -> Float64Array:
    """Between the centres of its outermost pixels; no box for an empty region."""
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
    """The axis-aligned box around one that may be rotated."""
    x, y, angle = box.center.position.x, box.center.position.y, box.center.theta
    with np.errstate(invalid="ignore", over="ignore"):
        cosine, sine = abs(np.cos(angle)), abs(np.sin(angle))
        half_width = (box.size_x * cosine + box.size_y * sine) / 2
        half_height = (box.size_x * sine + box.size_y * cosine) / 2
        return x - half_width, y - half_height, x + half_width, y + half_height
