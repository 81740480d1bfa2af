import numpy as np
import pytest

from mobilepose_core import skeleton
from mobilepose_core.evaluation.evaluate import Findings
from mobilepose_core.evaluation.reliability import (
    error_of_findings,
    expected_calibration_error,
    reliability,
    table,
)


def test_the_error_is_the_mean_distance_of_score_and_share_right():
    scores = np.array([0.62, 0.68, 0.64, 0.66, 1.0, 0.0])
    right = np.array([True, True, True, False, True, True])

    bins = reliability(scores, right)

    assert [entry.count for entry in bins] == [1, 0, 0, 0, 0, 0, 4, 0, 0, 1]
    assert bins[6].score == pytest.approx(0.65)
    assert bins[6].right == pytest.approx(0.75)
    # |0.65 - 0.75| four times, |1 - 1| once, |0 - 1| once.
    assert expected_calibration_error(bins) == pytest.approx((4 * 0.1 + 0 + 1) / 6)


def test_scores_that_are_chances_have_hardly_an_error():
    random = np.random.default_rng(0)
    scores = random.random(100_000)

    right = random.random(100_000) < scores

    assert expected_calibration_error(reliability(scores, right)) < 0.01


def test_no_joints_have_no_error_and_an_empty_table():
    bins = reliability(np.zeros(0), np.zeros(0, bool))

    assert np.isnan(expected_calibration_error(bins))
    assert len(table(bins).splitlines()) == 11


def test_scores_of_other_joints_than_the_evaluated_ones_are_refused():
    with pytest.raises(ValueError, match=r"\(3,\) and \(2,\)"):
        reliability(np.zeros(3), np.zeros(2, bool))


def test_joints_that_are_not_annotated_do_not_count_and_those_outside_are_wrong():
    truth = np.zeros((1, 11, 2), np.float32)
    truth[0, skeleton.INDEX["right_shoulder"]] = (0, 100)
    truth[0, skeleton.INDEX["nose"]] = np.nan
    seen = np.ones((1, 11), bool)
    seen[0, skeleton.INDEX["left_wrist"]] = False
    scores = np.ones((1, 11), np.float32)

    error = error_of_findings(
        Findings(
            skeleton.JOINTS,
            truth.copy(),
            truth,
            scores,
            seen,
            missed=0,
            unreadable=0,
            annotated=skeleton.among_all(truth),
        )
    )

    # Found where annotated, all with score 1: wrong is only the wrist outside its photograph.
    assert error == pytest.approx(1 / 10)
