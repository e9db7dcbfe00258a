"""Searches: what is suggested, what is told, and what a second start remembers."""

import pytest

from sicgrid.sweeps._directory import noted_trials, open_sweep
from sicgrid.sweeps._search import source_of

pytest.importorskip("optuna", reason="searches need the extra sicgrid[sweep]")
pytestmark = pytest.mark.filterwarnings("ignore")  # of Ray's and Optuna's own imports

SEARCH = {
    "loss.capacity": {"low": 0.0, "high": 1.0},
    "training.learning_rate": {"low": 1e-4, "high": 1e-2, "log": True},
    "model.units": {"low": 8, "high": 16},
    "training.schedule": {"choices": ["cosine", "constant"]},
    "training.weight_decay": {"choices": ["1e-3", 0]},
}


@pytest.fixture
def make_source(make_plan, tmp_path):
    def make(samples=30, seeds=(0,), name="sweep", **aim):
        plan = make_plan(search=SEARCH, samples=samples, seeds=list(seeds), **(aim or {"maximize": "fraction_grid"}))
        sweep = open_sweep(tmp_path / name, plan)
        return source_of(plan, sweep), sweep

    return make


def end(trial, value, status="finished"):
    return {"name": trial.name, "seed": trial.seed, "status": status, "metrics": {"fraction_grid": value}}


def test_points_lie_in_their_ranges_and_are_noted_before_they_begin(make_source):
    source, sweep = make_source()
    trials = source.take(5)
    assert [trial.name for trial in trials] == [f"point-{index:04d}-seed-0" for index in range(5)]
    assert noted_trials(sweep) == [trial.described() for trial in trials]
    for trial in trials:
        assert 0 <= trial.config.loss.capacity <= 1
        assert 1e-4 <= trial.config.training.learning_rate <= 1e-2
        assert trial.config.model.units in range(8, 17)
        assert isinstance(trial.point["model.units"], int)
        assert trial.point["training.weight_decay"] in (0.001, 0.0)
        assert trial.config.training.schedule in ("cosine", "constant")


@pytest.mark.parametrize(("aim", "best"), [("maximize", 1.0), ("minimize", 0.0)])
def test_the_search_goes_where_the_metric_is_good(make_source, aim, best):
    source, _ = make_source(samples=60, **{aim: "fraction_grid"})
    seen = []
    for _ in range(60):
        (trial,) = source.take(1)
        source.tell(end(trial, trial.config.loss.capacity))
        seen.append(abs(trial.config.loss.capacity - best))
    assert sum(seen[-20:]) / 20 < 0.6 * sum(seen[:10]) / 10
    assert source.take(1) == []


def test_every_point_is_tried_with_every_seed_and_its_value_is_the_median(make_source):
    source, _ = make_source(seeds=(0, 1, 2))
    trials = source.take(1)
    assert [trial.seed for trial in trials] == [0, 1, 2]
    assert len({tuple(trial.point.values()) for trial in trials}) == 1
    for trial, value in zip(trials, (0.1, 0.9, 0.2), strict=True):
        source.tell(end(trial, value))
    assert [one.value for one in source._search._ot_study.trials] == [0.2]


def test_a_second_start_takes_up_the_points_there_are_and_remembers_their_values(make_source):
    first, _ = make_source(samples=6)
    begun = first.take(4)
    second, _ = make_source(samples=6)
    again = second.take(0)
    assert [(trial.name, trial.config) for trial in again] == [(trial.name, trial.config) for trial in begun]
    for trial in again[:3]:
        second.tell(end(trial, 0.5))
    second.tell(end(again[3], None, "diverged"))
    assert [one.value for one in second._search._ot_study.trials] == [0.5] * 3
    more = second.take(9)
    assert [trial.name for trial in more] == ["point-0004-seed-0", "point-0005-seed-0"]
    assert not {tuple(trial.point.values()) for trial in more} & {tuple(trial.point.values()) for trial in begun}


def test_a_point_without_a_value_counts_as_failed(make_source):
    source, _ = make_source()
    (trial,) = source.take(1)
    source.tell(end(trial, None))
    assert [one.state.name for one in source._search._ot_study.trials] == ["FAIL"]
