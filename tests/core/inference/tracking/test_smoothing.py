import numpy as np
import pytest

from mobilepose_core.inference.tracking.smoothing import LONGEST_GAP, Smoother, Smoothing
from mobilepose_core.pose import Pose

RATE = 30.0
STEADY = Smoothing(time=0.3)


@pytest.fixture
def person():
    """Joints 100 pixels apart at most, all seen."""
    joints = np.stack([np.linspace(100, 170, 11), np.linspace(50, 150, 11)], axis=1)
    return joints.astype(np.float32)


def _pose(joints, track_id=1):
    return Pose(np.asarray(joints, np.float32), np.ones(11, np.float32), track_id)


def _smoothed(frames, smoothing, rate=RATE):
    smoother = Smoother()
    return np.stack(
        [
            smoother([_pose(frame)], number / rate, smoothing)[0].joints
            for number, frame in enumerate(frames)
        ]
    )


def test_without_smoothing_joints_stay_as_they_were_found(person):
    frames = person + np.random.default_rng(0).normal(0, 3, (5, 11, 2)).astype(np.float32)

    assert np.array_equal(_smoothed(frames, Smoothing()), frames)


def test_a_person_at_rest_trembles_less_and_stays_where_they_are(person):
    frames = person + np.random.default_rng(0).normal(0, 1, (300, 11, 2))

    steady = _smoothed(frames, STEADY)[60:]

    jitter = np.abs(np.diff(frames, axis=0)).mean()
    assert np.abs(np.diff(steady, axis=0)).mean() < 0.25 * jitter
    assert np.abs(steady.mean(axis=0) - person).max() < 0.5


def test_a_moving_person_has_little_lag(person):
    """A box's length per second: a plain average over 0.3 s would lag 30 pixels."""
    times = np.arange(60) / RATE
    frames = person + 100 * times[:, None, None]

    lag = np.abs(_smoothed(frames, STEADY)[-1] - frames[-1]).max()

    assert lag < 12


def test_a_slower_speed_makes_the_filter_give_way_sooner(person):
    frames = person + 50 * (np.arange(60) / RATE)[:, None, None]

    lags = [
        np.abs(_smoothed(frames, Smoothing(0.3, speed))[-1] - frames[-1]).max()
        for speed in (0.1, 0.5, 5.0)
    ]

    assert lags == sorted(lags)


def test_the_average_does_not_depend_on_the_rate_of_the_camera(person):
    """Half a second after a step of a joint, which is slow for a large person."""
    after = {}
    for rate in (15, 60):
        frames = np.repeat(person[None], rate, axis=0)
        frames[rate // 2 :] += 1
        steady = _smoothed(frames, Smoothing(0.5, 100.0), rate)
        after[rate] = float((steady[-1] - person).mean())

    assert after[15] == pytest.approx(after[60], abs=0.05)
    assert 0.4 < after[60] < 0.8


def test_people_are_steadied_each_on_their_own(person):
    smoother = Smoother()
    for number in range(10):
        poses = [_pose(person, 1), _pose(person + 300, 2)][:: 1 if number % 2 else -1]
        for pose in smoother(poses, number / RATE, STEADY):
            expected = person if pose.track_id == 1 else person + 300
            assert np.allclose(pose.joints, expected, atol=1e-3)


@pytest.mark.parametrize("gap", [-1.0, 2 * LONGEST_GAP])
def test_a_jump_of_the_clock_starts_anew(person, gap):
    smoother = Smoother()
    smoother([_pose(person)], 10.0, STEADY)

    (pose,) = smoother([_pose(person + 80)], 10.0 + gap, STEADY)

    assert np.allclose(pose.joints, person + 80)


def test_at_an_equal_time_joints_stay_and_are_steadied_on_from_there(person):
    smoother = Smoother()
    for time in (10.0, 10.1):
        (known,) = smoother([_pose(person)], time, STEADY)

    (same,) = smoother([_pose(person + 8), _pose(person, 2)], 10.1, STEADY)[:1]
    (later,) = smoother([_pose(person + 8)], 10.2, STEADY)

    assert np.allclose(same.joints, known.joints)
    assert 0 < (later.joints - person).mean() < 7


def test_joints_are_steadied_on_where_they_are_in_frames_of_another_size(person):
    smoother, large = Smoother(), 2 * person + 0.5  # the corner stays, half a pixel beside (0, 0)
    for number in range(10):
        smoother([_pose(person)], number / RATE, STEADY, (320, 240))

    (pose,) = smoother([_pose(large + 8)], 10 / RATE, STEADY, (640, 480))

    assert 0 < (pose.joints - large).mean() < 4


def test_smoothing_restarts_for_a_person_who_returns(person):
    smoother = Smoother()
    smoother([_pose(person)], 0.0, STEADY)
    smoother([], 1 / RATE, STEADY)

    (pose,) = smoother([_pose(person + 80)], 2 / RATE, STEADY)

    assert np.allclose(pose.joints, person + 80)


@pytest.mark.parametrize("wrong", [{"time": -1.0}, {"time": float("nan")}, {"speed": 0.0}])
def test_smoothing_that_makes_no_sense_is_refused(wrong):
    with pytest.raises(ValueError, match="of smoothing is"):
        Smoothing(**wrong)
