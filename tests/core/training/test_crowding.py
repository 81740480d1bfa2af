import numpy as np
import pytest

from mobilepose_core.training import crowding
from mobilepose_core.training.frames import Frame

WIDTH, HEIGHT = 160, 120
NOBODY = np.zeros((0, 4), np.float32)


def _room(*boxes):
    pixels = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
    return Frame(pixels, np.array(boxes, np.float32).reshape(-1, 4), NOBODY)


def _crowds(room, cutout, count=60):
    random = np.random.default_rng(1)
    return [crowding.crowded(room, [cutout], 0.0, random) for _ in range(count)]


def test_whoever_is_put_into_an_empty_room_is_where_their_box_says(cutout, monkeypatch):
    monkeypatch.setattr(crowding, "TURN", 0.0)
    monkeypatch.setattr(crowding, "LYING", 0.0)
    seen = 0
    for crowd in _crowds(_room(), cutout):
        outside = np.ones((HEIGHT, WIDTH), dtype=bool)
        for x0, y0, x1, y1 in np.concatenate([crowd.boxes, crowd.doubtful]).round().astype(int):
            part = slice(max(y0 - 3, 0), y1 + 4), slice(max(x0 - 3, 0), x1 + 4)
            outside[part] = False
        assert not crowd.pixels[outside].any()
        for x0, y0, x1, y1 in crowd.boxes.round().astype(int):
            seen += 1
            assert crowd.pixels[max(y0, 0) : y1 + 1, max(x0, 0) : x1 + 1].mean() > 60
    assert seen > 60


def test_one_to_three_are_put_into_a_frame(cutout):
    crowds = _crowds(_room(), cutout)

    counts = {len(crowd.boxes) + len(crowd.doubtful) for crowd in crowds}
    assert {1, 2} <= counts <= {0, 1, 2, 3}


def test_whom_they_hide_is_doubtful_and_the_others_stay(cutout):
    there = [60, 40, 72, 58]
    outcomes = _crowds(_room(there), cutout)

    kept = [there in crowd.boxes.tolist() for crowd in outcomes]
    hidden = [there in crowd.doubtful.tolist() for crowd in outcomes]
    assert any(kept)
    assert any(hidden)
    for crowd, is_kept, is_hidden in zip(outcomes, kept, hidden, strict=True):
        covered = (crowd.pixels[40:58, 60:72] > 0).all(axis=-1).mean()
        assert is_kept != is_hidden
        assert is_hidden == (covered >= crowding.HIDDEN) or covered == pytest.approx(0.5, abs=0.25)


def test_the_frame_itself_stays_as_it_was(cutout):
    room = _room()

    _crowds(room, cutout, 3)

    assert not room.pixels.any()
    assert not len(room.boxes)
