"""`Result`: a frame and the people in it; `Output`: a consumer of results."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

from mobilepose_core.io.drawing import draw
from mobilepose_core.io.sources import Frame
from mobilepose_core.pose import Pose
from mobilepose_core.typing import ImageArray


@dataclass(eq=False)
class Result:
    """A frame and the people in it.

    Attributes:
        frame: as it was captured.
        poses: joints in pixels of the frame.
    """

    frame: Frame
    poses: Sequence[Pose]

    @cached_property
    def picture(self) -> ImageArray:
        """(H, W, 3) uint8 BGR, the frame with its people drawn in; drawn once, when asked for."""
        return draw(self.frame.image, self.poses, labels=True)


class Output(Protocol):
    """Writes results as they come."""

    def write(self, result: Result) -> None:
        """Writes the next one.

        Raises:
            ValueError: it cannot be written.
        """

    def close(self) -> None:
        """Ends what was written, so that it is whole."""
