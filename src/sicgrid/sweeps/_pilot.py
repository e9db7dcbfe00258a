"""What a sweep will take: the disk by counting, the time by a short pilot."""

import itertools
import os
import shutil
import statistics
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import torch

from .._repr import brief
from ..experiment import RunConfig, checked_config, evaluate_run, start_run, train_run
from ..findings import USUAL_BYTES, analyze_run
from ..model import make_network
from ..storage import UserError
from ._directory import FINAL, SweepDirectory
from ._plan import Plan
from ._trials import config_at, trials_of

PILOT_STEPS = 30
WARM_UP = 5  # steps not counted: the first ones compile
SMALL_FILES = 100_000  # bytes of a run's settings, provenance, tables and pages of numbers
SHARE_ACTIVE = 0.5  # of the units at a time, before a network has learned anything; then fewer


@brief
class Estimate(NamedTuple):
    """What a sweep will take, seconds and bytes. Of one trial, if not said otherwise."""

    trials: int
    workers: int
    """At the same time, on this machine's cores."""
    step_s: float
    train_s: float
    evaluate_s: float
    analyze_s: float
    total_s: float
    """Of the sweep, by the clock."""
    disk: int
    total_disk: int
    """Of the sweep."""


def estimate(plan: Plan, cpus: int | None = None) -> Estimate:
    """Time and disk of a sweep, from a pilot of its first trial in a scratch folder.

    The pilot trains 30 steps, walks in the first arena and analyzes it; training is extrapolated by the number of
    steps, walking and analysis by the number of arenas. What that leaves out: trials of other sizes than the first;
    that a trained network's units take longer or shorter to analyze than a new one's; how long workers take to start;
    whatever else the machine is doing later.

    Raises
    ------
    UserError
        If the plan's settings are refused, or a trial does not fit into this machine's memory.

    """
    config = first_config(plan)
    count = trial_count(plan)
    with tempfile.TemporaryDirectory(prefix="sicgrid-pilot-") as folder:
        try:
            step_s, evaluate_s, analyze_s = _pilot(config, plan.needed_parts(), Path(folder, "run"))
        except MemoryError as error:
            raise UserError(
                f"a trial does not fit into this machine's memory ({error}); make it smaller (evaluation.walk.animals, "
                "evaluation.walk.steps, model.units)"
            ) from None
    arenas = len(config.evaluation.arenas)
    train_s = step_s * config.training.steps
    evaluate_s, analyze_s = evaluate_s * arenas, analyze_s * arenas
    cores = len(os.sched_getaffinity(0)) if cpus is None else cpus
    workers = max(1, min(cores // config.threads, count))
    rounds = -(-count // workers)
    disk = run_size(config, plan.needed_parts())
    total_s = rounds * (train_s + evaluate_s + analyze_s)
    return Estimate(count, workers, step_s, train_s, evaluate_s, analyze_s, total_s, disk, disk * count)


def run_size(config: RunConfig, parts: Sequence[str]) -> int:
    """Bytes of a finished run, about: checkpoints (weights and AdamW's two moments), metrics, recordings, maps."""
    with torch.device("meta"):  # only the sizes are asked for: nothing is drawn
        rnn = make_network(config.model)
    weights = sum(parameter.numel() for parameter in rnn.parameters())
    checkpoints = (config.keep_checkpoints + 1) * 3 * 4 * weights  # a new one is whole before an old one goes
    metrics = 260 * -(-config.training.steps // config.training.log_every)
    walk, units = config.evaluation.walk, config.model.units
    # Of the activity what is not 0 is kept, and a bit for each unit.
    sample = 4 * units * SHARE_ACTIVE + units / 8 + 4 * 4
    recordings = round(len(config.evaluation.arenas) * walk.animals * walk.steps * sample)
    bins = sum(round(arena / config.analysis.bin_size) ** 2 for arena in config.evaluation.arenas)
    maps = 2 * 8 * units * bins  # as maps.npz and in the units' results
    others = sum(USUAL_BYTES[part] for part in parts)
    return checkpoints + metrics + recordings + maps + others + SMALL_FILES


def check_disk(plan: Plan, path: Path) -> None:
    """Check that the disk of ``path`` has room for the trials of the plan that have not ended.

    Raises
    ------
    UserError
        If it has not.

    """
    sweep = SweepDirectory(path)
    ended = 0
    if sweep.runs.is_dir():
        records = (sweep.read_record(entry.name) for entry in sweep.runs.iterdir())
        ended = sum(record is not None and record.get("status") in FINAL for record in records)
    config, count = first_config(plan), max(0, trial_count(plan) - ended)
    needed = count * run_size(config, plan.needed_parts())
    there = next(folder for folder in (path.resolve(), *path.resolve().parents) if folder.exists())
    free = shutil.disk_usage(there).free
    if needed > free:
        raise UserError(
            f"the disk of {path} has {size_text(free)} free, and {count} trials need about {size_text(needed)}; choose "
            "another folder, or keep less (fewer evaluation.walk.animals, arenas, or keep_checkpoints)"
        )


def first_config(plan: Plan) -> RunConfig:
    """Settings of the plan's first trial; of a search, those at the low ends."""
    if plan.search is None:
        return trials_of(plan)[0].config
    return config_at(plan, {name: chosen.ends()[0] for name, chosen in plan.search.items()}, plan.seeds[0], "search")


def trial_count(plan: Plan) -> int:
    """How many trials the plan has."""
    if plan.search is None:
        return len(trials_of(plan))
    assert plan.samples is not None  # the plan is checked
    return plan.samples * len(plan.seeds)


def size_text(size: float) -> str:
    """Bytes for a person, ``1.2 GB``."""
    for unit in ("bytes", "kB", "MB", "GB"):
        if size < 1000:
            return f"{size:.3g} {unit}"
        size /= 1000
    return f"{size:.3g} TB"


def _pilot(config: RunConfig, parts: Sequence[str], path: Path) -> tuple[float, float, float]:
    """Seconds of a step, of walking in the first arena, and of analyzing it."""
    settings = config.settings()
    settings["training"] |= {"steps": min(PILOT_STEPS, config.training.steps), "log_every": 1}
    settings["evaluation"] |= {"arenas": settings["evaluation"]["arenas"][:1]}
    settings["tracker"] = "none"  # the pilot is nobody's run
    short = checked_config(settings)
    run = start_run(short, path)
    moments: list[float] = []
    train_run(run, short, lambda first, changed: moments.append(time.perf_counter()), lambda _: _now(moments))
    steps = [after - before for before, after in itertools.pairwise(moments)]
    began = time.perf_counter()
    evaluate_run(run, short, short.evaluation.arenas)
    walked = time.perf_counter()
    analyze_run(run, short, only=parts)
    return statistics.median(steps[WARM_UP:] or steps), walked - began, time.perf_counter() - walked


def _now(moments: list[float]) -> None:
    moments.append(time.perf_counter())
