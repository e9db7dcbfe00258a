"""Greedy cover of a cloud: each next point is the farthest from all before."""

import numpy as np

from .._compile import Array, serial


@serial
def farthest(points: Array, first: int, chosen: Array) -> int:
    """Fill ``chosen`` with indices of ``points`` (point, axis), from ``first`` on; how many of them differ.

    Of equally far points the earliest is taken.
    """
    number, axes = points.shape
    squared = np.full(number, np.inf)
    candidate = first
    for k in range(len(chosen)):
        if squared[candidate] == 0:
            return k
        chosen[k] = candidate
        farthest_so_far, nxt = -1.0, 0
        for i in range(number):
            apart = 0.0
            for axis in range(axes):
                apart += (points[i, axis] - points[candidate, axis]) ** 2
            squared[i] = min(squared[i], apart)
            if squared[i] > farthest_so_far:
                farthest_so_far, nxt = squared[i], i
        candidate = nxt
    return len(chosen)
