"""The result ``generalization``: other boxes and other walks. Two questions read it, `paths` and `distance`."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import xarray as xr

from .. import evaluation, trajectories
from .._bins import bin_middles
from ..analysis import StateDistanceDensity, box_stability, state_distance_density, state_distances
from ..evaluation import GeneralizationConfig
from ..experiment import RunConfig
from ..storage import length_name
from ._names import GENERALIZATION, UNITS
from ._part import Part, Progress, Result, Unavailable, json_number, quantity
from ._sources import Sources

KINDS = ["smooth", "iid"]
DISTANCE_STEP = 0.05  # m, the paper's sigma_x
STATE_STEPS = 60


class _Stability(NamedTuple):
    """How the units of a box compare with themselves in the main box; NaN where nothing compares."""

    correlation: np.ndarray
    null_p95: float
    strain: np.ndarray


class _Sample(NamedTuple):
    """Some samples of a recording, and the state at the start."""

    positions: np.ndarray
    states: np.ndarray
    start: np.ndarray
    """Mean of the states recorded there: g(0) of a network whose initial state is not trained lies off all others."""
    largest: float
    """The largest distance of a state from it."""


class _Errors(NamedTuple):
    """Path-integration error of one kind of walks in one box: of the whole walks, and by the length walked."""

    whole: evaluation.PathConsistency
    by_length: evaluation.ErrorByDistance


def _generalization(sources: Sources, progress: Progress) -> Result:
    stabilities: list[_Stability] = []
    samples: list[_Sample] = []
    errors: list[list[_Errors | None]] = []  # of each box, by `KINDS`
    notes: list[str] = []
    for index, arena in enumerate(sources.arenas):
        recording = sources.recording(arena)
        stabilities.append(_stability(sources, arena, notes))
        samples.append(_sample(recording, sources))
        errors.append([_errors(recording, sources, notes), _jerky(sources, arena, notes)])
        progress(index + 1, len(sources.arenas))
    curves = _curves(samples, sources)
    walked, path_error = _on_one_axis(errors)
    kinds = ("arena", "kind")
    variables = {
        "correlation": quantity(
            ("arena", "unit"), np.stack([row.correlation for row in stabilities]), about="with the main box"
        ),
        "null_p95": quantity("arena", [row.null_p95 for row in stabilities], about="of different units"),
        "strain": quantity(
            ("arena", "unit"), np.stack([row.strain for row in stabilities]), about="against the main box"
        ),
        "density": quantity(("arena", "distance", "state_distance"), np.stack([curve.density for curve in curves])),
        "median": quantity(("arena", "distance"), np.stack([curve.median for curve in curves])),
        "low": quantity(("arena", "distance"), np.stack([curve.low for curve in curves]), about="5th percentile"),
        "high": quantity(("arena", "distance"), np.stack([curve.high for curve in curves]), about="95th percentile"),
        "typical_distance": quantity(
            ("arena", "distance"), np.stack([curve.typical_distance for curve in curves]), "m", "median of the samples"
        ),
        "samples": quantity(("arena", "distance"), np.stack([curve.samples for curve in curves])),
        "path_error": quantity((*kinds, "walked"), path_error, about="0: the place alone; 1: no trace of it"),
        "path_integration_error": quantity(kinds, _each(errors, "path_integration_error"), about="of the whole walks"),
        "same_place": quantity(kinds, _each(errors, "same_place"), about="distance of states at equal places"),
        "far_place": quantity(kinds, _each(errors, "far_place"), about="distance of states of far places"),
    }
    if curves[0].training_cumulative is not None:
        share = curves[0].training_cumulative[1:]
        variables["training_cumulative"] = quantity("distance", share, about="up to the end of the step of distance")
    dataset = xr.Dataset(
        variables,
        coords={
            "arena": quantity("arena", list(sources.arenas), "m"),
            "kind": KINDS,
            "walked": quantity("walked", walked, "m"),
            "distance": quantity("distance", bin_middles(curves[0].distance_edges), "m"),
            "state_distance": quantity("state_distance", bin_middles(curves[0].state_edges)),
        },
        attrs={"reference_m": sources.main, "note": " ".join(notes)},
    )
    return Result(dataset, _summary(dataset))


def _summary(dataset: xr.Dataset) -> dict[str, object]:
    return {
        length_name(arena): {
            "correlation_median": _median(dataset["correlation"].values[index]),
            "null_p95": json_number(dataset["null_p95"].values[index]),
            "strain_median": _median(dataset["strain"].values[index]),
            "path_integration_error": {
                kind: json_number(dataset["path_integration_error"].values[index, column])
                for column, kind in enumerate(KINDS)
            },
        }
        for index, arena in enumerate(dataset["arena"].values)
    }


def _median(values: np.ndarray) -> float | None:
    finite = values[np.isfinite(values)]
    return float(np.median(finite)) if len(finite) else None


def _stability(sources: Sources, arena: float, notes: list[str]) -> _Stability:
    names = [UNITS if side == sources.main else f"{UNITS}-{length_name(side)}" for side in (sources.main, arena)]
    maps = sources.maps(arena)
    unknown = np.full(len(maps.maps), np.nan)
    nothing = _Stability(unknown, float("nan"), unknown)
    tables = [sources.part(name) for name in names]
    if any("basis_m" not in table for table in tables):
        return nothing
    bases = [table["basis_m"].values for table in tables]
    try:
        stability = box_stability(sources.maps(), maps, *bases)
    except ValueError as reason:  # bins of the two boxes that do not lie on each other, or hardly overlap
        notes.append(f"The {arena:g} m box cannot be compared with the main one: {reason}.")
        return nothing
    assert stability.strain is not None  # bases were given
    null = float("nan") if arena == sources.main else stability.null_p95
    return _Stability(stability.correlation, null, stability.strain)


def _sample(recording: evaluation.Recording, sources: Sources) -> _Sample:
    points = recording.positions.reshape(-1, 2)
    distance = np.linalg.norm(points, axis=1)
    near = distance <= max(DISTANCE_STEP / 2, float(distance.min()))
    start = recording.rows(np.flatnonzero(near)).mean(axis=0, dtype=np.float64)
    chosen = np.arange(len(points))
    if len(chosen) > sources.config.analysis.generalization.samples:
        generator = np.random.default_rng(sources.seed)
        size = sources.config.analysis.generalization.samples
        chosen = np.sort(generator.choice(len(points), size, replace=False))
    states = recording.rows(chosen)
    return _Sample(points[chosen], states, start, float(state_distances(states, start).max()))


def _curves(samples: list[_Sample], sources: Sources) -> list[StateDistanceDensity]:
    """Distances of states by the distance from the start, in bins that all boxes share."""
    reach = max(float(np.hypot(arena, arena)) / 2 for arena in sources.arenas)
    edges = np.arange(np.ceil(reach / DISTANCE_STEP) + 1) * DISTANCE_STEP
    largest = max(sample.largest for sample in samples)
    state_edges = np.linspace(0, largest * (1 + 1e-9) or 1e-9, STATE_STEPS + 1)
    training = _training_distances(sources)
    return [
        state_distance_density(
            sample.positions,
            sample.states,
            sample.start,
            distance_edges=edges,
            state_edges=state_edges,
            training_distances=training,
        )
        for sample in samples
    ]


def _errors(recording: evaluation.Recording, sources: Sources, notes: list[str]) -> _Errors | None:
    """None where they cannot be told."""
    if sources.kind == "code":  # a function of the place keeps no path
        return None
    classes = sources.config.analysis.generalization.classes
    try:
        whole = evaluation.path_consistency(
            recording,
            decoded_animals=1,  # places are decoded elsewhere
            seed=sources.seed,
        )
        by_length = evaluation.error_by_distance(
            recording, of="walked", far_place=whole.far_place, classes=classes, seed=sources.seed
        )
    except ValueError as reason:  # one animal only, or a box of few bins
        notes.append(f"No path-integration error in the {recording.arena:g} m box: {reason}.")
        return None
    return _Errors(whole, by_length)


def _jerky(sources: Sources, arena: float, notes: list[str]) -> _Errors | None:
    """The same on jerky paths, as in training; None without a network."""
    settings = sources.config.analysis.generalization
    try:
        network = sources.network()
    except Unavailable:
        return None
    walk = sources.config.evaluation.walk.model_copy(
        update={"kind": "iid", "animals": settings.jerky_animals, "steps": settings.jerky_steps}
    )
    return _errors(evaluation.record(network, arena, walk, sources.seed), sources, notes)


def _on_one_axis(errors: list[list[_Errors | None]]) -> tuple[np.ndarray, np.ndarray]:
    """Lengths walked, and errors (arena, kind, walked) at them, interpolated between the middles of a curve's classes.

    The walks differ in length, so each curve has classes of its own; NaN outside of them.
    """
    curves = [[error.by_length if error else None for error in row] for row in errors]
    measured = [curve for row in curves for curve in row if curve is not None]
    if not measured:
        return np.array([0.0]), np.full((len(errors), len(KINDS), 1), np.nan)
    middles = np.sort(np.concatenate([bin_middles(curve.edges) for curve in measured]))
    walked = np.linspace(middles[0], middles[-1], 2 * len(measured[0].error))
    path_error = np.full((len(errors), len(KINDS), len(walked)), np.nan)
    for i, row in enumerate(curves):
        for j, curve in enumerate(row):
            if curve is not None and np.isfinite(curve.error).any():
                at, inside = bin_middles(curve.edges), np.isfinite(curve.error)
                path_error[i, j] = np.interp(walked, at[inside], curve.error[inside], left=np.nan, right=np.nan)
    return walked, path_error


def _each(errors: list[list[_Errors | None]], name: str) -> np.ndarray:
    return np.array([[getattr(error.whole, name) if error else np.nan for error in row] for row in errors])


def _training_distances(sources: Sources) -> np.ndarray | None:
    """Distances from the start that training visits; None where nothing was trained."""
    if sources.origin.step is None:
        return None
    sampler = trajectories.PermutedVelocities(**sources.config.trajectories.model_dump())
    return evaluation.training_distances(sampler, sources.config.analysis.generalization.batches, sources.seed)


def _generalization_settings(config: RunConfig) -> dict[str, object]:
    settings: dict[str, object] = config.analysis.generalization.model_dump(mode="json")
    trained = {"trajectories": config.trajectories.model_dump(mode="json")}
    return settings | trained | {"walk": config.evaluation.walk.model_dump(mode="json"), "seed": config.seed}


PART = Part(
    GENERALIZATION,
    2,
    _generalization,
    _generalization_settings,
    model=GeneralizationConfig,
    formerly="generalisation",
    reads=(UNITS,),
    recordings="all",
    network=True,
    usual_s=15,
)
