import numpy as np
import pytest

from mobilepose_core.inference.tracking import association
from mobilepose_core.inference.tracking.association import PoseArrays, pose_nms
from mobilepose_core.pose import PersonBoxes, Pose

LENGTH = 110.0
"""Of the box around these joints, pixels."""

JOINTS = np.stack([np.linspace(0, 60, 11), np.linspace(0, LENGTH, 11)], axis=1).astype(np.float32)


def _pose(across=0.0, score=0.9):
    return Pose(JOINTS + np.float32([across, 0]), np.full(11, score, np.float32))


@pytest.mark.parametrize(("lengths_apart", "people"), [(0.0, 1), (0.15, 1), (0.25, 2), (1.0, 2)])
def test_poses_that_nearly_coincide_are_of_one_person(lengths_apart, people):
    """Similarity is exp(-(d / 0.12)^2 / 2): 0.3 of it at 0.186 lengths."""
    poses = [_pose(), _pose(lengths_apart * LENGTH, score=0.8)]

    kept = pose_nms(poses)

    assert len(kept) == people
    assert kept[0] == 0


@pytest.mark.parametrize(("lengths_gone", "is_possible"), [(0.0, True), (0.3, True), (0.5, False)])
def test_a_person_is_matched_in_the_next_frame_by_their_joints(lengths_gone, is_possible):
    """Similarity is exp(-(d / 0.2)^2 / 2): 0.2 of it at 0.36 lengths."""
    before, now = PoseArrays.of([_pose()]), PoseArrays.of([_pose(lengths_gone * LENGTH)])

    (cost,) = association.motion_cost(before, now).ravel()

    assert (cost <= 1) == is_possible


def test_the_order_of_poses_does_not_matter():
    before = PoseArrays.of([_pose(0), _pose(80)])
    now = PoseArrays.of([_pose(75), _pose(5)])

    pairs, gone, rest = association.match(association.motion_cost(before, now))

    assert sorted(pairs) == [(0, 1), (1, 0)]
    assert gone == rest == []


def test_a_detection_of_a_tracked_person_is_not_new():
    tracked = _pose().box[None]
    detections = np.stack([_pose(3).box, _pose(200).box])

    assert association.match_boxes(detections, tracked).tolist() == [0, -1]


def test_the_best_detections_come_first():
    boxes = np.stack([_pose(100 * number).box for number in range(4)])
    detections = PersonBoxes(boxes, np.array([0.2, 0.9, 0.5, 0.3], np.float32), sure_from=0.4)

    best = detections.best(np.array([0, 1, 3]), 2)

    assert best.scores.tolist() == pytest.approx([0.9, 0.3])
    assert best.are_sure.tolist() == [True, False]
