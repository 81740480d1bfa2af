"""The time of a video by stamps of every kind; the camera takes an image every 0.1 s."""

import numpy as np
import pytest

from mobilepose_core.inference.pose_estimator import TRUSTED_AFTER, FrameClock, StampFault

PERIOD = 0.1
EPOCH = 1.7e9
ROUNDING = 1e-6
"""More than the spacing of floats at `EPOCH`."""


@pytest.fixture
def clock():
    return FrameClock()


def times_of(clock, stamps, late=0.0):
    """The clock's time at each frame; `late` is how much later than usual every other comes in."""
    arrivals = [50 + number * PERIOD + number % 2 * late for number in range(len(stamps))]
    pairs = zip(stamps, arrivals, strict=True)
    return np.array([clock.advance(stamp, arrival) for stamp, arrival in pairs])


def test_time_passes_as_stamps_advance_whenever_frames_come_in(clock):
    times = times_of(clock, [EPOCH, EPOCH + 0.1, EPOCH + 0.3, EPOCH + 1.3], late=0.05)

    assert times == pytest.approx([0, 0.1, 0.3, 1.3], abs=ROUNDING)
    assert not clock.faults


@pytest.mark.parametrize(
    ("kind", "stamp_of"),
    [
        ("frozen", lambda n: EPOCH),
        ("none", lambda n: None),
        ("now and then none", lambda n: None if n % 3 else EPOCH + n * PERIOD),
        ("each twice", lambda n: EPOCH + n // 2 * 2 * PERIOD),
        ("whole seconds", lambda n: EPOCH + int(n * PERIOD + 1e-9)),
        ("two clocks, 3 s apart", lambda n: EPOCH + n * PERIOD + n % 2 * 3),
        ("two clocks, 0.35 s apart", lambda n: EPOCH + n * PERIOD - n % 2 * 0.35),
        ("two clocks of other epochs", lambda n: n * PERIOD + n % 2 * EPOCH),
        ("a recording of 2 s, over and over", lambda n: EPOCH + n % 20 * PERIOD),
    ],
)
def test_time_passes_as_frames_come_in_where_stamps_cannot_say_it(clock, kind, stamp_of):
    first_step = 3.1 if "3 s" in kind else PERIOD

    times = times_of(clock, [stamp_of(n) for n in range(60)])

    steps = np.diff(times)
    assert steps[0] == pytest.approx(first_step)
    assert steps[1:] == pytest.approx(np.full(58, PERIOD), abs=ROUNDING)


def test_time_never_goes_back_and_keeps_up_when_equal_stamps_come_in_unevenly(clock):
    stamps = [EPOCH + n // 2 * 2 * PERIOD for n in range(100)]

    times = times_of(clock, stamps, late=0.15)

    assert (np.diff(times) >= 0).all()
    assert times[-1] == pytest.approx(99 * PERIOD, rel=0.3)


def test_a_gap_in_the_stamps_is_a_gap_in_time_after_they_stood_still_too(clock):
    times_of(clock, [EPOCH] * 5 + [EPOCH + 20])

    assert clock.now == pytest.approx(20)


def test_stamps_that_went_back_once_count_again_after_a_while(clock):
    advancing = [EPOCH - 100 + 2 * PERIOD * n for n in range(TRUSTED_AFTER + 4)]

    times = times_of(clock, [EPOCH, *advancing])

    expected = [PERIOD] * (TRUSTED_AFTER + 1) + [2 * PERIOD] * 3
    assert np.diff(times) == pytest.approx(expected, abs=ROUNDING)


def test_after_a_restart_the_next_frame_takes_no_time(clock):
    times_of(clock, [EPOCH, EPOCH + 5])

    clock.restart()

    assert clock.advance(EPOCH + 500, 900) == clock.advance(None, 900) == pytest.approx(5)


def test_faults_are_counted_by_kind(clock):
    times_of(clock, [None, EPOCH, EPOCH, EPOCH, EPOCH - 1, EPOCH, None])

    assert clock.faults == {
        StampFault.MISSING: 2,
        StampFault.REPEATED: 2,
        StampFault.BACKWARD: 1,
    }
