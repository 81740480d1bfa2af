"""How a camera moves from image to image, as TF knows it."""

from __future__ import annotations

from typing import NamedTuple

from geometry_msgs.msg import TransformStamped

from mobilepose_core.behaviour import CameraPose
from mobilepose_core.typing import Float64Array
from mobilepose_ros.target_messages import camera_pose

MOST_MISSED = 2
"""So many images in a row may lack a place; after more, the motion is not known any more."""


class Moved(NamedTuple):
    """From the optical frame of one image to that of the next: p becomes turn @ p + shift.

    Attributes:
        turn: (3, 3) rotation.
        shift: (3,) m.
    """

    turn: Float64Array
    shift: Float64Array


class CameraMotion:
    """Remembers where the camera was when the last image was taken.

    In an image that lacks a place the camera is taken to have gone on as it did before.
    """

    def __init__(self) -> None:
        """Knows no image yet."""
        self._frames = ("", "")
        self._last: CameraPose | None = None
        self._moved: Moved | None = None
        self._missed = 0

    def step(self, place: TransformStamped | None) -> Moved | None:
        """How the camera moved since the image before; None if that is not known.

        Args:
            place: from the optical frame of an image to a frame that does not move; None if TF does
                not know it.
        """
        if place is None:
            return self._goes_on()
        before, is_other = self._last, _frames(place) != self._frames
        self._last = camera_pose(place)
        self._frames, self._missed, self._moved = _frames(place), 0, None
        if before is not None and not is_other:
            turn = self._last.rotation.T
            shift = turn @ (before.place - self._last.place)
            self._moved = Moved(turn @ before.rotation, shift)
        return self._moved

    def _goes_on(self) -> Moved | None:
        self._missed += 1
        if self._missed > MOST_MISSED:
            self._last = self._moved = None
        if self._last is not None and self._moved is not None:
            rotation = self._last.rotation @ self._moved.turn.T
            self._last = CameraPose(rotation, self._last.place - rotation @ self._moved.shift)
        return self._moved


def _frames(transform: TransformStamped) -> tuple[str, str]:
    return transform.header.frame_id, transform.child_frame_id
