"""Light, colour, blur and noise of the detector's training frames, at random."""

from __future__ import annotations

import cv2
import numpy as np

from mobilepose_core.typing import ImageArray

GREYED = BLURRED = NOISY = 0.15
"""Probability that a picture lacks colour, is blurred, or is noisy."""

DARK = 0.12
"""Probability that it is dark, and noisy as cameras are then."""

DARKEST, DUSK = 0.1, 0.6
"""Share of its light that a dark picture has at least and at most."""


def changed(pixels: ImageArray, strength: float, random: np.random.Generator) -> ImageArray:
    """Contrast, brightness, saturation and tint; sometimes grey, dark, blurred or noisy.

    Args:
        pixels: (H, W, 3) uint8 BGR.
        strength: of the changes of contrast, brightness, saturation and tint, 0 for none.
        random: of all choices.
    """
    contrast, saturation = 1 + strength * random.uniform(-1, 1, 2)
    brightness = 128 * strength * random.uniform(-1, 1)
    tint = 1 + strength * random.uniform(-0.3, 0.3, (3, 1))
    if random.random() < GREYED:
        saturation = 0.0
    mixture = contrast * (saturation * np.eye(3) + (1 - saturation) / 3)
    offset = np.full((3, 1), 128 * (1 - contrast) + brightness)
    is_dark = strength > 0 and random.random() < DARK
    light = np.exp(random.uniform(np.log(DARKEST), np.log(DUSK))) if is_dark else 1.0
    affine = light * tint * np.hstack([mixture, offset])
    pixels = np.asarray(cv2.transform(pixels, affine), np.uint8)
    if random.random() < BLURRED:
        pixels = np.asarray(cv2.GaussianBlur(pixels, (0, 0), random.uniform(0.5, 1.5)), np.uint8)
    if is_dark or random.random() < NOISY:
        noise = random.standard_normal(pixels.shape, np.float32) * random.uniform(2, 12)
        pixels = np.asarray(cv2.add(pixels, noise, dtype=cv2.CV_8U), np.uint8)
    return pixels
