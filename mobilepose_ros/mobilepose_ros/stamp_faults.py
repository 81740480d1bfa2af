"""Says what is wrong with the stamps of images, once for each kind of fault."""

from __future__ import annotations

from typing import Protocol

from mobilepose_core.inference.frame_clock import FrameClock, StampFault

TOLD_FROM = {StampFault.MISSING: 5, StampFault.REPEATED: 5, StampFault.BACKWARD: 1}
"""So many images with a fault are told: one that was sent twice is no reason."""

_INSTEAD = "smoothing and track_timeout go by the images' arrival meanwhile"

TEXTS = {
    StampFault.MISSING: (
        "images have no stamp (it is zero): set the camera's driver to stamp them; until then no "
        f"depth, boxes or latency can be known by it, and {_INSTEAD}"
    ),
    StampFault.REPEATED: (
        "stamps of images do not advance from one image to the next: does the driver stamp each, "
        f"and in fractions of a second? {_INSTEAD}"
    ),
    StampFault.BACKWARD: (
        "stamps of images went back: a recording that starts again, a clock that was set, or two "
        f"cameras on one topic; {_INSTEAD}"
    ),
}


class Log(Protocol):
    """What a logger of rclpy has."""

    def warning(self, message: str) -> object:
        """Logs a line."""


class StampFaults:
    """Looks at a video's clock after each image, and warns once of each fault."""

    def __init__(self, log: Log) -> None:
        """Takes the node's log."""
        self._log = log
        self._untold = dict(TOLD_FROM)

    def look(self, clock: FrameClock) -> None:
        """Warns of what has just become too much."""
        if not clock.faults or not self._untold:
            return
        for fault, least in tuple(self._untold.items()):
            if clock.faults[fault] >= least:
                del self._untold[fault]
                self._log.warning(TEXTS[fault])
