import json

import cv2
import numpy as np
import pytest
from benchmarks.peers.movenet import KEYPOINTS, PEOPLE
from benchmarks.picture import astronaut
from tools.labelling.find_people import find, main, people_of, photographs, rounded, whole

from mobilepose_core.datasets import joint_columns


def _people(boxes, scores):
    """Keypoints (N, 17, 3) of people of whom one shoulder and one hip span each box."""
    boxes = np.array(boxes, np.float32)
    keypoints = np.ones((len(boxes), KEYPOINTS, 3), np.float32)
    keypoints[..., :2] = boxes[:, None, :2]
    keypoints[:, joint_columns.COCO_COLUMNS["right_hip"], :2] = boxes[:, 2:]
    return keypoints, np.array(scores, np.float32)


def test_the_box_is_around_our_joints_and_not_around_ears_or_feet():
    keypoints, scores = _people([[10, 20, 50, 90]], [0.5])
    ear, ankle = 3, 16
    keypoints[0, ear, :2] = 0
    keypoints[0, ankle, :2] = 300

    assert people_of(keypoints, scores).tolist() == [[10, 20, 50, 90, 0.5]]


def test_joints_that_the_teacher_did_not_see_belong_to_the_box():
    keypoints, scores = _people([[10, 20, 50, 90]], [0.5])
    keypoints[0, joint_columns.COCO_COLUMNS["right_hip"], 2] = 0.01

    assert people_of(keypoints, scores)[0, 3] == 90


def test_detections_with_low_scores_are_left_out():
    people = people_of(*_people([[0, 0, 9, 9], [20, 20, 30, 30]], [0.09, 0.11]))

    assert people[:, 0].tolist() == [20]


def test_no_people_are_an_empty_list():
    assert rounded(people_of(*_people([[0, 0, 9, 9]], [0.0]))) == []


def test_people_cut_by_the_edge_of_a_half_are_left_out():
    # 40 wide: a quarter of that is 10.
    people = np.array([[355, 0, 395, 90, 0.5], [340, 0, 380, 90, 0.5]], np.float32)

    assert whole(people, 400)[:, 0].tolist() == [340]


def test_fewer_than_six_people_are_looked_for_once():
    looks = []

    def look(image):
        looks.append(image.shape)
        return _people([[100, 100, 150, 180]], [0.6])

    assert find(np.zeros((480, 1000, 3), np.uint8), look) == pytest.approx(
        np.array([[100, 100, 150, 180, 0.6]])
    )
    assert looks == [(480, 1000, 3)]


def test_halves_add_people_of_a_crowd_that_the_whole_misses():
    def look(image):
        if image.shape[1] == 1000:
            return _people([[x, 100, x + 50, 200] for x in range(0, 600, 100)], [0.3] * PEOPLE)
        # The first of them again, or someone at 800 in the whole: the right half begins at 400.
        starts_at = 0 if image[0, 0, 0] == 0 else 400
        return _people([[starts_at, 100, starts_at + 50, 200]], [0.6])

    image = np.zeros((480, 1000, 3), np.uint8)
    image[:, 400:] = 255
    found = find(image, look)

    assert sorted(found[:, 0].tolist()) == [0, 100, 200, 300, 400, 500, 800]
    assert dict(zip(found[:, 0], found[:, 4].round(1), strict=True))[0] == pytest.approx(0.6)


def test_photographs_of_a_folder_are_those_inside_it(tmp_path):
    (tmp_path / "inner").mkdir()
    names = ["b.JPG", "a.png", "inner/c.jpeg", "notes.txt"]
    for name in names:
        (tmp_path / name).touch()

    assert [path.name for path in photographs(str(tmp_path))] == ["a.png", "b.JPG", "c.jpeg"]


def test_a_folder_without_photographs_is_refused(tmp_path):
    with pytest.raises(ValueError, match="holds no photographs"):
        photographs(str(tmp_path))


def test_photographs_of_one_name_are_refused(tmp_path):
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "same.jpg").touch()

    with pytest.raises(ValueError, match="of one name"):
        photographs(str(tmp_path))


def test_a_folder_is_written_down_without_what_cannot_be_read(
    movenet_folder, tmp_path, monkeypatch, capsys
):
    cv2.imwrite(str(tmp_path / "astronaut.png"), astronaut(640, 480))
    cv2.imwrite(str(tmp_path / "grey.png"), np.full((480, 640, 3), 128, np.uint8))
    (tmp_path / "broken.jpg").write_bytes(b"no photograph")
    out = tmp_path / "people.json"
    arguments = [str(tmp_path), "--teacher", str(movenet_folder), "--out", str(out)]
    monkeypatch.setattr("sys.argv", ["find_people", *arguments])

    assert main() == 0

    content = json.loads(out.read_text())
    people, bodies = content["people"], content["bodies"]
    assert bodies["grey.png"] == []
    assert max(body[-1] for body in bodies["astronaut.png"]) > 0.5
    assert sorted(people) == ["astronaut.png", "grey.png"]
    assert people["grey.png"] == []
    # Her nose is at 280, 100; her hips are at the photograph's lower edge.
    x0, y0, x1, y1, score = max(people["astronaut.png"], key=lambda person: person[-1])
    assert x0 < 280 < x1
    assert y0 < 110
    assert 350 < y1 < 520
    assert score > 0.3
    assert "1 photographs cannot be read" in capsys.readouterr().out


def test_without_a_teacher_only_bodies_are_written_down(tmp_path, monkeypatch, capsys):
    cv2.imwrite(str(tmp_path / "astronaut.png"), astronaut(640, 480))
    out = tmp_path / "bodies.json"
    monkeypatch.setattr("sys.argv", ["find_people", str(tmp_path), "--out", str(out)])

    if main() != 0:
        pytest.skip(capsys.readouterr().err)

    content = json.loads(out.read_text())
    assert content["people"] == {}
    assert len(content["bodies"]["astronaut.png"]) >= 1
