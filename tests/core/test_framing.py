import numpy as np
import pytest

from mobilepose_core import PersonBoxes, Pose, crop, skeleton
from mobilepose_core.framing import FRAMINGS
from mobilepose_core.pose import body_box, body_boxes

BODY = FRAMINGS["body"]


def _person(x, y, width, height):
    """The nose at the top, an ankle at the lower corner, hips and shoulders in the upper half."""
    joints = np.full((19, 2), np.nan, np.float32)
    for name, place in {
        "nose": (0.5, 0), "left_shoulder": (1, 0.2), "right_shoulder": (0, 0.2),
        "left_hip": (0.8, 0.5), "right_hip": (0.2, 0.5), "left_ankle": (1, 1),
    }.items():  # fmt: skip
        joints[skeleton.ALL_19.index[name]] = (x + place[0] * width, y + place[1] * height)
    return joints


@pytest.mark.parametrize(("width", "height"), [(30, 120), (120, 30), (90, 120)])
def test_all_of_a_body_lies_in_the_middle_that_the_network_sees(width, height):
    joints = _person(50, 40, width, height)

    region = BODY.region(joints)

    shown = crop.transform(crop.crop_from_image(region, 256), joints)
    seen = shown[np.isfinite(shown).all(axis=1)] - [BODY.margin(256), 0]
    assert crop.inside(seen, BODY.width(256), 256).all()
    extent = np.ptp(seen, axis=0) / [BODY.width(256), 256]
    assert extent.max() == pytest.approx(1 / crop.MARGIN, abs=1e-5)


def test_legs_do_not_change_the_square_of_an_upper_body():
    joints = _person(50, 40, 40, 120)
    without_legs = joints.copy()
    without_legs[skeleton.ALL_19.index["left_ankle"]] = np.nan

    upper = FRAMINGS["upper_body"]

    assert upper.region(joints) == upper.region(without_legs)
    assert upper.width(160) == 160
    assert BODY.region(joints).side > upper.region(joints).side


def _pose(joints, names, scores=None):
    scores = np.ones(len(names), np.float32) if scores is None else scores
    return Pose(joints, scores, skeleton=skeleton.of_joints(names))


def test_legs_are_expected_below_an_upper_body_down_to_the_end_of_the_image():
    people = PersonBoxes(np.float32([[10, 20, 40, 70], [10, 20, 40, 120]]), np.ones(2, np.float32))

    high, low = (body_boxes(people, BODY.legs, height) for height in (1000, 150))

    assert high.tolist() == [[10, 20, 40, 130], [10, 20, 40, 240]]  # 1.2 of 50 and of 100 below
    assert low.tolist() == [[10, 20, 40, 130], [10, 20, 40, 149]]
    assert body_boxes(people, FRAMINGS["upper_body"].legs, 150) is people.boxes


def test_whole_bodies_that_a_detector_gives_are_looked_at_as_they_are():
    body = np.float32([[10, 20, 50, 120], [0, 0, np.nan, 5]])
    people = PersonBoxes(body, np.ones(2, np.float32), of_bodies=True).of_joints()

    assert body_boxes(people, BODY.legs, 500).tolist() == [[10, 20, 50, 120]]
    assert people.boxes[0, 3] == 80
    assert body_boxes(people[[0]], BODY.legs, 500).shape == (1, 4)


def test_a_crop_is_fitted_to_what_the_joints_of_a_pose_tell():
    names = skeleton.COCO_17.joints
    joints = np.float32([[50, 10 * index] for index in range(17)])
    whole, arms = _pose(joints, names), _pose(joints[5:13], names[5:13])

    assert body_box(whole, BODY.legs).tolist() == [50, 0, 50, 160]
    upper = body_box(whole, FRAMINGS["upper_body"].legs)
    assert upper.tolist() == [50, 0, 50, 120]
    assert body_box(arms, BODY.legs)[3] == pytest.approx(120 + 1.2 * 70)


def test_legs_that_are_not_seen_do_not_make_the_crop_larger():
    names = skeleton.COCO_17.joints
    joints = np.float32([[50, 10 * index] for index in range(17)])
    scores = np.where(np.arange(17) < 13, 0.9, 0.02).astype(np.float32)

    assert body_box(_pose(joints, names, scores), BODY.legs).tolist() == [50, 0, 50, 120]


def test_only_the_middle_of_a_square_is_seen():
    points = np.array([[31.4, 5], [31.6, 5], [223.4, 5], [223.6, 5], [100, 255.6]])

    assert BODY.sees(points, 256).tolist() == [False, True, True, False, False]
