"""How far positions of simulated people are off, and whether their covariances say so."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from mobilepose_core.behaviour import facing, ranges
from mobilepose_core.behaviour.body import Body
from mobilepose_core.behaviour.camera import Ground, Pinhole
from mobilepose_core.behaviour.position import ACROSS_BIAS, Position, locate
from mobilepose_core.evaluation.stick_figure import StickFigure, optical, turned, up_of
from mobilepose_core.skeleton import COCO_17, UPPER_BODY_11
from mobilepose_core.typing import Float64Array

CAMERA = Pinhole.of_view(640, 480, 60)

CASES = {
    "size": (UPPER_BODY_11.joints, False, False),
    "size, up known": (UPPER_BODY_11.joints, False, True),
    "size and ankles, up and height known": (COCO_17.joints, False, True),
    "depth and size": (UPPER_BODY_11.joints, True, True),
    "all": (COCO_17.joints, True, True),
}
"""Joints, whether depth is known, and whether the ground is."""


def measure(people: int, seed: int) -> list[dict[str, Any]]:
    """Rows of figures, one for each of `CASES`."""
    return [_row(name, people, np.random.default_rng(seed)) for name in CASES]


def _row(name: str, people: int, draw: np.random.Generator) -> dict[str, Any]:
    far, along, squared = [], [], []
    for _ in range(people):
        position, truth = _person(draw, *CASES[name])
        if position is None:
            continue
        error = position.place - truth
        far.append(float(np.linalg.norm(error)))
        along.append(math.sqrt(float(np.linalg.eigvalsh(position.covariance)[2])))
        squared.append(float(error @ np.linalg.solve(position.covariance, error)))
    return {
        "from": name,
        "people": len(far),
        "median_m": round(float(np.median(far)), 3),
        "p95_m": round(float(np.percentile(far, 95)), 3),
        "claimed_m": round(float(np.median(along)), 3),
        "nees": round(float(np.mean(squared)), 2),
    }


def _person(
    draw: np.random.Generator, names: tuple[str, ...], has_depth: bool, has_ground: bool
) -> tuple[Position | None, Float64Array]:
    """Where somebody seems to be, and where they are."""
    pitch = draw.uniform(-0.1, 0.4) if has_ground else draw.normal(0, 0.03)
    height, away, aside = draw.uniform(0.8, 1.6), draw.uniform(1.5, 6), draw.uniform(-1, 1)
    joints = StickFigure.drawn(draw).joints(
        lean=(float(draw.normal(0, 0.12)), float(draw.normal(0, 0.06))),
        stride=float(draw.uniform(-0.5, 0.5)),
    )
    yaw = float(draw.uniform(-math.pi, math.pi))
    places = optical(turned(joints, yaw, away, aside), height, pitch)
    up = up_of(pitch + draw.normal(0, 0.01))
    ground = Ground(up, height + float(draw.normal(0, 0.02))) if has_ground else None
    spots = np.array([places[name] for name in names])
    noise = max(1.0, ranges.JOINT_DEVIATION * ranges.TORSO_LENGTH * CAMERA.fx / away)
    points = CAMERA.project(spots) + draw.normal(0, noise, (len(names), 2))
    depth = noisy_depth(spots, draw) if has_depth else spots[:0]
    body = Body(
        dict(zip(names, points, strict=True)),
        dict.fromkeys(names, 0.9),
        dict(zip(names, depth, strict=True)) if has_depth else {},
    )
    torso = [places[f"{side}_{part}"] for side in ("left", "right") for part in ("hip", "shoulder")]
    middle = np.mean(torso, axis=0) + draw.normal(0, ACROSS_BIAS, 3)
    heading = facing.beyond_picture(body) if ground is None else facing.beyond_picture(body, up)
    return locate(body, CAMERA, ground, heading), middle


def noisy_depth(spots: Float64Array, draw: np.random.Generator) -> Float64Array:
    """Places as a depth camera measures them, on the surface of the body."""
    z = spots[:, 2] - draw.normal(ranges.SURFACE, ranges.SURFACE_DEVIATION)
    z = z + draw.normal(0, ranges.DEPTH_DEVIATION + ranges.DEPTH_GROWTH * z * z)
    return spots * (z / spots[:, 2])[:, None]
