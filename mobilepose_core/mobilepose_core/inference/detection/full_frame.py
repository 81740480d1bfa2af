"""A detector without its own network: the pose network on a few coarse crops of the frame."""

from __future__ import annotations

import math

import numpy as np

from mobilepose_core import crop
from mobilepose_core.errors import ModelError
from mobilepose_core.inference.pose_model import PoseModel
from mobilepose_core.inference.tracking.association import distinct
from mobilepose_core.pose import PersonBoxes, boxes_of, no_boxes
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
        """Takes the pose network.

        Raises:
            ModelError: its joints do not tell where a person is.
        """
        if not model.skeleton.spans_upper_body:
            raise ModelError(
                f"{model.file.path} finds {', '.join(model.skeleton.joints)} only, by which "
                "full_frame cannot tell where people are: it takes the face, shoulders and hips; "
                "choose another detector"
            )
        self._model = model

    def __call__(self, frame: ImageArray) -> PersonBoxes:
        """Boxes around the joints of the candidates, without duplicates."""
        height, width = frame.shape[:2]
        poses = self._model(frame, regions_to_search(width, height, self._model.framing.aspect))
        poses = distinct(poses, COARSE_THRESHOLD)
        if not poses:
            return no_boxes()
        scores = np.array([pose.score for pose in poses], dtype=np.float32)
        return PersonBoxes(boxes_of(poses), scores, sure_from=COARSE_THRESHOLD)

    def interrupt(self) -> None:
        """Does nothing: the pose network is interrupted itself."""

    def resume(self) -> None:
        """Does nothing, as `interrupt`."""


def regions_to_search(width: int, height: int, aspect: float = 1.0) -> list[crop.Region]:
    """The region around the frame, a larger one, and some along the longer side, if any.

    Args:
        width: of the frame, pixels.
        height: of the frame, pixels.
        aspect: width of what the network sees of a region, in its sides.
    """
    middle_x, middle_y = (width - 1) / 2, (height - 1) / 2
    whole = crop.Region(middle_x, middle_y, float(max(width / aspect, height)))
    regions = [whole, whole.scaled(BEYOND)]
    side = float(min(width / aspect, height))
    if whole.side <= 1.1 * side:
        return regions
    if width > height * aspect:
        half = (side * aspect - 1) / 2
        count = math.ceil(SQUARES / aspect)
        places = [(x, middle_y) for x in np.linspace(half, width - 1 - half, count)]
    else:
        half = (side - 1) / 2
        places = [(middle_x, y) for y in np.linspace(half, height - 1 - half, SQUARES)]
    return regions + [crop.Region(float(x), float(y), side) for x, y in places]
