import numpy as np
import pytest

from mobilepose_core import crop, skeleton
from mobilepose_core.framing import FRAMINGS

BODY = FRAMINGS["body"]


def _person(x, y, width, height):
    """The nose at the top, an ankle at the lower corner, hips and shoulders in the upper half."""
    joints = np.full((19, 2), np.nan, np.float32)
    for name, place in {
        "nose": (0.5, 0), "left_shoulder": (1, 0.2), "right_shoulder": (0, 0.2),
        "left_hip": (0.8, 0.5), "right_hip": (0.2, 0.5), "left_ankle": (1, 1),
    }.items():  # fmt: skip
        joints[skeleton.ALL_19.index[name]] = (x + place[0] * width, y + place[1] * height)
    return joints


@pytest.mark.parametrize(("width", "height"), [(30, 120), (120, 30), (90, 120)])
def test_all_of_a_body_lies_in_the_middle_that_the_network_sees(width, height):
    joints = _person(50, 40, width, height)

    region = BODY.region(joints)

    shown = crop.transform(crop.crop_from_image(region, 256), joints)
    seen = shown[np.isfinite(shown).all(axis=1)] - [BODY.margin(256), 0]
    assert crop.inside(seen, BODY.width(256), 256).all()
    extent = np.ptp(seen, axis=0) / [BODY.width(256), 256]
    assert extent.max() == pytest.approx(1 / crop.MARGIN, abs=1e-5)


def test_legs_do_not_change_the_square_of_an_upper_body():
    joints = _person(50, 40, 40, 120)
    without_legs = joints.copy()
    without_legs[skeleton.ALL_19.index["left_ankle"]] = np.nan

    upper = FRAMINGS["upper_body"]

    assert upper.region(joints) == upper.region(without_legs)
    assert upper.width(160) == 160
    assert BODY.region(joints).side > upper.region(joints).side
