import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mobilepose_core import center_map

NO_BOXES = np.zeros((0, 4), np.float32)


def _boxes(*rows):
    return np.array(rows, np.float32).reshape(-1, 4)


def _perfect(target):
    """What a network that has learnt a target by heart gives."""
    return np.concatenate([target.scores[None], target.distances])


@given(st.integers(64, 4000), st.integers(64, 4000))
def test_a_canvas_holds_the_whole_frame_in_about_so_many_pixels(width, height):
    canvas = center_map.canvas_of(width, height, 224)

    corners = canvas.from_image(_boxes([0, 0, width - 1, height - 1]))[0]

    assert canvas.width % 32 == canvas.height % 32 == 0
    assert corners.min() >= -1
    assert corners[2] <= canvas.width
    assert corners[3] <= canvas.height
    if 0.4 < width / height < 2.5:
        assert canvas.width * canvas.height == pytest.approx(224 * 224, rel=0.2)


@given(
    st.integers(64, 2000),
    st.integers(64, 2000),
    st.integers(3, 40).map(lambda count: center_map.MULTIPLE * count),
    st.lists(st.floats(0, 2000), min_size=4),
)
def test_boxes_go_to_a_canvas_of_any_size_and_back(width, height, size, values):
    canvas = center_map.canvas_of(width, height, size)
    x0, y0, x1, y1 = values[:4]
    boxes = _boxes([min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1)])

    assert np.allclose(canvas.to_image(canvas.from_image(boxes)), boxes, atol=0.01)


def test_people_of_a_map_are_found_where_they_were_put():
    boxes = _boxes([20, 30, 80, 150], [100, 20, 180, 140], [150, 150, 170, 180])

    target = center_map.encode(boxes, NO_BOXES, 256, 192)
    found, scores = center_map.decode(_perfect(target), 0.9)

    assert np.allclose(sorted(found.tolist()), sorted(boxes.tolist()), atol=0.01)
    assert np.allclose(scores, 1)


def test_a_person_half_out_of_the_frame_is_found_with_all_of_their_box():
    boxes = _boxes([-60, 40, 40, 160])

    found, _ = center_map.decode(_perfect(center_map.encode(boxes, NO_BOXES, 256, 192)), 0.9)

    assert np.allclose(found, boxes, atol=0.01)


def test_a_person_before_another_keeps_the_cells_that_both_could_have():
    behind, before = [20, 20, 200, 180], [90, 80, 130, 120]

    target = center_map.encode(_boxes(behind, before), NO_BOXES, 256, 192)
    found, _ = center_map.decode(_perfect(target), 0.9)

    assert before in found.round(2).tolist()


def test_in_ignored_regions_only_known_people_count():
    doubtful, known = _boxes([100, 0, 255, 191]), _boxes([120, 40, 180, 140])

    target = center_map.encode(known, doubtful, 256, 192)

    assert target.counted[:, :12].all()
    assert not target.counted[0, 16]
    assert target.counted[11, 18]


def test_an_empty_map_has_no_detections():
    target = center_map.encode(NO_BOXES, NO_BOXES, 256, 192)

    found, scores = center_map.decode(_perfect(target), 0.1)

    assert found.shape == (0, 4)
    assert scores.shape == (0,)
