import numpy as np
import pytest

from mobilepose_core import skeleton
from mobilepose_core.evaluation import pck

HIP, SHOULDER = skeleton.INDEX["left_hip"], skeleton.INDEX["right_shoulder"]
WRIST = skeleton.INDEX["left_wrist"]


def _people(count=2, torso=100.0):
    """People whose torso, left hip to right shoulder, is `torso` long."""
    truth = np.zeros((count, 11, 2))
    truth[:, SHOULDER] = (0, torso)
    return truth


def test_a_distance_is_measured_in_torsos():
    truth = _people(1, torso=50.0)
    found = truth.copy()
    found[0, WRIST] = (3, 4)

    distances = pck.normalised_distances(found, truth)

    assert distances[0, WRIST] == pytest.approx(5 / 50)
    assert distances[0, HIP] == 0


def test_a_joint_counts_up_to_the_threshold_and_not_beyond():
    truth = _people(4)
    found = truth.copy()
    found[:, WRIST, 0] = (0, 19, 20, 21)

    figures = pck.summary(pck.normalised_distances(found, truth), 0.2)

    assert figures["left_wrist"] == 75
    assert figures["wrists"] == (75 + 100) / 2
    assert figures["elbows"] == 100
    assert figures["mean"] == pytest.approx((10 * 100 + 75) / 11)


def test_joints_that_are_not_annotated_do_not_count():
    truth = _people(2)
    truth[0, WRIST] = np.nan
    found = np.zeros_like(truth)
    found[:, SHOULDER] = truth[:, SHOULDER]
    found[1, WRIST] = (500, 0)

    shares = pck.share_within(pck.normalised_distances(found, truth), 0.2)

    assert shares[WRIST] == 0
    assert shares[HIP] == 1


def test_the_joints_of_somebody_who_is_missed_are_wrong():
    truth = _people(2)
    found = truth.copy()
    found[1] = np.inf

    figures = pck.summary(pck.normalised_distances(found, truth))

    assert figures["mean"] == figures["left_wrist"] == 50


def test_a_joint_without_annotations_is_not_part_of_the_mean():
    truth = _people(2)
    truth[:, WRIST] = np.nan

    figures = pck.summary(pck.normalised_distances(np.nan_to_num(truth), truth))

    assert np.isnan(figures["left_wrist"])
    assert figures["mean"] == 100


def test_a_person_without_a_torso_is_left_out():
    truth = _people(2)
    truth[0, SHOULDER] = np.nan

    distances = pck.normalised_distances(np.zeros_like(truth), truth)

    assert np.isnan(distances[0]).all()
    assert np.isfinite(distances[1]).all()


def test_another_shape_is_refused():
    with pytest.raises(ValueError, match=r"\(2, 14, 2\)"):
        pck.normalised_distances(np.zeros((2, 14, 2)), np.zeros((2, 14, 2)))
