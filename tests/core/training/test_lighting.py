import numpy as np

from mobilepose_core.training import lighting

GREY = np.full((40, 60, 3), 150, np.uint8)


def _means(strength):
    random = np.random.default_rng(0)
    return np.array([lighting.changed(GREY, strength, random).mean() for _ in range(300)])


def test_without_strength_no_picture_is_darker():
    assert np.allclose(_means(0.0), 150, atol=1)


def test_some_pictures_are_dark_and_most_are_not():
    means = _means(0.3)

    assert 0.04 < (means < 75).mean() < 2 * lighting.DARK
    assert means.min() > 5
