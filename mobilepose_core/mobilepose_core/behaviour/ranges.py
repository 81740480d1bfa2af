"""How far away a person's torso is: by depth, by the size of bodies, by the ankles on the ground.

Each answer is a distance along the ray to the torso, and how far it may be off: in part by noise
that differs from frame to frame, in part by what stays, such as how tall the person is.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mobilepose_core import heading as upper_body
from mobilepose_core.behaviour.body import SIDES, TORSO, Body
from mobilepose_core.behaviour.camera import Camera, Ground, cross, unit
from mobilepose_core.behaviour.facing import TorsoHeading
from mobilepose_core.typing import Float64Array, FloatArray

TORSO_LENGTH = 0.48
"""From the middle of the shoulder joints to that of the hip joints, m: 0.288 of an adult's stature
(Winter, "Biomechanics and Motor Control of Human Movement", 4th ed., fig. 4.1), of 1.68 m."""

STATURE_SPREAD = 0.057
"""Of adults of both sexes, as a share: 0.095 m of 1.68 m."""

PROPORTION_SPREAD = 0.04
"""Of the torso's share of the stature, and of the shoulders' width in torso lengths."""

LEAN = math.radians(10)
"""Standard deviation of the angle between an upright person's torso and up."""

JOINT_DEVIATION = 0.06
"""Standard deviation of a joint found in the image, in torso lengths, along each axis."""

LEAST_PIXELS = 1.0
"""It is so many pixels at least."""

SURFACE, SURFACE_DEVIATION = 0.08, 0.04
"""How far the middle of the torso is behind the surface that a depth image shows, m."""

ONE_SIDE_DEVIATION = 0.12
"""How far the middle of the torso may be from a shoulder or hip of one side only, m."""

DEPTH_DEVIATION, DEPTH_GROWTH = 0.01, 0.003
"""Noise of a depth camera: m, and m per square metre of distance, as stereo has it."""

OUTLIER = 0.35
"""Depth so far from the median of the torso's joints is that of something else, m."""

ANKLE_HEIGHT, ANKLE_DEVIATION = 0.09, 0.04
"""Of the ankle of a foot on the ground, m; feet are lifted in walking."""

STANCE_DEVIATION = 0.10
"""How far from above the feet the torso's middle may be, m."""

LONGEST_STEP = 0.9
"""Feet that seem farther apart are not both on the ground, m."""

AGREEING = 3.0
"""Standard deviations within which a distance has to agree with the surest one."""


@dataclass(frozen=True)
class Range:
    """A distance along a ray.

    Attributes:
        source: `depth`, `size` or `ankles`; several joined by `+`.
        metres: from the camera.
        noise: standard deviation of what differs from frame to frame, m.
        bias: standard deviation of what stays, m.
    """

    source: str
    metres: float
    noise: float
    bias: float

    @property
    def deviation(self) -> float:
        """Standard deviation of both together, m."""
        return math.hypot(self.noise, self.bias)


def by_depth(body: Body, ray: FloatArray, origin: FloatArray) -> Range | None:
    """From the depth at shoulders and hips; None if none of them has a place.

    Args:
        body: with places.
        ray: (3,) unit vector to the middle of the torso.
        origin: (3,) of the ray, m.
    """
    depths = {name: body.places[name][2] for name in TORSO if name in body.places}
    if not depths:
        return None
    median = float(np.median(list(depths.values())))
    depths = {name: z for name, z in depths.items() if abs(z - median) <= OUTLIER}
    if not depths:
        return None
    z = float(np.mean(list(depths.values())))
    is_even = all(any(name.startswith(side) for name in depths) for side in SIDES)
    bias = math.hypot(SURFACE_DEVIATION, 0.0 if is_even else ONE_SIDE_DEVIATION)
    noise = DEPTH_DEVIATION + DEPTH_GROWTH * z * z
    return Range("depth", (z - float(origin[2])) / float(ray[2]) + SURFACE, noise, bias)


def by_size(
    body: Body, camera: Camera, up: FloatArray, heading: TorsoHeading | None = None
) -> Range | None:
    """From how large an adult's torso and shoulders look; a child seems farther away than it is.

    Args:
        body: with both shoulders seen.
        camera: that took the image.
        up: (3,) against gravity, in the optical frame: an upright torso is seen foreshortened from
            above or below.
        heading: of the torso, by something else than the shoulders' width in the image: then that
            counts too.
    """
    found = [
        answer for answer in (_torso(body, camera, up), _shoulders(body, camera, heading)) if answer
    ]
    if not found:
        return None
    shape = combined(found) if len(found) > 1 else found[0]
    bias = math.hypot(shape.bias, STATURE_SPREAD * shape.metres)
    return Range("size", shape.metres, shape.noise, bias)


def _torso(body: Body, camera: Camera, up: FloatArray) -> Range | None:
    torso = body.torso
    if torso is None:
        return None
    top, bottom = _rays(camera, body.middle("shoulder"), body.middle("hip"))
    angle = _angle(top, bottom)
    if not angle > 0:
        return None
    slant = _angle(unit(top + bottom), up)
    sine = max(math.sin(slant), 0.3)
    metres = TORSO_LENGTH * sine / (2 * math.tan(angle / 2))
    widest = _widest(body, camera)
    if widest is not None and metres > widest:  # bent towards the camera
        return Range("torso", widest, 0.15 * widest, 0.15 * widest)
    noise = joint_deviation(body) / float(np.hypot(*torso)) * metres
    lean = math.hypot(LEAN * math.cos(slant) / sine, LEAN**2)
    return Range("torso", metres, noise, math.hypot(PROPORTION_SPREAD, lean) * metres)


def _widest(body: Body, camera: Camera) -> float | None:
    """Distance at which shoulders of that width in the image are those of a broad adult, m."""
    left, right = _rays(camera, body.points["left_shoulder"], body.points["right_shoulder"])
    angle = _angle(left, right)
    return 1.3 * upper_body.SHOULDERS * TORSO_LENGTH / angle if angle > 0 else None


def _shoulders(body: Body, camera: Camera, heading: TorsoHeading | None) -> Range | None:
    if heading is None or not body.has("left_shoulder", "right_shoulder"):
        return None
    left, right = _rays(camera, body.points["left_shoulder"], body.points["right_shoulder"])
    angle, cosine = _angle(left, right), abs(heading.cosine)
    if not angle > 0 or cosine < 0.5:
        return None
    width = upper_body.SHOULDERS * TORSO_LENGTH
    metres = width * cosine / angle
    pixels = float(np.hypot(*(body.points["left_shoulder"] - body.points["right_shoulder"])))
    noise = math.sqrt(2) * joint_deviation(body) / max(pixels, 1.0) * metres
    turned = abs(heading.sine) / cosine * heading.deviation + heading.deviation**2 / 2
    return Range("shoulders", metres, noise, math.hypot(PROPORTION_SPREAD, turned) * metres)


def by_ground(body: Body, camera: Camera, ground: Ground, ray: FloatArray) -> Range | None:
    """From the ankles, of which one at least stands on the ground; None at an unknown height.

    Args:
        body: with an ankle seen.
        camera: that took the image.
        ground: that they stand on.
        ray: (3,) unit vector to the middle of the torso.
    """
    if ground.height is None:
        return None
    points = [body.points[name] for name in ("left_ankle", "right_ankle") if body.has(name)]
    drop = ground.height + float(camera.origin @ ground.up) - ANKLE_HEIGHT
    feet = [
        (drop / -float(down @ ground.up) * down, point)
        for point, down in zip(points, map(unit, _rays(camera, *points)), strict=True)
        if down @ ground.up < -0.02
    ]
    level = ray - (ray @ ground.up) * ground.up
    if not feet or drop <= 0 or level @ level < 0.1:
        return None
    feet.sort(key=lambda one: float(one[0] @ level))
    if len(feet) == 2 and np.linalg.norm(feet[0][0] - feet[1][0]) > LONGEST_STEP:
        feet.pop()
    foot = np.mean([place for place, _ in feet], axis=0)
    metres = float(foot @ level / (level @ level))
    away = float(np.linalg.norm(foot))
    along = away * away / drop
    pixels = joint_deviation(body) / math.sqrt(len(feet))
    radians = angle_of(camera, feet[0][1], (0.0, pixels))
    if radians is None:
        return None
    noise = math.hypot(along * radians, STANCE_DEVIATION)
    lifted = away / drop * ANKLE_DEVIATION / math.sqrt(len(feet))
    bias = math.hypot(along * ground.tilt_deviation, away / drop * ground.height_deviation)
    scale = 1 / math.sqrt(float(level @ level))
    found = Range("ankles", metres, math.hypot(noise, lifted) * scale, bias * scale)
    return found if math.isfinite(found.metres + found.deviation) else None


def combined(ranges: Sequence[Range]) -> Range:
    """The mean of several distances by the inverse of their variances.

    One that contradicts the surest is left out: a child's by size, a lifted foot's.
    """
    surest = min(ranges, key=lambda one: one.deviation)
    kept = [
        one
        for one in ranges
        if one is surest
        or abs(one.metres - surest.metres) <= AGREEING * math.hypot(one.deviation, surest.deviation)
    ]
    weights = np.array([one.deviation**-2 for one in kept])
    weights /= weights.sum()
    metres = float(weights @ [one.metres for one in kept])
    noise = float(np.hypot.reduce(weights * [one.noise for one in kept]))
    bias = float(np.hypot.reduce(weights * [one.bias for one in kept]))
    return Range("+".join(one.source for one in kept), metres, noise, bias)


def joint_deviation(body: Body) -> float:
    """Standard deviation of a joint in the image along each axis, pixels."""
    return max(LEAST_PIXELS, JOINT_DEVIATION * (body.torso_length or 0.0))


def angle_of(camera: Camera, point: FloatArray, step: tuple[float, float]) -> float | None:
    """The angle that a step in the image is, radians; None if the camera has no rays there.

    Args:
        camera: that took the image.
        point: (2,) pixels, where the step begins.
        step: x, y in pixels; at the edge of a lens model, the opposite one counts.
    """
    here, *others = _rays(camera, point, np.add(point, step), np.subtract(point, step))
    angles = (_angle(here, other) for other in others)
    return next((angle for angle in angles if math.isfinite(angle)), None)


def _rays(camera: Camera, *points: FloatArray | None) -> Float64Array:
    return np.asarray(camera.rays(np.array(points, np.float64).reshape(-1, 2)), np.float64)


def _angle(one: FloatArray, other: FloatArray) -> float:
    return math.atan2(float(np.linalg.norm(cross(one, other))), float(one @ other))
