"""What the page is sent: joints with their colours and a JPEG, and the status, as plain values."""

from __future__ import annotations

import json
import math
import struct
import threading
from dataclasses import dataclass
from typing import Any

from mobilepose_core.io import drawing
from mobilepose_core.pose import Pose
from mobilepose_core.skeleton import Skeleton
from mobilepose_core.view import jpeg
from mobilepose_core.view.frames import ViewedFrame, ViewStatus

QUALITY = 80
MAX_SIDE = 1280


@dataclass(frozen=True)
class PageStyle:
    """What an image costs.

    Attributes:
        quality: of the JPEG, from 1 to 100.
        max_side: longer side of the JPEG, pixels, at most `jpeg.LARGEST_SIDE`; larger images are
            reduced.
    """

    quality: int = QUALITY
    max_side: int = MAX_SIDE


class PageFrame:
    """A frame as the page takes it, made once, by the first browser that asks.

    Attributes:
        number: tells frames apart; it grows.
        frame: that is shown.
    """

    def __init__(self, number: int, frame: ViewedFrame, style: PageStyle) -> None:
        """Makes nothing yet."""
        self.number = number
        self.frame = frame
        self._style = style
        self._lock = threading.Lock()
        self._made: tuple[dict[str, Any], bytes] | None = None

    def encoded(self) -> tuple[dict[str, Any], bytes]:
        """Its people as plain values, and the JPEG."""
        with self._lock:
            if self._made is None:
                style = self._style
                picture = jpeg.encoded(self.frame.image, style.quality, style.max_side)
                self._made = people(self.frame), picture
            return self._made


def message(head: dict[str, Any], picture: bytes = b"") -> bytes:
    """The body of an answer: length of the JSON (4 bytes, big-endian), JSON, JPEG."""
    text = json.dumps(head, separators=(",", ":"), allow_nan=False).encode()
    return struct.pack(">I", len(text)) + text + picture


def people(frame: ViewedFrame) -> dict[str, Any]:
    """The people of a frame, in pixels of the original image."""
    height, width = frame.image.shape[:2]
    return {
        "width": width,
        "height": height,
        "stamp": frame.stamp / 1e9,
        "skeleton": _skeleton(frame.skeleton),
        "people": [_person(pose) for pose in frame.poses],
    }


def status(what: ViewStatus) -> dict[str, Any]:
    """A status; what is unknown is null."""
    rates = what.rates
    return {
        "title": what.title,
        "level": what.level,
        "message": what.message,
        "received": _number(rates.received, 1),
        "processed": _number(rates.processed, 1),
        "latency": _number(rates.latency * 1e3, 1),
        "details": [[name, text] for name, text in what.details.items()],
        "parameters": [[name, _text(value)] for name, value in what.parameters.items()],
        "minScore": what.min_score,
    }


def hexadecimal(bgr: drawing.Colour) -> str:
    """A colour as CSS writes it."""
    blue, green, red = bgr
    return f"#{red:02x}{green:02x}{blue:02x}"


_OWN: drawing.Colour = (-1, -1, -1)
"""Stands for the colour of a person's track."""


def _skeleton(skeleton: Skeleton) -> dict[str, Any]:
    """Joints and limbs with their colours; empty for that of the person's track."""
    return {
        "joints": [[name, _css(drawing.joint_colour(name, _OWN))] for name in skeleton.joints],
        "edges": [
            [a, b, _css(drawing.edge_colour(start, end, _OWN))]
            for (start, end), (a, b) in zip(skeleton.edges, skeleton.edge_indices, strict=True)
        ],
    }


def _css(colour: drawing.Colour) -> str:
    return "" if colour == _OWN else hexadecimal(colour)


def _person(pose: Pose) -> dict[str, Any]:
    return {
        "id": pose.track_id,
        "score": _number(pose.score, 2),
        "colour": hexadecimal(drawing.track_colour(pose.track_id)),
        "joints": [
            [_number(x, 1), _number(y, 1), _number(score, 2) or 0.0] for _, x, y, score in pose
        ],
    }


def _number(value: float, digits: int) -> float | None:
    return round(float(value), digits) if math.isfinite(value) else None


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
