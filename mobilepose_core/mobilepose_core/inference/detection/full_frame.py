"""A detector without its own network: the pose network on a few coarse crops of the frame."""

from __future__ import annotations

import numpy as np

from mobilepose_core import crop
from mobilepose_core.inference.pose_model import PoseModel
from mobilepose_core.pose import PersonBoxes, boxes_of, distinct, no_boxes
from mobilepose_core.typing import ImageArray

SQUARES = 3
BEYOND = 1.4
"""Scale of an additional crop, larger than the frame, for people who fill it."""

COARSE_THRESHOLD = 0.45
"""Mean joint score from which the pose in a coarse crop is a candidate.

With the released `final`, at 0.165, 0.3 and 0.45 the whole pipeline detects people in all held-out
studio photographs and in 119 of 122 film frames. It has false positives in 10, 9 and 6 of 320
photographs without people, at 2.9, 1.3 and 0.3 additional crops for each of these.
"""


class FullFrameSearch:
    """Detects people with the pose network on a few coarse crops."""

    def __init__(self, model: PoseModel) -> None:
        """Takes the pose network."""
        self._model = model

    def __call__(self, frame: ImageArray) -> PersonBoxes:
        """Boxes around the joints of the candidates, without duplicates."""
        height, width = frame.shape[:2]
        poses = self._model(frame, regions_to_search(width, height))
        poses = distinct(poses, COARSE_THRESHOLD)
        if not poses:
            return no_boxes()
        scores = np.array([pose.score for pose in poses], dtype=np.float32)
        return PersonBoxes(boxes_of(poses), scores, sure_from=COARSE_THRESHOLD)

    def interrupt(self) -> None:
        """Does nothing: the pose network is interrupted itself."""

    def resume(self) -> None:
        """Does nothing, as `interrupt`."""


def regions_to_search(width: int, height: int) -> list[crop.Region]:
    """The square around the frame, a larger one, and squares along the longer side, if any.

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
