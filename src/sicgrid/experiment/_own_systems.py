"""The user's own network or code as a run: it walks the paths that a network trained here would walk."""

import hashlib
import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, Literal, NamedTuple

import numpy as np
import torch
from jaxtyping import Float

from .._callbacks import ignore
from .._repr import brief
from ..evaluation import (
    OwnNetwork,
    Recording,
    check_repeats,
    code_activity,
    path_consistency,
    record,
    record_along,
)
from ..model import Network
from ..storage import (
    RunDirectory,
    UserError,
    check_unused,
    create_run,
    length_name,
    new_provenance,
    require_memory_of_maps,
    save_recording,
    write_json,
)
from ..trajectories import WalkConfig, arena_walks
from ._activity_level import with_active_level
from ._config import RunConfig, check_arenas
from ._evaluate import ARRAYS, check_animals
from ._external_code import external_code
from ._yaml import yaml_text

LARGEST_RECORDINGS = 2 * 2**30  # bytes, of all boxes together; more units walk fewer animals


@brief
class OwnRun(NamedTuple):
    """The run of an external network or code.

    ``network``, None for a code, is what analyses need that a recording does not answer; the run does not hold it.
    """

    run: RunDirectory
    notes: list[str]
    network: Network | None


def own_network(step: Callable[[Any, Any], Any] | Network, initial_state: Any = None) -> Network:
    """The function ``step(states, displacements) -> states`` as a network; a `Network` is one already.

    An array as the initial state of a `torch.nn.Module` becomes a tensor of the device and dtype of its weights.

    Raises
    ------
    UserError
        If ``step`` is not callable or does not take two arguments, or the initial state does not serve or is missing.

    """
    if isinstance(step, Network):
        if initial_state is not None:
            raise UserError(f"initial_state must be left out: the network, a {type(step).__name__}, has its own")
        return step
    if isinstance(step, type):
        raise UserError(f"step must be callable, and the class {step.__name__} is not one yet; make an instance of it")
    if not callable(step):
        raise UserError(f"step must be callable, step(states, displacements) -> states, got {type(step).__name__}")
    if type(step) in (torch.nn.RNNCell, torch.nn.GRUCell, torch.nn.LSTMCell):
        raise UserError(
            f"step takes states first, and a {type(step).__name__} takes them second; give lambda states, "
            "displacements: cell(displacements, states)"
        )
    _check_takes(step, "step(states, displacements) -> states", 2)
    if initial_state is None:
        raise UserError("a network needs initial_state, the activity (n,) that every walk starts from")
    if isinstance(step, torch.nn.Module) and not isinstance(initial_state, torch.Tensor):
        initial_state = _as_of(step, initial_state)
    try:
        return OwnNetwork(step, initial_state)
    except ValueError as error:
        raise UserError(str(error)) from error


def _as_of(module: torch.nn.Module, initial_state: Any) -> Any:
    """Real numbers as a tensor with device and dtype of the module's first floating weight; anything else unchanged."""
    weights = (*module.parameters(), *module.buffers())
    like = next((weight for weight in weights if weight.is_floating_point()), None)
    try:
        numbers = np.asarray(initial_state)
    except ValueError:
        return initial_state  # OwnNetwork refuses it
    if like is None or numbers.dtype.kind not in "fiub":
        return initial_state
    return torch.as_tensor(numbers, dtype=like.dtype, device=like.device)


def import_network(
    network: Network,
    out: Path,
    config: RunConfig,
    name: str = "",
    on_arena: Callable[[float], None] = ignore,
    on_progress: Callable[[int, int], None] | None = None,
) -> OwnRun:
    """Walk an external network through boxes and keep it as a run, with evaluation.json as of our own.

    Boxes and walks are those of ``config.evaluation``; a population so large that the recordings would exceed 2 GiB
    walks fewer animals. ``on_arena`` and ``on_progress`` as of `evaluate_run`.

    Raises
    ------
    UserError
        If ``out`` is taken, a box is too small to be analyzed, or one animal alone is to walk; if the network raises
        anything, or returns other shapes, NaN or infinity; or if, walked twice along one path, it has different states.
        Nothing is on the disk then.

    """
    check_unused(out)
    check_arenas(config)
    check_animals(config, config.evaluation.arenas)
    walk, seed, notes = config.evaluation.walk, config.seed, list[str]()
    labels = network.labels() if isinstance(network, OwnNetwork) else None
    units = len(network.initial_state)
    if isinstance(network, OwnNetwork) and network.complex:
        notes.append(f"complex states of {network.units} units were kept as real parts, then imaginary ones")
    require_memory_of_maps(units, config.analysis.bins_across(max(config.evaluation.arenas)))
    walk = affordable_walk(walk, config.evaluation.arenas, units, notes)
    recordings = []
    with external_code("the network cannot be walked"):
        check_repeats(network, min(config.evaluation.arenas), walk, seed)
        for arena in config.evaluation.arenas:
            on_arena(arena)
            recordings.append(record(network, arena, walk, seed, on_progress))
    config = _as_walked(config, walk, recordings[0], notes)
    names = labels or [str(unit) for unit in range(units)]
    run = _write_run(recordings, out, config, "network", name, names, notes)
    return OwnRun(run, notes, network)


def import_code(
    code: Callable[[Any], Any],
    out: Path,
    config: RunConfig,
    name: str = "",
    on_arena: Callable[[float], None] = ignore,
) -> OwnRun:
    """Evaluate a code, ``code(positions (k, 2)) -> activity (k, n)``, along the walks of ``config.evaluation``.

    ``on_arena`` as of `evaluate_run`.

    Raises
    ------
    UserError
        As `import_network`.

    """
    check_unused(out)
    check_arenas(config)
    if not callable(code):
        raise UserError(f"code must be callable, code(positions) -> activity, got {type(code).__name__}")
    _check_takes(code, "code(positions) -> activity", 1)
    notes: list[str] = []
    with external_code("the code does not serve"):
        labels = code_activity(code, np.zeros((1, 4, 2)))[1]
        require_memory_of_maps(len(labels), config.analysis.bins_across(max(config.evaluation.arenas)))
        walk = affordable_walk(config.evaluation.walk, config.evaluation.arenas, len(labels), notes)
        recordings = []
        for arena in config.evaluation.arenas:
            on_arena(arena)
            recordings.append(_record_code(code, arena, walk, config.seed))
    if labels[-1].endswith(" im"):
        notes.append(f"complex activity of {len(labels) // 2} units was kept as real parts, then imaginary ones")
    config = _as_walked(config, walk, recordings[0], notes)
    return OwnRun(_write_run(recordings, out, config, "code", name, labels, notes), notes, None)


def _as_walked(config: RunConfig, walk: WalkConfig, recording: Recording, notes: list[str]) -> RunConfig:
    """The settings with the walk that was affordable, and a level of activity that suits the system."""
    evaluation = config.evaluation.model_copy(update={"walk": walk})
    settings = config.model_copy(update={"evaluation": evaluation})
    return with_active_level(settings, recording.positions, recording.activity, recording.arena, notes)


def check_same_network(network: Network, recording: Recording) -> None:
    """Check that a network, walked along the first 20 steps of up to four walks, has the recorded states.

    Raises
    ------
    UserError
        If its states differ by more than 1 % of the largest recorded activity, it has another number of units, or it
        cannot be walked.

    """
    animals, steps = slice(0, 4), slice(0, 20)
    units = recording.shape[2]
    if len(network.initial_state) != units:
        raise UserError(f"the network has {len(network.initial_state)} units, the run's recordings are of {units}")
    with external_code("the network cannot be walked"):
        again = record_along(
            network, recording.positions[animals, steps], recording.velocities[animals, steps], recording.arena
        )
    recorded = recording.activity[animals, steps]
    if np.abs(again.activity - recorded).max() > 1e-2 * np.abs(recorded).max():
        raise UserError("the network is not the one that the run's recordings are of: along one path its states differ")


def affordable_walk(
    walk: WalkConfig, arenas: Sequence[float], units: int, notes: list[str] | None = None
) -> WalkConfig:
    """The walks, with fewer animals where their recordings would be too large; ``notes`` then say so."""
    total_bytes = sum(walk.animals_in(arena) for arena in arenas) * walk.steps * units * 4
    if total_bytes <= LARGEST_RECORDINGS:
        return walk
    animals = max(2, int(walk.animals * LARGEST_RECORDINGS / total_bytes))
    if notes is not None:
        notes.append(f"{animals} animals walked in place of {walk.animals}, so that {units:,} units fit into memory")
    return walk.model_copy(update={"animals": animals})


def _check_takes(function: Callable[..., Any], form: str, count: int) -> None:
    """`UserError` for a function that cannot be called with ``count`` arguments."""
    try:
        signature = inspect.signature(function)
    except (TypeError, ValueError):
        return  # some functions, written in C, have none
    try:
        signature.bind(*range(count))
    except TypeError as error:
        raise UserError(f"{form.partition('(')[0]} must be {form}: {error}") from None


def _record_code(code: Callable[[Any], Any], arena: float, walk: WalkConfig, seed: int) -> Recording:
    walks = arena_walks(arena, walk, np.random.default_rng(seed))
    activity, _ = code_activity(code, walks.positions)
    start, _ = code_activity(code, np.zeros((1, 1, 2)))
    return Recording(walks.positions, walks.velocities, activity, start[0, 0], float(arena))


def _write_run(
    recordings: Sequence[Recording],
    out: Path,
    config: RunConfig,
    kind: Literal["network", "code"],
    name: str,
    labels: list[str],
    notes: list[str],
) -> RunDirectory:
    """Write config, provenance and recordings; of a network also evaluation.json with its path consistency."""
    sha256 = _digest(recordings[0].activity)
    provenance = new_provenance(config.seed, "cpu", 0, "none", f"a {kind} of one's own, not trained here")
    provenance["recording"] = {
        "kind": kind, "name": name, "files": [], "sha256": sha256, "units": labels, "notes": notes,
    }  # fmt: skip
    all_settings = config.settings()
    settings: Mapping[str, Any] = {part: all_settings[part] for part in ("seed", "evaluation", "analysis")}
    arenas: dict[str, Any] = {}
    if kind == "network":
        for recording in recordings:
            consistency = path_consistency(recording, seed=config.seed)
            arenas[length_name(recording.arena)] = asdict(consistency)
    run = create_run(out, yaml_text(settings), provenance)
    for recording in recordings:
        arrays = {part: getattr(recording, part) for part in ARRAYS}
        walked = {"seed": config.seed, "walk": config.evaluation.walk.model_dump(mode="json")}
        save_recording(run, provenance["run"], recording.arena, arrays, sha256, walked)
    if kind == "network":
        about = {"run": provenance["run"], "checkpoint": sha256, "step": None}
        write_json(run.evaluation, {**about, "held_out": None, "arenas": arenas})
    return run


def _digest(activity: Float[np.ndarray, "animals time units"]) -> str:
    return hashlib.sha256(np.ascontiguousarray(activity).data).hexdigest()
