"""An image whose poses are known: what everything beyond ~/joints is made from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from std_msgs.msg import Header

from mobilepose_core import Pose
from mobilepose_core.messages import Size
from mobilepose_core.typing import ImageArray


@dataclass(frozen=True, eq=False)
class AnsweredImage:
    """An image and the people in it.

    Attributes:
        frame: (H, W, 3) BGR; not modified.
        poses: joints in its pixels.
        header: of the image.
        time: in the video, s; it does not go back.
        arrival: s of `time.monotonic`.
    """

    frame: ImageArray
    poses: Sequence[Pose]
    header: Header
    time: float
    arrival: float

    @property
    def size(self) -> Size:
        """Width and height, pixels."""
        height, width = self.frame.shape[:2]
        return width, height
