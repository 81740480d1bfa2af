import shutil

import numpy as np
import pytest
from benchmarks.peers.movenet import KEYPOINTS, PEOPLE, MoveNet, read
from benchmarks.picture import astronaut

from mobilepose_core import person_map
from mobilepose_core.datasets import joint_columns


def _answer(keypoint, score):
    """What the model says when each keypoint of all six people is the same y, x, score."""
    box = [0.0, 0.0, 1.0, 1.0]
    return np.array([[*keypoint * KEYPOINTS, *box, score]] * PEOPLE, "<f4").tobytes()


def test_the_middle_of_the_canvas_is_the_middle_of_the_image():
    keypoints, scores = read(_answer((0.5, 0.5, 0.75), 0.5), person_map.canvas_of(500, 480, 320))

    # Pixel centres of an image 500 wide run from 0 to 499.
    assert keypoints[5, 16] == pytest.approx([249.5, 239.5, 0.75], abs=1e-3)
    assert scores == pytest.approx([0.5] * 6)


def test_grey_beside_the_image_is_outside_of_it():
    # Of the canvas, the image has 352x176: 8 rows above it and 8 below are grey.
    canvas = person_map.canvas_of(1000, 500, 260)
    assert (canvas.width, canvas.height) == (352, 192)

    keypoints, _ = read(_answer((8 / 192, 0.25, 1.0), 1.0), canvas)

    assert keypoints[0, 0, :2] == pytest.approx([249.5, -0.5], abs=1e-3)


def test_a_folder_without_node_modules_is_refused(tmp_path):
    with pytest.raises(ValueError, match="holds no node_modules; expected where npm install"):
        MoveNet(tmp_path)


@pytest.mark.skipif(shutil.which("node") is None, reason="Node.js is not installed")
def test_a_node_that_cannot_load_the_model_is_an_error_and_leaves_no_process(tmp_path):
    (tmp_path / "node_modules").mkdir()

    with MoveNet(tmp_path) as model, pytest.raises(RuntimeError, match="node exited with 1"):
        model.people(np.zeros((480, 640, 3), np.uint8))


def test_the_astronaut_is_found_and_no_person_in_a_grey_image(movenet_folder):
    with MoveNet(movenet_folder) as model:
        keypoints, scores = model.people(astronaut(640, 480))
        _, scores_of_nobody = model.people(np.full((480, 640, 3), 128, np.uint8))

    nose = keypoints[scores.argmax(), joint_columns.COCO_COLUMNS["nose"], :2]
    assert scores.max() > 0.3
    assert np.linalg.norm(nose - (280, 100)) < 20
    assert scores_of_nobody.max() < 0.1
