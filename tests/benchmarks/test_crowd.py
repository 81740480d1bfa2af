import numpy as np
import pytest
from benchmarks.growing.crowd import GREY, TrackedCrowd, crowd

from mobilepose_core.inference.runtime import model_file

needs_small = pytest.mark.skipif(
    "small-int8" not in model_file.released_models(), reason="no released model 'small-int8'"
)


def test_people_fill_the_cells_row_by_row_and_the_rest_is_grey():
    frame, found = crowd(3, (640, 480))

    assert frame.shape == (480, 640, 3)
    assert np.array_equal(frame[:240, :320], frame[:240, 320:])
    assert np.array_equal(frame[:240, :320], frame[240:, :320])
    assert (frame[240:, 320:] == GREY).all()
    assert len(found) == 3


def test_boxes_lie_in_the_cells_of_their_people():
    _, found = crowd(4, (640, 480))

    inside = found.boxes[0]
    assert (inside >= 0).all()
    assert (inside <= (320, 240, 320, 240)).all()
    moves = [(0, 0), (320, 0), (0, 240), (320, 240)]
    assert np.allclose(found.boxes - inside, [(x, y, x, y) for x, y in moves])


def test_a_frame_with_too_few_cells_is_refused():
    with pytest.raises(ValueError, match=r"has 4 cells of \(320, 240\), not 5"):
        crowd(5, (640, 480))


@needs_small
@pytest.mark.parametrize("count", [1, 6])
def test_every_person_in_a_video_is_tracked_in_every_frame(count):
    video = TrackedCrowd("small-int8", 1, count, (960, 480))

    for _ in range(5):
        video()


@needs_small
def test_a_video_with_a_missed_person_is_an_error(monkeypatch):
    grey = np.full((480, 640, 3), GREY, np.uint8)
    _, found = crowd(2, (640, 480))
    monkeypatch.setattr("benchmarks.growing.crowd.crowd", lambda *_: (grey, found))
    video = TrackedCrowd("small-int8", 1, 2, (640, 480))

    with pytest.raises(RuntimeError, match="shows 2 people, 0 were found"):
        video()
