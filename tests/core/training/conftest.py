"""Small people to train on: coloured joints on grey, cut loosely as the real ones are."""

import numpy as np
import pytest

from mobilepose_core import crop, skeleton
from mobilepose_core.training.crops import LOOSENESS, QUALITY, LooseCrops, own_frame
from mobilepose_core.training.sources import People
from mobilepose_core.training.stored_image import StoredImage

SIZE = 120


@pytest.fixture
def loose():
    """Makes people in the middle of squares (N, S, S, 3) of joints (N, 11, 2) in their pixels."""

    def of(squares, joints):
        middle = (len(squares[0]) - 1) / 2
        frame = own_frame(crop.Region(middle, middle, len(squares[0]) / LOOSENESS))
        frames = np.repeat(frame[None], len(squares), axis=0)
        everything = skeleton.among_all(crop.transform(frame, joints))
        parts = [StoredImage.of(square, QUALITY) for square in squares]
        return LooseCrops(
            parts, frames, everything, np.full(len(squares), "people"), np.ones(len(squares), bool)
        )

    return of


@pytest.fixture
def loose_crops(loose):
    """Twelve people as bright dots, their joints within the crop that fits."""
    random = np.random.default_rng(3)
    middle, reach = SIZE / 2, SIZE / LOOSENESS / 2 * 0.7
    joints = random.uniform(middle - reach, middle + reach, (12, skeleton.JOINT_COUNT, 2))
    rows, columns = np.mgrid[:SIZE, :SIZE]
    squares = np.full((12, SIZE, SIZE, 3), 60, np.uint8)
    for square, person in zip(squares, joints, strict=True):
        for index, (x, y) in enumerate(person):
            near = (columns - x) ** 2 + (rows - y) ** 2 < 9
            square[near] = (20 * index, 255 - 20 * index, 255)
    return loose(squares, joints)


@pytest.fixture
def people(loose_crops):
    """The same as the only source of a run."""
    return People(loose_crops, np.ones(len(loose_crops)))
