import json

import numpy as np
import pytest

from mobilepose_core import cli
from mobilepose_core.evaluation import oks
from mobilepose_core.evaluation.oks import EvaluatedPhotograph, average_precision, similarities

NAMES = ("left_shoulder", "right_shoulder", "nose")
NONE = np.zeros((0, 4))


def _photograph(truth, found, scores=None, doubtful=NONE):
    truth, found = (np.array(points, float).reshape(-1, 3, 2) for points in (truth, found))
    scores = np.ones(len(found)) if scores is None else np.array(scores, float)
    return EvaluatedPhotograph(truth, np.full(len(truth), 10_000.0), found, scores, doubtful)


def _person(x):
    return [[x, 100], [x + 60, 100], [x + 30, 60]]


def test_a_similarity_falls_with_the_distance_by_the_parts_own_spread():
    truth = np.array([_person(0)], float)
    # One spread, 2 sigma sqrt(area), to the right: exp(-1 / 2) for shoulders.
    shoulder = 2 * oks.SIGMAS["shoulder"] * 100
    found = np.add(truth, [[shoulder, 0], [shoulder, 0], [0, 0]])

    alike = similarities(found, truth, np.array([10_000.0]), NAMES)

    assert alike[0, 0] == pytest.approx((2 * np.exp(-0.5) + 1) / 3)


def test_joints_that_are_not_annotated_do_not_count():
    truth = np.array([_person(0)], float)
    truth[0, 2] = np.nan
    found = np.array([_person(0)], float)
    found[0, 2] = 1e4

    assert similarities(found, truth, np.array([10_000.0]), NAMES)[0, 0] == pytest.approx(1)
    truth[:] = np.nan
    assert similarities(found, truth, np.array([10_000.0]), NAMES)[0, 0] == 0


def test_perfect_poses_are_perfect():
    people = [_person(0), _person(200)]

    figures = average_precision(
        [_photograph(people, people), _photograph([_person(9)], [_person(9)])], NAMES
    )

    assert figures == {"ap": 100, "ap50": 100, "ap75": 100, "ar": 100}


def test_a_person_who_is_found_twice_is_found_once():
    # Right, wrong (a double), right: precision 1 up to half of the recall, then two thirds.
    photograph = _photograph(
        [_person(0), _person(200)], [_person(0), _person(1), _person(200)], [0.9, 0.8, 0.7]
    )

    figures = average_precision([photograph], NAMES)

    assert figures["ar"] == 100
    assert figures["ap50"] == pytest.approx(100 * (51 + 50 * 2 / 3) / 101)


def test_missed_people_bound_precision_and_recall():
    figures = average_precision([_photograph([_person(0), _person(200)], [_person(0)])], NAMES)

    assert figures["ar"] == 50
    assert figures["ap"] == pytest.approx(100 * 51 / 101)


def test_a_pose_of_a_person_without_annotated_joints_is_not_wrong():
    found, scores = [_person(400), _person(0)], [0.9, 0.8]

    wrong = average_precision([_photograph([_person(0)], found, scores)], NAMES)
    excused = _photograph([_person(0)], found, scores, np.array([[390, 50, 470, 150]]))

    assert wrong["ap50"] == pytest.approx(50)
    assert average_precision([excused], NAMES)["ap50"] == 100


def test_no_annotated_people_give_no_figures():
    assert np.isnan(average_precision([_photograph([], [_person(0)])], NAMES)["ap"])


def _lights_with_boxes(lights, tmp_path):
    """The data set of lights with an area for every person."""
    path = tmp_path / "lights" / "annotations" / "person_keypoints_train.json"
    content = json.loads(path.read_text())
    for annotation in content["annotations"]:
        annotation["bbox"] = [0, 0, 100, 100]
    path.write_text(json.dumps(content))


def test_the_command_prints_cocos_figures(lights, red_model, tmp_path, capsys):
    lights(3, joint=0)
    _lights_with_boxes(lights, tmp_path)
    command = f"evaluate --data coco={tmp_path}/lights --split train --metric oks --json"

    assert cli.main([*command.split(), "--model", str(red_model), "--device", "cpu"]) == 0

    figures = json.loads(capsys.readouterr().out)
    assert figures["source"] == "lights"
    assert figures["photographs"] == figures["people"] == 3
    assert 0 <= figures["ap"] <= figures["ap50"] <= 100


def test_without_areas_the_command_says_what_it_needs(lights, red_model, tmp_path, capsys):
    lights(1, joint=0)
    command = f"evaluate --data coco={tmp_path}/lights --split train --metric oks"

    assert cli.main([*command.split(), "--model", str(red_model), "--device", "cpu"]) == 1

    assert "area" in capsys.readouterr().err
