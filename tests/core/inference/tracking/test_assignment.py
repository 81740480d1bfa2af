import numpy as np
import pytest
from scipy.optimize import linear_sum_assignment

from mobilepose_core.inference.tracking.assignment import assigned


def cost_of(costs, pairs, limit=1.0):
    """What pairs cost, where a row without a column costs the limit."""
    return sum(costs[pair] for pair in pairs) + limit * (len(costs) - len(pairs))


def test_two_rows_that_want_the_same_column_share_at_the_least_cost_in_all():
    costs = np.array([[0.1, 0.3], [0.2, 0.9]])  # greedily 0.1 + 0.9, best 0.3 + 0.2

    assert assigned(costs, 1.0) == [(0, 1), (1, 0)]


def test_no_pair_is_dearer_than_the_limit_though_all_could_be_paired():
    costs = np.array([[0.2, 1.5], [0.1, 1.1]])

    assert assigned(costs, 1.0) == [(1, 0)]


@pytest.mark.parametrize(("cost", "pairs"), [(1.0, [(0, 0)]), (1.01, [])])
def test_a_pair_at_the_limit_is_one(cost, pairs):
    assert assigned(np.array([[cost]]), 1.0) == pairs


@pytest.mark.parametrize("shape", [(0, 0), (0, 3), (3, 0)])
def test_an_empty_matrix_has_no_assignment(shape):
    assert assigned(np.zeros(shape), 1.0) == []


@pytest.mark.parametrize("unknown", [np.nan, np.inf])
def test_a_cost_that_is_no_number_is_no_pair(unknown):
    costs = np.array([[unknown, 0.4], [0.3, 0.2], [unknown, unknown]])

    assert assigned(costs, 1.0) == [(0, 1), (1, 0)]


@pytest.mark.parametrize("largest", [0.6, 1.0, 4.0])
@pytest.mark.parametrize("decimals", [1, 9], ids=["many ties", "no ties"])
def test_any_table_is_assigned_as_cheaply_as_scipy_does(largest, decimals):
    random = np.random.default_rng(0)
    for _ in range(300):
        costs = np.round(random.uniform(0, largest, random.integers(1, 9, 2)), decimals)

        pairs = assigned(costs, 1.0)

        rows, columns = zip(*pairs, strict=True) if pairs else ((), ())
        assert list(rows) == sorted(set(rows))
        assert len(set(columns)) == len(columns)
        best = np.minimum(costs - 1.0, 0.0)
        least = best[linear_sum_assignment(best)].sum() + len(costs)
        assert cost_of(costs, pairs) == pytest.approx(least)
