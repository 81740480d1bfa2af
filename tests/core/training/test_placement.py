import numpy as np
import pytest

from mobilepose_core.training import placement

PHOTOGRAPH, FRAME = (416, 416), (384, 288)
PERSON = np.array([[180, 100, 240, 220]], np.float32)
NO_BOXES = np.zeros((0, 4), np.float32)


def _turned(degrees):
    cosine, sine = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    return np.array([[cosine, -sine, 10], [sine, cosine, 20]])


def _drawn(boxes, count=400):
    random = np.random.default_rng(0)
    return [placement.drawn(boxes, PHOTOGRAPH, FRAME, random) for _ in range(count)]


def test_a_box_that_lies_down_is_as_long_as_it_was_high():
    lying = placement.moved(_turned(90), np.array([[0, 0, 20, 60]], np.float32))

    assert lying[0] == pytest.approx([10 - 60, 20, 10, 20 + 20], abs=1e-4)


def test_the_box_of_a_tilted_person_does_not_grow_with_its_corners():
    tilted = placement.moved(_turned(45), np.array([[-30, -30, 30, 30]], np.float32))

    assert tilted[0] == pytest.approx([-20, -10, 40, 50], abs=1e-4)


def test_an_upright_box_goes_where_its_corners_go():
    matrix = np.array([[-2.0, 0, 300], [0, 0.5, 7]])

    assert placement.moved(matrix, PERSON)[0] == pytest.approx([-180, 57, -60, 117], abs=1e-4)


def test_people_are_of_all_sizes_from_20_to_400_pixels_on_a_canvas_of_320():
    sides = [
        (box[2:] - box[:2]).max() for box in (placement.moved(m, PERSON)[0] for m in _drawn(PERSON))
    ]

    shares = np.histogram(sides, bins=[0, 18, 40, 80, 160, 320, 460])[0] / len(sides)

    assert shares[0] < 0.02
    assert (shares[1:] > 0.02).all()
    assert shares.sum() == pytest.approx(1)


def test_some_heads_are_as_large_as_the_frame_wherever_they_are_in_it():
    heads = placement.heads_of(PERSON)
    shown = [placement.moved(matrix, heads)[0] for matrix in _drawn(PERSON, 2000)]

    close = np.array([box for box in shown if (box[2:] - box[:2]).max() > 0.5 * min(FRAME)])
    centres = (close[:, :2] + close[:, 2:]) / 2

    assert 0.03 < len(close) / len(shown) < 0.15
    assert (centres.std(axis=0) > 0.2 * np.array(FRAME)).all()


def test_the_border_cuts_people_off_on_each_side():
    boxes = np.concatenate([placement.moved(matrix, PERSON) for matrix in _drawn(PERSON)])
    low, high = boxes[:, :2], boxes[:, 2:]
    is_inside = ((low < FRAME) & (high > 0)).all(axis=1)

    cut = np.concatenate([(low < 0)[is_inside], (high > FRAME)[is_inside]], axis=1)

    assert (cut.mean(axis=0) > 0.04).all()
    assert is_inside.mean() > 0.9


def test_a_photograph_without_people_covers_about_a_quarter_of_the_frame_at_least():
    corners = np.array([[0, 0], [415, 0], [415, 415], [0, 415]])

    for matrix in _drawn(NO_BOXES, 50):
        placed = corners @ matrix[:, :2].T + matrix[:, 2]
        assert np.ptp(placed, axis=0).min() > 0.4 * min(FRAME)


def test_some_photographs_lie_on_their_side_and_few_are_tilted_far():
    angles = np.array([np.degrees(np.arctan2(m[1, 1], m[0, 1])) - 90 for m in _drawn(PERSON, 2000)])
    angles = (angles + 180) % 360 - 180

    assert (abs(abs(angles) - 90) < 15).mean() == pytest.approx(placement.LYING, abs=0.03)
    assert (abs(angles) < 10).mean() > 0.8
