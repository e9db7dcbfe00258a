"""What is nearly the least of each row, in one pass over a large matrix."""

import numpy as np

from .._compile import Array, serial

_BLOCK = 128  # columns, a power of two


def nearly_lowest(cost: Array, more: Array, left_out: Array, slack: float) -> tuple[Array, Array]:
    """Rows and columns, in order, where ``cost + more`` is up to `slack` above the lowest of the row.

    cost (row, column) and more (column) in single precision, none of them NaN; ``left_out`` (sample, column), the rows
    being those of the samples again and again. Of a row that all are left out of, none is listed.
    """
    places = np.empty((2, 4 * len(cost)), np.int64)
    count = _nearly_lowest(cost, more, left_out, slack, places)
    if count > places.shape[1]:
        places = np.empty((2, count), np.int64)
        _nearly_lowest(cost, more, left_out, slack, places)
    return places[0, :count], places[1, :count]


@serial
def _nearly_lowest(cost: Array, more: Array, left_out: Array, slack: float, places: Array) -> int:
    """Count what is near, and fill in the places for which there is room."""
    samples, columns = left_out.shape
    least = np.empty(columns // _BLOCK + 1, np.float32)  # of each block of columns, most of which are soon passed over
    count = 0
    for row in range(len(cost)):
        costs, out = cost[row], left_out[row % samples]
        _lowest_of_blocks(costs, more, out, least)
        lowest = least.min()
        if not lowest < np.inf:
            continue
        highest = np.float64(lowest) + slack
        for block in range(len(least)):
            if not least[block] <= highest:
                continue
            for column in range(block * _BLOCK, min((block + 1) * _BLOCK, columns)):
                if not out[column] and costs[column] + more[column] <= highest:
                    if count < places.shape[1]:
                        places[0, count], places[1, count] = row, column
                    count += 1
    return count


@serial
def _lowest_of_blocks(costs: Array, more: Array, out: Array, least: Array) -> None:
    """The lowest of each block of columns, of ever fewer at once: loops without a sum, which the compiler makes vectors
    of.
    """
    infinite = np.float32(np.inf)
    values = np.empty(_BLOCK, np.float32)
    for block in range(len(least)):
        columns = slice(block * _BLOCK, (block + 1) * _BLOCK)
        some, other, gone = costs[columns], more[columns], out[columns]
        for k in range(len(some)):
            value = some[k] + other[k]
            values[k] = infinite if gone[k] else value
        values[len(some) :] = infinite
        half = _BLOCK // 2
        while half:
            for k in range(half):
                values[k] = values[k + half] if values[k + half] < values[k] else values[k]
            half //= 2
        least[block] = values[0]
