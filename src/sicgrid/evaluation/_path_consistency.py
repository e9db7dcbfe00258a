"""Does a state depend on the place alone, or on the route that led there?"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int

from .._repr import brief
from ._recording import Recording

_CHUNK_NUMBERS = 2**18  # in the differences of states that are held at once: what the cache holds


@brief
@dataclass(frozen=True)
class PathConsistency:
    """How far states at equal places reached by different animals differ.

    Distances are Euclidean, between states (non-negative unit vectors, so at most sqrt(2) apart). A bin is a square of
    ``bin_size``, a window an equal share of the steps. NaN stands where there was no pair to compare.
    """

    path_integration_error: float  # same_place / far_place: 0 place alone, 1 no trace of the place
    same_place: float  # median ||g-g'||, same bin, two animals, any two times
    far_place: float  # median ||g-g'||, two animals at least far_distance apart
    floor: float  # same_place expected of a perfect code: median ||dg||/||dx|| of short steps, times median ||x-x'||
    window_end: Int[np.ndarray, " windows"]  # last step of each window, counted from 1
    same_place_by_window: Float[np.ndarray, " windows"]  # same_place with both states in the window
    error_by_window: Float[np.ndarray, " windows"]  # that over far_place
    decoding_error: float  # median distance, m, from the decoded to the true place
    decoding_error_by_window: Float[np.ndarray, " windows"]
    decoding_chance: float  # the same with the decoded places shuffled among states, m
    bin_size: float  # m
    far_distance: float  # m


def usual_far_distance(arena: float) -> float:
    """Least distance of places that count as far in a box, meters: 0.5, half the side of a smaller box.

    >>> usual_far_distance(2.0), usual_far_distance(0.6)
    (0.5, 0.3)
    """
    return min(0.5, arena / 2)


def path_consistency(
    recording: Recording,
    *,
    bin_size: float = 0.05,
    far_distance: float | None = None,
    windows: int | None = None,
    decoded_animals: int = 100,
    seed: int = 0,
) -> PathConsistency:
    """Compare states of different animals at equal places, and decode places from states.

    The headline is ``path_integration_error`` = m_same / m_far, where m_same is the median of ||g - g'|| over pairs of
    states of two different animals in the same bin, and m_far the median over pairs of two different animals at least
    ``far_distance`` apart. Pairs are drawn by shuffling the states of a bin and taking neighbors, so that each state
    is used at most twice.

    The decoded place of a state is the center of the bin whose mean state, taken over the *other* animals, is nearest.
    A periodic code names several places alike, so this error in meters holds both drift and ambiguity, where
    ``path_integration_error`` holds drift alone.

    Parameters
    ----------
    recording
        States along walks.
    bin_size
        Side of a bin, meters; 0.05 is the paper's sigma_x, below which places count as equal. Rounded so that a whole
        number of bins fits the arena.
    far_distance
        Least distance of far places, meters; by default `usual_far_distance`.
    windows
        Number of equal parts of the walk, by which the error's growth is followed; by default 8, or as many as there
        are steps.
    decoded_animals
        At most so many animals are decoded (all serve as templates); the cost grows with them.
    seed
        Determines the choice of pairs.

    Raises
    ------
    ValueError
        If an argument is out of range, or the recording has fewer than two animals.

    Notes
    -----
    Equal is up to ``bin_size``: even a perfect code has same_place > 0. ``floor`` says how much of it the distance of
    places within a bin explains, taken from how fast states change along single short steps. A network whose state
    never changes has far_place = 0; its error is NaN.

    Source: ours; the paper trains path invariance and reports no number for it.

    """
    animals, steps, units = recording.shape
    far_distance = usual_far_distance(recording.arena) if far_distance is None else far_distance
    windows = min(8, steps) if windows is None else windows
    _check(recording, bin_size, far_distance, windows, decoded_animals)
    generator = np.random.default_rng(seed)
    side = max(1, round(recording.arena / bin_size))
    bins = bins_of(recording.positions, recording.arena, side).ravel()
    animal = np.repeat(np.arange(animals), steps)
    window = np.tile(np.arange(steps) * windows // steps, animals)
    states = recording.activity.reshape(-1, units)
    positions = recording.positions.reshape(-1, 2)

    pairs = partners(bins, animal, generator)
    same_distances = pair_distances(states, *pairs)
    first, second = partners(bins * windows + window, animal, generator)
    window_distances = pair_distances(states, first, second)
    a, b = generator.integers(len(states), size=(2, len(states)))
    far = (np.linalg.norm(positions[a] - positions[b], axis=1) >= far_distance) & (animal[a] != animal[b])
    far_place = median_or_nan(pair_distances(states, a[far], b[far]))

    same_by_window = np.array([median_or_nan(window_distances[window[first] == k]) for k in range(windows)])
    decoded, errors = _decoding_errors(recording, bins.reshape(animals, steps), side, decoded_animals)
    misplaced = np.linalg.norm(generator.permutation(decoded) - positions[: len(decoded)], axis=1)
    scale = far_place if far_place > 0 else np.nan
    return PathConsistency(
        path_integration_error=median_or_nan(same_distances) / scale,
        same_place=median_or_nan(same_distances),
        far_place=far_place,
        floor=_change_per_meter(recording, bin_size) * median_or_nan(pair_distances(positions, *pairs)),
        window_end=np.array([-(-(k + 1) * steps // windows) for k in range(windows)]),
        same_place_by_window=same_by_window,
        error_by_window=same_by_window / scale,
        decoding_error=median_or_nan(errors),
        decoding_error_by_window=np.array([median_or_nan(errors[window[: len(errors)] == k]) for k in range(windows)]),
        decoding_chance=median_or_nan(misplaced),
        bin_size=recording.arena / side,
        far_distance=far_distance,
    )


def _check(recording: Recording, bin_size: float, far_distance: float, windows: int, decoded_animals: int) -> None:
    animals, steps, _ = recording.shape
    if animals < 2:
        raise ValueError(f"recording must hold at least 2 animals to compare their routes, got {animals}")
    if not 0 < bin_size <= recording.arena:
        raise ValueError(f"bin_size must lie in (0, {recording.arena}] (the arena), got {bin_size}")
    if not 0 < far_distance < recording.arena:
        raise ValueError(f"far_distance must lie between 0 and the arena, {recording.arena} m, got {far_distance}")
    if not 1 <= windows <= steps:
        raise ValueError(f"windows must lie between 1 and the number of steps, {steps}, got {windows}")
    if decoded_animals < 1:
        raise ValueError(f"decoded_animals must be 1 or more, got {decoded_animals}")


def bins_of(positions: Float[np.ndarray, "animals time 2"], arena: float, side: int) -> Int[np.ndarray, "animals time"]:
    """Flat index of the bin of each position, in a grid of ``side`` by ``side`` bins over the arena."""
    cells = np.clip(((positions.astype(np.float64) / arena + 0.5) * side).astype(np.int64), 0, side - 1)
    return np.asarray(cells[..., 0] * side + cells[..., 1])


def partners(
    group: Int[np.ndarray, " samples"], animal: Int[np.ndarray, " samples"], generator: np.random.Generator
) -> tuple[Int[np.ndarray, " pairs"], Int[np.ndarray, " pairs"]]:
    """Pairs of samples of one group and two animals: neighbors after a shuffle within each group."""
    shuffled = generator.permutation(len(group))
    # numpy sorts integers of at most two bytes by radix, in a tenth of the time. Groups are not negative.
    small = group.astype(np.min_scalar_type(int(group.max(initial=0))))
    ordered = shuffled[np.argsort(small[shuffled], kind="stable")]
    first, second = ordered[:-1], ordered[1:]
    valid = (group[first] == group[second]) & (animal[first] != animal[second])
    return first[valid], second[valid]


def pair_distances(
    states: Float[np.ndarray, "samples units"], first: Int[np.ndarray, " pairs"], second: Int[np.ndarray, " pairs"]
) -> Float[np.ndarray, " pairs"]:
    """||g - g'|| of each pair of samples."""
    distances = np.empty(len(first), dtype=states.dtype)
    rows = max(1, _CHUNK_NUMBERS // states.shape[1])  # all pairs of ten thousand units at once would take 10 GB
    for start in range(0, len(first), rows):
        chunk = slice(start, start + rows)
        difference = states.take(first[chunk], axis=0)
        difference -= states.take(second[chunk], axis=0)
        difference *= difference
        distances[chunk] = np.sqrt(difference.sum(axis=1))  # np.linalg.norm would make three more copies
    return distances


def _change_per_meter(recording: Recording, longest: float) -> float:
    """Median of ||g_t - g_{t-1}|| / ||v_t|| over steps not longer than ``longest``."""
    length = np.linalg.norm(recording.velocities[:, 1:], axis=-1)
    short = (length > 0) & (length <= longest)
    change = np.stack([np.linalg.norm(np.diff(states, axis=0), axis=-1) for states in recording.activity])
    return median_or_nan(change[short] / length[short])


def median_or_nan(values: Float[np.ndarray, " samples"]) -> float:
    """The median; NaN of no values."""
    return float(np.median(values)) if values.size else float("nan")


def _decoding_errors(
    recording: Recording, bins: Int[np.ndarray, "animals time"], side: int, decoded_animals: int
) -> tuple[Float[np.ndarray, "samples 2"], Float[np.ndarray, " samples"]]:
    """Decoded places and their distances from the true ones, meters, for the first ``decoded_animals`` animals.

    The templates of an animal are the mean states of the bins over all other animals: the sums over all of them less
    the animal's own.
    """
    animals, _, units = recording.shape
    centers = (np.arange(side) + 0.5) * (recording.arena / side) - 0.5 * recording.arena
    places = np.stack(np.meshgrid(centers, centers, indexing="ij"), axis=-1).reshape(-1, 2)
    sums = np.zeros((side * side, units), dtype=np.float32)
    for k in range(animals):
        _add_rows(sums, bins[k], recording.activity[k])
    counts = np.bincount(bins.ravel(), minlength=side * side)
    decoded = []
    for k in range(min(animals, decoded_animals)):
        visited_bins, bin_of_time = np.unique(bins[k], return_inverse=True)
        animal_sums = np.zeros((len(visited_bins), units), dtype=np.float32)
        _add_rows(animal_sums, bin_of_time, recording.activity[k])
        counts_of_others = counts - np.bincount(bins[k], minlength=side * side)
        means = sums / np.maximum(counts, 1)[:, None].astype(np.float32)
        means[visited_bins] = (sums[visited_bins] - animal_sums) / np.maximum(counts_of_others[visited_bins], 1)[
            :, None
        ]
        candidates = np.flatnonzero(counts_of_others > 0)
        # argmin ||g - m||^2 over m; ||g||^2 is the same for all.
        means = means[candidates]
        cost = 0.5 * np.einsum("bn,bn->b", means, means) - recording.activity[k] @ means.T
        decoded.append(places[candidates[cost.argmin(axis=1)]])
    decoded_places = np.concatenate(decoded)
    return decoded_places, np.linalg.norm(
        decoded_places - recording.positions.reshape(-1, 2)[: len(decoded_places)], axis=1
    )


def _add_rows(
    sums: Float[np.ndarray, "bin units"], bins: Int[np.ndarray, " time"], states: Float[np.ndarray, "time units"]
) -> None:
    """``np.add.at(sums, bins, states)``, in a tenth of its time."""
    from ..kernels.arrays import bin_sums  # here, since it loads numba

    rows = np.arange(len(bins))
    bin_sums(np.ascontiguousarray(states, sums.dtype), rows, bins, rows, np.ones(len(bins), sums.dtype), sums)
