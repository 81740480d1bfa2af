import numpy as np
import pytest

from mobilepose_core.behaviour.kalman import ConstantVelocity


def walk(draw, steps=60, period=0.1, noise=0.2):
    """True states and measurements of somebody whose velocity wanders as the filter expects."""
    state = np.array([0.0, 0.0, 4.0, *draw.normal(0, 1, 3)])
    move = np.eye(6)
    move[:3, 3:] = period * np.eye(3)
    block = np.array([[period**3 / 3, period**2 / 2], [period**2 / 2, period]])
    spread = np.linalg.cholesky(np.kron(block, np.eye(3)))
    for step in range(steps):
        yield step * period, state.copy(), state[:3] + draw.normal(0, noise, 3)
        state = move @ state + spread @ draw.normal(size=6)


def test_innovations_and_errors_are_consistent_with_their_covariances():
    draw = np.random.default_rng(1)
    covariance = 0.04 * np.eye(3)
    innovations, errors = [], []
    for _ in range(20):
        people = walk(draw)
        time, _, first = next(people)
        tracked = ConstantVelocity(time, first, covariance)
        for time, state, measured in people:
            innovations.append(tracked.innovation(time, measured, covariance))
            tracked.update(time, measured, covariance)
            error = state - tracked.state
            errors.append(error @ np.linalg.solve(tracked.covariance, error))

    # Chi-squares of 3 and of 6: 1180 values, a standard deviation of their mean of 0.07 (they
    # are independent) and, for errors, which are not, of about 0.4.
    assert np.mean(innovations) == pytest.approx(3.0, abs=0.25)
    assert np.mean(errors) == pytest.approx(6.0, abs=1.2)


def test_velocity_is_learned_and_carried_on():
    tracked = ConstantVelocity(0.0, np.zeros(3), 1e-4 * np.eye(3))
    for step in range(1, 30):
        tracked.update(step / 10, np.array([0.05 * step, 0.0, 0.1 * step]), 1e-4 * np.eye(3))

    state, covariance = tracked.predict(2.9 + 0.4)

    np.testing.assert_allclose(state[3:], [0.5, 0.0, 1.0], atol=0.02)
    np.testing.assert_allclose(state[:3], [0.05 * 29 + 0.2, 0.0, 2.9 + 0.4], atol=0.02)
    assert np.trace(covariance) > np.trace(tracked.covariance)


def test_a_prediction_changes_nothing():
    tracked = ConstantVelocity(0.0, np.ones(3), np.eye(3))

    tracked.predict(5.0)

    assert tracked.time == 0.0
    np.testing.assert_array_equal(tracked.state, [1, 1, 1, 0, 0, 0])


def test_the_past_is_predicted_as_now():
    tracked = ConstantVelocity(3.0, np.ones(3), np.eye(3))

    state, _ = tracked.predict(1.0)

    np.testing.assert_array_equal(state[:3], 1.0)
