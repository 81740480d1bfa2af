"""What is viewed: a frame with its people, and how the program does that finds them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from mobilepose_core.io import drawing
from mobilepose_core.pose import Pose
from mobilepose_core.skeleton import UPPER_BODY_11, Skeleton
from mobilepose_core.typing import FloatArray, ImageArray

OK, WARN, ERROR = "ok", "warn", "error"
"""Levels of a status."""


@dataclass(frozen=True, eq=False)
class ViewedFrame:
    """A frame and the people in it.

    Attributes:
        image: (H, W, 3) uint8 BGR; not modified.
        poses: joints in its pixels.
        stamp: when it was taken, ns since 1970.
        skeleton: of the poses.
        frame_id: of the camera's optical frame.
        positions: for each pose (K, 3) m in the optical frame, NaN where unknown; None without
            depth.
    """

    image: ImageArray
    poses: Sequence[Pose]
    stamp: int
    skeleton: Skeleton = UPPER_BODY_11
    frame_id: str = "camera"
    positions: Sequence[FloatArray] | None = None


RATE_WINDOW = 3.0
"""Time over which rates and latencies are averaged, s."""


@dataclass(frozen=True)
class Rates:
    """How fast images come and are processed; NaN where unknown.

    Attributes:
        received: images per second that came.
        processed: images per second whose people were found.
        latency: from an image to its joints, s.
    """

    received: float = math.nan
    processed: float = math.nan
    latency: float = math.nan


@dataclass(frozen=True)
class ViewStatus:
    """How the program does whose people are shown.

    Attributes:
        title: what is viewed, such as a file or a topic.
        level: `OK`, `WARN` or `ERROR`.
        message: one line.
        rates: of its images.
        details: further facts, by name.
        parameters: their values, by name.
        min_score: joints with a lower score are not drawn.
    """

    title: str = ""
    level: str = OK
    message: str = ""
    rates: Rates = field(default_factory=Rates)
    details: Mapping[str, str] = field(default_factory=dict)
    parameters: Mapping[str, object] = field(default_factory=dict)
    min_score: float = drawing.MIN_SCORE
