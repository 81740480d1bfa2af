"""People of known size at known places, as a camera sees them."""

import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from mobilepose_core.behaviour.body import Body
from mobilepose_core.behaviour.camera import Ground, Pinhole
from mobilepose_core.evaluation.stick_figure import StickFigure, optical, turned, up_of
from mobilepose_core.skeleton import UPPER_BODY_11

sys.path.insert(0, str(Path(__file__).parents[2] / "fixtures"))

CAMERA = Pinhole.of_view(640, 480, 60)
HEIGHT = 1.1


def seen(places, camera=CAMERA, noise=0.0, draw=None, names=None, depth=False):
    """A body as the camera finds it; joints that are named are seen, all by default."""
    chosen = list(names or places)
    spots = np.array([places[name] for name in chosen])
    points = camera.project(spots)
    if noise:
        points = points + draw.normal(0, noise, points.shape)
    return Body(
        dict(zip(chosen, points, strict=True)),
        dict.fromkeys(chosen, 0.9),
        dict(zip(chosen, spots, strict=True)) if depth else {},
    )


def placed(figure=None, away=3.0, aside=0.0, yaw=np.pi, pitch=0.0, height=HEIGHT, **pose):
    """Joints in the optical frame; `yaw` of pi faces the camera."""
    joints = (figure or StickFigure()).joints(**pose)
    return optical(turned(joints, yaw, away, aside), height, pitch)


def middle_of(places):
    return np.mean(
        [places[f"{side}_{part}"] for side in ("left", "right") for part in ("hip", "shoulder")],
        axis=0,
    )


@pytest.fixture
def world():
    """A camera, and people before it: their joints in space, and what is seen of them."""
    return SimpleNamespace(
        camera=CAMERA,
        height=HEIGHT,
        placed=placed,
        seen=seen,
        middle_of=middle_of,
        upper=UPPER_BODY_11.joints,
        level=Ground(up_of(0.0), HEIGHT),
    )


@pytest.fixture
def person():
    """A body in a posture, seen without noise: `person(away=2.0, left=RAISED)`."""

    def make(names=None, depth=False, **pose):
        return seen(placed(**pose), names=names, depth=depth)

    return make
