"""What is nearly the least of each row, in one pass over a large matrix."""

import numpy as np

from .._compile import Array, serial


def nearly_lowest(cost: Array, more: Array, left_out: Array, slack: float) -> tuple[Array, Array]:
    """Rows and columns, in order, where ``cost + more`` is up to `slack` above the lowest of the row.

    cost (row, column) and more (column) in single precision; ``left_out`` (sample, column), the rows being those of the
    samples again and again. Of a row that all are left out of, none is listed.
    """
    lowest = np.empty(len(cost), np.float32)
    count = _nearly_lowest(cost, more, left_out, slack, lowest, np.empty((2, 0), np.int64))
    places = np.empty((2, count), np.int64)
    _nearly_lowest(cost, more, left_out, slack, lowest, places)
    return places[0], places[1]


@serial
def _nearly_lowest(cost: Array, more: Array, left_out: Array, slack: float, lowest: Array, places: Array) -> int:
    """Fill in the lowest and count what is near; fill in the places if there is room."""
    samples, columns = left_out.shape
    counting = places.shape[1] == 0
    infinite = np.float32(np.inf)
    values = np.empty(columns, np.float32)
    count = 0
    for row in range(len(cost)):
        costs, out = cost[row], left_out[row % samples]
        if counting:
            least = infinite
            for column in range(columns):
                least = min(least, infinite if out[column] else costs[column] + more[column])
            lowest[row] = least
        if not lowest[row] < infinite:
            continue
        highest = np.float64(lowest[row]) + slack
        for column in range(columns):
            values[column] = infinite if out[column] else costs[column] + more[column]
        for column in range(columns):
            if values[column] <= highest:
                if not counting:
                    places[0, count], places[1, count] = row, column
                count += 1
    return count
