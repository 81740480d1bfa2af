"""A drawing of a person, for measurements without a photograph."""

from __future__ import annotations

import cv2
import numpy as np

from mobilepose_core.typing import ImageArray

_WALL = (150, 160, 150)
_SKIN, _HAIR, _SHIRT, _TROUSERS = (150, 180, 225), (30, 40, 60), (140, 70, 40), (60, 50, 50)
_EYE, _NOSE, _MOUTH = (40, 40, 40), (110, 140, 190), (90, 90, 170)
_SOFTNESS = 1.5
"""Blur of the edges, pixels."""


def mannequin() -> ImageArray:
    """(480, 640, 3) uint8 BGR: a person from head to hips, which the released models detect."""
    picture = np.full((480, 640, 3), _WALL, np.uint8)
    cv2.rectangle(picture, (270, 250), (370, 480), _TROUSERS, cv2.FILLED)
    for shoulder, elbow, wrist in (
        ((268, 180), (225, 260), (250, 330)),
        ((372, 180), (415, 260), (390, 330)),
    ):
        cv2.line(picture, shoulder, elbow, _SHIRT, 34)
        cv2.line(picture, elbow, wrist, _SKIN, 24)
    cv2.rectangle(picture, (265, 165), (375, 320), _SHIRT, cv2.FILLED)
    cv2.ellipse(picture, (320, 168), (55, 18), 0, 0, 360, _SHIRT, cv2.FILLED)
    cv2.rectangle(picture, (306, 130), (334, 165), _SKIN, cv2.FILLED)
    cv2.ellipse(picture, (320, 92), (40, 50), 0, 0, 360, _HAIR, cv2.FILLED)
    cv2.ellipse(picture, (320, 104), (33, 44), 0, 0, 360, _SKIN, cv2.FILLED)
    for x in (307, 333):
        cv2.circle(picture, (x, 98), 4, _EYE, cv2.FILLED)
    cv2.line(picture, (320, 104), (320, 116), _NOSE, 4)
    cv2.line(picture, (308, 130), (332, 130), _MOUTH, 4)
    return np.asarray(cv2.GaussianBlur(picture, (0, 0), _SOFTNESS), np.uint8)
