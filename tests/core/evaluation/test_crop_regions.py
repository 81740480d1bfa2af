from pathlib import Path

import cv2
import numpy as np
import pytest

from mobilepose_core import crop, skeleton
from mobilepose_core.datasets import Sample
from mobilepose_core.evaluation import crop_regions
from mobilepose_core.evaluation.evaluate import find_joints
from mobilepose_core.framing import FRAMINGS, UPPER_BODY
from mobilepose_core.inference import Pose
from mobilepose_core.pose import PersonBoxes, no_boxes
from mobilepose_core.skeleton import UPPER_BODY_11

IMAGE = np.zeros((120, 160, 3), np.uint8)


def _sample(x, image="a.png"):
    joints = np.linspace((x, 20), (x + 40, 90), 11).astype(np.float32)
    return Sample(Path(image), skeleton.among_all(joints), "a")


class Finder:
    """Gives the same boxes for any picture, and counts how often it is asked."""

    def __init__(self, *boxes):
        self.asked = 0
        found = np.array(boxes, np.float32).reshape(-1, 4)
        self.boxes = PersonBoxes(found, np.ones(len(found), np.float32))

    def __call__(self, frame):
        self.asked += 1
        return self.boxes


def test_a_person_is_looked_for_in_the_box_that_overlaps_them_most():
    place = crop_regions.DetectedRegion(Finder([0, 10, 50, 100], [100, 10, 150, 100]))

    first, second = place(IMAGE, _sample(5)), place(IMAGE, _sample(105))

    assert (first.x, second.x) == (25, 125)


def test_a_photograph_is_searched_once_for_all_of_its_people():
    finder = Finder([0, 10, 50, 100])
    place = crop_regions.DetectedRegion(finder)

    for sample in (_sample(5), _sample(105), _sample(5, "b.png")):
        place(IMAGE, sample)

    assert finder.asked == 2


def test_a_person_without_a_matching_box_has_no_region():
    assert crop_regions.DetectedRegion(Finder([100, 10, 150, 100]))(IMAGE, _sample(5)) is None
    assert crop_regions.DetectedRegion(lambda frame: no_boxes())(IMAGE, _sample(5)) is None


def test_a_second_look_is_around_the_joints_of_the_first():
    joints = np.linspace((60, 60), (80, 80), 11).astype(np.float32)
    looked = []

    class Network:
        skeleton, framing = UPPER_BODY_11, FRAMINGS[UPPER_BODY]

        def __call__(self, frame, regions):
            looked.extend(regions)
            return [Pose(joints, np.ones(11, np.float32))]

    region = crop_regions.TrackedRegion(crop_regions.annotated, Network())(IMAGE, _sample(5))

    assert looked == [crop.region_of_box(_sample(5).box)]
    assert (region.x, region.y) == (70, 70)


def test_the_joints_of_a_missed_person_are_wrong(tmp_path):
    path = tmp_path / "a.png"
    cv2.imwrite(str(path), IMAGE)

    def finder(crops, pictures):
        return np.zeros((len(crops), 11, 2), np.float32), np.ones((len(crops), 11), np.float32)

    findings = find_joints([_sample(5, path)], finder, 64, lambda image, sample: None)

    assert findings.missed == 1
    assert np.isinf(findings.found).all()
    assert findings.comparison().figures(np.array(["films"]))["upper_body"]["mean"] == 0
    assert findings.scores == pytest.approx(0)
