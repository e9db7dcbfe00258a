"""From a plan to its trials: each a name, what it changes, a seed and complete settings."""

import copy
import dataclasses
import functools
import itertools
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .. import experiment, training
from .._repr import brief
from ..experiment import RunConfig, checked_config, load_config, put_setting, typed_setting
from ..findings import trial_name
from ..storage import UserError
from ._plan import Plan

LONGEST_NAME = 100


@brief
@dataclass(frozen=True)
class Trial:
    """One network of a sweep: ``SWEEP/runs/NAME``."""

    name: str
    variant: str | None
    """Name of the variant, None in a plan without."""
    point: Mapping[str, Any]
    """Dotted setting -> value as checked: what this trial has on top of the plan's settings, its seed apart."""
    seed: int
    config: RunConfig

    def described(self) -> dict[str, Any]:
        """As JSON: all but the settings."""
        return {"name": self.name, "variant": self.variant, "point": dict(self.point), "seed": self.seed}


def trials_of(plan: Plan) -> list[Trial]:
    """All trials of a plan, in order: by variant or point, then by seed. A search has none before it begins.

    Every point is checked as the settings of a run are, and its network built once for nothing.

    Raises
    ------
    UserError
        In one line, naming the variant or point, for a value out of range or settings that do not fit together.

    """
    for name, values in (plan.grid or {}).items():
        if len({json.dumps(typed_setting(name, value)) for value in values}) < len(values):
            raise UserError(f"grid.{name} names a value twice")
    trials = []
    for label, variant, point in _points(plan):
        trials += trials_at(plan, point, label, variant)
    if len({trial.name for trial in trials}) < len(trials):
        raise UserError("two trials of the plan have the same name; rename a variant")
    return trials


def trials_at(plan: Plan, point: Mapping[str, Any], label: str, variant: str | None = None) -> list[Trial]:
    """The trials of one point, one a seed; `UserError` if its settings are not allowed."""
    about = f"variant {variant}" if variant is not None else f"point {label}" if label else "settings"
    first = config_at(plan, point, plan.seeds[0], about)
    try:
        experiment.check_arenas(first)
        experiment.build(first, None)
    except UserError as error:
        raise UserError(f"{about}: {error}") from None
    return [
        Trial(trial_name(label, seed), variant, typed_point(point), seed, _seeded(first, seed)) for seed in plan.seeds
    ]


def typed_point(point: Mapping[str, Any]) -> dict[str, Any]:
    """The settings of a point, each value of its setting's type."""
    return {name: typed_setting(name, value) for name, value in point.items()}


def under_noted_names(trials: Sequence[Trial], entries: Iterable[Mapping[str, Any]]) -> list[Trial]:
    """The trials, those that a sweep has noted before under the names that they have there.

    Version 0.1 took 1e-3 for text and named a trial by it, which is by 0.001 now.
    """

    def same(variant: str | None, seed: int, point: Mapping[str, Any]) -> str:
        return json.dumps([variant, seed, typed_point(point)], sort_keys=True)

    names = {same(entry.get("variant"), entry["seed"], entry.get("point") or {}): entry["name"] for entry in entries}
    noted_names = set(names.values())
    return [
        trial
        if trial.name in noted_names
        else dataclasses.replace(trial, name=names.get(same(trial.variant, trial.seed, trial.point), trial.name))
        for trial in trials
    ]


def check_search(plan: Plan) -> None:
    """Check both ends of every range of a search, or all of its choices; `UserError` if a run would refuse one."""
    for name, chosen in (plan.search or {}).items():
        for value in chosen.ends():
            config_at(plan, {name: value}, plan.seeds[0], f"search.{name}")


def config_at(plan: Plan, point: Mapping[str, Any], seed: int, about: str) -> RunConfig:
    """Settings of a run: the preset, under the plan's settings, under the point's, with the seed.

    A run that leaves the number of its threads open gets one: the workers share the cores, not the trials' inner loops.
    """
    settings = copy.deepcopy(_preset(plan.preset))
    for name, value in {**plan.settings, **point, "seed": seed}.items():
        put_setting(settings, name, value)
    settings["threads"] = settings["threads"] or 1
    return checked_config(settings, about)


def changed(trial: Trial) -> str:
    """What a trial changes, for a person: ``loss.capacity 0, seed 1``."""
    return ", ".join([*(f"{name} {value}" for name, value in trial.point.items()), f"seed {trial.seed}"])


def _points(plan: Plan) -> Iterator[tuple[str, str | None, dict[str, Any]]]:
    """Label, variant and settings of each point."""
    if plan.variants is not None:
        for name, settings in plan.variants.items():
            yield name, name, settings
    elif plan.grid is not None:
        names = list(plan.grid)
        for index, values in enumerate(itertools.product(*plan.grid.values())):
            point = dict(zip(names, values, strict=True))
            yield _label(point, index), None, point
    elif plan.search is None:
        yield "", None, {}


def _label(point: Mapping[str, Any], index: int) -> str:
    """A folder's name that a person can read, ``sigma_g-0.2_capacity-0.5``; a number where that is not to be had."""
    leaves = [name.rpartition(".")[2] for name in point]
    names: Sequence[str] = leaves if len(set(leaves)) == len(leaves) else list(point)
    label = "_".join(f"{name}-{value}" for name, value in zip(names, point.values(), strict=True))
    readable = len(label) <= LONGEST_NAME and re.fullmatch(r"[\w.+-]+", label)
    return label if readable else f"point-{index:04d}"


@functools.cache
def _preset(name: str) -> dict[str, Any]:
    return load_config(name).settings()


def _seeded(config: RunConfig, seed: int) -> RunConfig:
    return config.model_copy(update={"seed": seed})


def packs_of(trials: Sequence[Trial], size: int) -> list[list[Trial]]:
    """Trials in packs of one shape: equal settings of model, batches and steps; what cannot be stacked one by one."""
    by_shape: dict[str, list[Trial]] = {}
    for trial, config in ((trial, trial.config) for trial in trials):
        shape = config.model_dump_json(include={"model", "trajectories", "training", "threads"})
        by_shape.setdefault(trial.name if training.refusal(config.model, config.training) else shape, []).append(trial)
    return [
        trials_of_shape[first : first + size]
        for trials_of_shape in by_shape.values()
        for first in range(0, len(trials_of_shape), size)
    ]
