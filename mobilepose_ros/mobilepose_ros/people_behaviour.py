"""What the tracked people in a camera's images do, from image to image."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mobilepose_core import Pose
from mobilepose_core.behaviour import Behaviour, Body, Ground, Motion, PersonState
from mobilepose_core.messages import CameraModel
from mobilepose_core.typing import Float64Array, FloatArray
from mobilepose_ros.camera_motion import Moved
from mobilepose_ros.stamp_order import StampOrder, Step
from mobilepose_ros.stamps import SECOND

LONGEST_PREDICTION = 1.0
"""Positions are predicted to now in images that are this old at most, s: stamps that are older are
those of another clock, such as a recording's."""


@dataclass(frozen=True, eq=False)
class ObservedPerson:
    """A tracked person in one image.

    Attributes:
        index: of the pose among those of the image.
        pose: joints in image pixels.
        state: what they do.
        facing: (3,) horizontal unit vector in the optical frame to where the torso faces; None if
            unknown.
    """

    index: int
    pose: Pose
    state: PersonState
    facing: Float64Array | None


class PeopleBehaviour:
    """Follows people by their track IDs; call it from one thread at a time.

    Attributes:
        began_anew: whether the last image is of a recording that began anew.
    """

    def __init__(self) -> None:
        """Knows nobody yet."""
        self.began_anew = False
        self._behaviour = Behaviour()
        self._order = StampOrder()

    def update(
        self,
        stamp: int,
        time: float,
        poses: Sequence[Pose],
        ground: Ground,
        camera: CameraModel,
        positions: Sequence[FloatArray] | None = None,
        moved: Moved | None = None,
        now: int = 0,
    ) -> list[ObservedPerson]:
        """The tracked people of an image, in the order of their poses.

        Args:
            stamp: of the image, ns; in a recording that begins anew, everybody is new.
            time: of the image in the video, s; it does not go back.
            poses: people in it, joints in its pixels.
            ground: where up is, and how high the camera.
            camera: of the image; nobody has a position where it is a default.
            positions: (K, 3) m in the optical frame for each pose, NaN where unknown; None without
                depth.
            moved: how the camera did since the image before; None if that is not known.
            now: by the clock that stamps, ns; 0 if unknown.
        """
        step = self._order.take(stamp, now)
        self.began_anew = step is Step.BACK
        if self.began_anew:
            self._behaviour = Behaviour()
        elif moved is not None:
            self._behaviour.move(moved.turn, moved.shift)
        calibrated = None if camera.is_default else camera
        tracked = [index for index, pose in enumerate(poses) if pose.track_id >= 0]
        known = None if calibrated is None else positions
        bodies = [
            Body.of(poses[index], None if known is None else known[index]) for index in tracked
        ]
        states = self._behaviour.update(time, bodies, calibrated, ground)
        return [
            ObservedPerson(index, poses[index], state, _facing(body, state, calibrated, ground))
            for index, body, state in zip(tracked, bodies, states, strict=True)
        ]

    def motions_at(self, people: Sequence[ObservedPerson], ahead: float) -> list[Motion | None]:
        """Where the people of the last image are some seconds after it; None where unknown."""
        return [
            self._behaviour.motion_at(one.state.track_id, one.state.time + ahead) for one in people
        ]


def predicted_stamp(stamp: int, now: int) -> int:
    """The time to predict an image's people to, ns: now, if the image is a little older.

    Args:
        stamp: of the image, ns; 0 if it has none.
        now: by the node's clock, ns; 0 before simulated time starts.
    """
    is_recent = 0 <= now - stamp <= LONGEST_PREDICTION * SECOND
    return now if stamp and is_recent else stamp


def _facing(
    body: Body, state: PersonState, camera: CameraModel | None, ground: Ground
) -> Float64Array | None:
    if state.heading is None or camera is None:
        return None
    if state.motion is not None:
        ray = state.motion.place - camera.origin
    else:
        ray = camera.rays(np.mean(list(body.points.values()), axis=0)[None])[0]
    facing = state.heading.direction(ray, np.asarray(ground.up, np.float64))
    return facing if np.isfinite(facing).all() else None
