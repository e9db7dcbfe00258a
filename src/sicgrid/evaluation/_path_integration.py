"""The path-integration error by the distance from the start or walked, and how far from the start training goes."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import torch
from jaxtyping import Float, Int

from .._repr import brief
from ..trajectories import PermutedVelocities
from ._path_consistency import bins_of, median_or_nan, pair_distances, partners
from ._recording import Recording

LEAST_PAIRS = 20  # ours: the median of fewer pairs scatters by a fifth of their spread


@brief
@dataclass(frozen=True)
class ErrorByDistance:
    """Path-integration error in classes of distance; NaN where a class has fewer than 20 pairs."""

    of: Literal["start", "walked"]
    edges: Float[np.ndarray, " edges"]  # m
    error: Float[np.ndarray, " classes"]  # same_place / far_place: 0 place alone, 1 no trace of the place
    same_place: Float[np.ndarray, " classes"]  # median ||g - g'|| of pairs in the same bin
    pairs: Int[np.ndarray, " classes"]


def error_by_distance(
    recording: Recording,
    *,
    of: Literal["start", "walked"] = "start",
    far_place: float,
    classes: int = 8,
    bin_size: float = 0.05,
    seed: int = 0,
) -> ErrorByDistance:
    """Path-integration error by the place's distance from the start, or by the length of the way walked.

    As in :func:`path_consistency`, ``error = median ||g - g'|| over pairs of two animals in one bin / far_place``, here
    of the pairs in each class. ``start``: classes of |x|, equally wide, out to the box's corners (the mean of the two
    places decides). ``walked``: classes of the path length, sum ||v||, equally wide; both animals are in the same
    class.

    Parameters
    ----------
    recording
        States along walks, of at least two animals.
    of
        Which distance.
    far_place
        Typical distance of states of far places, as in :class:`PathConsistency`; one value for all classes, so that
        the curve shows the drift alone. 0 or NaN (a network whose state never changes) gives NaN.
    classes
        Number of classes.
    bin_size
        Side of a bin, meters, below which places count as equal.
    seed
        Determines the pairs.

    Raises
    ------
    ValueError
        If an argument is out of range, or the recording has fewer than two animals.

    """
    animals, steps, units = recording.shape
    if animals < 2:
        raise ValueError(f"recording must hold at least 2 animals to compare their routes, got {animals}")
    if classes < 1:
        raise ValueError(f"classes must be 1 or more, got {classes}")
    if not 0 < bin_size <= recording.arena:
        raise ValueError(f"bin_size must lie in (0, {recording.arena}] (the arena), got {bin_size}")
    if not (far_place >= 0 or np.isnan(far_place)):
        raise ValueError(f"far_place must be 0 or more (or NaN), got {far_place}")
    generator = np.random.default_rng(seed)
    animal = np.repeat(np.arange(animals), steps)
    place = bins_of(recording.positions, recording.arena, max(1, round(recording.arena / bin_size))).ravel()
    if of == "start":
        distance = np.linalg.norm(recording.positions, axis=-1).ravel().astype(np.float64)
        edges = np.linspace(0.0, recording.arena / np.sqrt(2), classes + 1)
        first, second = partners(place, animal, generator)
        pair_distance = (distance[first] + distance[second]) / 2
    else:
        walked = np.cumsum(np.linalg.norm(recording.velocities, axis=-1), axis=1).ravel().astype(np.float64)
        edges = np.linspace(0.0, max(float(walked.max()), np.finfo(np.float64).tiny), classes + 1)
        first, second = partners(place * classes + _class_of(walked, edges), animal, generator)
        pair_distance = walked[first]
    class_of_pair = _class_of(pair_distance, edges)
    state_distance = pair_distances(recording.activity.reshape(-1, units), first, second)
    pairs = np.bincount(class_of_pair, minlength=classes)
    same_place = np.array(
        [
            median_or_nan(state_distance[class_of_pair == k]) if pairs[k] >= LEAST_PAIRS else np.nan
            for k in range(classes)
        ]
    )
    scale = far_place if far_place > 0 else np.nan
    return ErrorByDistance(of, edges, same_place / scale, same_place, pairs)


def _class_of(distance: Float[np.ndarray, " sample"], edges: Float[np.ndarray, " edge"]) -> Int[np.ndarray, " sample"]:
    """Class of each distance; what lies outside of the edges is in the nearest one."""
    return np.asarray(np.clip(np.searchsorted(edges, distance, side="right") - 1, 0, len(edges) - 2))


@torch.no_grad()
def training_distances(sampler: PermutedVelocities, batches: int = 100, seed: int = 0) -> Float[np.ndarray, " samples"]:
    """Distances from the start, meters, of the places that training visits.

    Of as many freshly drawn walks as so many batches have, each with steps of its own: the walks of one batch have the
    same steps and the same end, so that ten batches of 16 tell the reach of ten walks.

    For the cumulative curve over the density of d(g(0), g(x)), see :func:`sicgrid.analysis.state_distance_density`.

    Raises
    ------
    ValueError
        If ``batches`` is less than 1 or ``seed`` negative.

    """
    if batches < 1:
        raise ValueError(f"batches must be 1 or more, got {batches}")
    if seed < 0:
        raise ValueError(f"seed must be 0 or more, got {seed}")
    generator = torch.Generator()
    generator.manual_seed(seed)
    single = PermutedVelocities(**sampler.config.model_dump() | {"batch_size": 1})
    walks = single.sample_each([generator] * (batches * sampler.config.batch_size))
    return np.asarray(walks.positions.norm(dim=-1).flatten().double().numpy())
