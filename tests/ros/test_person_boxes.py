"""Boxes of people in messages, as functions of a message and an image's size."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mobilepose_msgs.msg import PersonBox, PersonBoxArray
from sensor_msgs.msg import RegionOfInterest

from mobilepose_ros import messages, person_boxes
from mobilepose_ros.boxes_type import FULL_NAMES
from mobilepose_ros.parameters import AUTO, PERSON_BOXES_TYPES

WIDTH, HEIGHT = 640, 480
GOOD = (100.0, 120.0, 200.0, 300.0, 0.5)


def array(*boxes, **fields):
    return PersonBoxArray(
        boxes=[
            PersonBox(x_min=x0, y_min=y0, x_max=x1, y_max=y1, score=score)
            for x0, y0, x1, y1, score in boxes
        ],
        **fields,
    )


def answer_to(message):
    source = person_boxes.reader(type(message).__name__)
    return person_boxes.boxes_in_image(source, message, "person", WIDTH, HEIGHT)


def test_the_parameter_has_a_choice_for_every_type_that_is_read():
    assert {*person_boxes.READERS, AUTO} == set(PERSON_BOXES_TYPES)
    assert set(person_boxes.READERS) == set(FULL_NAMES)


@pytest.mark.parametrize("kind", ["PersonBoxArray", "RegionOfInterest"])
def test_the_full_name_of_a_type_is_that_of_its_messages(kind):
    source = person_boxes.reader(kind)

    package, _, name = source.name.split("/")
    assert source.type.__module__.startswith(f"{package}.msg")
    assert source.type.__name__ == name == kind
    assert source.is_stamped == ("header" in source.type.get_fields_and_field_types())


@pytest.mark.parametrize("whole_bodies", [True, False])
def test_boxes_keep_their_corners_and_scores_and_say_what_they_are_around(whole_bodies):
    people, rejected, wrong = answer_to(array(GOOD, (0, 1, 2, 3, 1), whole_bodies=whole_bodies))

    assert people.boxes.tolist() == [[100, 120, 200, 300], [0, 1, 2, 3]]
    assert people.scores.tolist() == [0.5, 1]
    assert people.of_bodies == whole_bodies
    assert (rejected, wrong) == (0, "")


def test_a_message_without_boxes_counts():
    people, rejected, _ = answer_to(array())

    assert people.boxes.shape == (0, 4)
    assert rejected == 0


def test_a_region_is_the_box_that_it_was_made_of():
    box = (10, 20, 30, 50)

    people, _, _ = answer_to(messages.region_of_interest(box, WIDTH, HEIGHT))

    assert people.boxes.tolist() == [list(box)]
    assert people.scores.tolist() == [1]
    assert people.of_bodies


def test_an_empty_region_means_no_person():
    assert answer_to(RegionOfInterest())[1:] == (0, "")
    assert len(answer_to(RegionOfInterest()).people) == 0


def test_a_box_that_reaches_beyond_the_image_is_cut_off_at_its_edges():
    people, rejected, _ = answer_to(array((-50, -1000, 5000, 300, 1)))

    assert people.boxes.tolist() == [[-0.5, -0.5, 639.5, 300]]
    assert rejected == 0


@pytest.mark.parametrize(
    "bad",
    [
        (math.nan, 120, 200, 300, 0.5),
        (100, 120, math.inf, 300, 0.5),
        (100, 120, 1e30, 300, 0.5),
        (200, 120, 100, 300, 0.5),
        (100, 300, 200, 120, 0.5),
        (100, 120, 100, 300, 0.5),
        (-300, 120, -200, 300, 0.5),
        (100, 500, 200, 700, 0.5),
        (700, 120, 800, 300, 0.5),
        (100, 120, 200, 300, math.nan),
        (100, 120, 200, 300, 1.5),
        (100, 120, 200, 300, -0.5),
    ],
)
def test_a_malformed_box_is_rejected_with_what_it_was_and_the_others_are_used(bad):
    people, rejected, wrong = answer_to(array(GOOD, bad, GOOD))

    assert people.boxes.tolist() == [list(GOOD[:4])] * 2
    assert rejected == 1
    assert f"x0, y0, x1, y1 = {bad[0]:g}, {bad[1]:g}, " in wrong
    assert "overlap with the image of 640x480" in wrong


def test_a_message_of_a_hundred_thousand_boxes_is_not_looked_at():
    message = PersonBoxArray()
    message.boxes = [PersonBox(x_min=1.0, y_min=1.0, x_max=9.0, y_max=9.0, score=1.0)] * 100_000

    people, rejected, wrong = answer_to(message)

    assert len(people) == 0
    assert rejected == 100_000
    assert wrong == "100000 boxes in one message; at most 1000 are allowed"


NUMBERS = st.floats(width=32) | st.floats(-50, 700, width=32)


@settings(deadline=None)
@given(
    rows=st.lists(st.tuples(*[NUMBERS] * 5), max_size=5),
    width=st.integers(1, 5000),
    height=st.integers(1, 5000),
)
def test_whatever_the_boxes_are_those_that_are_used_lie_in_the_image(rows, width, height):
    source = person_boxes.reader("PersonBoxArray")

    people, rejected, wrong = person_boxes.boxes_in_image(source, array(*rows), "", width, height)

    assert len(people) + rejected == len(rows)
    assert bool(wrong) == (rejected > 0)
    assert np.isfinite(people.boxes).all()
    assert (people.boxes[:, 2:] > people.boxes[:, :2]).all()
    assert (people.boxes >= -0.5).all()
    assert (people.boxes <= np.array([width, height] * 2) - 0.5).all()
    assert ((people.scores >= 0) & (people.scores <= 1)).all()


@given(
    x=st.integers(0, 2**32 - 1),
    y=st.integers(0, 2**32 - 1),
    width=st.integers(0, 2**32 - 1),
    height=st.integers(0, 2**32 - 1),
)
def test_no_region_whatsoever_is_an_error(x, y, width, height):
    region = RegionOfInterest(x_offset=x, y_offset=y, width=width, height=height)

    people, rejected, _ = answer_to(region)

    assert len(people) + rejected <= 1
