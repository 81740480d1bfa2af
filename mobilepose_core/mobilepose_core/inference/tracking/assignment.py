"""The linear assignment problem, for the few rows and columns of one frame, in plain Python."""

from __future__ import annotations

import math

from mobilepose_core.typing import FloatArray


def assigned(costs: FloatArray, limit: float) -> list[tuple[int, int]]:
    """Pairs of rows and columns of least total cost, none above `limit`.

    A row may stay unassigned, at the cost of a pair at the limit.

    Args:
        costs: (P, Q); entries that are not finite are never paired.
        limit: the largest cost of a pair.

    Returns:
        Pairs in the order of their rows.

    Jonker and Volgenant, "A Shortest Augmenting Path Algorithm for Dense and Sparse Linear
    Assignment Problems", Computing 1987: each row takes the shortest path to a free column.
    """
    table = costs.tolist()
    choices = [[k for k, cost in enumerate(row) if cost <= limit] for row in table]
    wanted = [0] * costs.shape[1]
    for columns in choices:
        for column in columns:
            wanted[column] += 1
    pairs, contested = [], []
    for row, columns in enumerate(choices):
        if len(columns) == 1 and wanted[columns[0]] == 1:
            pairs.append((row, columns[0]))
        elif columns:
            contested.append(row)
    if not contested:
        return pairs
    names = sorted({column for row in contested for column in choices[row]})
    alone = [0.0] * len(contested)  # a dummy column for each row that may stay unassigned
    gains = [
        [table[row][k] - limit if table[row][k] <= limit else 0.0 for k in names] + alone
        for row in contested
    ]
    for name, owner in zip(names, _owners(gains), strict=False):
        if owner >= 0 and table[contested[owner]][name] <= limit:
            pairs.append((contested[owner], name))
    return sorted(pairs)


def _owners(costs: list[list[float]]) -> list[int]:
    """The row assigned to each column, -1 for none, at the least total cost.

    Args:
        costs: with at least as many columns as rows; each row gets a column.
    """
    columns = range(len(costs[0]))
    row_prices, column_prices = [0.0] * len(costs), [0.0] * len(columns)
    owners = [-1] * len(columns)
    for row in range(len(costs)):
        distances, before = [math.inf] * len(columns), [-1] * len(columns)
        open_columns, closed = list(columns), []
        here, column, shortest = row, -1, 0.0
        while True:
            prices, offset = costs[here], shortest - row_prices[here]
            for candidate in open_columns:
                distance = prices[candidate] - column_prices[candidate] + offset
                if distance < distances[candidate]:
                    distances[candidate], before[candidate] = distance, column
            column = min(open_columns, key=distances.__getitem__)
            shortest = distances[column]
            if owners[column] < 0:
                break
            open_columns.remove(column)
            closed.append(column)
            here = owners[column]
        row_prices[row] += shortest
        for closed_column in closed:
            change = shortest - distances[closed_column]
            row_prices[owners[closed_column]] += change
            column_prices[closed_column] -= change
        while column >= 0:
            previous = before[column]
            owners[column] = owners[previous] if previous >= 0 else row
            column = previous
    return owners
