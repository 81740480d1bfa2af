"""Warnings about the stamps of images, once for each kind of fault."""

from __future__ import annotations

from rclpy.impl.rcutils_logger import RcutilsLogger

from mobilepose_core import FrameClock, StampFault

REPORT_FROM = {StampFault.MISSING: 5, StampFault.REPEATED: 5, StampFault.BACKWARD: 1}
"""Number of images with a fault before it is logged: a single repeated image is not reported."""

_FALLBACK = "smoothing and track_timeout use arrival times meanwhile"

TEXTS = {
    StampFault.MISSING: (
        "images have no stamp (it is zero): configure the camera driver to stamp them. Without "
        f"stamps, depth and boxes cannot be matched and latency is unknown; {_FALLBACK}"
    ),
    StampFault.REPEATED: (
        "stamps of images do not advance from one image to the next: does the driver stamp each "
        f"image, with fractions of a second? {_FALLBACK}"
    ),
    StampFault.BACKWARD: (
        "stamps of images went back: a recording restarted, a clock was set, or two cameras "
        f"publish on one topic; {_FALLBACK}"
    ),
}


class StampFaults:
    """Warns once of each kind of fault."""

    def __init__(self, log: RcutilsLogger) -> None:
        """Takes the node's logger."""
        self._log = log
        self._unreported = dict(REPORT_FROM)

    def report(self, clock: FrameClock) -> None:
        """Logs faults that have now occurred often enough; call it after each image.

        Args:
            clock: the estimator's.
        """
        if not clock.faults or not self._unreported:
            return
        for fault, least in tuple(self._unreported.items()):
            if clock.faults[fault] >= least:
                del self._unreported[fault]
                self._log.warning(TEXTS[fault])
