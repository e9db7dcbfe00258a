"""Trials: which, under which names, with which settings."""

import itertools
import os

import pytest

from sicgrid.experiment import load_config
from sicgrid.storage import UserError
from sicgrid.sweeps import load_plan, trials_of
from sicgrid.sweeps._trials import changed, check_search, under_noted_names


def test_a_grid_is_all_combinations_with_all_seeds(write_plan):
    plan = load_plan(
        write_plan("preset: smoke\nseeds: [0, 3]\ngrid: {loss.capacity: [0, 1], trajectories.permute: [true, false]}")
    )
    trials = trials_of(plan)
    found = {(t.config.loss.capacity, t.config.trajectories.permute, t.config.seed) for t in trials}
    assert found == set(itertools.product([0.0, 1.0], [True, False], [0, 3]))
    assert len(trials) == len({t.name for t in trials}) == 8
    assert trials[0].name == "capacity-0_permute-True-seed-0"
    assert trials[0].point == {"loss.capacity": 0, "trajectories.permute": True}


def test_a_variant_changes_what_it_names_and_nothing_else(write_plan):
    plan = load_plan(write_plan("preset: smoke\nvariants: {base: {}, none: {loss: {capacity: 0}}}"))
    base, none = trials_of(plan)
    assert (base.variant, none.variant, none.name) == ("base", "none", "none-seed-0")
    assert base.config == load_config("smoke").model_copy(update={"threads": 1})
    assert none.config == base.config.model_copy(update={"loss": base.config.loss.model_copy(update={"capacity": 0.0})})
    assert changed(none) == "loss.capacity 0.0, seed 0"


@pytest.mark.parametrize("written", ["1e-3", "'1e-3'", "1.0e-03", "0.001"])
def test_a_point_holds_values_of_their_settings_types(write_plan, written):
    fields = (
        "grid: {training.learning_rate: [VALUE], training.steps: ['10']}",
        "variants: {a: {training.learning_rate: VALUE}}",
    )
    for text in fields:
        (trial,) = trials_of(load_plan(write_plan(f"preset: smoke\n{text.replace('VALUE', written)}")))
        assert repr(trial.point["training.learning_rate"]) == "0.001"
        assert trial.config.training.learning_rate == 0.001
        assert trial.point.get("training.steps", 10) == 10


def test_a_box_too_small_to_be_analyzed_is_refused(write_plan):
    plan = load_plan(write_plan("preset: smoke\nvariants: {fine: {}, small: {evaluation.arenas: [0.2]}}"))
    with pytest.raises(UserError, match=r"variant small: the 0\.2 m arena cannot be analyzed"):
        trials_of(plan)


def test_a_value_given_in_two_ways_is_given_twice(write_plan):
    with pytest.raises(UserError, match=r"grid\.training\.learning_rate names a value twice"):
        trials_of(load_plan(write_plan("preset: smoke\ngrid: {training.learning_rate: [0.001, '1e-3']}")))


def test_trials_that_version_0_1_named_by_text_keep_their_names(write_plan):
    plan = load_plan(write_plan("preset: smoke\nseeds: [0, 1]\ngrid: {training.learning_rate: [1e-3, 0.01]}"))
    noted = [
        {
            "name": f"learning_rate-{said}-seed-{seed}",
            "variant": None,
            "point": {"training.learning_rate": said},
            "seed": seed,
        }
        for said in ("1e-3", 0.01)
        for seed in (0, 1)
    ]
    assert trials_of(plan)[0].name == "learning_rate-0.001-seed-0"
    assert [trial.name for trial in under_noted_names(trials_of(plan), noted)] == [entry["name"] for entry in noted]
    assert under_noted_names(trials_of(plan), []) == trials_of(plan)


def test_seeds_alone_are_a_sweep(write_plan):
    trials = trials_of(load_plan(write_plan("preset: smoke\nseeds: 0..2")))
    assert [(t.name, t.variant, t.point, t.config.seed) for t in trials] == [
        (f"seed-{seed}", None, {}, seed) for seed in range(3)
    ]


@pytest.mark.skipif(len(os.sched_getaffinity(0)) == 1, reason="takes two cores")
def test_a_trial_that_leaves_its_threads_to_torch_gets_one(write_plan):
    assert load_config("smoke").threads == 0
    assert trials_of(load_plan(write_plan("preset: smoke")))[0].config.threads == 1
    assert trials_of(load_plan(write_plan("preset: smoke\nsettings: {threads: 2}")))[0].config.threads == 2


def test_names_are_folders_names(write_plan):
    long = "grid: {evaluation.arenas: [[2.0], [2.0, 3.0]], loss.capacity: [0, 1]}"
    names = [t.name for t in trials_of(load_plan(write_plan(f"preset: smoke\n{long}")))]
    assert names == [f"point-{index:04d}-seed-0" for index in range(4)]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("grid: {loss.capacity: [0, -1]}", "point capacity--1: loss.capacity should be greater than or equal to 0"),
        ("variants: {a: {}, b: {training.steps: 0}}", "variant b: training.steps should be greater than or equal to 1"),
        ("settings: {model.layers: many}", "settings: model.layers should be a valid integer"),
        ("settings: {evaluation.arenas: []}", "settings: evaluation.arenas must name at least one arena, found []"),
        ("variants: {a: {threads: 9999}}", "variant a: threads must be between 0 (all) and the"),
    ],
)
def test_a_value_out_of_range_is_refused_by_point(write_plan, text, said):
    with pytest.raises(UserError) as caught:
        trials_of(load_plan(write_plan(f"preset: smoke\n{text}")))
    assert said in str(caught.value)


def test_both_ends_of_a_search_are_checked(write_plan):
    text = "preset: smoke\nsamples: 2\nmaximize: fraction_grid\nsearch: {training.plateau_factor: {low: 0.5, high: 1}}"
    with pytest.raises(UserError, match=r"search\.training\.plateau_factor: .* less than 1, found 1"):
        check_search(load_plan(write_plan(text)))
