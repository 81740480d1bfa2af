import json

import cv2
import numpy as np
import pytest
import torch

from mobilepose_core.model import ModelConfig, build
from mobilepose_core.training import checkpoint, finder_task, frames
from mobilepose_core.training.finder_task import FinderTask
from mobilepose_core.training.frames import AnnotatedFrame, AnnotatedFrames, FinderData, StoredFrame
from mobilepose_core.training.loop import Run, Trainer
from mobilepose_core.training.ranks import Ranks
from mobilepose_core.training.recipe import Recipe

TINY = ModelConfig("finder", width=0.25, input_size=96)
NO_BOXES = np.zeros((0, 4), np.float32)


def _photograph(random, count):
    """White figures on grey."""
    pixels = random.integers(60, 120, (120, 160, 3)).astype(np.uint8)
    boxes = []
    for _ in range(count):
        x, y = random.integers(0, 100), random.integers(0, 60)
        cv2.rectangle(pixels, (int(x), int(y)), (int(x) + 30, int(y) + 50), (255, 255, 255), -1)
        boxes.append([x, y, x + 30, y + 50])
    return AnnotatedFrame(pixels, np.array(boxes, np.float32).reshape(-1, 4), NO_BOXES)


def _stored(random, people, count):
    return AnnotatedFrames([StoredFrame.of(_photograph(random, people)) for _ in range(count)])


def _black(box):
    return AnnotatedFrame(np.zeros((120, 160, 3), np.uint8), np.array([box], np.float32), NO_BOXES)


@pytest.fixture
def data():
    random = np.random.default_rng(0)
    return FinderData(_stored(random, 1, 6), np.ones(6), _stored(random, 0, 2))


def test_the_finder_learns_by_the_same_loop_as_the_pose_networks(tmp_path, data):
    recipe = Recipe(batch=4, steps=60, frozen_share=0.0, rate=1e-2, averaging=0.5)
    task = FinderTask(data, data, recipe, TINY.input_size, seed=0)

    Trainer(Run(tmp_path, TINY, recipe), task).train()

    history = [json.loads(line) for line in (tmp_path / "history.jsonl").open()]
    assert history[-1]["validation_loss"] < 0.7 * history[0]["validation_loss"]
    assert set(history[-1]["found@0.4"]) >= {"recall", "false_per_frame"}
    _, config = checkpoint.load_weights(tmp_path / checkpoint.BEST)
    assert config == TINY


def test_a_step_is_the_same_whenever_it_is_made(data):
    task = FinderTask(data, data, Recipe(batch=4), 96, seed=5)

    one, again, other = (task.batch(step, Ranks()) for step in (3, 3, 4))

    assert torch.equal(one.images, again.images)
    assert torch.equal(one.people, again.people)
    assert one.images.shape != other.images.shape or not torch.equal(one.images, other.images)


def test_boxes_move_with_their_people(data):
    random = np.random.default_rng(1)
    photograph = _black([40, 30, 80, 90])
    cv2.rectangle(photograph.pixels, (40, 30), (80, 90), (255, 255, 255), -1)
    shown = 0
    for _ in range(40):
        changed = frames.changed(photograph, (), 256, 192, 0.0, random)
        for x0, y0, x1, y1 in changed.boxes.round().astype(int):
            inside = changed.pixels[max(y0, 0) + 6 : y1 - 6, max(x0, 0) + 6 : x1 - 6]
            shown += 1
            assert inside.mean() > 200

    assert shown > 15


def test_a_person_mostly_cut_off_is_ignored_and_a_person_outside_is_dropped():
    photograph = _black([40, 30, 80, 90])
    random = np.random.default_rng(2)

    outcomes = [frames.changed(photograph, (), 64, 64, 0.0, random) for _ in range(300)]

    counts = [(len(frame.boxes), len(frame.doubtful)) for frame in outcomes]
    assert {(1, 0), (0, 1), (0, 0)} <= set(counts)
    for frame in outcomes:
        for x0, y0, x1, y1 in frame.boxes:
            visible = max(0, min(x1, 63) - max(x0, 0)) * max(0, min(y1, 63) - max(y0, 0))
            assert visible >= 0.49 * (x1 - x0) * (y1 - y0)


def test_a_validation_is_limited_to_a_number_of_photographs_with_and_without_people(
    data, monkeypatch
):
    monkeypatch.setattr(finder_task, "VALIDATED", 3)
    task = FinderTask(data, data, Recipe(batch=4), 96, seed=5)

    figures = task.validate(build(TINY)).figures["found@0.4"]

    assert (figures["photographs"], figures["empty"], figures["people"]) == (5, 2, 3)


def test_a_stored_frame_looks_as_before_and_has_the_same_people():
    pixels = cv2.GaussianBlur(np.random.default_rng(0).uniform(0, 256, (60, 80, 3)), (0, 0), 5.0)
    boxes = np.array([[1, 2, 30, 40]], np.float32)
    frame = AnnotatedFrame(pixels.astype(np.uint8), boxes, NO_BOXES)

    opened = StoredFrame.of(frame).opened()

    assert np.abs(opened.pixels.astype(int) - frame.pixels).mean() < 2
    assert opened.boxes is frame.boxes


def test_a_mosaic_has_everybody_of_its_four_frames():
    together = frames.mosaic([_black([10, 10, 40, 60])] * 4)

    assert together.pixels.shape == (240, 320, 3)
    assert together.boxes[3].tolist() == [170, 130, 200, 180]
