"""The region of a photograph that a person's crop shows: annotated, detected or tracked."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from mobilepose_core import crop
from mobilepose_core.datasets import Sample
from mobilepose_core.framing import FRAMINGS, UPPER_BODY, Framing
from mobilepose_core.inference.pose_model import PoseModel
from mobilepose_core.pose import PersonBoxes, body_box, body_boxes
from mobilepose_core.typing import ImageArray

RegionChooser = Callable[[ImageArray, Sample], crop.Region | None]
"""From a photograph and a sample to the region of that person's crop; None if there is none."""

MIN_IOU = 0.1
"""IoU of a detection with the annotated box from which it is taken for that person's."""


def annotated(image: ImageArray, sample: Sample) -> crop.Region:
    """The square that fits the annotated joints."""
    return crop.region_of_box(sample.box)


def annotated_as(framing: Framing) -> RegionChooser:
    """The square whose middle fits the annotated joints of a framing."""
    return lambda image, sample: framing.region(sample.joints)


class DetectedRegion:
    """The square around the detection that matches a person best."""

    def __init__(
        self,
        find: Callable[[ImageArray], PersonBoxes],
        framing: Framing = FRAMINGS[UPPER_BODY],
    ) -> None:
        """Takes the detector, from a photograph to the boxes of its people, and the framing."""
        self._find, self._framing = find, framing
        self._last: tuple[Path, PersonBoxes] | None = None

    def __call__(self, image: ImageArray, sample: Sample) -> crop.Region | None:
        """See `RegionChooser`."""
        if self._last is None or self._last[0] != sample.image:
            self._last = sample.image, self._find(image).of_joints()
        people = self._last[1]
        if not len(people):
            return None
        overlaps = crop.overlaps(people.boxes, sample.box[None])[:, 0]
        best = int(overlaps.argmax())
        if overlaps[best] < MIN_IOU:
            return None
        box = body_boxes(people, self._framing.legs, image.shape[0])[best]
        return crop.region_of_box(box, crop.FOLLOW_MARGIN, self._framing.aspect)


class TrackedRegion:
    """The square around the joints found in a first crop, as a tracker's crops are."""

    def __init__(self, first: RegionChooser, model: PoseModel) -> None:
        """Takes the region of the first crop, and the pose network."""
        self._first, self._model = first, model

    def __call__(self, image: ImageArray, sample: Sample) -> crop.Region | None:
        """See `RegionChooser`."""
        region = self._first(image, sample)
        if region is None or not self._model.skeleton.spans_upper_body:
            return region
        framing = self._model.framing
        box = body_box(self._model(image, [region])[0], framing.legs)
        return crop.region_around(box, aspect=framing.aspect)
