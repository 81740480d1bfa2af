import numpy as np
import pytest
import torch

from mobilepose_core import crop
from mobilepose_core.datasets import Sample
from mobilepose_core.model import GREY
from mobilepose_core.training import augment, neighbours
from mobilepose_core.training.crops import LOOSENESS
from mobilepose_core.training.neighbours import Neighbours
from mobilepose_core.training.recipe import Recipe

SQUARE, CROP = 180, 100
STILL = Recipe(flip=0.0, rotation=0.0, scale=(1.0, 1.0), shift=0.0, colour=0.0)
NOBODY = np.full((1, 4), np.nan)


@pytest.fixture
def bank():
    """One neighbour: a white square of 20 pixels in the middle of a loose square of black."""
    squares = torch.zeros((1, SQUARE, SQUARE, 4), dtype=torch.uint8)
    squares[:, 80:100, 80:100] = 255
    return Neighbours(squares)


@pytest.fixture
def fitting():
    """From a person's own frame to the crop that fits."""
    return crop.crop_from_image(crop.Region(0, 0, 1), CROP)[None]


@pytest.mark.parametrize(("across", "down", "size"), [(0.25, 0.0, 1.0), (-0.3, 0.1, 1.5)])
def test_a_neighbour_stands_where_they_are_drawn_and_as_large(bank, fitting, across, down, size):
    images = torch.zeros((1, 3, CROP, CROP))

    pasted = bank.before(images, fitting, np.array([[0.0, across, down, size]]))

    seen = pasted[0].mean(0).numpy()
    rows, columns = np.indices(seen.shape)
    middle = np.array([(columns * seen).sum(), (rows * seen).sum()]) / seen.sum()
    assert np.allclose(middle, (CROP - 1) / 2 + CROP * np.array([across, down]), atol=0.1)
    is_theirs = seen > (255 - GREY) / 2
    side = 20 * size * CROP / (SQUARE / LOOSENESS)
    assert is_theirs.sum() == pytest.approx(side**2, rel=0.12)


def test_a_neighbour_turns_with_the_picture(bank, fitting):
    turned = crop.crop_from_image(crop.Region(0, 0, 1, np.pi / 2), CROP)[None]
    images = torch.zeros((2, 3, CROP, CROP))
    drawn = np.array([[0.0, 0.3, 0.0, 1.0]] * 2)

    upright, aside = bank.before(images, np.concatenate([fitting, turned]), drawn)

    turns = [torch.rot90(upright, turns, (1, 2)) for turns in (1, 3)]
    assert any(torch.allclose(aside, turn, atol=1.0) for turn in turns)
    assert not torch.allclose(aside, upright, atol=1.0)


def test_where_nobody_is_drawn_the_image_stays(bank, fitting):
    images = torch.rand((1, 3, CROP, CROP))

    assert torch.equal(bank.before(images, fitting, NOBODY), images)


def test_somebody_stands_beside_as_many_as_the_recipe_says_and_never_upon_them():
    drawn = neighbours.draw(4000, 0.3, np.random.default_rng(1))

    is_there = np.isfinite(drawn[:, 0])
    assert is_there.mean() == pytest.approx(0.3, abs=0.03)
    assert np.abs(drawn[:, 1]).min() >= neighbours.SIDEWAYS[0]
    assert (drawn[:, 1] < 0).mean() == pytest.approx(0.5, abs=0.05)


def test_the_persons_own_joints_stay_when_someone_is_before_them(loose_crops, bank):
    recipe = Recipe(flip=0.0, rotation=0.0, scale=(1.0, 1.0), shift=0.0, colour=0.0, beside=1.0)
    indices = np.arange(len(loose_crops))
    drawn = augment.draw(len(loose_crops), recipe, np.random.default_rng(2))

    alone = augment.augmented(loose_crops, indices, CROP, drawn)
    beside = augment.augmented(loose_crops, indices, CROP, drawn, bank)

    assert np.array_equal(beside.joints, alone.joints)
    is_changed = (beside.images != alone.images).any(1)
    assert is_changed.any()
    assert is_changed.float().mean() < 0.2


def test_who_stands_beside_a_blurred_person_is_as_sharp_as_beside_another(loose, bank):
    grey = loose(np.full((2, 240, 240, 3), 90, np.uint8), np.full((2, 11, 2), 100, np.float32))
    drawn = augment.draw(2, STILL, np.random.default_rng(4))
    drawn.beside[:] = (0.0, 0.3, 0.0, 1.0)
    drawn.blurs[1] = 1.2

    beside_sharp, beside_soft = augment.augmented(grey, np.arange(2), CROP, drawn, bank).images

    assert beside_sharp.max() > 0.9
    assert torch.allclose(beside_soft, beside_sharp, atol=1e-4)


def test_people_who_cannot_be_cut_out_are_an_error_that_says_what_is_expected(tmp_path):
    nobody = Sample(tmp_path / "missing.jpg", np.zeros((11, 2), np.float32), "missing")

    with pytest.raises(ValueError, match="plain backgrounds"):
        Neighbours.of([nobody], SQUARE)
