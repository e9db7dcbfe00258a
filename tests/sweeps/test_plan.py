"""Plans: what they mean, and what is said of bad ones."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sicgrid.storage import UserError
from sicgrid.sweeps import load_plan, plan_names

BUNDLED = [
    "ablations",
    "narrow",
    "nested",
    "nested_search",
    "periods",
    "phase_diagram",
    "places",
    "population_sizes",
    "populations",
    "ring",
    "robustness",
    "seeds",
    "starts",
    "training_settings",
]


def refused(file, size=None):
    with pytest.raises(UserError) as caught:
        load_plan(file, size)
    message = str(caught.value)
    assert "\n" not in message
    return message


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("settings: {loss.sigma_h: 1}", "unknown setting 'loss.sigma_h' under settings; did you mean 'loss.sigma_"),
        ("settings: {sigma_g: 1}", "unknown setting 'sigma_g' under settings; did you mean 'loss.sigma_g'?"),
        ("settings: {loss: {capacty: 1}}", "'loss.capacty' under settings; did you mean 'loss.capacity'?"),
        ("grid: {loss.capcity: [0, 1]}", "'loss.capcity' under grid; did you mean 'loss.capacity'?"),
        ("variants: {a: {loss.sigma_gg: 1}}", "'loss.sigma_gg' under variants.a; did you mean 'loss.sigma_g'?"),
        ("settings: {seed: 3}", "a plan has its own field 'seeds' for it"),
        ("settings: {preset: paper}", "a plan has its own field 'preset' for it"),
        ("grid: {}", "grid is empty; name at least one"),
        ("variants: {}", "variants is empty"),
        ("grid: {loss.capacity: []}", "grid.loss.capacity is empty; list at least one value"),
        ("grid: {loss.capacity: [1.0, 1.0]}", "grid.loss.capacity names a value twice"),
        ("grid: {loss.capacity: [1]}\nvariants: {a: {}}", "variants and grid exclude each other; keep one of them"),
        ("variants: {a/b: {}}", "variant 'a/b' cannot be a folder's name; use letters"),
        ("variants: {a: 3}", "must map names to settings, and 'a' has 3 in their place"),
        ("seeds: []", "must name at least one seed"),
        ("seeds: [1, 1]", "must name each seed once"),
        ("seeds: 4..0", "seeds must be numbers from 0 or ranges of them, as 0 3 7 or 0..15, found '4..0'"),
        ("seeds: [0, 1_0]", "seeds must be a number, which 1_0 is not: it is text in YAML 1.2"),
        ("seeds: true", "seeds must be a number, which true is not"),
        ("samples: 1_0", "samples must be a number, which 1_0 is not"),
        ("search: {loss.capacity: {low: 1_0, high: 20}}", "search.loss.capacity.low must be a number, which 1_0"),
        ("grid: {loss.capacity: [true, 3]}", "grid.loss.capacity must be a number, which true is not"),
        ("settings: {training.steps: 1_0}", "settings.training.steps must be a number, which 1_0 is not"),
        ("variants: {a: {loss: {capacity: true}}}", "variants.a.loss.capacity must be a number, which true is not"),
        (
            "search: {loss.capacity: {choices: [1_0, 2]}}\nsamples: 2\nmaximize: fraction_grid",
            "search.loss.capacity must be a number, which 1_0 is not",
        ),
        ("seeds: [-1]", "seeds.0 should be greater than or equal to 0, found -1"),
        (
            "preset: quik",
            "unknown preset 'quik'; did you mean 'quick'? "
            "(presets: smoke, quick, modules, nested, periods, emergent, places, long, paper)",
        ),
        ("parts: [unit]", "unknown part 'unit'; did you mean 'units'?"),
        ("record: [fraction_grids]", "unknown metric 'fraction_grids'; did you mean 'fraction_grid'? (metrics: "),
        ("sample: 3", "unknown field 'sample'; did you mean 'samples'?"),
        ("samples: 3", "samples, maximize and minimize belong to a search"),
        ("search: {loss.capacity: {low: 0, high: 1}}", "a search needs samples (how many points) and one of maximize"),
        (
            "search: {loss.capacity: {low: 0, high: 1}}\nsamples: 2\nmaximize: grid_fraction",
            "unknown metric 'grid_fraction'; did you mean 'fraction_grid'?",
        ),
        ("search: {loss.capacity: {low: 1, high: 0}}", "search.loss.capacity must have low < high"),
        ("search: {loss.capacity: {low: 0, high: 1, log: true}}", "with log must have low > 0"),
        ("search: {loss.capacity: {}}", "must have either low and high or choices"),
        ("- a\n- b", "must hold a plan as `field: value` lines, found a list"),
        ("seeds: [", "line 1: not valid YAML"),
        ("variants:\n  cap: {loss.capacity: 0.0}\n  cap: {}", "line 3: variants.cap is given twice, first in line 2"),
        ("grid: {loss.capacity: [0], loss.capacity: [1]}", "grid.loss.capacity is given twice"),
        ("settings: {training: {steps: 3, steps: 4}}", "settings.training.steps is given twice"),
        ("settings: {training: {steps: 3}, training.steps: 4}", "name training.steps twice, nested and by its dotted"),
        (
            "variants: {a: {loss.capacity: 1, loss: {capacity: 2}}}",
            "name loss.capacity twice, nested and by its dotted",
        ),
        ("seeds: [0]\n---\nseeds: [1]", "line 2: a second document"),
        (
            "settings: {loss.capacity: 0}\nsizes: {a: {settings: {loss: {capacity: 1}, loss.capacity: 2}}}",
            "settings name loss.capacity twice",
        ),
        ("sizes: 3", "sizes must map names to fields of the plan"),
    ],
)
def test_a_bad_plan_is_refused_in_one_line(write_plan, text, said):
    assert said in refused(write_plan(text))


def test_an_unknown_name_or_size_is_told_with_the_nearest(write_plan, tmp_path):
    assert f"did you mean 'ablations'? (bundled plans: {', '.join(plan_names())})" in refused("ablation")
    assert "unknown size 'qick'; did you mean 'quick'? (sizes: quick, paper)" in refused("seeds", "qick")
    assert "the plan has no sizes" in refused(write_plan("seeds: 0..1"), "quick")
    (tmp_path / "binary.yaml").write_bytes(b"\xff\xfe\x00")
    assert "not a text file" in refused(tmp_path / "binary.yaml")


def test_variants_are_named_by_the_text_that_stands_there(write_plan):
    names = ["on", "no", "off", "y", "3_60", "1e3", "007", "null", "1.50"]
    plan = load_plan(write_plan("variants:\n" + "".join(f"  {name}: {{}}\n" for name in names)))
    assert list(plan.variants) == names
    assert load_plan(write_plan(plan.to_yaml())) == plan


@given(st.integers(0, 50), st.integers(0, 50))
def test_a_range_of_seeds_includes_both_ends(tmp_path_factory, first, more):
    file = tmp_path_factory.mktemp("plan") / "plan.yaml"
    file.write_text(f"seeds: {first}..{first + more}")
    assert load_plan(file).seeds == tuple(first + step for step in range(more + 1))


def test_nested_and_dotted_settings_are_the_same(write_plan):
    nested = load_plan(write_plan("settings: {loss: {capacity: 1.5}, evaluation: {walk: {steps: 9}}}"))
    dotted = load_plan(write_plan("settings: {loss.capacity: 1.5, evaluation.walk.steps: 9}"))
    assert nested == dotted


def test_a_size_goes_on_top_and_the_first_is_the_default(write_plan):
    file = write_plan(
        """
settings: {loss.capacity: 1.0, loss.sigma_g: 0.3}
seeds: 0..4
sizes:
  small: {preset: smoke, settings: {loss: {capacity: 2.0}}}
  large: {preset: paper, seeds: [7]}
"""
    )
    small, large = load_plan(file), load_plan(file, "large")
    assert (small.preset, small.settings, len(small.seeds)) == ("smoke", {"loss.capacity": 2.0, "loss.sigma_g": 0.3}, 5)
    assert (large.preset, large.settings, large.seeds) == ("paper", {"loss.capacity": 1.0, "loss.sigma_g": 0.3}, (7,))


@pytest.mark.parametrize("size", ["quick", "paper"])
@pytest.mark.parametrize("name", ["ablations", "phase_diagram", "seeds"])
def test_a_written_plan_reads_back(name, size, write_plan):
    plan = load_plan(name, size)
    assert plan.preset == size
    assert load_plan(write_plan(plan.to_yaml())) == plan


def test_former_names_of_settings_and_parts_are_read(write_plan):
    settings = "settings: {analysis: {modules: {least: 4}}}"
    plan = load_plan(write_plan(f"{settings}\ngrid: {{analysis.phases.draws: [99]}}\nparts: [generalisation]"))
    assert plan.settings == {"analysis.modules.min_units": 4}
    assert plan.grid == {"analysis.phases.null_draws": (99,)}
    assert plan.parts == ("generalization",)


def test_the_bundled_plans_are_those_promised():
    assert plan_names() == BUNDLED
    ablations, diagram = load_plan("ablations"), load_plan("phase_diagram")
    taken = {"no_capacity", "no_separation", "no_invariance", "no_conformal_isometry", "no_permutation"}
    widths = {name for name, settings in ablations.variants.items() if "loss.sigma_g" in settings}
    assert set(ablations.variants) == {"baseline"} | taken | widths
    assert len(widths) == 4
    assert len(ablations.seeds) == 5
    assert list(diagram.grid) == ["loss.sigma_g", "loss.capacity"]
    assert len(load_plan("seeds").seeds) >= 5


def test_a_metric_brings_the_part_it_needs(write_plan):
    plan = load_plan(write_plan("parts: [units]\nrecord: [fraction_grid, torus_modules]"))
    assert plan.needed_parts() == ("units", "topology")
