"""Where a person might be while nobody is followed: the whole frame, and its squares."""

from __future__ import annotations

import numpy as np

from mobilepose_core import crop

SQUARES = 3
BEYOND = 1.4
"""A person who fills the frame is found in a crop that shows more than the frame."""


def regions_to_search(width: int, height: int) -> list[crop.Region]:
    """The square around the frame, a larger one, and squares along an oblong frame's longer side.

    Args:
        width: of the frame, pixels.
        height: of the frame, pixels.
    """
    whole = crop.region_of_frame(width, height)
    regions = [whole, whole.scaled(BEYOND)]
    side, longer = float(min(width, height)), max(width, height)
    if longer > 1.1 * side:
        middle = (side - 1) / 2
        for along in np.linspace(middle, longer - 1 - middle, SQUARES):
            x, y = (along, middle) if width > height else (middle, along)
            regions.append(crop.Region(float(x), float(y), side))
    return regions
