"""Small people to train on: coloured joints on grey, cut loosely as the real ones are."""

import numpy as np
import pytest
import torch

from mobilepose_core import skeleton
from mobilepose_core.training.crops import LOOSENESS, LooseCrops
from mobilepose_core.training.sources import People

SIZE = 120


@pytest.fixture
def loose_crops():
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
    return LooseCrops(torch.from_numpy(squares), joints.astype(np.float32))


@pytest.fixture
def people(loose_crops):
    """The same as the only source of a run."""
    return People(loose_crops, np.ones(len(loose_crops)))
