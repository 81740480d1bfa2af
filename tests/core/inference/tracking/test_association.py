import numpy as np
import pytest

from mobilepose_core.inference.tracking import association
from mobilepose_core.inference.tracking.association import People
from mobilepose_core.pose import Pose

LENGTH = 110.0
"""Of the box around these joints, pixels."""

JOINTS = np.stack([np.linspace(0, 60, 11), np.linspace(0, LENGTH, 11)], axis=1).astype(np.float32)


def _pose(across=0.0, score=0.9):
    return Pose(JOINTS + np.float32([across, 0]), np.full(11, score, np.float32))


@pytest.mark.parametrize(("lengths_apart", "people"), [(0.0, 1), (0.15, 1), (0.25, 2), (1.0, 2)])
def test_poses_that_nearly_coincide_are_of_one_person(lengths_apart, people):
    """Likeness is exp(-(d / 0.12)^2 / 2): 0.3 of it at 0.186 lengths."""
    poses = [_pose(), _pose(lengths_apart * LENGTH, score=0.8)]

    kept = association.without_doubles(poses)

    assert len(kept) == people
    assert kept[0] is poses[0]


@pytest.mark.parametrize(("lengths_gone", "is_possible"), [(0.0, True), (0.3, True), (0.5, False)])
def test_somebody_is_known_in_the_next_frame_by_their_joints(lengths_gone, is_possible):
    """Likeness is exp(-(d / 0.2)^2 / 2): 0.2 of it at 0.36 lengths."""
    before, now = People.of([_pose()]), People.of([_pose(lengths_gone * LENGTH)])

    (cost,) = association.step_cost(before, now).ravel()

    assert (cost <= 1) == is_possible


def test_of_two_who_swap_places_in_the_list_each_is_matched_with_themselves():
    before = People.of([_pose(0), _pose(80)])
    now = People.of([_pose(75), _pose(5)])

    pairs, gone, rest = association.matched(association.step_cost(before, now))

    assert sorted(pairs) == [(0, 1), (1, 0)]
    assert gone == rest == []
