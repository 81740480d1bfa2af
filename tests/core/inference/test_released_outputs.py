"""The released networks give the same people in the same frames as when they were released."""

import json
from pathlib import Path

import cv2
import numpy as np
import pytest
import skimage.data

from mobilepose_core import PoseEstimator

STORED = Path(__file__).parent / "data" / "released_outputs.json"
"""By model, for each of `frames`: the people's IDs, joints and scores. Written by `found`."""

RATE = 15.0
ALONE, FRAMES = 14, 24
TOLERANCE = 0.01
"""Of a joint, pixels."""


def frames():
    """A person who moves, then, after a cut, two who move."""
    photo = np.ascontiguousarray(skimage.data.astronaut()[..., ::-1])
    alone = cv2.copyMakeBorder(photo, 0, 0, 64, 64, cv2.BORDER_CONSTANT, value=(90, 100, 110))
    small = cv2.resize(photo, (320, 320), interpolation=cv2.INTER_AREA)
    pair = np.concatenate([small, small[:, ::-1]], axis=1)
    for number in range(FRAMES):
        if number < ALONE:
            frame = np.roll(alone, (2 * number, 6 * number), (0, 1))
        else:
            since = number - ALONE
            frame = np.roll(pair, (2 * since, 3 * since), (0, 1))
        yield number / RATE, np.ascontiguousarray(frame)


def found(model):
    """What is stored of a model."""
    estimator = PoseEstimator(model, "cpu", threads=1)
    return [
        [
            {
                "id": pose.track_id,
                "joints": np.round(pose.joints.astype(float), 3).tolist(),
                "scores": np.round(pose.scores.astype(float), 4).tolist(),
            }
            for pose in estimator(frame, time)
        ]
        for time, frame in frames()
    ]


@pytest.mark.parametrize("model", ["final", "small"])
def test_a_released_model_gives_the_joints_that_it_was_released_with(model):
    stored = json.loads(STORED.read_text(encoding="utf-8"))[model]

    for number, (people, expected) in enumerate(zip(found(model), stored, strict=True)):
        assert [p["id"] for p in people] == [p["id"] for p in expected], f"frame {number}"
        for person, before in zip(people, expected, strict=True):
            assert np.abs(np.subtract(person["joints"], before["joints"])).max() < TOLERANCE
            assert np.abs(np.subtract(person["scores"], before["scores"])).max() < TOLERANCE
