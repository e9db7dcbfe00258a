"""The page of a sweep: whole and escaped as text, and at work in a browser."""

import json
import re

import pytest

pytest.importorskip("pyarrow")

from sicgrid.report import read_sweep, render_sweep_page
from sicgrid.sweeps import write_table
from sweep_directories import ODD, make_sweep
from written_pages import Page, browse, needs_browser

VARIANTS = {"baseline": {}, "no_capacity": {"loss.capacity": 0.0}, "odd": {"loss.sigma_g": 0.2}}


def ablation(trial):
    if trial.variant == "odd":
        return {0: "failed", 1: "unfinished"}.get(trial.seed)
    modules = 1 if trial.variant == "no_capacity" else 3
    return {
        "modules": modules,
        "fraction_beats_both": 0.5 + 0.1 * trial.seed,
        "active_units": 50,
        "spacings_m": [0.5] * modules,
    }


def page_of(folder, fields, outcome):
    place = make_sweep(folder / "sweep", fields, outcome)
    write_table(place.path)
    return render_sweep_page(read_sweep(place.path))


@pytest.fixture(scope="module")
def ablations(tmp_path_factory):
    fields = {"variants": VARIANTS, "seeds": "0..2", "about": f"Ablations {ODD}."}
    return page_of(tmp_path_factory.mktemp("ablations"), fields, ablation)


@pytest.fixture(scope="module")
def diagram(tmp_path_factory):
    fields = {"grid": {"loss.sigma_g": [0.2, 0.4], "loss.capacity": [0.0, 0.5, 1.0]}, "seeds": "0..1"}

    def outcome(trial):
        if trial.point["loss.capacity"] == 1.0:
            return "diverged"
        return {"modules": 2 + trial.seed, "fraction_beats_both": trial.point["loss.sigma_g"], "field_diameter_m": 0.3}

    return page_of(tmp_path_factory.mktemp("diagram"), fields, outcome)


def text_of(page):
    return " ".join("".join(Page(page).text).split())


def test_it_says_how_far_the_sweep_is(ablations):
    text = text_of(ablations)
    assert "6 of 9 trials have finished" in text
    assert "6 finished 1 unfinished 1 waiting 1 failed" in re.sub(r"(?<=[a-z])(?=\d)", " ", text)


def test_variants_have_medians_intervals_units_and_verdicts(ablations):
    text = text_of(ablations)
    assert "60 %50 % to 70 %" in text
    assert "C8 Without capacity: one independent module instead of several. holds" in text
    assert "no_capacity: Modules 1 [1, 1]; in the baseline 3 [3, 3]. 3 seeds" in text
    assert "With 3 seeds such an interval holds the true median in at most 75 %" in text
    pictures = [found for tag, found in Page(ablations).elements if tag == "img"]
    assert len(pictures) == 2 * 3  # two variants with finished runs, of whose units three are worth seeing
    assert all(picture["alt"] for picture in pictures)
    assert "no run has finished" in text


def test_a_grid_over_two_settings_is_a_phase_diagram(diagram):
    elements = Page(diagram).elements
    labels = [found["aria-label"] for tag, found in elements if tag == "svg"]
    assert [label.split(" over ")[0] for label in labels] == [
        "Modules",
        "Field diameter (m)",
        "Grid cells, of active units",
    ]  # and none of spacings and periods, which no run of it has
    assert all(label.endswith("loss.sigma_g and loss.capacity") for label in labels)
    assert sum(tag == "img" for tag, _ in elements) == 4 * 3
    text = text_of(diagram)
    assert text.count("no run has finished") == 2
    assert "2.5" in text  # the median of 2 and 3 modules


@pytest.mark.parametrize(
    ("fields", "question"),
    [
        ({"seeds": "0..1"}, "How much do the seeds differ?"),
        ({"grid": {"loss.sigma_g": [0.2, 0.4]}}, "What do the settings do?"),
        (
            {"grid": {"loss.sigma_g": [0.2], "loss.capacity": [1.0], "loss.invariance": [0.1]}},
            "What do the settings do?",
        ),
    ],
)
def test_other_plans_have_a_row_a_setting(tmp_path, fields, question):
    page = page_of(tmp_path, fields, lambda trial: {"modules": 1, "fraction_beats_both": 0.5})
    assert question in text_of(page)


def test_a_search_shows_the_best_first(tmp_path):
    from sicgrid.sweeps import load_plan
    from sicgrid.sweeps._directory import add_trials, open_sweep
    from sicgrid.sweeps._trials import trials_at

    fields = "search: {loss.sigma_g: {low: 0.1, high: 0.9}}\nsamples: 5\nmaximize: fraction_beats_both\npreset: smoke\n"
    (tmp_path / "plan.yaml").write_text(fields)
    plan = load_plan(tmp_path / "plan.yaml")
    place = open_sweep(tmp_path / "sweep", plan)
    for index, share in enumerate((0.2, 0.7, 0.4)):
        trials = trials_at(plan, {"loss.sigma_g": 0.1 + 0.1 * index}, f"point-{index:04d}")
        add_trials(place, trials)
        folder = place.runs / trials[0].name
        folder.mkdir()
        (folder / "trial.json").write_text(
            json.dumps({"status": "finished", "metrics": {"fraction_beats_both": share}})
        )
    write_table(place.path)
    page = render_sweep_page(read_sweep(place.path))
    assert re.findall(r'<th scope="row">(point-\d+)<', page) == ["point-0001", "point-0002", "point-0000"]
    assert "3 of 5 trials have finished" in text_of(page)


def test_nothing_has_begun_yet(tmp_path):
    page = page_of(tmp_path, {"variants": VARIANTS}, lambda trial: None)
    assert "0 of 3 trials have finished" in text_of(page)


@pytest.mark.parametrize("which", ["ablations", "diagram"])
def test_nothing_is_loaded_and_odd_strings_stay_text(which, request):
    page = request.getfixturevalue(which)
    elements = Page(page).elements
    for tag, attributes in elements:
        for name in ("src", "href", "srcset", "action", "poster", "data"):
            assert attributes.get(name, "#").startswith(("data:", "#")), (tag, name)
    assert not re.search(r"https?:|@import|\bfetch\(|XMLHttpRequest", page)
    assert not [found for _, found in elements if "onerror" in found]
    ids = [found["id"] for _, found in elements if "id" in found]
    assert len(ids) == len(set(ids))
    assert {found["href"][1:] for tag, found in elements if tag == "a"} <= set(ids)
    policy = next(found["content"] for _, found in elements if "http-equiv" in found)
    assert policy.startswith("default-src 'none'")


ACT = """
const seen = {}, body = document.getElementById("runs").tBodies[0];
const heads = [...document.querySelectorAll("#runs thead th")];
const at = (label) => heads.findIndex((head) => head.textContent === label);
const shown = (label) => [...body.rows].filter((row) => !row.hidden).map((row) => row.cells[at(label)].textContent);
const click = (label) => { heads[at(label)].querySelector("button").click(); return shown("run"); };
seen.first = shown("run");
seen.grid_down = click("grid cells");
seen.grid_up = click("grid cells");
seen.sorted = heads[at("grid cells")].getAttribute("aria-sort");
seen.by_name = click("run");
const choose = (label, value) => {
  const found = [...document.querySelectorAll("#filter label")].find((one) => one.textContent.trim().startsWith(label));
  const field = found.querySelector("select, input");
  field.value = value;
  field.dispatchEvent(new Event(field.tagName === "SELECT" ? "change" : "input", { bubbles: true }));
  return shown("run");
};
seen.capacity = choose("variant", "no_capacity");
seen.said = document.getElementById("shown").textContent;
seen.both = choose("seed", "1");
choose("variant", "");
seen.seed = choose("seed", "1");
choose("seed", "");
seen.found = choose("Find", "STOPPED odd");
seen.empty = [choose("Find", "nowhere").length, document.getElementById("none").hidden];
say(seen);
"""


@needs_browser
def test_the_table_sorts_and_filters_in_a_browser(ablations, tmp_path):
    seen = browse(ablations, tmp_path, ACT)
    names = [f"{variant}-seed-{seed}" for variant in VARIANTS for seed in range(3)]
    base, none, odd = names[:3], names[3:6], names[6:]
    assert seen["problems"] == []
    assert seen["first"] == names
    assert seen["grid_down"] == [base[2], none[2], base[1], none[1], base[0], none[0], *odd]
    assert seen["grid_up"] == [base[0], none[0], base[1], none[1], base[2], none[2], *odd]  # without a number last
    assert seen["sorted"] == "ascending"
    assert seen["by_name"] == names
    assert seen["capacity"] == none
    assert seen["said"] == "3 of 9 runs"
    assert seen["both"] == [none[1]]
    assert seen["seed"] == [base[1], none[1], odd[1]]
    assert seen["found"] == [odd[0]]
    assert seen["empty"] == [0, False]
    assert not seen["wider"]
    assert seen["pictures"]
