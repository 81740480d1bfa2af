import numpy as np
import pytest

from mobilepose_core import PoseEstimator


@pytest.mark.parametrize(("old", "new"), [("session", "model"), ("finder", "detector")])
def test_an_old_attribute_is_the_new_one_and_warns(red_model, old, new):
    estimator = PoseEstimator(red_model, "cpu", finder="full_frame")

    with pytest.warns(DeprecationWarning, match=f"{old} is now {new}"):
        assert getattr(estimator, old) is getattr(estimator, new)


def test_an_old_attribute_can_be_set(red_model):
    estimator = PoseEstimator(red_model, "cpu", finder="full_frame")

    with pytest.warns(DeprecationWarning, match="finder is now detector"):
        estimator.finder = None

    assert estimator.detector is None


def test_old_methods_do_what_the_new_ones_do_and_warn(red_model, red_light):
    estimator = PoseEstimator(red_model, "cpu", finder="full_frame")
    frame = red_light(160, 120)

    with pytest.warns(DeprecationWarning, match="find is now detect"):
        found = estimator.find(frame)
    with pytest.warns(DeprecationWarning, match="prepare is now warm_up"):
        estimator.prepare(2)

    assert np.array_equal(found.boxes, estimator.detect(frame).boxes)
