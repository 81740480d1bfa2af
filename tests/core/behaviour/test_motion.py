import numpy as np
import pytest

from mobilepose_core.behaviour.motion import LONGEST_GAP, MOST_REJECTED, PersonFilter
from mobilepose_core.behaviour.position import Position

RAY = np.array([0.0, 0.0, 1.0])


def position(z, noise=0.1, bias=0.0, source="size", x=0.0):
    along = np.diag([0.02, 0.02, noise]) ** 2
    return Position(np.array([x, 0.0, z]), along, np.diag([0.0, 0.0, bias]) ** 2, source)


def filtered(zs, period=0.1, **kinds):
    person = PersonFilter()
    for index, z in enumerate(zs):
        person.update(index * period, position(z, **kinds))
    return person


def test_no_position_no_motion():
    assert PersonFilter().at(1.0) is None


def test_a_walking_persons_place_is_predicted_for_the_latency_of_the_image():
    person = filtered([4 - 0.1 * step for step in range(30)], noise=0.03)

    now = person.at(2.9 + 0.2)

    np.testing.assert_allclose(now.place, [0, 0, 4 - 0.1 * 31], atol=0.05)
    np.testing.assert_allclose(now.velocity, [0, 0, -1], atol=0.05)


def test_averaging_does_not_make_a_bias_vanish():
    person = filtered([3.0] * 100, noise=0.1, bias=0.3)

    now = person.at(9.9)

    assert now.covariance[2, 2] >= 0.3**2
    assert now.covariance[2, 2] < 0.3**2 + 0.1**2


def test_claimed_errors_hold_for_people_of_all_sizes():
    draw = np.random.default_rng(5)
    squared = []
    for _ in range(100):
        bias = draw.normal(0, 0.3)
        person = PersonFilter()
        for step in range(20):
            z = 3.0 + bias + draw.normal(0, 0.1)
            x = draw.normal(0, 0.02)
            person.update(step / 10, position(z, 0.1, 0.3, x=x))
        now = person.at(1.9)
        squared.append((now.place[2] - 3.0) ** 2 / now.covariance[2, 2])

    assert 0.65 < np.mean(squared) < 1.4  # a chi-square of 1: sd of the mean 0.14


def test_one_wild_position_is_not_taken():
    person = filtered([3.0] * 20)

    assert not person.update(2.0, position(9.0))
    assert abs(person.at(2.0).place[2] - 3.0) < 0.1


def test_a_person_who_stays_elsewhere_is_there():
    person = filtered([3.0] * 20)

    taken = [person.update(2.0 + step / 10, position(9.0)) for step in range(MOST_REJECTED)]

    assert taken == [False] * (MOST_REJECTED - 1) + [True]
    np.testing.assert_allclose(person.at(2.4).place, [0, 0, 9.0])


def test_after_a_gap_it_begins_anew_without_the_old_velocity():
    person = filtered([4 - 0.1 * step for step in range(30)])

    person.update(2.9 + LONGEST_GAP + 0.1, position(2.0))

    np.testing.assert_array_equal(person.at(2.9 + LONGEST_GAP + 0.1).velocity, 0.0)


def test_time_never_goes_back():
    person = filtered([3.0] * 10)

    assert not person.update(0.5, position(2.0))
    assert person.at(0.5).time == 0.9


@pytest.mark.parametrize("part", ["place", "noise", "bias"])
def test_a_position_that_is_not_finite_is_not_taken(part):
    person = filtered([3.0] * 20)
    broken = position(3.0)
    getattr(broken, part)[-1] = np.nan

    assert not PersonFilter().update(0.0, broken)
    assert not person.update(2.0, broken)
    assert person.update(2.1, position(3.0))
    np.testing.assert_allclose(person.at(2.1).place, [0, 0, 3.0], atol=0.05)


def test_a_position_is_not_told_long_after_it_was_seen():
    person = filtered([3.0] * 20)

    assert person.at(1.9 + LONGEST_GAP - 0.01) is not None
    assert person.at(1.9 + LONGEST_GAP + 0.01) is None


def test_depth_that_comes_after_size_moves_the_place_without_a_kick_of_velocity():
    person = filtered([3.3] * 20, noise=0.2, bias=0.3)

    person.update(2.0, position(3.0, noise=0.03, bias=0.04, source="depth"))
    now = person.at(2.0)

    assert abs(now.place[2] - 3.0) < 0.05
    assert abs(now.velocity[2]) < 0.3
