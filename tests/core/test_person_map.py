import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mobilepose_core import crop, person_map


def _boxes(*rows):
    return np.array(rows, np.float32).reshape(-1, 4)


def _map_of(*people, width=256, height=192):
    """What a network gives that is sure of boxes, each in the cell of a centre."""
    found = np.zeros((person_map.CHANNELS, height // 8, width // 8), np.float32)
    for x0, y0, x1, y1 in people:
        column = np.clip(round((x0 + x1) / 16 - 0.5), 0, width // 8 - 1)
        row = np.clip(round((y0 + y1) / 16 - 0.5), 0, height // 8 - 1)
        x, y = 8 * column + 3.5, 8 * row + 3.5
        found[:, row, column] = 1, x - x0, y - y0, x1 - x, y1 - y
    return found


@given(st.integers(64, 4000), st.integers(64, 4000))
def test_a_canvas_holds_the_whole_frame_in_about_so_many_pixels(width, height):
    canvas = person_map.canvas_of(width, height, 224)

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
    st.integers(3, 40).map(lambda count: person_map.MULTIPLE * count),
    st.lists(st.floats(0, 2000), min_size=4),
)
def test_boxes_go_to_a_canvas_of_any_size_and_back(width, height, size, values):
    canvas = person_map.canvas_of(width, height, size)
    x0, y0, x1, y1 = values[:4]
    boxes = _boxes([min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1)])

    back = crop.transform_boxes(crop.invert(canvas.matrix), canvas.from_image(boxes))
    assert np.allclose(back, boxes, atol=0.01)


def test_people_of_several_maps_are_found_where_they_are_in_the_image():
    boxes = _boxes([200, 300, 500, 700], [600, 100, 700, 300])
    canvases = person_map.canvases_of(1280, 960, [256, 384])
    maps = [
        _map_of(*canvas.from_image(boxes), width=canvas.width, height=canvas.height)
        for canvas in canvases
    ]

    for found, scores in person_map.in_image(maps, canvases, 0.9):
        assert np.allclose(sorted(found.tolist()), sorted(boxes.tolist()), atol=0.1)
        assert np.allclose(scores, 1)


def test_people_of_a_map_are_found_where_they_were_put():
    boxes = _boxes([20, 30, 80, 150], [100, 20, 180, 140], [150, 150, 170, 180])

    found, scores = person_map.decode(_map_of(*boxes), 0.9)

    assert np.allclose(sorted(found.tolist()), sorted(boxes.tolist()), atol=0.01)
    assert np.allclose(scores, 1)


def test_a_person_half_out_of_the_frame_is_found_with_all_of_their_box():
    boxes = _boxes([-60, 40, 40, 160])

    found, _ = person_map.decode(_map_of(*boxes), 0.9)

    assert np.allclose(found, boxes, atol=0.01)


def test_several_cells_that_see_one_person_are_one_detection():
    box = np.array([20, 30, 80, 150])
    found = np.maximum(_map_of(box), 0.9 * _map_of(box + 24))
    found[1:, 14, 9] += np.array([24, 24, -24, -24])

    boxes, scores = person_map.decode(found, 0.5)

    assert np.allclose(boxes, box, atol=0.01)
    assert np.allclose(scores, 1)


def test_cells_are_outside_boxes_by_their_centres():
    is_outside = person_map.outside(_boxes([100, 0, 255, 191]), 256, 192)

    assert is_outside.shape == (24, 32)
    assert is_outside[:, :12].all()
    assert not is_outside[:, 13:].any()


def test_an_empty_map_has_no_detections():
    found, scores = person_map.decode(_map_of(), 0.1)

    assert found.shape == (0, 4)
    assert scores.shape == (0,)
