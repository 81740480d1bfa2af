"""Peers find people and their joints, as we run them."""

import numpy as np
import onnxruntime
import pytest
from benchmarks.peers import nanodet, roster
from benchmarks.peers.nanodet import NanoDet
from benchmarks.peers.packages import UnavailableError
from benchmarks.picture import astronaut


def test_nanodet_finds_the_astronaut_and_no_person_on_grey():
    try:
        detector = NanoDet(roster.nanodet())
    except UnavailableError as error:
        pytest.skip(str(error))

    (person,) = detector.people(astronaut(640, 480), 0.5)

    x0, y0, x1, y1, _ = person
    assert x0 < 280 < x1  # her nose
    assert y0 < 100
    assert y1 > 440
    assert not len(detector.people(np.full((480, 640, 3), 128, np.uint8), 0.25))


def test_nanodets_boxes_are_the_means_of_how_likely_distances_are():
    classes = np.zeros((4, 80), np.float32)
    classes[2, 0], classes[3, 1] = 0.8, 0.9  # a person in the lower left cell, a bicycle beside
    distances = np.full((4, 4, 3), -50.0, np.float32)
    distances[2, [0, 1, 2, 3], [1, 2, 0, 0]] = 50
    distances[2, 3, 1] = 50

    boxes, scores = nanodet.decoded([classes, distances.reshape(4, 12)], 0.5)

    # Cells of 208 pixels; the person's middle is at half a cell and one and a half.
    expected = np.array([0.5 - 1, 1.5 - 2, 0.5, 1.5 + 0.5]) * 208
    assert boxes == pytest.approx(expected[None])
    assert scores.tolist() == pytest.approx([0.8])


def test_movenet_finds_the_astronauts_nose():
    try:
        path = roster.movenet("lightning")
    except UnavailableError as error:
        pytest.skip(str(error))
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    rgb = astronaut(192, 192)[..., ::-1].astype(np.int32)[None]

    (keypoints,) = session.run(None, {"input": rgb})

    # In parts of the picture; in 640x480 it is at 280, 100, of which the middle 480 are here.
    y, x, score = keypoints[0, 0, 0]
    assert (x, y) == pytest.approx(((280 - 80) / 480, 100 / 480), abs=0.04)
    assert score > 0.5
