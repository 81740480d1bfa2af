"""Results to write: frames of a source with people in them."""

import numpy as np
import pytest

from mobilepose_core.inference import Pose
from mobilepose_core.io.result import Result
from mobilepose_core.io.sources import Frame


@pytest.fixture
def make_result():
    """A frame of 60 x 80 pixels, grey of the given brightness, with people of the given tracks."""

    def make(source="film.mp4", index=0, time=None, tracks=(1,), value=90):
        joints = np.stack([np.arange(11) * 5.123, np.arange(11) * 3.3], axis=1).astype(np.float32)
        scores = np.linspace(0.1, 0.9, 11, dtype=np.float32)
        poses = [Pose(joints + 3 * track, scores, track) for track in tracks]
        return Result(Frame(np.full((60, 80, 3), value, np.uint8), source, index, time), poses)

    return make
