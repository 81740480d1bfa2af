import json

import cv2
import numpy as np
import pytest

from mobilepose_core.cli import main
from mobilepose_core.evaluation.mannequin import mannequin
from mobilepose_core.inference import PoseEstimator
from mobilepose_core.inference.runtime import model_file

needs_finder = pytest.mark.skipif(
    "finder" not in model_file.released_models(), reason="no released model 'finder' yet"
)
needs_final = pytest.mark.skipif(
    "final" not in model_file.released_models(), reason="no released model 'final' yet"
)


@needs_finder
def test_models_the_pipe_and_the_finder_are_timed_on_the_users_picture(red_model, tmp_path, capsys):
    photo = tmp_path / "photo.png"
    cv2.imwrite(str(photo), np.zeros((60, 80, 3), np.uint8))
    command = ["benchmark", str(red_model), "--image", str(photo), "--rounds", "4", "--json"]

    assert main([*command, "--threads", "1", "--device", "cpu"]) == 0

    line = json.loads(capsys.readouterr().out)
    assert [row["name"] for row in line["models"]] == [
        str(red_model),
        f"{red_model}, whole pipeline",
        "finder, look 1 of 2",
        "finder, look 2 of 2",
    ]
    assert [row["people"] for row in line["models"]] == [None, 0, None, None]
    assert all(0 < row["low"] <= row["ms"] <= row["high"] for row in line["models"])
    assert {row["provider"] for row in line["models"]} == {"CPUExecutionProvider"}
    assert (line["width"], line["height"], line["threads"], line["rounds"]) == (80, 60, 1, 4)


@needs_final
def test_a_drawn_person_is_found_by_the_pipeline_and_in_the_table(capsys):
    assert main(["benchmark", "final", "--rounds", "2"]) == 0

    head, _, _, pipe, *looks = capsys.readouterr().out.splitlines()
    assert head == "frame of 640x480, all CPU threads, 2 rounds"
    assert pipe.startswith("final, whole pipeline")
    assert pipe.split()[-2] == "1"
    assert [look.split("  ")[0] for look in looks] == ["finder, look 1 of 2", "finder, look 2 of 2"]


@needs_final
def test_the_drawn_persons_joints_are_where_they_are_drawn():
    (pose,) = PoseEstimator("final")(mannequin())

    drawn = {"right_elbow": (225, 260), "left_elbow": (415, 260), "nose": (320, 110)}
    drawn |= {"right_eye": (307, 98), "left_eye": (333, 98)}
    for name, place in drawn.items():
        assert np.hypot(*(np.array(pose[name][:2]) - place)) < 25, name


@needs_finder
@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        (["--image", "nowhere.png"], "nowhere.png: no such file"),
        (["nope"], "model 'nope' not found; known: "),
    ],
)
def test_what_is_wrong_is_said(red_model, capsys, options, complaint):
    assert main(["benchmark", str(red_model), *options]) == 1

    assert complaint in capsys.readouterr().err
