import numpy as np
import pytest

from mobilepose_core import skeleton
from mobilepose_core.training.rarity import sampling_weights


def _people(backs=2):
    """Fifty people from the front, who differ a little, and a few from the back."""
    random = np.random.default_rng(2)
    front = np.linspace(0, 100, 22).reshape(11, 2)
    fronts = front + random.normal(0, 3, (50, 11, 2))
    mirrored = front[list(skeleton.MIRROR)] + random.normal(0, 3, (backs, 11, 2))
    return skeleton.among_all(np.concatenate([fronts, mirrored]))


def test_rare_poses_are_sampled_more_often_and_half_of_the_people_once():
    factors = sampling_weights(_people(), most=4.0)

    assert (factors[-2:] == 4).all()
    assert np.median(factors) == pytest.approx(1, abs=1e-3)
    assert factors.min() == 1
    assert factors[:-2].max() < 2


def test_a_joint_without_annotation_does_not_make_a_person_rare():
    people = _people(backs=0)
    people[0, 8:11] = np.nan

    assert sampling_weights(people, most=4.0)[0] < 1.5


def test_joints_that_a_data_set_lacks_make_no_difference():
    people = _people()
    people[:, [skeleton.INDEX[name] for name in ("left_eye", "right_eye", "nose")]] = np.nan

    factors = sampling_weights(people, most=4.0)

    assert np.isfinite(factors).all()
    assert (factors[-2:] == 4).all()


def test_copies_of_one_person_are_all_equally_usual():
    assert (sampling_weights(np.repeat(_people()[:1], 30, axis=0), most=4.0) == 1).all()


def test_without_emphasis_everyone_is_sampled_once():
    assert (sampling_weights(_people(), most=1.0) == 1).all()


def test_people_seen_from_behind_are_sampled_more_often():
    front = np.full((19, 2), np.nan)
    for name, place in {
        "left_shoulder": (30, 0), "right_shoulder": (0, 0),
        "left_hip": (25, 50), "right_hip": (5, 50),
    }.items():  # fmt: skip
        front[skeleton.ALL_19.index[name]] = place
    back = front[list(skeleton.ALL_19.mirror)]

    assert sampling_weights(np.stack([front, back]), most=1.0, backs=3.0).tolist() == [1, 3]
