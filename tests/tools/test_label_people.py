import json
from collections import Counter

import cv2
import numpy as np
import pytest
from benchmarks.peers import roster
from benchmarks.peers.packages import UnavailableError
from benchmarks.picture import astronaut
from tools.labelling import label_people

from mobilepose_core import datasets, skeleton

IMAGE = np.zeros((300, 400, 3), np.uint8)
BOX = np.array([100, 50, 200, 250], np.float32)
SCORES = np.full(17, 0.9, np.float32)
LEFT_WRIST, RIGHT_HIP = (skeleton.COCO_17.index[name] for name in ("left_wrist", "right_hip"))


@pytest.fixture
def body():
    """(17, 2) somebody in the box."""
    return np.random.default_rng(0).uniform((100, 50), (200, 250), (17, 2)).astype(np.float32)


class Teacher:
    """Says the same twice, but for one joint in the mirror image."""

    def __init__(self, joints, moved=(), scores=SCORES):
        self.answer, self.moved, self.scores = joints, moved, scores

    def joints(self, image, region):
        return self.answer, self.scores

    def joints_mirrored(self, image, region):
        answer = self.answer.copy()
        answer[list(self.moved)] += 60
        return answer, self.scores


def test_what_a_teacher_finds_twice_in_one_place_is_kept(body):
    joints = label_people.taught(Teacher(body, moved=[LEFT_WRIST]), IMAGE, BOX, Counter())

    assert np.isnan(joints[LEFT_WRIST]).all()
    assert np.allclose(np.delete(joints, LEFT_WRIST, 0), np.delete(body, LEFT_WRIST, 0))


def test_a_joint_of_which_it_is_unsure_is_left_out(body):
    scores = SCORES.copy()
    scores[RIGHT_HIP] = 0.2
    joints = label_people.taught(Teacher(body, scores=scores), IMAGE, BOX, Counter())

    assert np.isnan(joints[RIGHT_HIP]).all()


def test_somebody_with_few_certain_joints_is_skipped_and_counted(body):
    counts = Counter()

    everything = Teacher(body, moved=range(17))
    assert label_people.taught(everything, IMAGE, BOX, counts) is None
    assert label_people.taught(Teacher(body), IMAGE, BOX / 4, counts) is None

    assert counts == {
        "people with too few certain joints skipped": 1,
        "people who are too small skipped": 1,
    }


def test_photographs_become_a_data_set(tmp_path, monkeypatch, capsys):
    try:
        roster.movenet("thunder"), roster.nanodet()
    except UnavailableError as error:
        pytest.skip(str(error))
    photos, boxes, out = tmp_path / "photos", tmp_path / "boxes.json", tmp_path / "out"
    photos.mkdir()
    cv2.imwrite(str(photos / "astronaut.png"), astronaut(640, 480))
    boxes.write_text(json.dumps({"astronaut.png": [[100, 0, 540, 480]]}))
    monkeypatch.setattr(
        "sys.argv", ["label_people", str(photos), "--boxes", str(boxes), "--out", str(out)]
    )

    assert label_people.main() == 0

    assert "1 people in 1 photographs" in capsys.readouterr().out
    (person,) = datasets.load("coco", out).samples
    nose = person.joints[skeleton.ALL_19.index["nose"]]
    assert np.isfinite(nose).all()
