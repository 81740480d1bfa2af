"""Close-ups show people whom a picture's border cuts off, as crops around detections do."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from mobilepose_core import skeleton
from mobilepose_core.framing import FRAMINGS
from mobilepose_core.skeleton import ALL_19
from mobilepose_core.training import augment, close_ups
from mobilepose_core.training.close_ups import CloseUps
from mobilepose_core.training.recipe import RECIPES, Recipe

SIZE = 64


def _person(**joints):
    """(1, 19, 2) joints in the person's own frame; those not named are not annotated."""
    person = np.full((1, 19, 2), np.nan, np.float32)
    for name, place in joints.items():
        person[0, ALL_19.index[name]] = place
    return person


UPRIGHT = _person(
    nose=(0, -0.3),
    left_shoulder=(0.2, -0.1),
    right_shoulder=(-0.2, -0.1),
    left_hip=(0.1, 0.3),
    right_hip=(-0.1, 0.3),
)


def _close_up(visible=np.nan, cut=0.0):
    return CloseUps(np.array([visible]), np.array([cut]))


def test_the_border_is_below_the_face_by_the_share_that_is_visible():
    (picture,) = _close_up(0.25, 0.5).pictures(UPRIGHT)

    assert picture[[2, 3]] == pytest.approx([0.2 - 0.5 * 0.4, -0.3 + 0.25 * 0.6])
    assert (picture[:2] < -10).all()


def test_a_crop_fits_what_the_picture_shows():
    (picture,) = _close_up(0.5).pictures(UPRIGHT)
    (box,) = close_ups.boxes_of(UPRIGHT)

    region = close_ups.region(box, picture)

    assert (region.x, region.y) == pytest.approx((0, -0.15), abs=1e-6)
    assert region.side == pytest.approx(1.3 * 0.4, abs=1e-6)


def test_a_crop_of_a_whole_body_network_holds_the_width_in_its_columns():
    wide = _person(nose=(0, -0.2), left_hip=(0.4, 0.3), right_hip=(-0.4, 0.3))
    (picture,) = _close_up(0.4).pictures(wide)
    (box,) = close_ups.boxes_of(wide)

    region = close_ups.region(box, picture, FRAMINGS["body"].aspect)

    assert region.side * FRAMINGS["body"].aspect == pytest.approx(1.3 * 0.8, abs=1e-6)


@pytest.mark.parametrize("name", FRAMINGS)
def test_somebody_close_up_fits_the_columns_that_a_network_sees(loose_crops, name):
    count = len(loose_crops)
    joints = np.repeat(UPRIGHT * np.float32([2, 1]), count, axis=0)
    plain = Recipe(scale=(1, 1), shift=0, stretch=1, flip=0)
    drawn = augment.draw(count, plain, np.random.default_rng(1))
    drawn = replace(drawn, close_ups=CloseUps(np.full(count, 0.4), np.zeros(count)))

    batch = augment.augmented(
        replace(loose_crops, joints=joints),
        np.arange(count),
        SIZE,
        drawn,
        framing=FRAMINGS[name],
    )

    shoulders = batch.joints[:, [ALL_19.index["left_shoulder"], ALL_19.index["right_shoulder"]], 0]
    known = shoulders[np.isfinite(shoulders)]
    assert len(known)
    assert batch.images.shape[-1] == FRAMINGS[name].width(SIZE)
    assert known.min() > 0
    assert known.max() < FRAMINGS[name].width(SIZE) - 1


def test_who_is_shown_whole_has_no_border():
    assert (abs(_close_up().pictures(UPRIGHT)) > 10).all()


@pytest.mark.parametrize(
    ("joints", "possible"),
    [
        (UPRIGHT, True),
        (-UPRIGHT, False),
        (_person(left_shoulder=(0.2, -0.1), left_hip=(0.1, 0.3)), False),
        (_person(), True),
    ],
    ids=["upright", "upside down", "without a face", "nobody"],
)
def test_a_close_up_needs_a_face_above_the_rest_or_nobody(joints, possible):
    assert close_ups.are_possible(joints).tolist() == [possible]


def test_beyond_the_border_a_crop_is_empty_and_joints_are_unknown():
    images, joints = torch.ones(1, 3, SIZE, SIZE), _person(nose=(20, 10), left_hip=(20, 50))

    shown, left = close_ups.without_the_rest(images, joints, np.array([[-9, -9, 99, 40.5]]))

    assert shown[0, :, :41].min() == 1
    assert shown[0, :, 41:].max() == 0
    assert np.isfinite(left[0, ALL_19.index["nose"]]).all()
    assert np.isnan(left[0, ALL_19.index["left_hip"]]).all()


def test_a_recipe_shows_its_share_of_people_close_up_and_some_at_a_side():
    drawn = close_ups.draw(4000, 0.2, np.random.default_rng(0))

    assert drawn.are_close.mean() == pytest.approx(0.2, abs=0.02)
    assert (drawn.cut != 0).mean() == pytest.approx(close_ups.ASIDE, abs=0.03)
    assert {-1, 0, 1} == set(np.sign(drawn.cut))
    assert RECIPES["world"].close_ups > 0 == RECIPES["paper"].close_ups


@pytest.mark.parametrize("flip", [0.0, 1.0])
def test_joints_of_close_ups_go_where_their_pixels_go(loose_crops, flip):
    recipe = Recipe(rotation=30, colour=0, flip=flip, close_ups=1.0)
    drawn = augment.draw(len(loose_crops), recipe, np.random.default_rng(1))
    drawn = replace(drawn, close_ups=replace(drawn.close_ups, cut=np.zeros(len(loose_crops))))
    loose_crops = replace(loose_crops, joints=_with_faces_on_top(loose_crops.joints))

    batch = augment.augmented(loose_crops, np.arange(len(loose_crops)), SIZE, drawn)

    hidden = np.isnan(skeleton.select(batch.joints)).any(axis=(1, 2))
    assert hidden.mean() > 0.5
    for image, person in zip(augment.pixels_of(batch.images), batch.joints, strict=True):
        inside = person[np.isfinite(person).all(axis=1)].round().astype(int)
        inside = inside[((inside >= 0) & (inside < SIZE)).all(axis=1)]
        for x, y in inside:
            around = image[max(0, y - 2) : y + 3, max(0, x - 2) : x + 3]
            assert around[..., 2].max() > 150, "no joint is where the label says"


def _with_faces_on_top(joints):
    """The same joints, with the names of the face given to the highest ones."""
    order = np.argsort(joints[:, :, 1], axis=1)
    names = skeleton.JOINTS
    sorted_names = [*(n for n in names if n in ("left_eye", "right_eye", "nose"))]
    sorted_names += [n for n in names if n not in sorted_names]
    named = np.full_like(joints, np.nan)
    for person, places, result in zip(joints, order, named, strict=True):
        known = [index for index in places if np.isfinite(person[index]).all()]
        for name, index in zip(sorted_names, known, strict=True):
            result[ALL_19.index[name]] = person[index]
    return named
