"""Which crop a person is looked at in: that of their annotation, or those that a robot has."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from mobilepose_core import center_map, crop
from mobilepose_core.datasets import Sample
from mobilepose_core.framing import FRAMINGS, UPPER_BODY, Framing
from mobilepose_core.inference.pose_model import PoseModel
from mobilepose_core.pose import PersonBoxes
from mobilepose_core.typing import ImageArray

Place = Callable[[ImageArray, Sample], crop.Region | None]
"""The region of a photograph in which to look for somebody; None where nothing tells."""

LEAST = 0.1
"""IoU of a box with the person's own from which it can be meant for them."""


def annotated(image: ImageArray, sample: Sample) -> crop.Region:
    """The square that fits the annotated joints."""
    return crop.region_of_box(sample.box)


def annotated_as(framing: Framing) -> Place:
    """The square whose middle fits the annotated joints of that framing."""
    return lambda image, sample: framing.region(sample.joints)


class Found:
    """The square around the box in which a person is found, by the finder and their pose."""

    def __init__(
        self,
        find: Callable[[ImageArray], PersonBoxes],
        framing: Framing = FRAMINGS[UPPER_BODY],
    ) -> None:
        """Takes what gives the boxes of the people in a photograph, and what crops are to fit."""
        self._find, self._framing = find, framing
        self._last: tuple[Path, PersonBoxes] | None = None

    def __call__(self, image: ImageArray, sample: Sample) -> crop.Region | None:
        """See `Place`."""
        if self._last is None or self._last[0] != sample.image:
            self._last = sample.image, self._find(image).of_joints()
        people = self._last[1]
        if not len(people):
            return None
        overlaps = center_map.overlaps(people.boxes, sample.box[None])[:, 0]
        best = int(overlaps.argmax())
        if overlaps[best] < LEAST:
            return None
        box = self._framing.boxes_of_detections(people, image.shape[0])[best]
        return crop.region_of_box(box, crop.FOLLOW_MARGIN, self._framing.aspect)


class Followed:
    """The square around the joints of a first look, as trackers follow people."""

    def __init__(self, first: Place, model: PoseModel) -> None:
        """Takes where the first look is, and the pose network."""
        self._first, self._model = first, model

    def __call__(self, image: ImageArray, sample: Sample) -> crop.Region | None:
        """See `Place`."""
        region = self._first(image, sample)
        if region is None or not self._model.skeleton.spans_upper_body:
            return region
        framing = self._model.framing
        box = framing.box_of_pose(self._model(image, [region])[0])
        return framing.regions_around(box[None], crop.FOLLOW_MARGIN)[0]
