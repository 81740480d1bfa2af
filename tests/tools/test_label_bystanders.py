from collections import Counter

import numpy as np
import pytest
from tools.labelling import label_bystanders

from mobilepose_core import skeleton
from mobilepose_core.inference import Pose

IMAGE = np.zeros((300, 400, 3), np.uint8)
SEEN = np.ones(skeleton.JOINT_COUNT, np.float32)
LEFT_WRIST, LEFT_HIP = skeleton.INDEX["left_wrist"], skeleton.INDEX["left_hip"]


class Teacher:
    """A teacher with given answers, for a photograph and for its mirror image.

    `apart` pixels lie between what they say of the left wrist and of its mirror image.
    """

    def __init__(self, joints, apart=0.0, presence=1.0, visible=SEEN):
        self.answers = [joints, self._mirrored(joints, apart)]
        self.presence, self.visible = presence, visible

    def joints(self, image, region):
        del image, region
        return self.answers.pop(0), self.visible, self.presence

    @staticmethod
    def _mirrored(joints, apart):
        moved = joints.copy()
        moved[LEFT_WRIST, 1] += apart
        moved[:, 0] = IMAGE.shape[1] - 1 - moved[:, 0]
        return moved[list(skeleton.MIRROR)]


@pytest.fixture
def pose(person):
    """The same as our own network sees them."""
    return Pose(person, SEEN)


def test_what_a_teacher_says_twice_is_believed_and_hips_stay_ours(pose):
    answer = pose.joints + np.float32(5)

    joints = label_bystanders.agreed(Teacher(answer), IMAGE, pose, Counter())

    expected = answer.copy()
    expected[label_bystanders.HIPS] = pose.joints[label_bystanders.HIPS]
    assert np.allclose(joints, expected, atol=1e-3)


def test_a_joint_of_which_a_teacher_says_two_things_is_left_out(pose):
    counts = Counter()

    joints = label_bystanders.agreed(Teacher(pose.joints, apart=60.0), IMAGE, pose, counts)

    assert np.isnan(joints[LEFT_WRIST]).all()
    assert np.isfinite(np.delete(joints, LEFT_WRIST, axis=0)).all()
    assert counts["joints skipped"] == 1


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ({"presence": 0.1}, "does not find"),
        ({"visible": SEEN * 0.1}, "too few certain joints"),
    ],
)
def test_a_person_with_low_teacher_scores_is_left_out_and_counted(pose, answer, reason):
    counts = Counter()

    assert label_bystanders.agreed(Teacher(pose.joints, **answer), IMAGE, pose, counts) is None
    assert [what for what in counts if reason in what]


def test_another_person_found_by_the_teacher_is_left_out(pose):
    counts = Counter()
    elsewhere = pose.joints + np.float32([90, 0])

    assert label_bystanders.agreed(Teacher(elsewhere), IMAGE, pose, counts) is None
    assert counts["people with different joints by teacher and network skipped"] == 1


def test_annotated_and_very_small_people_are_not_labelled(pose):
    aside = Pose(pose.joints + np.float32([200, 0]), SEEN)
    small = Pose(pose.joints / 4, SEEN)

    assert label_bystanders.others([pose, aside, small], [pose.box]) == [aside]
