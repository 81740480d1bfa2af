import numpy as np
import pytest
import torch

from mobilepose_core import skeleton
from mobilepose_core.training import augment, blur
from mobilepose_core.training.crops import LOOSENESS
from mobilepose_core.training.recipe import Recipe

SIZE, CROP = 240, 96


@pytest.fixture
def one_light_each(loose):
    """Makes people who are a single light, which is each of their joints."""
    return lambda positions: loose(*_lights(positions))


def _lights(positions):
    rows, columns = np.mgrid[:SIZE, :SIZE]
    squares = [
        120 + 120 * np.exp(-((columns - x) ** 2 + (rows - y) ** 2) / 50) for x, y in positions
    ]
    pixels = np.repeat(np.stack(squares)[..., None], 3, axis=3).astype(np.uint8)
    joints = np.repeat(np.array(positions, np.float32)[:, None], skeleton.JOINT_COUNT, axis=1)
    return pixels, joints


def _centre_of_light(image):
    light = image.mean(0).numpy()
    light = np.where(light > light.max() - 0.5, light - (light.max() - 0.5), 0)
    rows, columns = np.indices(light.shape)
    return np.array([(columns * light).sum(), (rows * light).sum()]) / light.sum()


def _augmented(crops, recipe, seed=0):
    drawn = augment.draw(len(crops), recipe, np.random.default_rng(seed))
    return augment.augmented(crops, np.arange(len(crops)), CROP, drawn)


@pytest.mark.parametrize("flip", [0.0, 1.0])
def test_joints_go_where_the_warp_puts_their_pixels(one_light_each, flip):
    crops = one_light_each([(130, 110), (100, 135), (118, 122), (140, 100)])
    recipe = Recipe(flip=flip, colour=0.0)

    batch = _augmented(crops, recipe, seed=5)

    for image, joints in zip(batch.images, batch.joints, strict=True):
        # Half a crop pixel: the light is a few pixels wide and sampled once.
        assert np.allclose(_centre_of_light(image), joints[0], atol=0.5)


def test_a_plain_crop_keeps_its_people_where_they_are(one_light_each):
    crops = one_light_each([(119.5, 119.5), (160, 119.5)])

    batch = augment.plain(crops, np.arange(2), CROP)

    middle = (CROP - 1) / 2
    assert np.allclose(batch.joints[0, 0], [middle, middle])
    assert np.allclose(_centre_of_light(batch.images[0]), [middle, middle], atol=0.2)
    scale = CROP / (SIZE / LOOSENESS)
    assert np.allclose(batch.joints[1, 0], [middle + 40.5 * scale, middle], atol=1e-3)


def test_a_mirrored_person_keeps_their_left_on_their_left(loose_crops):
    still = Recipe(flip=0.0, rotation=0.0, scale=(1.0, 1.0), shift=0.0, colour=0.0)
    mirrored = Recipe(flip=1.0, rotation=0.0, scale=(1.0, 1.0), shift=0.0, colour=0.0)
    left, right = skeleton.INDEX["left_wrist"], skeleton.INDEX["right_wrist"]

    plain = _augmented(loose_crops, still)
    flipped = _augmented(loose_crops, mirrored)

    assert np.allclose(flipped.joints[:, left, 0], CROP - 1 - plain.joints[:, right, 0], atol=1e-3)
    assert np.allclose(flipped.joints[:, left, 1], plain.joints[:, right, 1], atol=1e-3)
    assert torch.allclose(flipped.images, plain.images.flip(3), atol=1e-4)


def test_the_same_seed_gives_the_same_batch_and_another_seed_another(loose_crops):
    one, same, other = (_augmented(loose_crops, Recipe(), seed) for seed in (1, 1, 2))

    assert torch.equal(one.images, same.images)
    assert not torch.equal(one.images, other.images)


def test_a_hidden_part_shows_the_next_person_and_the_joints_stay(loose_crops):
    still = Recipe(flip=0.0, rotation=0.0, scale=(1.0, 1.0), shift=0.0, colour=0.0)
    hiding = Recipe(flip=0.0, rotation=0.0, scale=(1.0, 1.0), shift=0.0, colour=0.0, hiding=1.0)

    plain = _augmented(loose_crops, still)
    hidden = _augmented(loose_crops, hiding)

    assert np.allclose(hidden.joints, plain.joints, equal_nan=True)
    own = (hidden.images == plain.images).all(1)
    foreign = (hidden.images == plain.images.roll(1, 0)).all(1)
    assert (own | foreign).all()
    shares = 1 - own.float().mean((1, 2))
    # Where both people are the same grey a hidden pixel counts as own.
    assert (shares > 0).float().mean() > 0.5
    assert shares.max() <= augment.PATCH_SIDES[1] ** 2 + 0.02


def test_images_are_rgb_around_nought(loose):
    pixels = np.zeros((1, SIZE, SIZE, 3), np.uint8)
    pixels[..., 2] = 255
    crops = loose(pixels, np.full((1, 11, 2), 100, np.float32))

    images = augment.plain(crops, np.arange(1), CROP).images

    grey_level = 1 / 128  # by which JPEG rounds
    assert torch.allclose(images[0, 0], torch.tensor(127 / 128), atol=grey_level)
    assert torch.allclose(images[0, 2], torch.tensor(-1.0))


def test_colour_changes_stay_in_range_and_do_change(loose_crops):
    still = Recipe(flip=0, rotation=0, scale=(1, 1), shift=0, colour=0.0)
    lively = Recipe(flip=0, rotation=0, scale=(1, 1), shift=0, colour=0.4)

    plain = _augmented(loose_crops, still)
    coloured = _augmented(loose_crops, lively)

    assert coloured.images.abs().max() <= 1
    assert (coloured.images - plain.images).abs().mean() > 0.02


def test_a_blur_spreads_light_without_moving_it(one_light_each):
    crops = one_light_each([(119.5, 119.5), (119.5, 119.5)])
    still = Recipe(flip=0, rotation=0, scale=(1, 1), shift=0, colour=0)
    drawn = augment.draw(2, still, np.random.default_rng(0))
    drawn.blurs[1] = 1.2

    sharp, soft = augment.augmented(crops, np.arange(2), CROP, drawn).images

    assert soft.max() < sharp.max() - 0.05
    assert float(soft.mean()) == pytest.approx(float(sharp.mean()), abs=1e-3)
    assert np.allclose(_centre_of_light(soft), _centre_of_light(sharp), atol=0.1)


def test_as_many_crops_are_blurred_as_the_recipe_says():
    drawn = augment.draw(4000, Recipe(blur=0.3), np.random.default_rng(1))

    assert (drawn.blurs > 0).mean() == pytest.approx(0.3, abs=0.03)
    assert drawn.blurs[drawn.blurs > 0].min() >= blur.BLURS[0]
