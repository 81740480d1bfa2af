"""The kinematic model of a body that the ROS4HRI bridge publishes: its size, angles and frame."""

from __future__ import annotations

import numpy as np
from mobilepose_msgs.msg import Pose3D

from mobilepose_core.behaviour import (
    SizeEstimate,
    joint_angles,
    seen_places,
    torso_axes,
    urdf,
)
from mobilepose_core.typing import Float64Array
from mobilepose_ros.stamps import SECOND

LONGEST_TURN = 1.0
"""How a torso was turned against upright axes counts for so long, s; then the body is upright."""


class HriModel:
    """One body's model, from image to image.

    Attributes:
        sizes: measures the person.
    """

    def __init__(self, body_id: str) -> None:
        """Knows nothing yet of the body with that ID."""
        self.sizes = SizeEstimate()
        self._body_id = body_id
        self._told: set[str] = set()
        self._torso: tuple[int, Float64Array] | None = None
        self._person: tuple[int, Float64Array] | None = None
        self._turn: tuple[int, Float64Array] | None = None

    def update(self, stamp: int, pose: Pose3D) -> tuple[str, dict[str, float]]:
        """Takes the joints of an image.

        Args:
            stamp: of the image, ns.
            pose: in metres.

        Returns:
            The URDF if there is a new one, otherwise empty; and the angles that are known, by
            REP-155's names without the ID, radians.
        """
        places = seen_places(
            [joint.name for joint in pose.joints],
            np.array([(j.x, j.y, j.z) for j in pose.joints], np.float64).reshape(-1, 3),
            np.array([joint.score for joint in pose.joints]),
        )
        axes = torso_axes(places)
        if axes is not None:
            self._torso = stamp, axes
            self._match()
        size = self.sizes.update(places)
        return "" if size is None else urdf(size, self._body_id), self._angles(joint_angles(places))

    def see_person(self, stamp: int, axes: Float64Array) -> None:
        """Takes the upright axes (3, 3) of the person in an image of that stamp, ns."""
        self._person = stamp, axes
        self._match()

    def turn_at(self, stamp: int) -> Float64Array:
        """(3, 3) from the body's axes to the person's upright ones, at a time, ns."""
        if self._turn is None or abs(stamp - self._turn[0]) > LONGEST_TURN * SECOND:
            return np.eye(3)
        return self._turn[1]

    def _match(self) -> None:
        """People and joints of an image come in any order."""
        if self._torso is not None and self._person is not None:
            (stamp, torso), (other, person) = self._torso, self._person
            if stamp == other:
                self._turn = stamp, person.T @ torso

    def _angles(self, angles: dict[str, float]) -> dict[str, float]:
        """Shows an upper arm although its forearm was never seen, which alone tells its roll."""
        for side in "lr":
            roll = f"{side}_r_shoulder"
            if f"{side}_p_shoulder" in angles and roll not in self._told:
                angles.setdefault(roll, 0.0)
            if f"{side}_elbow" in angles:
                self._told.add(roll)
        return angles
