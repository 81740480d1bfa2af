"""People cut out of photographs whose arms are moved."""

import numpy as np
import pytest
from benchmarks.behaving import acts
from benchmarks.behaving.puppet_films import PuppetFilms
from benchmarks.behaving.puppets import Puppet, puppets_of

from mobilepose_core import PoseEstimator
from mobilepose_core.datasets.cutouts import Cutout
from mobilepose_core.errors import DataError
from mobilepose_core.evaluation.mannequin import mannequin
from mobilepose_core.skeleton import ALL_19

PLACES = {
    "left_shoulder": (372, 180),
    "left_elbow": (415, 260),
    "left_wrist": (390, 330),
    "right_shoulder": (268, 180),
    "right_elbow": (225, 260),
    "right_wrist": (250, 330),
    "left_hip": (350, 320),
    "right_hip": (290, 320),
    "left_eye": (333, 98),
    "right_eye": (307, 98),
    "nose": (320, 116),
}
"""Of the mannequin's joints."""

WALL = np.array((60, 200, 60), np.uint8)


def cutout(**moved):
    joints = np.full((19, 2), np.nan, np.float32)
    for name, place in {**PLACES, **moved}.items():
        joints[ALL_19.index[name]] = place
    picture = mannequin()
    alpha = (np.abs(picture.astype(int) - picture[0, 0]).max(axis=2) > 20).astype(np.float32)
    return Cutout(picture, alpha, joints)


def drawn(**moved):
    canvas = np.full((480, 640, 3), WALL, np.uint8)
    points = {name: np.array(at, float) for name, at in {**PLACES, **moved}.items()}
    Puppet(cutout()).draw(canvas, points)
    return canvas


def is_wall(canvas, place):
    x, y = place
    return np.abs(canvas[y, x].astype(int) - WALL).max() < 30


def test_a_person_whose_joints_stay_looks_as_in_the_photograph():
    person = cutout()
    inside = person.alpha > 0

    canvas = drawn()

    assert np.abs(canvas.astype(int) - person.picture)[inside].mean() < 12
    assert np.abs(canvas.astype(int) - WALL)[~inside].mean() < 4


def test_an_arm_is_where_it_was_moved_to_and_not_where_it_was():
    canvas = drawn(left_elbow=(440, 130), left_wrist=(450, 60))

    assert not is_wall(canvas, (440, 130))
    assert not is_wall(canvas, (450, 60))
    assert is_wall(canvas, PLACES["left_elbow"])
    assert is_wall(canvas, PLACES["left_wrist"])
    assert not is_wall(canvas, PLACES["right_wrist"])


def test_a_person_can_be_moved_and_made_smaller():
    canvas = drawn(**{name: (x / 2, y / 2) for name, (x, y) in PLACES.items()})

    assert not is_wall(canvas, (160, 130))  # the middle of the torso
    assert is_wall(canvas, (320, 250))


@pytest.mark.parametrize(
    "moved",
    [
        {"left_wrist": (320, 260)},  # before the chest
        {"left_elbow": (415, 120)},  # raised
        {"left_elbow": (np.nan, np.nan)},
        {"left_shoulder": (268, 180), "right_shoulder": (372, 180)},  # from behind
    ],
)
def test_who_does_not_stand_with_arms_at_their_side_is_no_puppet(moved):
    with pytest.raises(DataError, match="none of 1 people faces the camera"):
        puppets_of([cutout(**moved)])

    with pytest.raises(DataError, match="expected somebody who faces the camera"):
        Puppet(cutout(**moved))


@pytest.mark.parametrize("side", ["left", "right"])
def test_a_raised_hand_is_told_from_images(side):
    draw = np.random.default_rng(1)
    known = {act.name: act for act in (*acts.gestures(draw), *acts.others(draw))}
    films = PuppetFilms(
        PoseEstimator("body", "cpu"),
        puppets_of([cutout()]),
        [np.full((480, 640, 3), WALL, np.uint8)],
        draw,
    )

    told = list(films.watch([known["stand"], known[f"raise {side}"]]))

    standing, raising = told[20:40], told[55:]
    assert not any(f"{side}_hand_raised" in frame.gestures for frame in standing)
    assert all(f"{side}_hand_raised" in frame.gestures for frame in raising)
    assert films.found[True] > 0.9 * films.found.total()
