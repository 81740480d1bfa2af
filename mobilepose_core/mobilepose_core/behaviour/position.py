"""Where people are: the middle of their torso in the camera's optical frame, with its covariance.

From depth at the torso's joints, from the size of bodies, and from the ankles on the ground: each
says how far away the person is along the ray to their torso, see `ranges`. What lies across the ray
comes from the image, the same for all of them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mobilepose_core.behaviour import ranges
from mobilepose_core.behaviour.body import Body
from mobilepose_core.behaviour.camera import LEVEL_UP, Camera, Ground, unit
from mobilepose_core.behaviour.facing import TorsoHeading
from mobilepose_core.typing import Float64Array, FloatArray

ACROSS_BIAS = 0.03
"""How far the middle of four joints may be from that of the torso, m."""

BELOW_SHOULDERS = ranges.TORSO_LENGTH / 2
"""Where the middle of the torso is if no hips are seen, m."""

BELOW_DEVIATION = 0.06


@dataclass(frozen=True, eq=False)
class Position:
    """Where a person's torso is.

    Attributes:
        place: (3,) m, optical frame.
        noise: (3, 3) m^2, covariance of what differs from frame to frame: a filter averages it.
        bias: (3, 3) m^2, covariance of what stays, such as how tall the person is: no filter
            takes that away.
        source: what it is from, such as `depth+size`.
    """

    place: Float64Array
    noise: Float64Array
    bias: Float64Array
    source: str

    @property
    def covariance(self) -> Float64Array:
        """(3, 3) m^2 of both together."""
        return self.noise + self.bias


def locate(
    body: Body,
    camera: Camera,
    ground: Ground | None = None,
    heading: TorsoHeading | None = None,
) -> Position | None:
    """Where a person is; None if too little is seen of them, or outside the camera's lens model.

    Shoulders or depth have to be seen.

    Args:
        body: with places where depth is known.
        camera: that took the image.
        ground: where the ground is; without it the camera is taken to be level, and ankles say
            nothing.
        heading: of the torso by something else than the shoulders' width in the image, such as the
            pose network's or that of joints in space.
    """
    shoulders, hips = body.middle("shoulder"), body.middle("hip")
    anchor = shoulders if hips is None else hips if shoulders is None else (shoulders + hips) / 2
    if anchor is None:
        return None
    up = LEVEL_UP if ground is None else ground.up
    towards = np.asarray(camera.rays(anchor[None])[0], np.float64)
    if not np.isfinite(towards).all():
        return None
    ray, origin = unit(towards), np.asarray(camera.origin, np.float64)
    found = [
        ranges.by_depth(body, ray, origin),
        ranges.by_size(body, camera, up, heading) if shoulders is not None else None,
        None if ground is None else ranges.by_ground(body, camera, ground, ray),
    ]
    known = [one for one in found if one is not None]
    if not known:
        return None
    position = _on_ray(body, camera, anchor, ray, ranges.combined(known))
    if position is None or (shoulders is not None and hips is not None):
        return position
    aside = BELOW_SHOULDERS if hips is None else -BELOW_SHOULDERS
    bias = position.bias + BELOW_DEVIATION**2 * np.eye(3)
    return Position(position.place - aside * up, position.noise, bias, position.source)


def _on_ray(
    body: Body, camera: Camera, anchor: FloatArray, ray: Float64Array, found: ranges.Range
) -> Position | None:
    radians = ranges.angle_of(camera, anchor, (max(1.0, ranges.joint_deviation(body) / 2), 0.0))
    if radians is None:
        return None
    across = found.metres * radians
    along, plane = np.outer(ray, ray), np.eye(3) - np.outer(ray, ray)
    return Position(
        camera.origin + found.metres * ray,
        found.noise**2 * along + across**2 * plane,
        found.bias**2 * along + ACROSS_BIAS**2 * plane,
        found.source,
    )
