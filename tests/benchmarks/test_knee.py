import numpy as np
import pytest
from benchmarks.growing.knee import DEFINITION, in_words, knee, line

SIZES = [1, 2, 4, 8, 16]
ROUNDS = 20


def _rounds(costs, noise=0.0):
    """Rounds of which each costs so much, the machine being up to twice as slow in some."""
    draw = np.random.default_rng(0)
    pace = draw.uniform(1, 2, (ROUNDS, 1))
    return pace * np.array(costs) * draw.normal(1, noise, (ROUNDS, len(costs)))


def test_the_line_through_points_of_a_line_is_that_line():
    fit = line(SIZES, [3 + 2 * x for x in SIZES])

    assert (fit.start, fit.slope) == pytest.approx((3, 2))
    assert fit.departure == pytest.approx(0, abs=1e-9)


def test_the_departure_is_the_largest_share_by_which_a_point_is_off_its_line():
    # Of 1, 2 and 1 ms the line is flat at 4/3: off by 1/3 of 1 and of 2/3 of 2.
    fit = line([0, 1, 2], [1, 2, 1])

    assert (fit.start, fit.slope) == pytest.approx((4 / 3, 0))
    assert fit.departure == pytest.approx(1 / 3)


@pytest.mark.parametrize("noise", [0, 0.03])
def test_linear_growth_has_no_knee_however_the_pace_of_rounds_differs(noise):
    assert knee(SIZES, _rounds([3 + 2 * x for x in SIZES], noise)) is None


def test_growth_that_slows_down_has_no_knee():
    assert knee(SIZES, _rounds(np.sqrt(SIZES))) is None


@pytest.mark.parametrize("noise", [0, 0.03])
def test_the_knee_is_where_steps_begin_to_cost_more_than_a_quarter_more(noise):
    # 2 ms for each up to 4, then 4 ms for each.
    assert knee(SIZES, _rounds([2, 4, 8, 24, 56], noise)) == 8


def test_a_step_that_costs_a_fifth_more_is_no_knee():
    assert knee(SIZES, _rounds([2, 4, 8, 8 + 4 * 2.4, 8 + 12 * 2.4])) is None


def test_flat_cost_with_a_little_more_at_the_end_has_no_knee():
    assert knee(SIZES, _rounds([10, 10, 10, 10, 10.4])) is None


def test_flat_cost_that_rises_in_the_end_has_its_knee_there():
    assert knee(SIZES, _rounds([10, 10, 10, 10, 12])) == 16


def test_a_step_that_is_steep_in_every_second_round_only_is_no_knee():
    rounds = _rounds([2, 4, 8, 16, 32])
    rounds[::2, 3:] *= 2

    assert knee(SIZES, rounds) is None


def test_words_name_the_line_the_growth_and_the_knee_by_its_label():
    points = [{"x": x, "ms": ms, "label": f"{x} of them"} for x, ms in [(1, 5.0), (4, 20.0)]]
    series = {
        "name": "final",
        "points": points,
        "line": {"start": 0.5, "slope": 4.9, "departure": 0.03},
        "knee": None,
    }

    assert in_words(series, "people") == (
        "final: ms = 0.50 + 4.90 * people, within 3 %; 4 times the people cost 4 times as much; "
        "linear or better, no knee"
    )
    noisy = [points[0], points[1] | {"ms": 30.0}]
    assert in_words(series | {"points": noisy}, "people").endswith("stands out of the noise")
    assert in_words(series | {"knee": 4}, "people").endswith("as much; knee at 4 of them")


def test_the_definition_says_the_numbers_that_count():
    assert "three quarters" in DEFINITION
    assert "1.25 times" in DEFINITION
    assert "5 %" in DEFINITION
