from collections import Counter

import numpy as np
from tools.labelling.correct_labels import corrected

from mobilepose_core import skeleton

FACE = ["left_eye", "right_eye", "nose"]
SEEN = np.ones(skeleton.JOINT_COUNT, np.float32)


def _corrected(labels, found, visible, counts):
    joints = corrected(skeleton.among_all(labels), found, visible, counts)
    return None if joints is None else skeleton.select(joints)


def _index(name):
    return skeleton.INDEX[name]


def test_labels_stay_where_the_teacher_agrees_and_a_missing_face_is_added(person):
    labels = person.copy()
    labels[[_index(name) for name in FACE]] = np.nan
    teacher = person + 3
    counts = Counter()

    joints = _corrected(labels, teacher, SEEN, counts)

    face = [_index(name) for name in FACE]
    body = [i for i in range(skeleton.JOINT_COUNT) if i not in face]
    assert np.array_equal(joints[body], person[body])
    assert np.array_equal(joints[face], teacher[face])
    assert counts["joints of faces added"] == 3


def test_a_face_that_the_teacher_did_not_see_is_not_added(person):
    labels = person.copy()
    labels[_index("nose")] = np.nan
    unseen = SEEN.copy()
    unseen[_index("nose")] = 0.1

    assert np.isnan(_corrected(labels, person, unseen, Counter())[_index("nose")]).all()


def test_exchanged_sides_are_put_right(person):
    counts = Counter()

    joints = _corrected(person[list(skeleton.MIRROR)], person, SEEN, counts)

    assert np.array_equal(joints, person)
    assert counts["people with left and right swapped"] == 1


def test_a_joint_far_from_the_teachers_is_taken_away_but_hips_are_not(person):
    labels = person.copy()
    labels[_index("left_wrist")] += 80
    teacher = person.copy()
    teacher[_index("left_hip")] += 60

    joints = _corrected(labels, teacher, SEEN, Counter())

    assert np.isnan(joints[_index("left_wrist")]).all()
    assert np.array_equal(joints[_index("left_hip")], person[_index("left_hip")])
    assert np.isfinite(joints).all(axis=1).sum() == skeleton.JOINT_COUNT - 1


def test_labels_of_someone_else_are_left_out(person):
    assert _corrected(person, person + 300, SEEN, Counter()) is None


def test_legs_change_sides_with_the_rest_of_the_body(person):
    labels = skeleton.among_all(person[list(skeleton.MIRROR)])
    knee = skeleton.ALL_19.index["left_knee"]
    labels[knee] = (3, 4)

    joints = corrected(labels, person, SEEN, Counter())

    assert joints[skeleton.ALL_19.index["right_knee"]].tolist() == [3, 4]
    assert np.isnan(joints[knee]).all()
