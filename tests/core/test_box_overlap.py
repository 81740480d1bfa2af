import numpy as np
import pytest

from mobilepose_core import crop

NO_BOXES = np.zeros((0, 4), np.float32)


def _boxes(*rows):
    return np.array(rows, np.float32).reshape(-1, 4)


def test_suppression_keeps_the_box_of_the_higher_score():
    boxes = _boxes([10, 10, 50, 90], [12, 8, 52, 88], [100, 10, 140, 90])

    kept, scores = crop.box_nms(boxes, np.array([0.6, 0.9, 0.5], np.float32))

    assert kept.tolist() == boxes[[1, 2]].tolist()
    assert scores.tolist() == pytest.approx([0.9, 0.5])


def test_overlap_is_intersection_over_union():
    one, others = _boxes([0, 0, 10, 10]), _boxes([0, 0, 10, 10], [5, 0, 15, 10], [20, 20, 30, 30])

    assert crop.overlaps(one, others)[0] == pytest.approx([1, 1 / 3, 0])
    assert crop.overlaps(NO_BOXES, others).shape == (0, 3)
