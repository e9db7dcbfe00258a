"""Null distributions of the grid score: what a unit scores when its relation to space is destroyed."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import scipy
from jaxtyping import Float

from ..._axes import place_numbers
from ..maps import as_maps, bin_path, check_activity, check_seconds, find_fields, smooth_maps
from ._field_shuffle import FieldShuffler
from ._grid_score import check_scorer, score_batch

Progress = Callable[[int, int], None]
"""Called as progress(done, total) after each shuffle."""


def circular_shift_null(
    positions: npt.ArrayLike,
    activity: Any,
    bin_edges: npt.ArrayLike | Sequence[npt.ArrayLike],
    shuffles: int = 100,
    method: str = "langston",
    *,
    seconds: npt.ArrayLike | None = None,
    seed: int | np.random.Generator = 0,
    min_shift: float = 0.05,
    smoothing: float = 0.0,
    min_overlap: int = 20,
    progress: Progress | None = None,
) -> Float[np.ndarray, "shuffle unit"]:
    """Grid scores after shifting the activity in time against the path, which is the field's standard null.

    In each shuffle every animal's activity is rotated in time by its own random amount, at least
    `min_shift` of the path away from no shift in either direction; all units of an animal by the same. The units
    keep their time course and their correlations with each other and lose their relation to place. Where samples last
    unequally long (`seconds`) the path is first cut into ticks of equal length, so that the shift is one of time.

    Source: Langston et al. 2010; Boccara et al. 2010.

    Limits: shifted maps are more ragged than true ones, more so with many animals, so that smooth maps
    which are not grids can pass (Barry and Burgess 2017); :func:`field_shuffle_null` guards against that.

    Parameters
    ----------
    positions : (animals, time, 2) or (time, 2)
        Meters; the second form for one animal.
    activity : (animals, time, units) or (time, units)
        Activity of the units at these positions; or a scipy.sparse array (samples, units).
    seconds : (time,)
        How long each sample of the one animal stands for, as for `rate_maps`; by default all equally long.
    bin_edges, method, smoothing, min_overlap
        As for the scores that will be compared; smoothing in bins.
    shuffles : int
        How many.
    seed : int or Generator
        The same seed gives the same shifts.
    min_shift : float
        Share of an animal's path.
    progress : callable
        Called as progress(done, total) after each shuffle.

    Returns
    -------
    (shuffles, units)
        NaN where a shuffled map has no score.

    Raises
    ------
    ValueError
        For shapes or settings out of range, an unknown method, or a path that :func:`rate_maps` does not take.

    >>> import numpy as np
    >>> from sicgrid.analysis import synthetic_cells
    >>> path = np.cumsum(np.random.default_rng(0).normal(0, 0.05, (400, 2)), axis=0) % 2 - 1
    >>> cells = synthetic_cells.grid_cells(path, synthetic_cells.lattice_basis(0.5), [[0.0, 0.0]], 0.08)
    >>> circular_shift_null(path, cells, np.linspace(-1, 1, 21), shuffles=3, min_overlap=5).shape
    (3, 1)

    """
    _check_shuffles(shuffles)
    points = place_numbers(positions)
    if points.ndim == 2:
        points = points[None]
    if points.ndim != 3 or points.shape[-1] != 2:
        raise ValueError(f"positions must have shape (animals, time, 2) or (time, 2), got {np.shape(positions)}")
    values = check_activity(activity, np.shape(positions)[:-1])
    if seconds is not None:
        points, values = _in_ticks(points, values, check_seconds(seconds, points.shape[:2]))
    animals, samples = points.shape[:2]
    smallest = max(1, round(min_shift * samples))
    if not 0 <= min_shift < 0.5 or samples - smallest < smallest:
        raise ValueError(
            f"min_shift must be in [0, 0.5) and leave a shift to choose, got {min_shift} of {samples} samples an animal"
        )
    path = bin_path(points, bin_edges)
    check_scorer(method, path.shape)
    time = path.occupancy
    # Single precision halves the time, and the scores of shuffles need no more.
    if scipy.sparse.issparse(values):  # shares the list of units, which of many spikes is half of the memory
        rates = values.data.astype(np.float32)
        values = scipy.sparse.csr_array((rates, values.indices, values.indptr), shape=values.shape)
    else:
        values = np.ascontiguousarray(values, dtype=np.float32)
    generator = np.random.default_rng(seed)
    scores = np.empty((shuffles, values.shape[1]))
    rows = np.arange(animals * samples).reshape(animals, samples)
    source = np.empty_like(rows)  # one for all shuffles: new memory for each takes longer than the sums of a long path
    for index in range(shuffles):
        shifts = generator.integers(smallest, samples - smallest, size=animals, endpoint=True)
        for own, shifted, shift in zip(rows, source, shifts, strict=True):
            shifted[:shift], shifted[shift:] = own[-shift:], own[:-shift]
        maps = smooth_maps(path.average(values, source.ravel()), smoothing, time)
        scores[index] = score_batch(maps, method, min_overlap).score
        if progress is not None:
            progress(index + 1, shuffles)
    return scores


def _in_ticks(
    points: Float[np.ndarray, "animal time 2"], values: Any, seconds: Float[np.ndarray, " time"]
) -> tuple[Float[np.ndarray, "animal tick 2"], Any]:
    """Path and activity by ticks of equal length, the samples' usual one; unchanged where samples last equally long.

    A tick reads the place and the activity of the sample that holds its middle. Sparse activity (spikes) is dealt out
    spike by spike, so that none is lost with a sample shorter than a tick.
    """
    if len(points) != 1:
        raise ValueError(f"seconds need positions of one animal, got those of {len(points)}")
    if seconds.max() <= 1.01 * seconds.min():
        return points, values
    end = np.cumsum(seconds)
    # Not more than there are samples: a path sampled finely for a short part of it would make millions.
    ticks = min(max(2, round(end[-1] / float(np.median(seconds)))), len(seconds))
    tick = end[-1] / ticks
    sample = np.minimum(np.searchsorted(end, (np.arange(ticks) + 0.5) * tick, side="right"), len(seconds) - 1)
    if not scipy.sparse.issparse(values):
        return points[:, sample], values[sample]
    # Ticks follow each other as samples do, so each one's spikes are those of neighboring rows, as they lie.
    of_sample = np.minimum(((end - seconds / 2) / tick).astype(np.int64), ticks - 1)
    first = np.searchsorted(of_sample, np.arange(ticks + 1))
    mass = values.data * np.repeat(seconds / tick, np.diff(values.indptr))
    return points[:, sample], scipy.sparse.csr_array(
        (mass, values.indices, values.indptr[first]), shape=(ticks, values.shape[1])
    )


def field_shuffle_null(
    rate_maps: npt.ArrayLike,
    shuffles: int = 100,
    method: str = "langston",
    *,
    seed: int | np.random.Generator = 0,
    min_overlap: int = 20,
    progress: Progress | None = None,
) -> Float[np.ndarray, "shuffle unit"]:
    """Grid scores after cutting each map into its fields and putting these elsewhere; see :func:`shuffle_fields`.

    The question changes from "is the activity related to place?" to "are the fields arranged as a grid?", which a
    place cell or smooth noise answers with no, whatever the circular shifts say.

    Source: after Barry and Burgess 2017 (bioRxiv 230250), with the departures named in :func:`shuffle_fields`.

    Parameters
    ----------
    rate_maps : (units, nx, ny)
        Smoothed already if the scores are of smoothed maps.
    method, min_overlap
        As for the scores that will be compared.
    shuffles, seed, progress
        As in :func:`circular_shift_null`.

    Returns
    -------
    (shuffles, units)
        NaN for maps without score or without a field.

    Raises
    ------
    ValueError
        For shapes or settings out of range, or an unknown method.

    >>> import numpy as np
    >>> from sicgrid.analysis import synthetic_cells
    >>> centers = synthetic_cells.bin_centers(np.linspace(-1, 1, 41))  # of a 2 m box
    >>> basis = synthetic_cells.lattice_basis(0.5, 10)
    >>> cells = synthetic_cells.grid_cells(centers, basis, [[0.2, 0.3], [0.7, 0.1]], 0.08)
    >>> maps = np.moveaxis(cells, -1, 0)
    >>> field_shuffle_null(maps, shuffles=3).shape
    (3, 2)

    """
    _check_shuffles(shuffles)
    maps = as_maps(rate_maps)
    if maps.ndim != 3:
        raise ValueError(f"rate_maps must have shape (units, nx, ny), got {maps.shape}")
    check_scorer(method, (maps.shape[1], maps.shape[2]))
    fields = find_fields(maps)
    shuffler = FieldShuffler(maps.astype(np.float32), fields)
    generator = np.random.default_rng(seed)
    scores = np.full((shuffles, len(maps)), np.nan)
    usable = fields.number > 0
    for index in range(shuffles):
        shuffled = shuffler.draw(generator)
        scores[index, usable] = score_batch(shuffled[usable], method, min_overlap).score
        if progress is not None:
            progress(index + 1, shuffles)
    return scores


def _check_shuffles(shuffles: int) -> None:
    if shuffles < 1:
        raise ValueError(f"shuffles must be at least 1, got {shuffles}")
