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
            inside = changed.pixels[y0 + 6 : y1 - 6, x0 + 6 : x1 - 6]
            if inside.size:
                shown += 1
                assert inside.mean() > 200

    assert shown > 15


def _shown(box, monkeypatch, *, at=(0.0, 0.0), zoom=1.0, frame=(160, 120)):
    """What is left of a person whose photograph is zoomed and shifted, in a frame of that size."""
    matrix = np.array([[zoom, 0, at[0]], [0, zoom, at[1]]], float)
    monkeypatch.setattr(frames.placement, "drawn", lambda *_: matrix)
    return frames.changed(_black(box), (), *frame, 0.0, np.random.default_rng(0))


def test_a_person_is_where_the_frame_shows_them_as_in_annotated_photographs(monkeypatch):
    cut = _shown([40, 30, 80, 90], monkeypatch, at=(0, 55))

    assert cut.boxes == pytest.approx(np.array([[40, 85, 80, 119]]), abs=1e-3)
    assert len(cut.doubtful) == 0


def test_a_face_that_fills_the_frame_is_a_person(monkeypatch):
    close_up = _shown([40, 30, 80, 130], monkeypatch, zoom=4, at=(-160, -100))

    visible = (160 * 99) / (160 * 400)
    assert visible < frames.PRESENT
    assert close_up.boxes == pytest.approx(np.array([[0, 20, 159, 119]]), abs=1e-3)


def test_legs_that_fill_the_frame_are_neither_a_person_nor_background(monkeypatch):
    close_up = _shown([40, 30, 80, 130], monkeypatch, zoom=4, at=(-160, -440))

    assert len(close_up.boxes) == 0
    assert close_up.doubtful == pytest.approx(np.array([[0, 0, 159, 80]]), abs=1e-3)


def test_a_strip_of_a_person_at_the_border_is_background(monkeypatch):
    strip = _shown([40, 30, 80, 90], monkeypatch, at=(0, -82))

    assert (len(strip.boxes), len(strip.doubtful)) == (0, 0)


def test_a_small_part_of_a_person_is_ignored(monkeypatch):
    legs = _shown([40, 30, 80, 90], monkeypatch, at=(0, -69))

    assert len(legs.boxes) == 0
    assert legs.doubtful == pytest.approx(np.array([[40, 0, 80, 21]]), abs=1e-3)


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
