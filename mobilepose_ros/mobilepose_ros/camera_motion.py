"""How a camera moves from image to image, as TF knows it."""

from __future__ import annotations

from typing import NamedTuple

from geometry_msgs.msg import TransformStamped

from mobilepose_core.typing import Float64Array
from mobilepose_ros.rotations import matrix_of
from mobilepose_ros.vectors import array_of


class Moved(NamedTuple):
    """From the optical frame of one image to that of the next: p becomes turn @ p + shift.

    Attributes:
        turn: (3, 3) rotation.
        shift: (3,) m.
    """

    turn: Float64Array
    shift: Float64Array


class CameraMotion:
    """Remembers where the camera was when the last image was taken."""

    def __init__(self) -> None:
        """Knows no image yet."""
        self._last: TransformStamped | None = None

    def step(self, place: TransformStamped | None) -> Moved | None:
        """How the camera moved since the image before; None if that is not known.

        Args:
            place: from the optical frame of an image to a frame that does not move; None if TF does
                not know it.
        """
        before, self._last = self._last, place
        if place is None or before is None or _frames(place) != _frames(before):
            return None
        turn, other = matrix_of(place.transform.rotation), matrix_of(before.transform.rotation)
        apart = array_of(before.transform.translation) - array_of(place.transform.translation)
        return Moved(turn.T @ other, turn.T @ apart)


def _frames(transform: TransformStamped) -> tuple[str, str]:
    return transform.header.frame_id, transform.child_frame_id
