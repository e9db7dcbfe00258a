"""Estimates, against what a trial really takes."""

import pytest

from sicgrid.storage import UserError, read_json
from sicgrid.sweeps import check_disk, estimate, trials_of
from sicgrid.sweeps._directory import open_sweep
from sicgrid.sweeps._pilot import run_size, size_text, trial_count
from sicgrid.sweeps._work import task_of, work_pack


def test_the_disk_counted_is_the_disk_taken(make_plan, tmp_path):
    # Large enough that checkpoints and recordings, not the small files, decide.
    plan = make_plan({"training.steps": 20, "model.units": 48, "model.hidden": 48, "evaluation.walk.steps": 1000})
    sweep = open_sweep(tmp_path / "sweep", plan)
    (trial,) = trials_of(plan)
    work_pack([task_of(trial, str(sweep.path), read_json(sweep.about)["sweep"], plan.needed_parts(), ())])
    taken = sum(path.stat().st_size for path in sweep.run("seed-0").path.rglob("*") if path.is_file())
    counted = run_size(trial.config, plan.needed_parts())
    assert 0.9 * taken < counted < 1.6 * taken  # one checkpoint more: a new one is whole before an old one goes


def test_an_estimate_grows_with_trials_steps_and_arenas(make_plan):
    one = estimate(make_plan(), cpus=1)
    assert min(one.step_s, one.evaluate_s, one.analyze_s) > 0
    assert one.train_s == pytest.approx(40 * one.step_s)
    assert one.total_s == pytest.approx(one.train_s + one.evaluate_s + one.analyze_s)
    many = estimate(make_plan(seeds="0..4"), cpus=2)
    assert (many.trials, many.workers, many.total_disk) == (5, 2, 5 * one.disk)
    assert many.total_s == pytest.approx(3 * (many.train_s + many.evaluate_s + many.analyze_s))  # 2 + 2 + 1


def test_no_room_on_the_disk_is_refused_before_anything_is_written(make_plan, tmp_path):
    plan = make_plan({"evaluation.walk.animals": 10**9}, seeds="0..3")
    with pytest.raises(UserError, match=r"has .* free, and 4 trials need about .* TB; choose another folder"):
        check_disk(plan, tmp_path / "sub" / "sweep")
    assert not (tmp_path / "sub").exists()
    check_disk(make_plan(), tmp_path / "sub" / "sweep")


def test_a_trial_that_does_not_fit_into_memory_is_told(make_plan):
    with pytest.raises(
        UserError, match=r"does not fit into this machine's memory \(Unable to allocate .* make it smaller"
    ):
        estimate(make_plan({"evaluation.walk.animals": 10**10}))


def test_trials_of_a_search_are_samples_times_seeds(make_plan):
    search = {"loss.capacity": {"low": 0.1, "high": 1.0}}
    assert trial_count(make_plan(search=search, samples=7, maximize="fraction_grid", seeds="0..2")) == 21


def test_sizes_for_a_person():
    assert [size_text(size) for size in (12, 4200, 86.4e6, 2.07e11, 3e15)] == [
        "12 bytes",
        "4.2 kB",
        "86.4 MB",
        "207 GB",
        "3e+03 TB",
    ]
