"""Maps of some units at some steps of a training: from noise to what they became."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from jaxtyping import Int, Shaped

from ..analysis import grid_scores, rate_maps
from ..evaluation import record
from ..experiment import RunConfig, take_weights
from ..model import Network
from ..storage import RunDirectory, load_snapshots, network_arrays, read_metrics
from ._survey import Survey

MOST = 12  # steps
UNITS = 24
ANIMALS, BINS = 30, 24  # walks of each snapshot, bins along a side: enough to see a lattice


def training_maps(
    run: RunDirectory, config: RunConfig, network: Network, survey: Survey, step: int
) -> tuple[dict[str, Any], dict[str, Shaped[np.ndarray, "..."]]]:
    """What the page shows of a run's snapshots up to the step of its network; empty where none were kept.

    Each is walked through the main box on the same paths. ``network`` holds other weights afterward.
    """
    walk = config.evaluation.walk.model_copy(update={"animals": min(ANIMALS, config.evaluation.walk.animals)})
    arena, chosen = config.evaluation.arenas[0], shown_units(survey)
    if not len(chosen):  # every unit is silent
        return {}, {}
    edges = np.linspace(-arena / 2, arena / 2, BINS + 1)
    steps, maps, scores = [], [], []
    for snapshot_step, arrays in load_snapshots(run, step, MOST):
        take_weights(network, network_arrays(arrays), f"the snapshot of step {snapshot_step:,}")
        recording = record(network, arena, walk, config.seed)
        rates = rate_maps(recording.positions, recording.activity[:, :, chosen], edges).maps
        score = grid_scores(rates).score
        peak = np.nan_to_num(rates).max(axis=(1, 2), keepdims=True)
        maps.append(np.rint(255 * np.nan_to_num(rates) / np.where(peak > 0, peak, 1)).astype(np.uint8))
        scores.append(round(float(np.nanmedian(score)), 3) if np.isfinite(score).any() else None)
        steps.append(snapshot_step)
    if len(steps) < 2:
        return {}, {}
    loss = _losses(read_metrics(run.metrics), steps)
    about = {"steps": steps, "units": [survey.names[unit] for unit in chosen], "scores": scores, "loss": loss}
    return {"snapshots": about}, {"snapshots": np.stack(maps)}


def shown_units(survey: Survey) -> Int[np.ndarray, " some"]:
    """Up to `UNITS` active units: the best of each module in turn, by score, then units of no module."""
    rank = np.full(len(survey.maps), len(survey.maps))
    for module in range(-1, len(survey.module_spacing_m)):
        members = np.flatnonzero((survey.module == module) & survey.active)
        best = members[np.argsort(-np.nan_to_num(survey.score[members], nan=-2.0), kind="stable")]
        rank[best] = np.arange(len(best)) + (len(survey.maps) if module < 0 else 0)
    order = np.argsort(rank, kind="stable")
    return np.array([unit for unit in order if survey.active[unit]][:UNITS], dtype=int)


def _losses(metrics: Mapping[str, Shaped[np.ndarray, " records"]], steps: list[int]) -> list[float | None]:
    """The total loss at the record nearest to each step."""
    recorded, total = metrics["step"], metrics.get("total")
    if total is None or not len(recorded):
        return [None] * len(steps)
    return [round(float(total[np.abs(recorded - step).argmin()]), 4) for step in steps]
