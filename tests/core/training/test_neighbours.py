from dataclasses import replace

import numpy as np
import pytest
import torch

from mobilepose_core import crop, skeleton
from mobilepose_core.datasets import Sample
from mobilepose_core.model import GREY
from mobilepose_core.training import augment, neighbours
from mobilepose_core.training.crops import LOOSENESS
from mobilepose_core.training.neighbours import Neighbours, Pasted
from mobilepose_core.training.recipe import Recipe

SQUARE, CROP = 180, 100
STILL = Recipe(flip=0.0, rotation=0.0, scale=(1.0, 1.0), shift=0.0, colour=0.0)
JOINTS = skeleton.among_all(np.linspace(-0.1, 0.1, 22, dtype=np.float32).reshape(1, 11, 2))


def standing(across, down=0.0, size=1.0, blur=0.0, who=0.0, count=1):
    """The same person beside so many."""
    return Pasted(
        np.full(count, who),
        np.tile([across, down], (count, 1)),
        np.full(count, size),
        np.full(count, blur),
    )


NO_NEIGHBOUR = standing(0.3, who=np.nan)


@pytest.fixture
def bank():
    """One neighbour: a white square of 20 pixels in the middle of a loose square of black."""
    squares = torch.zeros((1, SQUARE, SQUARE, 4), dtype=torch.uint8)
    squares[:, 80:100, 80:100] = 255
    return Neighbours(squares, JOINTS)


@pytest.fixture
def fitting():
    """From a person's own frame to the crop that fits."""
    return crop.crop_from_image(crop.Region(0, 0, 1), CROP)[None]


@pytest.mark.parametrize(("across", "down", "size"), [(0.25, 0.0, 1.0), (-0.3, 0.1, 1.5)])
def test_a_neighbour_stands_where_they_are_drawn_and_as_large(bank, fitting, across, down, size):
    images = torch.zeros((1, 3, CROP, CROP))
    neighbour = standing(across, down, size)

    pasted = bank.paste(images, crop.composed(fitting, neighbour.frames), neighbour)

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
    two = standing(0.3, count=2)
    own_frames = crop.composed(np.concatenate([fitting, turned]), two.frames)

    upright, aside = bank.paste(images, own_frames, two)

    turns = [torch.rot90(upright, turns, (1, 2)) for turns in (1, 3)]
    assert any(torch.allclose(aside, turn, atol=1.0) for turn in turns)
    assert not torch.allclose(aside, upright, atol=1.0)


def test_without_a_drawn_neighbour_the_image_stays(bank, fitting):
    images = torch.rand((1, 3, CROP, CROP))

    assert torch.equal(bank.paste(images, fitting, NO_NEIGHBOUR), images)


def test_neighbours_are_as_frequent_as_the_recipe_says_and_never_cover_the_person():
    drawn = neighbours.draw(4000, 0.3, 0.2, np.random.default_rng(1))

    assert len(drawn.rows) / 4000 == pytest.approx(0.3, abs=0.03)
    aside = drawn.places[:, 0]
    assert np.abs(aside).min() >= neighbours.SIDEWAYS[0]
    assert (aside < 0).mean() == pytest.approx(0.5, abs=0.05)
    assert (drawn.blurs > 0).mean() == pytest.approx(0.2, abs=0.03)


def test_the_persons_own_joints_stay_when_someone_is_before_them(loose_crops, bank):
    recipe = Recipe(flip=0.0, rotation=0.0, scale=(1.0, 1.0), shift=0.0, colour=0.0, beside=1.0)
    indices = np.arange(len(loose_crops))
    drawn = augment.draw(len(loose_crops), recipe, np.random.default_rng(2))

    alone = augment.augmented(loose_crops, indices, CROP, drawn)
    beside = augment.augmented(loose_crops, indices, CROP, drawn, bank)

    assert np.array_equal(beside.joints, alone.joints, equal_nan=True)
    is_changed = (beside.images != alone.images).any(1)
    assert is_changed.any()
    assert is_changed.float().mean() < 0.2


@pytest.fixture
def grey(loose):
    """Two completely occluded people."""
    return loose(np.full((2, 240, 240, 3), 90, np.uint8), np.full((2, 11, 2), 100, np.float32))


def test_a_neighbour_of_a_blurred_person_is_as_sharp_as_of_another(grey, bank):
    drawn = augment.draw(2, STILL, np.random.default_rng(4))
    drawn = replace(drawn, neighbours=standing(0.3, count=2))
    drawn.blurs[1] = 1.2

    beside_sharp, beside_soft = augment.augmented(grey, np.arange(2), CROP, drawn, bank).images

    assert beside_sharp.max() > 0.9
    assert torch.allclose(beside_soft, beside_sharp, atol=1e-4)


def test_a_blurred_neighbour_is_as_bright_as_a_sharp_one_and_has_no_hard_edge(grey, bank):
    neighbour = standing(0.3, count=2)
    neighbour.blurs[1] = 1.2
    drawn = augment.draw(2, STILL, np.random.default_rng(4))

    images = augment.augmented(
        grey, np.arange(2), CROP, replace(drawn, neighbours=neighbour), bank
    ).images

    sharp, soft = images
    assert float(soft.mean()) == pytest.approx(float(sharp.mean()), abs=1e-3)
    steps = images.diff(dim=-1).abs().amax((1, 2, 3))
    assert steps[1] < 0.6 * steps[0]


def test_a_pasted_subject_replaces_the_person_of_the_crop(grey, bank, fitting):
    drawn = augment.draw(2, STILL, np.random.default_rng(4))
    drawn = replace(drawn, subjects=standing(0.3, size=0.8, count=2))
    drawn.flips[1] = True

    plain, mirrored = (batch := augment.augmented(grey, np.arange(2), CROP, drawn, bank)).images

    expected = crop.transform(fitting[0], JOINTS[0])
    assert np.allclose(batch.joints[0], expected, atol=1e-3, equal_nan=True)
    left, right = skeleton.INDEX["left_wrist"], skeleton.INDEX["right_wrist"]
    assert batch.joints[1, left, 0] == pytest.approx(CROP - 1 - expected[right, 0], abs=1e-3)
    is_theirs = plain[0] > 0.5
    rows, columns = np.nonzero(is_theirs.numpy())
    assert (rows.mean(), columns.mean()) == pytest.approx(((CROP - 1) / 2,) * 2, abs=0.5)
    assert torch.allclose(mirrored, plain.flip(2), atol=1e-4)


def test_the_replaced_person_is_next_to_the_pasted_subject(loose, bank):
    lit = np.zeros((1, 180, 180, 3), np.uint8)
    lit[:, 85:95, 85:95, 0] = 255  # blue, in the middle of the person
    behind = loose(lit, np.full((1, 11, 2), 90, np.float32))
    drawn = augment.draw(1, STILL, np.random.default_rng(4))
    drawn = replace(drawn, subjects=standing(0.3, size=0.8))

    image = augment.augmented(behind, np.arange(1), CROP, drawn, bank).images[0]

    is_blue = (image[2] > 0.5) & (image[0] < 0)
    columns = np.nonzero(is_blue.numpy())[1]
    # They are 0.3 of their side to the left, and each of their sides 1 / 0.8 of the crop's.
    assert columns.mean() == pytest.approx((CROP - 1) / 2 - 0.3 / 0.8 * CROP, abs=1.0)


def test_people_who_cannot_be_cut_out_are_an_error_that_says_what_is_expected(tmp_path):
    unreadable = Sample(tmp_path / "missing.jpg", np.zeros((19, 2), np.float32), "missing")

    with pytest.raises(ValueError, match="plain backgrounds"):
        Neighbours.of([unreadable], SQUARE)
