import json
import math
import sys

import numpy as np
import pytest
from benchmarks import following
from benchmarks.behaving import chase, errands
from benchmarks.behaving.robot import FollowingRobot, Planar
from benchmarks.behaving.street import Sensor, Walker, colours

from mobilepose_core.behaviour import appearance_distance


def walker(draw, x, y=0.0, yaw=math.pi):
    return Walker.drawn(draw, Planar(x, y, yaw), colours(draw))


def looked(*people, share=0.0, has_depth=True, time=0.0, sensor=None):
    sensor = sensor or Sensor(np.random.default_rng(1), share, has_depth)
    return sensor.look(time, Planar(), people)


def test_the_robot_stops_at_its_distance_and_looks_at_whom_it_follows():
    robot, goal = FollowingRobot(1.5), np.array([2.6, 0.8])

    for step in range(300):
        robot.detect(step / 50, goal)
        robot.step(step / 50, 0.02)

    there = robot.odometry
    assert 1.5 - 0.6 < math.dist((there.x, there.y), goal) < 1.5 + 0.2
    assert math.atan2(goal[1] - there.y, goal[0] - there.x) == pytest.approx(there.yaw, abs=0.3)


def test_the_robot_stops_when_the_pose_is_too_old():
    robot = FollowingRobot(1.5)
    robot.detect(0.0, np.array([50.0, 0.0]))

    for step in range(400):
        robot.step(step / 50, 0.02)

    assert robot.real.x < 2.0 * 1.4 + 1.4**2 / 3 + 0.1


def test_who_is_before_somebody_hides_them_and_the_camera_sees_nothing_behind_itself():
    draw = np.random.default_rng(0)

    (sight,) = looked(walker(draw, 2.0), walker(draw, 4.0), walker(draw, -2.0))

    assert sight.number == 0
    assert sight.is_isolated


def test_depth_is_where_people_are_with_noise_and_holes():
    draw = np.random.default_rng(0)
    people = [walker(draw, 3.0, y) for y in (-1.0, 1.0)]

    sensor = Sensor(np.random.default_rng(1), 0.0, True)
    sights = [sight for _ in range(40) for sight in looked(*people, sensor=sensor)]

    places = [spot for sight in sights for spot in sight.body.places.values()]
    assert np.median([spot[2] for spot in places]) == pytest.approx(2.9, abs=0.1)
    assert 0.05 < 1 - len(places) / (11 * len(sights)) < 0.3
    assert not looked(*people, has_depth=False)[0].body.places


def test_ids_are_exchanged_where_people_met_and_parted():
    draw = np.random.default_rng(0)
    near, far = walker(draw, 2.0, -0.8), walker(draw, 3.0, 0.0)
    sensor = Sensor(np.random.default_rng(1), 1.0, True)

    before = {one.number: one.track_id for one in looked(near, far, sensor=sensor)}
    near.at.y = 0.0
    looked(near, far, sensor=sensor, time=0.5)
    near.at.y = 0.8
    after = {one.number: one.track_id for one in looked(near, far, sensor=sensor, time=1.0)}

    assert after == {0: before[1], 1: before[0]}
    assert sensor.exchanges == 1


def test_people_in_uniform_look_alike_and_others_do_not():
    draw = np.random.default_rng(3)
    alike = np.array([one.look for one in chase.cast(draw, 3, True)])
    unlike = np.array([one.look for one in chase.cast(draw, 3, False)])

    assert appearance_distance(alike, alike).max() < 0.1
    assert np.median(appearance_distance(unlike, unlike)[np.triu_indices(4, 1)]) > 0.45


def test_a_robot_alone_with_its_target_keeps_the_distance(monkeypatch):
    monkeypatch.setattr(errands, "FILM", 8.0)

    figures = errands.alone(1, 0, True)

    assert figures["exchanges"] == figures["poses_astray"] == 0
    assert figures["place_error_mean_m"] < 0.15
    assert figures["distance_error_p95_m"] < 0.8


def test_a_target_that_was_away_is_found_again(monkeypatch):
    monkeypatch.setattr(errands, "LEAVES", 6.0)
    monkeypatch.setattr(errands, "STAYS", 3.0)
    figures = errands.returns(1, 4, (2.5, 2.5))

    assert figures["recovered"] >= 1
    assert figures["exchanges"] == 0


def test_a_follower_that_takes_another_for_the_target_is_found_out():
    outcome = chase.ChaseOutcome()
    draw = np.random.default_rng(0)
    people = chase.cast(draw, 1, False)
    film = chase.Chase(draw, people, lambda *_: None, 0.0, True, outcome)

    for step in range(20):
        film._judge(step / 10, "found_again", 1, [])

    assert (outcome.wrong_finds, outcome.exchanges) == (1, 1)


def test_the_program_ends_with_one_line_of_json(monkeypatch, capsys):
    monkeypatch.setattr(errands, "FILM", 1.0)
    monkeypatch.setattr(
        sys, "argv", ["following", "--films", "1", "--json", "--scene", "nobody else, depth"]
    )

    assert following.main() == 0

    (row,) = json.loads(capsys.readouterr().out.splitlines()[-1])["scenes"]
    assert row["scene"] == "nobody else, depth"
    assert row["films"] == 1
    assert row["return_median_s"] is None
