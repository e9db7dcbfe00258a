"""The evaluation stage: record the network in arenas, and measure how well its code holds along routes."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np

from .._callbacks import ignore
from .._clock import Stretches
from ..analysis import BinnedSpikes
from ..evaluation import Recording, held_out_loss, path_consistency, record
from ..storage import (
    Checkpoint,
    RunDirectory,
    UserError,
    by_length_name,
    length_name,
    load_recording,
    read_json,
    read_provenance,
    recording_file,
    save_recording,
    session,
    shell_word,
    write_json,
)
from ._build import trained
from ._checkpoint import required_checkpoint
from ._config import RunConfig, check_arenas

ARRAYS = ("positions", "velocities", "activity", "initial_state")
# Of spikes: of each its sample and its unit, in place of activity.
SPIKE_ARRAYS = ("positions", "velocities", "initial_state", "seconds", "spike_samples", "spike_units")
STRETCH_ARRAYS = ("stretch_samples", "stretch_begins")  # of a path with a clock


def evaluate_run(
    run: RunDirectory,
    config: RunConfig,
    arenas: Sequence[float],
    on_arena: Callable[[float], None] = ignore,
    on_progress: Callable[[int, int], None] | None = None,
) -> Checkpoint:
    """Record the newest checkpoint in each arena; return it. The caller holds the run's lock.

    Writes ``recordings/arena-*.safetensors`` and evaluation.json, which keeps what it says about other arenas as
    long as the checkpoint is the same. ``on_arena`` is called as each arena's turn comes, ``on_progress`` with how many
    steps of its walks are done, and of how many.

    Raises
    ------
    UserError
        If there is no checkpoint, it cannot be used, an arena is too small to be analyzed, or one animal alone walks.

    """
    check_arenas(config, arenas)
    check_animals(config, arenas)
    checkpoint = required_checkpoint(run, config)
    parts = trained(config, checkpoint)
    run_id = read_provenance(run)["run"]
    about = {"run": run_id, "checkpoint": checkpoint.sha256, "step": checkpoint.step}
    results = by_length_name(evaluation_so_far(run, about).get("arenas", {}), arenas)
    with session(run, "evaluate"):
        held_out = held_out_loss(parts.rnn, parts.loss, parts.sampler, config.evaluation.held_out_batches, config.seed)
        for arena in arenas:
            on_arena(arena)
            walk = config.evaluation.walk
            try:
                recording = record(parts.rnn, arena, walk, config.seed, on_progress)
                consistency = path_consistency(recording, seed=config.seed)
            except ValueError as error:
                raise UserError(f"the {arena:g} m arena cannot be evaluated: {error}") from None
            made = {"step": checkpoint.step, "seed": config.seed, "walk": walk.model_dump(mode="json")}
            arrays = {name: getattr(recording, name) for name in ARRAYS}
            save_recording(run, run_id, arena, arrays, checkpoint.sha256, made)
            results[length_name(arena)] = asdict(consistency)
            write_json(run.evaluation, {**about, "held_out": held_out, "arenas": results})
    return checkpoint


def evaluation_so_far(run: RunDirectory, of_checkpoint: Mapping[str, Any]) -> dict[str, Any]:
    """What the run's evaluation.json holds of this checkpoint."""
    evaluation = read_json(run.evaluation) if run.evaluation.exists() else {}
    same = {name: evaluation.get(name) for name in of_checkpoint} == of_checkpoint
    return evaluation if same else {}


def check_animals(config: RunConfig, arenas: Sequence[float]) -> None:
    """`UserError` where one animal alone would walk: how a code holds is told by the routes of two to one place."""
    for arena in arenas:
        if (animals := config.evaluation.walk.animals_in(arena)) < 2:
            raise UserError(
                f"evaluation.walk.animals must be at least 2, so that two routes to a place can be compared, got "
                f"{animals} in the {arena:g} m arena"
            )


def load_run_recording(run: RunDirectory, arena: float, checkpoint: str | None = None) -> Recording:
    """A run's recording in one arena.

    Raises
    ------
    UserError
        If it is missing, damaged, or of another run or checkpoint.

    """
    arrays, described = load_recording(run, read_provenance(run)["run"], arena, checkpoint)
    stretches = None  # recordings had none before sicgrid 0.2
    if set(STRETCH_ARRAYS) <= set(arrays):
        stretches = Stretches(*(arrays.pop(name) for name in STRETCH_ARRAYS))
    if "states" in arrays:  # the activity's name in version 0.1
        arrays["activity"] = arrays.pop("states")
    try:
        if described["arena"] != arena:
            raise ValueError(f"it is of a {described['arena']} m arena")
        if set(arrays) == set(SPIKE_ARRAYS):
            return _of_spikes(arrays, arena, stretches)
        if not set(ARRAYS) <= set(arrays) <= {*ARRAYS, "seconds"}:
            raise ValueError(f"it holds {sorted(arrays)}")
        return Recording(**arrays, arena=arena, stretches=stretches)
    except ValueError as error:
        again = f"record it with `sicgrid evaluate {shell_word(run.path)} --arenas {length_name(arena)}`"
        raise UserError(f"the recording {recording_file(run, arena)} is damaged ({error}); {again}") from None


def _of_spikes(arrays: Mapping[str, np.ndarray], arena: float, stretches: Stretches | None) -> Recording:
    samples, units, seconds = arrays["spike_samples"], arrays["spike_units"], arrays["seconds"]
    number = len(arrays["initial_state"])
    binned = BinnedSpikes(samples, units, seconds, number, 0)
    path = {name: arrays[name] for name in ("positions", "velocities", "initial_state")}
    return Recording(**path, activity=binned.activity, arena=arena, seconds=seconds, stretches=stretches)
