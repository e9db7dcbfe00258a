"""The result ``generalization``: other boxes and other walks. Two questions read it, `paths` and `distance`."""

from __future__ import annotations

import numpy as np
import xarray as xr

from .. import evaluation, trajectories
from ..analysis import box_stability, state_distance_density, state_distances
from ..evaluation import GeneralizationConfig
from ..experiment import RunConfig
from ..storage import length_name
from ._part import Part, Progress, Result, Unavailable, number, quantity
from ._sources import Sources
from .units import UNITS

GENERALIZATION = "generalization"
KINDS = ["smooth", "iid"]
DISTANCE_STEP = 0.05  # m, the paper's sigma_x
STATE_STEPS = 60


def _generalization(sources: Sources, progress: Progress) -> Result:
    total = len(sources.arenas)
    stability, errors, densities = [], [], []
    notes: list[str] = []
    reach = max(float(np.hypot(arena, arena)) / 2 for arena in sources.arenas)
    edges = np.arange(np.ceil(reach / DISTANCE_STEP) + 1) * DISTANCE_STEP
    most = 0.0
    for index, arena in enumerate(sources.arenas):
        recording = sources.recording(arena)
        stability.append(_stability(sources, arena, notes))
        chosen = _sample(recording, sources)
        densities.append(chosen)
        most = max(most, chosen[2])
        errors.append([_errors(recording, sources, notes), _jerky(sources, arena, notes)])
        progress(index + 1, total)
    state_edges = np.linspace(0, most * (1 + 1e-9) or 1e-9, STATE_STEPS + 1)
    training = _training_distances(sources)
    curves = [
        state_distance_density(
            positions, states, start, distance_edges=edges, state_edges=state_edges, training_distances=training
        )
        for positions, states, _, start in densities
    ]
    walked, path_error = _on_one_axis(errors)
    kinds = ("arena", "kind")
    variables = {
        "correlation": quantity(("arena", "unit"), np.stack([row[0] for row in stability]), about="with the main box"),
        "null_p95": quantity("arena", [row[1] for row in stability], about="of different units"),
        "strain": quantity(("arena", "unit"), np.stack([row[2] for row in stability]), about="against the main box"),
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
            "distance": quantity("distance", (edges[1:] + edges[:-1]) / 2, "m"),
            "state_distance": quantity("state_distance", (state_edges[1:] + state_edges[:-1]) / 2),
        },
        attrs={"reference_m": sources.main, "note": " ".join(notes)},
    )
    return Result(dataset, _summary(dataset))


def _summary(dataset: xr.Dataset) -> dict[str, object]:
    return {
        length_name(arena): {
            "correlation_median": _median(dataset["correlation"].values[index]),
            "null_p95": number(dataset["null_p95"].values[index]),
            "strain_median": _median(dataset["strain"].values[index]),
            "path_integration_error": {
                kind: number(dataset["path_integration_error"].values[index, column])
                for column, kind in enumerate(KINDS)
            },
        }
        for index, arena in enumerate(dataset["arena"].values)
    }


def _median(values: np.ndarray) -> float | None:
    finite = values[np.isfinite(values)]
    return float(np.median(finite)) if len(finite) else None


def _stability(sources: Sources, arena: float, notes: list[str]) -> tuple[np.ndarray, float, np.ndarray]:
    """Correlation, its null and strain of each unit in this box against the main one; NaN where nothing compares."""
    names = [UNITS if side == sources.main else f"{UNITS}-{length_name(side)}" for side in (sources.main, arena)]
    maps = sources.maps(arena)
    nothing = np.full(len(maps.maps), np.nan)
    tables = [sources.part(name) for name in names]
    if any("basis_m" not in table for table in tables):
        return nothing, float("nan"), nothing
    bases = [table["basis_m"].values for table in tables]
    try:
        stability = box_stability(sources.maps(), maps, *bases)
    except ValueError as reason:  # bins of the two boxes that do not lie on each other, or hardly overlap
        notes.append(f"The {arena:g} m box cannot be compared with the main one: {reason}.")
        return nothing, float("nan"), nothing
    assert stability.strain is not None  # bases were given
    null = float("nan") if arena == sources.main else stability.null_p95
    return stability.correlation, null, stability.strain


def _sample(recording: evaluation.Recording, sources: Sources) -> tuple[np.ndarray, np.ndarray, float, np.ndarray]:
    """Positions and states of some samples, the largest distance from the start's state, and that state.

    The start's state is the mean of the states recorded there: g(0) of a network whose initial state is not trained
    lies off all others.
    """
    points = recording.positions.reshape(-1, 2)
    distance = np.linalg.norm(points, axis=1)
    near = distance <= max(DISTANCE_STEP / 2, float(distance.min()))
    start = recording.rows(np.flatnonzero(near)).mean(axis=0, dtype=np.float64)
    chosen = np.arange(len(points))
    if len(chosen) > sources.config.analysis.generalization.samples:
        generator = np.random.default_rng(sources.seed)
        size = sources.config.analysis.generalization.samples
        chosen = np.sort(generator.choice(len(points), size, replace=False))
    positions, kept = points[chosen], recording.rows(chosen)
    return positions, kept, float(state_distances(kept, start).max()), start


def _errors(
    recording: evaluation.Recording, sources: Sources, notes: list[str]
) -> tuple[evaluation.PathConsistency, evaluation.ErrorByDistance] | None:
    """Path-integration error as a whole and by the length walked; None where it cannot be told."""
    if sources.kind == "code":  # a function of the place keeps no path
        return None
    classes = sources.config.analysis.generalization.classes
    try:
        whole = evaluation.path_consistency(
            recording,
            far_distance=evaluation.usual_far_distance(recording.arena),
            windows=min(8, recording.shape[1]),
            decoded_animals=1,  # places are decoded elsewhere
            seed=sources.seed,
        )
        walked = evaluation.error_by_distance(
            recording, of="walked", far_place=whole.far_place, classes=classes, seed=sources.seed
        )
    except ValueError as reason:  # one animal only, or a box of few bins
        notes.append(f"No path-integration error in the {recording.arena:g} m box: {reason}.")
        return None
    return whole, walked


def _jerky(
    sources: Sources, arena: float, notes: list[str]
) -> tuple[evaluation.PathConsistency, evaluation.ErrorByDistance] | None:
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


def _on_one_axis(
    errors: list[list[tuple[evaluation.PathConsistency, evaluation.ErrorByDistance] | None]],
) -> tuple[np.ndarray, np.ndarray]:
    """Errors by the length walked (arena, kind, walked), between the middles of each curve's own classes interpolated.

    The walks differ in length, so each curve has classes of its own; NaN outside of them.
    """
    curves = [[pair[1] if pair else None for pair in row] for row in errors]
    measured = [curve for row in curves for curve in row if curve is not None]
    if not measured:
        return np.array([0.0]), np.full((len(errors), len(KINDS), 1), np.nan)
    middles = np.sort(np.concatenate([(curve.edges[1:] + curve.edges[:-1]) / 2 for curve in measured]))
    walked = np.linspace(middles[0], middles[-1], 2 * len(measured[0].error))
    path_error = np.full((len(errors), len(KINDS), len(walked)), np.nan)
    for i, row in enumerate(curves):
        for j, curve in enumerate(row):
            if curve is not None and np.isfinite(curve.error).any():
                at, inside = (curve.edges[1:] + curve.edges[:-1]) / 2, np.isfinite(curve.error)
                path_error[i, j] = np.interp(walked, at[inside], curve.error[inside], left=np.nan, right=np.nan)
    return walked, path_error


def _each(
    errors: list[list[tuple[evaluation.PathConsistency, evaluation.ErrorByDistance] | None]], name: str
) -> np.ndarray:
    return np.array([[getattr(pair[0], name) if pair else np.nan for pair in row] for row in errors])


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
    parts=(UNITS,),
    recordings="all",
    network=True,
    usual_s=15,
)
