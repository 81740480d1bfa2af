import numpy as np
import pytest

from mobilepose_core.datasets.scenes import empty_scenes
from mobilepose_core.evaluation.detection_metrics import DetectionTally, evaluate_detector
from mobilepose_core.pose import no_boxes

NO_BOXES = np.zeros((0, 4))
SURE = np.array([0.9])


def _boxes(*rows):
    return np.array(rows, float).reshape(-1, 4)


def test_a_person_counts_as_found_once():
    tally = DetectionTally()
    person = _boxes([10, 10, 50, 90])

    tally.add(np.repeat(person, 2, axis=0), np.array([0.9, 0.8]), person, NO_BOXES, 100)
    figures = tally.figures(0.5)

    assert figures["recall"] == 1
    assert figures["false_per_frame"] == 1
    assert figures["overlap"] == 1


def test_people_lower_than_a_fifth_of_the_frame_need_not_be_found():
    tally = DetectionTally()

    tally.add(NO_BOXES, np.zeros(0), _boxes([0, 0, 10, 19], [0, 0, 10, 21]), NO_BOXES, 100)

    assert tally.figures(0.5)["people"] == 1
    assert tally.figures(0.5)["recall"] == 0


def test_recall_of_a_tenth_and_of_a_quarter_counts_people_from_that_height_on():
    tally = DetectionTally()
    people = _boxes([0, 0, 9, 9], [20, 0, 30, 10], [40, 0, 50, 22], [60, 0, 80, 30])

    tally.add(people[3:], SURE, people, NO_BOXES, 100)
    figures = tally.figures(0.5)

    assert (figures["people_of_a_tenth"], figures["people_of_a_quarter"]) == (3, 1)
    assert figures["recall_of_a_tenth"] == pytest.approx(1 / 3)
    assert figures["recall"] == 0.5
    assert figures["recall_of_a_quarter"] == 1


@pytest.mark.parametrize(("overlap", "recall"), [(0.5, 0), (0.45, 1)])
def test_a_box_is_a_persons_from_the_overlap_that_is_asked_for(overlap, recall):
    tally = DetectionTally(overlap)

    tally.add(_boxes([0, 0, 40, 48]), SURE, _boxes([0, 0, 40, 100]), NO_BOXES, 100)

    assert tally.figures(0.5)["recall"] == recall


def test_detections_in_ignored_regions_are_neither_right_nor_wrong():
    tally = DetectionTally()

    tally.add(_boxes([10, 10, 50, 90]), SURE, NO_BOXES, _boxes([0, 0, 60, 100]), 100)

    assert tally.figures(0.5)["false_per_frame"] == 0
    assert tally.figures(0.5)["empty"] == 0


def test_detections_in_an_empty_photograph_are_counted_there_too():
    tally = DetectionTally()

    tally.add(_boxes([10, 10, 50, 90]), SURE, NO_BOXES, NO_BOXES, 100)
    tally.add(NO_BOXES, np.zeros(0), NO_BOXES, NO_BOXES, 100)

    assert tally.figures(0.5)["false_per_empty_frame"] == 0.5
    assert tally.figures(0.95)["false_per_empty_frame"] == 0


def test_two_false_people_in_one_of_two_empty_rooms_leave_the_other_without_any():
    tally = DetectionTally()

    tally.add(_boxes([10, 10, 50, 90], [60, 10, 90, 90]), SURE.repeat(2), NO_BOXES, NO_BOXES, 100)
    tally.add(NO_BOXES, np.zeros(0), NO_BOXES, NO_BOXES, 100)

    assert tally.figures(0.5)["false_per_empty_frame"] == 1
    assert tally.figures(0.5)["empty_without_false"] == 0.5


def test_a_missed_person_is_missed_at_any_threshold():
    tally = DetectionTally()

    tally.add(NO_BOXES, np.zeros(0), _boxes([10, 10, 50, 90]), NO_BOXES, 100)

    assert tally.figures(0.0)["recall"] == 0


def test_without_people_there_is_no_recall():
    figures = DetectionTally().figures(0.5)

    assert figures["recall"] != figures["recall"]
    assert figures["false_per_frame"] == pytest.approx(0)


def test_unreadable_photographs_alone_are_refused(tmp_path):
    (tmp_path / "damaged.jpg").write_bytes(b"no photograph")

    with pytest.raises(ValueError, match="none of 1 photographs can be read"):
        evaluate_detector(empty_scenes(tmp_path), lambda frame: no_boxes())
