"""Where a person might be while nobody is followed: the whole frame, and its squares."""

from __future__ import annotations

import numpy as np

from mobilepose_core import crop

SQUARES = 3


def regions_to_search(width: int, height: int) -> list[crop.Region]:
    """The square around the frame and, for an oblong frame, squares along its longer side.

    Args:
        width: of the frame, pixels.
        height: of the frame, pixels.
    """
    regions = [crop.region_of_frame(width, height)]
    side, longer = float(min(width, height)), max(width, height)
    if longer > 1.1 * side:
        middle = (side - 1) / 2
        for along in np.linspace(middle, longer - 1 - middle, SQUARES):
            x, y = (along, middle) if width > height else (middle, along)
            regions.append(crop.Region(float(x), float(y), side))
    return regions
