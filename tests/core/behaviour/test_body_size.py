"""Lengths of limbs, measured from joints in space."""

import numpy as np
import pytest

from mobilepose_core.behaviour import SizeEstimate
from mobilepose_core.behaviour.body_size import NOTICEABLE, WINDOW
from mobilepose_core.evaluation.stick_figure import StickFigure


def noisy(joints, draw, deviation):
    return {name: place + draw.normal(0, deviation, 3) for name, place in joints.items()}


def test_a_size_is_that_of_the_person_and_of_an_adult_where_nothing_is_seen():
    joints = StickFigure(1.3).joints()
    upper = {n: p for n, p in joints.items() if not n.endswith(("knee", "ankle"))}

    size = SizeEstimate().update(upper)

    assert size.torso == pytest.approx(0.288 * 1.3)
    assert size.forearm == pytest.approx(0.146 * 1.3)
    assert size.thigh == pytest.approx(0.245 * 1.3), "by the proportions of an adult"
    assert SizeEstimate().update({"nose": np.zeros(3)}) is None


def test_noise_alone_makes_few_new_models_and_none_later():
    """2 cm in each joint, at 30 images/s for a minute: none after the first ten seconds."""
    draw, estimate, joints = np.random.default_rng(3), SizeEstimate(), StickFigure(1.6).joints()

    told = [i for i in range(1800) if estimate.update(noisy(joints, draw, 0.02))]

    assert told[0] == 0
    assert 1 < len(told) <= 5
    assert told[-1] < 300
    assert estimate.size.upper_arm == pytest.approx(0.176 * 1.6, rel=NOTICEABLE)


def test_lengths_that_are_others_make_another_model():
    estimate = SizeEstimate()
    for _ in range(WINDOW):
        estimate.update(StickFigure(1.6).joints())

    told = [estimate.update(StickFigure(1.9).joints()) for _ in range(3 * WINDOW)]

    (size,) = [one for one in told if one]
    assert size.shin == pytest.approx(0.246 * 1.9)


def test_limbs_of_impossible_lengths_are_not_measured():
    joints = StickFigure(1.68).joints()
    joints["left_wrist"] = joints["left_elbow"] + (2.0, 0, 0)
    joints["right_wrist"] = joints["right_elbow"]

    size = SizeEstimate().update(joints)

    assert size.forearm == pytest.approx(0.146 * 1.68)
