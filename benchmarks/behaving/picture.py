"""A picture of the gestures and postures that are told, as stick figures."""

from __future__ import annotations

import math
from pathlib import Path

import cv2
import numpy as np

from mobilepose_core.behaviour.camera import Pinhole
from mobilepose_core.evaluation import stick_figure as figure
from mobilepose_core.evaluation.stick_figure import Arm, StickFigure, optical, turned
from mobilepose_core.io.drawing import save
from mobilepose_core.skeleton import COCO_17
from mobilepose_core.typing import ImageArray

TILE = (180, 210)
CAMERA = Pinhole.of_view(*TILE, 42)
COLUMNS = 6

LEFT, RIGHT, MIDDLE = (60, 160, 60), (60, 60, 200), (120, 120, 120)
"""Colours, BGR: the person's left, their right, and what joins both."""

Shown = tuple[str, str, Arm, Arm, float]
"""Label, posture, left arm, right arm, and degrees they are turned to the picture's right."""

FIGURES: tuple[Shown, ...] = (
    ("left_hand_raised", figure.STANDING, figure.RAISED, figure.HANGING, 0),
    ("both_hands_raised", figure.STANDING, figure.RAISED, figure.RAISED, 0),
    ("waving", figure.STANDING, figure.waving(math.pi / 2), figure.HANGING, 0),
    ("left_arm_pointing", figure.STANDING, figure.POINTING_ASIDE, figure.HANGING, 0),
    ("arms_crossed", figure.STANDING, figure.CROSSED, figure.CROSSED, 0),
    ("facing: no", figure.STANDING, figure.HANGING, figure.HANGING, 75),
    ("standing", figure.STANDING, figure.HANGING, figure.HANGING, 30),
    ("sitting", figure.SITTING, figure.TYPING, figure.TYPING, 50),
    ("lying", figure.LYING, figure.HANGING, figure.HANGING, 90),
    ("bent", figure.BENT, figure.HANGING, figure.HANGING, 80),
    ("none: a phone", figure.STANDING, figure.HANGING, figure.ON_PHONE, 0),
    ("none: hands on hips", figure.STANDING, figure.ON_HIP, figure.ON_HIP, 0),
)


def write(path: Path) -> None:
    """Writes the picture as a PNG."""
    tiles = [_tile(one) for one in FIGURES]
    rows = [np.hstack(tiles[i : i + COLUMNS]) for i in range(0, len(tiles), COLUMNS)]
    save(np.asarray(np.vstack(rows), np.uint8), path)


def _tile(shown: Shown) -> ImageArray:
    label, posture, left, right, degrees = shown
    joints = StickFigure().joints(posture, left, right)
    yaw = math.pi + math.radians(degrees)
    middle = np.mean(list(joints.values()), axis=0) if posture == figure.LYING else np.zeros(3)
    shift = -middle[0] * np.array([math.cos(yaw), math.sin(yaw)])
    places = optical(turned(joints, yaw, 3.2 + float(shift[0]), float(shift[1])), 1.0)
    points = dict(zip(places, CAMERA.project(np.array(list(places.values()))), strict=True))
    tile = np.full((TILE[1], TILE[0], 3), 255, np.uint8)
    for one, other in COCO_17.edges:
        sides = {one.split("_")[0], other.split("_")[0]} & {"left", "right"}
        colour = MIDDLE if len(sides) != 1 else LEFT if sides == {"left"} else RIGHT
        begin, end = (np.rint(8 * points[name]).astype(int).tolist() for name in (one, other))
        cv2.line(tile, begin, end, colour, 3, cv2.LINE_AA, 3)
    place = (6, TILE[1] - 6)
    cv2.putText(tile, label, place, cv2.FONT_HERSHEY_SIMPLEX, 0.42, (0, 0, 0), 1, cv2.LINE_AA)
    return tile
