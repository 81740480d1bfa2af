import json

import cv2
import numpy as np
import pytest
from benchmarks.picture import astronaut
from tools.labelling import box_bodies

from mobilepose_core import Pose, PoseEstimator
from mobilepose_core.inference.runtime import model_file

WIDTH, HEIGHT = 640, 480
BODY = [130, 20, 480, 479]
"""Around the astronaut, whose hips are at the lower edge of her picture."""


@pytest.fixture(scope="module")
def model():
    if "final" not in model_file.released_models():
        pytest.skip("no released model 'final'")
    return PoseEstimator("final", "cpu", 1).model


@pytest.fixture
def bodies():
    """One body (1, 5) with its confidence."""
    return np.float32([[*BODY, box_bodies.DRAWN]])


def _pose(joints, score=0.9):
    return Pose(joints, np.full(len(joints), score))


def test_a_drawn_body_becomes_the_box_of_its_joints(model, bodies):
    people, left = box_bodies.boxes_in(model, astronaut(WIDTH, HEIGHT), bodies, np.zeros((0, 4)))

    assert len(left) == 0
    [[x0, y0, x1, y1, score]] = people.tolist()
    assert score == box_bodies.DRAWN
    assert BODY[0] <= x0 < 280 < x1 <= BODY[2]  # her nose is at 280, 100
    assert BODY[1] + 20 < y0 < 110
    assert 350 < y1 <= BODY[3]


def test_a_person_who_is_known_is_not_boxed_again(model, bodies):
    known = np.float32([[180, 60, 400, 470]])

    people, left = box_bodies.boxes_in(model, astronaut(WIDTH, HEIGHT), bodies, known)

    assert len(people) == len(left) == 0


def test_a_body_that_was_detected_twice_is_one_person(model, bodies):
    twice = np.concatenate([bodies, bodies + np.float32([[4, 3, -4, 0, -0.2]])])

    people, _ = box_bodies.boxes_in(model, astronaut(WIDTH, HEIGHT), twice, np.zeros((0, 4)))

    assert people[:, 4].tolist() == [box_bodies.DRAWN]


@pytest.mark.parametrize(
    ("box", "score"), [([10, 10, 25, 30], 1.0), (BODY, box_bodies.LEAST_BODY - 0.01)]
)
def test_tiny_and_doubtful_bodies_stay_bodies(model, box, score):
    bodies = np.float32([[*box, score]])

    people, left = box_bodies.boxes_in(model, astronaut(WIDTH, HEIGHT), bodies, np.zeros((0, 4)))

    assert len(people) == 0
    assert left.tolist() == bodies.tolist()


def test_a_body_without_a_person_stays_a_body(model):
    nobody = np.full((HEIGHT, WIDTH, 3), 128, np.uint8)
    bodies = np.float32([[100, 100, 200, 300, 1]])

    people, left = box_bodies.boxes_in(model, nobody, bodies, np.zeros((0, 4)))

    assert len(people) == 0
    assert left.tolist() == bodies.tolist()


def test_joints_beyond_the_body_are_cut_off(person):
    x0, y0, x1, y1 = _pose(person).upper_body
    body = np.float32([[x0 + 20, y0 - 30, x1 + 30, y1 + 200, 1]])

    boxes, are_sure = box_bodies.joints_within([_pose(person)], body)

    assert boxes.tolist() == [[x0 + 20, y0, x1, y1]]
    assert are_sure.all()


def test_joints_of_somebody_else_and_unsure_ones_are_not_relied_on(person):
    body = np.float32([[20, 40, 180, 400, 1]])
    poses = [_pose(person), _pose(person + np.float32([150, 0])), _pose(person, score=0.2)]

    _, are_sure = box_bodies.joints_within(poses, np.repeat(body, 3, axis=0))

    assert are_sure.tolist() == [True, False, False]


def test_the_less_sure_the_body_the_surer_the_joints_have_to_be(person):
    bodies = np.float32([[20, 40, 180, 400, 0.5], [20, 40, 180, 400, 0.5]])

    _, are_sure = box_bodies.joints_within([_pose(person, 0.5), _pose(person, 0.6)], bodies)

    assert are_sure.tolist() == [False, True]


def test_bodies_are_read_as_drawn_or_as_detected(tmp_path):
    drawn, detected = tmp_path / "boxes.json", tmp_path / "people.json"
    drawn.write_text(json.dumps({"a.jpg": [BODY], "b.jpg": []}))
    detected.write_text(json.dumps({"people": {}, "bodies": {"a.jpg": [[*BODY, 0.7]]}}))

    assert box_bodies.bodies_of(drawn)["a.jpg"].tolist() == [[*BODY, box_bodies.DRAWN]]
    assert box_bodies.bodies_of(drawn)["b.jpg"].shape == (0, 5)
    assert box_bodies.bodies_of(detected)["a.jpg"][0, 4] == pytest.approx(0.7)


def test_a_folder_is_written_down_with_the_people_found_before(
    model, tmp_path, monkeypatch, capsys
):
    cv2.imwrite(str(tmp_path / "astronaut.png"), astronaut(WIDTH, HEIGHT))
    bodies, found, out = (tmp_path / f"{name}.json" for name in ("bodies", "found", "out"))
    bodies.write_text(json.dumps({"astronaut.png": [BODY], "elsewhere.png": [BODY]}))
    before = [5.0, 5.0, 60.0, 90.0, 0.5]
    found.write_text(json.dumps({"teacher": "MoveNet", "people": {"astronaut.png": [before]}}))
    arguments = [str(tmp_path), "--bodies", str(bodies), "--people", str(found), "--out", str(out)]
    monkeypatch.setattr("sys.argv", ["box_bodies", *arguments])

    assert box_bodies.main() == 0

    content = json.loads(out.read_text())
    assert content["teacher"] == "MoveNet, joints of final"
    assert content["people"]["astronaut.png"][0] == before
    assert len(content["people"]["astronaut.png"]) == 2
    assert content["bodies"]["astronaut.png"] == []
    assert "1 people boxed in 1 photographs with bodies" in capsys.readouterr().out


def test_a_body_that_is_known_already_is_written_once(model, tmp_path, monkeypatch):
    cv2.imwrite(str(tmp_path / "grey.png"), np.full((HEIGHT, WIDTH, 3), 128, np.uint8))
    found, out = tmp_path / "found.json", tmp_path / "out.json"
    body = [100.3, 100.1, 200.7, 300.9, 0.871]
    found.write_text(json.dumps({"people": {}, "bodies": {"grey.png": [body]}}))
    arguments = [str(tmp_path), "--bodies", str(found), "--people", str(found), "--out", str(out)]
    monkeypatch.setattr("sys.argv", ["box_bodies", *arguments])

    box_bodies.main()

    assert json.loads(out.read_text())["bodies"]["grey.png"] == [body]


def test_annotated_people_of_a_data_set_are_known(tmp_path, person):
    from mobilepose_core import skeleton
    from mobilepose_core.datasets import Sample, coco

    photo = tmp_path / "somebody.jpg"
    cv2.imwrite(str(photo), astronaut(WIDTH, HEIGHT))
    coco.save([Sample(photo, skeleton.among_all(person), photo.name)], tmp_path / "set")

    annotated = box_bodies.annotated_in(f"coco={tmp_path / 'set'}")

    assert [len(boxes) for boxes in annotated.values()] == [1]
    assert box_bodies.annotated_in(str(tmp_path)) == {}
