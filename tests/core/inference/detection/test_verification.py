from dataclasses import replace

import numpy as np
import pytest

from mobilepose_core import crop, skeleton
from mobilepose_core.framing import FRAMINGS, UPPER_BODY
from mobilepose_core.inference.detection import verification
from mobilepose_core.inference.detection.verification import Presence
from mobilepose_core.pose import PersonBoxes, Pose

THRESHOLD = 0.4
SURE = 0.8
FRAME = np.zeros((200, 800, 3), np.uint8)


def pose(x, score, features=None, y=100):
    """A person around x, y; 100 pixels high."""
    along = np.linspace(-50, 50, skeleton.JOINT_COUNT)
    joints = np.stack([x + along / 2, y + along], axis=1).astype(np.float32)
    features = None if features is None else np.array([features], np.float32)
    return Pose(
        joints,
        np.full(skeleton.JOINT_COUNT, score, np.float32),
        features=features,
        frame_height=FRAME.shape[0],
    )


def found(*people, sure_from=SURE):
    """Boxes around people at x, with the finder's scores."""
    boxes = np.array([[x - 20, 60, x + 20, 140] for x, _ in people], np.float32).reshape(-1, 4)
    scores = np.array([score for _, score in people], np.float32)
    return PersonBoxes(boxes, scores, sure_from=sure_from)


class Network:
    """Stands in for the pose network: gives the poses of a second look."""

    def __init__(self, poses, presence, is_calibrated):
        self.poses, self.presence = poses, presence
        self.calibration = object() if is_calibrated else None

    skeleton, framing = skeleton.UPPER_BODY_11, FRAMINGS[UPPER_BODY]

    def __call__(self, frame, regions):
        return self.poses[: len(regions)]


def verified(boxes, poses, closer=None, is_calibrated=True, presence=None):
    network = Network(closer or poses, presence, is_calibrated)
    regions = crop.regions_around(boxes.boxes)
    return verification.verify_detections(network, FRAME, boxes, regions, poses, THRESHOLD)


@pytest.mark.parametrize(
    ("by_finder", "by_pose", "is_there"),
    [
        *[(0.3, 0.9, True), (0.3, 0.5, False), (0.6, 0.41, True), (0.45, 0.41, False)],
        *[(0.79, 0.39, False), (0.0, 0.9, False), (0.3, 1.0, True)],
    ],
)
def test_where_the_finder_is_not_sure_it_and_the_pose_decide_together(by_finder, by_pose, is_there):
    people, poses = verified(found((200, by_finder)), [pose(200, by_pose)])

    assert len(people) == len(poses) == is_there


def test_even_odds_of_a_pose_leave_the_finders_score_and_others_move_it():
    scores = [
        float(verified(found((200, 0.9)), [pose(200, by_pose)])[0].scores[0])
        for by_pose in (0.3, 0.5, 0.8)
    ]

    assert scores[0] < scores[1] < scores[2]
    assert scores[1] == pytest.approx(0.9)


def test_the_pose_does_not_reject_a_sure_detection():
    by_score = found((200, SURE), (400, SURE - 0.01))
    all_of_them = found((200, 0.1), (400, 0.1), sure_from=0.0)
    poses = [pose(200, 0.3), pose(400, 0.3)]

    assert verified(by_score, poses)[1] == poses[:1]
    assert verified(all_of_them, poses)[1] == poses


PRESENCE = Presence(np.array([1.0], np.float32), 0.0)
"""The feature is the logit of the probability of a person."""


@pytest.mark.parametrize(
    ("by_finder", "features", "by_pose", "is_there"),
    [
        *[(0.2, 3.0, 0.5, True), (0.1, 0.0, 0.9, False), (0.9, -4.0, 0.9, False)],
        *[(0.9, -1.0, 0.5, True), (0.3, 3.0, 0.39, False)],
    ],
)
def test_presence_verifies_all_detections_of_our_detector(by_finder, features, by_pose, is_there):
    poses = [pose(200, by_pose, features)]

    people, kept = verified(found((200, by_finder)), poses, presence=PRESENCE)

    assert len(people) == len(kept) == is_there


@pytest.mark.parametrize(("bottom", "is_there"), [(140, False), (197, True)])
def test_who_is_cut_off_by_the_lower_border_has_a_presence_of_their_own(bottom, is_there):
    of_cut = Presence(np.array([0.0], np.float32), 4.0)
    boxes = found((200, 0.3))
    boxes.boxes[:, 3] = bottom

    people, _ = verified(boxes, [pose(200, 0.9, -4.0)], presence=replace(PRESENCE, of_cut=of_cut))

    assert len(people) == is_there


@pytest.mark.parametrize(("y", "is_there"), [(100, False), (145, True)])
def test_half_the_pose_score_verifies_who_is_cut_off_by_the_lower_border(y, is_there):
    people, _ = verified(found((200, 0.9)), [pose(200, 0.25, 4.0, y)], presence=PRESENCE)

    assert len(people) == is_there


@pytest.mark.parametrize(("at_first", "is_there"), [(-1.0, True), (-2.0, False)])
def test_a_place_without_anybody_gets_no_second_crop(at_first, is_there):
    """It would often show a person who stands beside it."""
    first, closer = [pose(200, 0.5, at_first)], [pose(200, 0.9, 4.0)]

    people, _ = verified(found((200, 0.3)), first, closer, presence=PRESENCE)

    assert len(people) == is_there


@pytest.mark.parametrize(
    ("by_pose", "features", "is_there"),
    [(0.3, 0.0, True), (0.9, -9.0, True), (0.3, -9.0, False)],
)
def test_a_users_detector_is_overruled_only_where_pose_and_presence_see_nobody(
    by_pose, features, is_there
):
    boxes = found((200, 0.1), sure_from=0.0)

    people, _ = verified(boxes, [pose(200, by_pose, features)], presence=PRESENCE)

    assert len(people) == is_there


def test_the_score_fuses_detector_and_network():
    (score,) = verified(found((200, 0.8)), [pose(200, 0.9, 1.0)], presence=PRESENCE)[0].scores

    assert score == pytest.approx(4 * np.e / (1 + 4 * np.e))


def test_uncalibrated_scores_confirm_no_detection():
    """A network of coordinates scores 1 whatever it sees."""
    boxes = found((200, 0.3), (400, 0.9))

    people, poses = verified(boxes, [pose(200, 1.0), pose(400, 1.0)], is_calibrated=False)

    assert [p.center[0] for p in poses] == [400]
    assert people.scores.tolist() == pytest.approx([0.9])


def test_a_persons_box_lies_between_the_finders_and_the_poses():
    seen = pose(210, 0.9)

    (box,) = verified(found((200, 0.9)), [seen])[0].boxes

    assert box == pytest.approx((found((200, 0.9)).boxes[0] + seen.box) / 2)


def test_people_and_poses_stay_in_order_when_some_are_rejected():
    boxes = found((100, 0.9), (300, 0.2), (500, 0.9), (700, 0.9))
    poses = [pose(100, 0.8), pose(300, 0.42), pose(500, 0.01), pose(700, 0.7)]

    people, kept = verified(boxes, poses, [poses[0], poses[1], poses[3]])

    assert [p.center[0] for p in kept] == [100, 700]
    assert crop.middles(people.boxes)[:, 0].tolist() == [100, 700]


def test_the_better_of_two_looks_counts_unless_it_is_at_someone_beside():
    (better,) = verified(found((200, 0.9)), [pose(200, 0.5)], [pose(205, 0.9)])[1]
    (same,) = verified(found((200, 0.9)), [pose(200, 0.5)], [pose(280, 0.9)])[1]

    assert better.score == pytest.approx(0.9)
    assert same.score == pytest.approx(0.5)


@pytest.mark.parametrize(("logits", "is_there"), [((2.0, -1.0), True), ((-1.0, -2.0), False)])
def test_presence_is_that_of_both_looks(logits, is_there):
    """Whichever of them has the better pose."""
    first, closer = (pose(200, 0.9, logit) for logit in logits)
    seen_worse = replace(first, scores=first.scores / 2)

    for poses in ([first], [closer]), ([seen_worse], [closer]):
        _, kept = verified(found((200, 0.5)), *poses, presence=PRESENCE)

        assert len(kept) == is_there
        assert not kept or kept[0].features == pytest.approx([sum(logits) / 2])


@pytest.mark.parametrize("presence", [None, PRESENCE])
def test_no_detections_give_no_people(presence):
    people, poses = verified(found(), [], presence=presence)

    assert (len(people), poses) == (0, [])
