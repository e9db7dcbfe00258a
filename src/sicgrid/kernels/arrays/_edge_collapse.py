"""Edges that a Vietoris-Rips filtration can do without, or that it needs later only."""

import numpy as np

from .._compile import Array, serial


@serial
def collapse_edges(time: Array, starts: Array, ends: Array) -> None:
    """Put off or take away (infinity), in ``time`` (point, point), the edges ``starts[k], ends[k]``, the latest first.

    ``time`` is when each edge comes, symmetric, infinite where there is none, 0 on the diagonal. The bars stay what
    they are; `sicgrid.analysis` says why.
    """
    points = len(time)
    others, since = np.empty(points, np.int64), np.empty(points)
    for edge in range(len(starts)):
        u, v = starts[edge], ends[edge]
        now = time[u, v]
        count = 0
        for w in range(points):
            both = max(time[u, w], time[v, w], now)
            if w != u and w != v and both < np.inf:
                others[count], since[count] = w, both
                count += 1
        order = np.argsort(since[:count], kind="mergesort")
        neighbors, arrivals = others[:count][order], since[:count][order]
        here = 0  # of the common neighbors, so many are there by now
        while True:
            while here < count and arrivals[here] <= now:
                here += 1
            dominator = _dominator(time, neighbors[:here], now)
            if dominator < 0:
                break
            # Until a neighbor comes that the dominator has not met by then.
            while here < count and time[dominator, neighbors[here]] <= arrivals[here]:
                here += 1
            now = arrivals[here] if here < count else np.inf
            if here == count:
                break
        time[u, v] = time[v, u] = now


@serial
def _dominator(time: Array, neighbors: Array, now: float) -> int:
    """A neighbor that all of them have met by now; -1 if there is none."""
    stranger = 0  # whom the last one had not met: often the next has not either
    for w in neighbors:
        if time[w, neighbors[stranger]] > now:
            continue
        for index in range(len(neighbors)):
            if time[w, neighbors[index]] > now:
                stranger = index
                break
        else:
            return int(w)
    return -1
