import numpy as np
import pytest

from mobilepose_core import crop, skeleton
from mobilepose_core.evaluation import views
from mobilepose_core.evaluation.outcomes import Outcomes, outcomes
from mobilepose_core.evaluation.views import VIEWS
from mobilepose_core.framing import FRAMINGS
from mobilepose_core.inference.pose_model import PoseModel

IMAGE = np.full((240, 320, 3), 60, np.uint8)
OTHER = np.full((90, 120, 3), 200, np.uint8)
JOINTS = skeleton.among_all(np.float32([[100 + 12 * i, 40 + 14 * i] for i in range(11)]))
FRAMING = FRAMINGS["upper_body"]


def _drawn(name, count=50):
    random = np.random.default_rng(0)
    return [VIEWS[name](IMAGE, JOINTS, OTHER, random, FRAMING) for _ in range(count)]


@pytest.mark.parametrize("name", VIEWS)
def test_a_view_shows_joints_that_are_left(name):
    for view in _drawn(name):
        height, width = view.image.shape[:2]
        left = crop.inside(view.joints, width, height)
        shown = crop.transform(crop.crop_from_image(view.region, 224), view.joints)

        assert (crop.inside(shown, 224, 224) & left).any()


def test_a_follower_is_near_the_person_and_neither_far_too_near_nor_too_far():
    fitting = VIEWS["fitting"](IMAGE, JOINTS, OTHER, np.random.default_rng(0), FRAMING).region
    followers = [view.region for view in _drawn("followed", 200)]

    shifts = [abs(region.x - fitting.x) / fitting.side for region in followers]
    scales = [region.side / fitting.side for region in followers]
    assert 0.1 < max(shifts) <= views.SHIFT
    assert min(scales) >= views.SCALES[0]
    assert max(scales) <= views.SCALES[1]
    assert np.ptp(scales) > 0.5


def test_a_cut_leaves_some_joints_outside_the_photograph_on_every_side():
    sides = set()
    for view in _drawn("cut off"):
        height, width = view.image.shape[:2]
        outside = ~crop.inside(view.joints, width, height) & np.isfinite(view.joints[:, 0])
        assert 2 <= outside.sum() <= 9
        x, y = view.joints[outside].mean(axis=0)
        sides.add((x < 0, y < 0, x > width, y > height))

    assert len(sides) >= 4


def test_something_of_another_photograph_hides_a_part_and_leaves_the_picture_as_it_was():
    before = IMAGE.copy()

    covered = [(view.image == 200).all(axis=-1).sum() for view in _drawn("hidden")]

    assert np.array_equal(IMAGE, before)
    fitting = crop.region_of_box(crop.box_of_joints(JOINTS)).side
    assert max(covered) <= (views.PATCH[1] * views.SCALES[1] * fitting + 1) ** 2
    assert np.mean(np.array(covered) > 0) > 0.9


def test_a_joint_outside_the_picture_is_wrong_whatever_is_found(red_model, lights, monkeypatch):
    samples, session = lights(3, joint=0).samples, PoseModel(red_model)

    def cut(image, joints, other, random, framing):
        return views.View(image[:, 100:], joints - np.float32([100, 0]), region)

    region = crop.region_of_frame(220, 240)
    whole = outcomes(samples, VIEWS["fitting"], session)
    rest = outcomes(samples, cut, session)

    assert whole.right[:, 0].all()
    assert not whole.right[:, 1:].any()
    outside = np.array([sample.upper_body[:, 0] < 99.5 for sample in samples])
    assert outside.any()
    assert not rest.right[outside].any()


def test_outcomes_score_only_what_is_annotated():
    ones = np.ones((1, 11), np.float32)
    annotated = np.arange(11)[None] < 4

    scores, right = Outcomes(ones * 0.7, annotated, annotated, ones).scored(None)

    assert scores == pytest.approx(np.full(4, 0.7))
    assert right.all()
