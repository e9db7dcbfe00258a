"""Where the next trials come from: a list that is known from the start, or Optuna."""

import statistics
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from ..experiment import setting_names, typed_setting
from ..findings import label_of
from ._directory import FINAL, SweepDirectory, add_trials, noted_trials
from ._plan import Plan
from ._range import Range
from ._trials import Trial, trials_at, trials_of, typed_point, under_noted_names

POINT = "point-{:04d}"


class Source(Protocol):
    """Gives out trials and is told how each ended."""

    total: int
    """Trials of the whole sweep."""

    def take(self, room: int) -> list[Trial]:
        """The next trials to begin; ``room`` is how many could run now."""
        ...

    def tell(self, record: Mapping[str, Any]) -> None:
        """Take note of how a trial ended (its trial.json)."""
        ...


class Listed:
    """Trials that the plan names: all are given out at once, since Ray queues them."""

    def __init__(self, trials: Sequence[Trial]) -> None:
        self.total = len(trials)
        self._waiting = list(trials)

    def take(self, room: int) -> list[Trial]:
        """All of them, the first time."""
        ready, self._waiting = self._waiting, []
        return ready

    def tell(self, record: Mapping[str, Any]) -> None:
        """Nothing follows from it."""


class Searched:
    """Points that Optuna's TPE suggests, through Ray Tune's `OptunaSearch`; a point is tried with every seed.

    Its state is the sweep's own: points are noted in sweep.json before they begin, results stand in the trials'
    trial.json, and a sweep that is started again tells a fresh study what became of the former points. (Tune's own
    way, pickling the searcher every 10 s or more, would forget what came since.) The value of a point is the median of
    its metric over the seeds; where that is not to be had the point counts as failed.
    """

    def __init__(self, plan: Plan, sweep: SweepDirectory) -> None:
        from optuna.samplers import TPESampler
        from ray.tune.search.optuna import OptunaSearch

        assert plan.search is not None  # the plan is checked
        assert plan.samples is not None
        metric = plan.maximize or plan.minimize
        assert metric is not None
        self._plan, self._sweep, self._metric = plan, sweep, metric
        self._space = {name: _distribution(name, chosen) for name, chosen in plan.search.items()}
        self._points: dict[str, dict[str, Any]] = {}
        self._values: dict[str, dict[int, float | None]] = {}
        for entry in noted_trials(sweep):
            self._points[label_of(entry["name"])] = typed_point(entry["point"])
        self._former = set(self._points)
        # Seeded by what is there too: a study with the same seed would suggest its first points again.
        self._search = OptunaSearch(
            self._space,
            metric=metric,
            mode="max" if plan.maximize else "min",
            sampler=TPESampler(seed=plan.seeds[0] + 1000 * len(self._points)),
        )
        self.total = plan.samples * len(plan.seeds)
        self._waiting = [trial for label, point in self._points.items() for trial in trials_at(plan, point, label)]

    def take(self, room: int) -> list[Trial]:
        """Points of before first, then new ones, as many as there is room for."""
        ready, self._waiting = self._waiting, []
        assert self._plan.samples is not None
        while len(ready) < room and len(self._points) < self._plan.samples:
            label = POINT.format(len(self._points))
            point = typed_point(self._search.suggest(label) or {})
            trials = trials_at(self._plan, point, label)
            add_trials(self._sweep, trials)
            self._points[label] = point
            ready += trials
        return ready

    def tell(self, record: Mapping[str, Any]) -> None:
        """Tell the study the value of a point once all its seeds have ended."""
        label = label_of(record["name"])
        value = record["metrics"].get(self._metric) if record["status"] in FINAL else None
        values = self._values.setdefault(label, {})
        values[record["seed"]] = value
        if len(values) < len(self._plan.seeds):
            return
        measured = [number for number in values.values() if number is not None]
        median = statistics.median(measured) if len(measured) == len(values) else None
        if label in self._former:
            if median is not None:
                self._search.add_evaluated_point(self._points[label], median)
        elif median is None:
            self._search.on_trial_complete(label, error=True)
        else:
            self._search.on_trial_complete(label, {self._metric: median})


def source_of(plan: Plan, sweep: SweepDirectory) -> Source:
    """Where the plan's trials come from; those known from the start are noted in sweep.json."""
    if plan.search is not None:
        return Searched(plan, sweep)
    trials = under_noted_names(trials_of(plan), noted_trials(sweep))
    add_trials(sweep, trials)
    return Listed(trials)


def _distribution(name: str, chosen: Range) -> Any:
    from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution

    if chosen.choices:
        return CategoricalDistribution([typed_setting(name, value) for value in chosen.choices])
    assert chosen.low is not None  # the range is checked
    assert chosen.high is not None
    if setting_names()[name] is int:
        return IntDistribution(int(chosen.low), int(chosen.high), log=chosen.log)
    return FloatDistribution(chosen.low, chosen.high, log=chosen.log)
