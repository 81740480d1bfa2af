"""What the frame_id of headers says against them: pure functions, and a log that says it once."""

from __future__ import annotations

from collections.abc import Iterable

from rclpy.impl.rcutils_logger import RcutilsLogger

MOST_TEXTS = 100
"""Different texts that are logged: whose frame_id changes with every message is heard often."""

ALIGN = (
    "switch alignment on in the driver (align_depth.enable:=true), or register depth to the images "
    "(depth_image_proc)"
)
"""What to do about depth images that are not those of the images' pixels."""


class Doubts:
    """Logs each doubt once, as a warning."""

    def __init__(self, log: RcutilsLogger) -> None:
        """Nothing was said yet.

        Args:
            log: of the node.
        """
        self._log = log
        self._said: set[str] = set()

    def say(self, texts: Iterable[str]) -> str:
        """Those of the texts that are not empty, joined; logs what was not logged before."""
        doubts = [text for text in texts if text]
        for text in doubts:
            if text not in self._said and len(self._said) < MOST_TEXTS:
                self._said.add(text)
                self._log.warning(text)
        return "; ".join(doubts)


def missing(frame_id: str) -> str:
    """What an image without a frame_id leads to; empty where it has one."""
    if frame_id.strip("/ "):
        return ""
    return (
        "images have an empty frame_id: RViz and TF cannot place markers and joints in metres; "
        "set the camera driver's frame_id, such as camera_optical_frame"
    )


def of_depth(frame_id: str, image_frame_id: str) -> str:
    """Why depth images may not fit the images; empty where both are of one frame."""
    if not _differ(frame_id, image_frame_id):
        return ""
    return (
        f"depth images are of frame {frame_id!r}, and images of {image_frame_id!r}: joints in "
        f"metres are wrong unless depth is aligned to the images; {ALIGN}"
    )


def of_camera_info(frame_id: str, image_frame_id: str) -> str:
    """Why a calibration may not fit the images; empty where both are of one frame."""
    if not _differ(frame_id, image_frame_id):
        return ""
    return (
        f"the calibration is of frame {frame_id!r}, and images are of {image_frame_id!r}: is it "
        "another camera's? Remap `camera_info` to the topic beside the images "
        "(camera_info:=TOPIC)"
    )


def _differ(one: str, other: str) -> bool:
    """Whether both are known, and not the same; a slash in front means nothing in ROS 2."""
    if one == other:
        return False
    one, other = one.strip("/ "), other.strip("/ ")
    return bool(one) and bool(other) and one != other
