import math
import re
from dataclasses import replace

import numpy as np
import pytest

from figure_words import NOTHING, REASON
from known_run import not_drawn
from sicgrid.experiment import load_config
from sicgrid.findings import chance_of_grid, number, percent
from sicgrid.findings.units import FINDING as UNITS
from sicgrid.report import render_page
from sicgrid.report._claims import claims
from written_pages import Page

NO_RECORD = {"step": np.zeros(0, dtype=int)}


@pytest.fixture(scope="module")
def page(rendered):
    return Page(rendered)


def test_every_unit_has_a_card_with_two_described_pictures(page):
    cards = [found for found in page.all("li") if "data-unit" in found]
    assert {int(card["data-unit"]) for card in cards} == set(range(9))
    assert len(page.all("img", **{"class": "correlogram"})) == 9
    assert len(page.all("img", **{"class": "map"})) == 9 + 6  # and six in the head
    assert all(image["alt"] for image in page.all("img"))


def test_nothing_is_loaded_from_anywhere(rendered, page):
    for tag, attributes in page.elements:
        for name in ("src", "href", "srcset", "action", "poster", "data"):
            value = attributes.get(name, "#")
            assert value.startswith(("data:", "#")), (tag, name, value)
    assert not re.search(r"https?:|//cdn|@import|\bfetch\(|XMLHttpRequest", rendered)
    assert not [found for found in re.findall(r"url\(([^)]*)\)", rendered) if not found.startswith("#")]
    policy = page.all("meta", **{"http-equiv": "Content-Security-Policy"})
    assert policy[0]["content"].startswith("default-src 'none'")


def test_ids_are_unique_and_links_lead_somewhere(page):
    ids = [found["id"] for _, found in page.elements if "id" in found]
    assert len(ids) == len(set(ids))
    assert {link["href"].removeprefix("#") for link in page.all("a")} <= set(ids)
    named = [found["aria-labelledby"] for _, found in page.elements if "aria-labelledby" in found]
    assert set(named) <= set(ids)


def test_odd_strings_stay_text(results, page):
    assert not [image for image in page.all("img") if "onerror" in image]
    assert "".join(page.text).count(results.name) == 3  # the title, the head, the reason in the provenance


def test_the_numbers_of_the_summary_are_there(results, page):
    text = " ".join("".join(page.text).split())
    for expected in (
        "6 of 8 active units are grid cells",
        "8 of 9",
        "75 %",
        f"{np.median(results.units['grid_score'][:6]):.2f}",
        "0.50 to 0.80 m",
        f"{results.evaluation['arenas']['2']['path_integration_error']:.3f}",
        "langston",
    ):
        assert expected in text


def test_all_settings_and_the_provenance_are_listed(page):
    text = "".join(page.text)
    for expected in ("sigma_x", "schedule", "max_speed", "kernels reason", "not finished"):
        assert expected in text


def test_populations_are_told_where_there_are_several(results, rendered):
    assert "populations that are not coupled" not in " ".join(rendered.split())
    model = results.config.model.model_copy(update={"populations": 3})
    several = replace(results, config=results.config.model_copy(update={"model": model}))
    with not_drawn():
        text = " ".join(render_page(several).split())
    assert "units, in 3 populations that are not coupled to each other, was trained" in text


def test_every_kind_of_figure_is_there(page):
    labels = [svg["aria-label"] for svg in page.all("svg", role="img")]
    for expected in (
        "Total loss",
        "Learning rate",
        "grid scores",
        "spacings",
        "orientations",
        "steps walked",
        "visited",
    ):
        assert any(expected in label for label in labels), expected
    assert len(labels) == 2 + 3 + 3 + 2 * 6


def test_same_results_give_the_same_page(results, rendered):
    assert render_page(results) == rendered


def test_a_run_without_grid_cells_or_metrics_still_has_a_page(results):
    units = dict(results.units)
    units["is_grid"] = np.zeros(9, dtype=bool)
    bare = replace(
        results,
        units=units,
        metrics=NO_RECORD,
        evaluation={"checkpoint": "c0ffee"},
        summary={"checkpoint": "c0ffee", "grid_score_median": None, "spacing_m": []},
    )
    page = Page(render_page(bare))
    text = "".join(page.text)
    assert "No grid cells beyond chance" in text
    assert "Training left no record" in text


def test_a_run_without_an_active_unit_says_so(results):
    nothing = dict.fromkeys(("active", "is_grid"), np.zeros(9, dtype=bool))
    text = render_page(replace(results, units=dict(results.units) | nothing, metrics=NO_RECORD))
    assert "<h1>No unit is active</h1>" in text
    assert "nothing can be tested" in text


def test_the_page_stays_small(results):
    """128 units of 40 bins whose maps are noise, which compresses worst, stay below 6 MB."""
    maps = results.maps._replace(
        maps=np.random.default_rng(0).random((128, 40, 40)),
        occupancy=np.ones((40, 40)),
        x_edges=np.linspace(-1, 1, 41),
        y_edges=np.linspace(-1, 1, 41),
    )
    units = {name: np.resize(column, 128) for name, column in results.units.items()} | {"unit": np.arange(128)}
    many = replace(results, maps=maps, units=units, metrics=NO_RECORD)
    assert len(render_page(many).encode()) < 6e6


@pytest.mark.parametrize(("value", "text"), [(-0.5, "−0.50"), (math.nan, "–"), (None, "–"), (1.005e3, "1005.00")])
def test_numbers_as_text(value, text):
    assert number(value) == text


def test_shares_as_text():
    assert percent(0.756) == "76 %"
    assert percent(None) == "–"


@pytest.mark.parametrize("shuffles", [5, 100])
def test_chance_of_passing_ones_own_null(shuffles):
    draws = np.random.default_rng(0).random((20_000, shuffles + 1))
    passed = np.mean(draws[:, 0] > np.percentile(draws[:, 1:], 99, axis=1))
    assert chance_of_grid(shuffles) == pytest.approx(passed, abs=0.01)  # three standard errors at 5 shuffles


def test_an_analyzed_run_shows_everything_and_still_loads_nothing(analyzed_page):
    page = Page(analyzed_page)
    ids = [found["id"] for _, found in page.elements if "id" in found]
    assert len(ids) == len(set(ids))
    assert {link["href"].removeprefix("#") for link in page.all("a")} <= set(ids)
    for _, attributes in page.elements:
        for name in ("src", "href", "srcset"):
            assert attributes.get(name, "#").startswith(("data:", "#"))
    assert not re.search(r"https?:|@import|\bfetch\(", analyzed_page)
    labels = [svg["aria-label"] for svg in page.all("svg", role="img")]
    for expected in (
        "each module",
        "Fourier",
        "each pair",
        "on planes",
        "colored by",
        "three rings",
        "Barcodes",
        "boxes",
    ):
        assert any(expected in label for label in labels), expected


def test_claims_stand_with_verdict_and_number(trained):
    judged = trained.summary["claims"] | {"C3": {"verdict": "not testable here", "sentence": "Only one box."}}
    assert {verdict["verdict"] for verdict in judged.values()} == {"holds", "does not hold", "not testable here"}
    summary = {**trained.summary, "claims": judged}
    with not_drawn():
        text = " ".join("".join(Page(render_page(replace(trained, summary=summary))).text).split())
    for claim in claims(summary):
        assert f"{claim.id} {claim.says} {claim.verdict} {claim.sentence}" in text
        if claim.id != "C3":
            assert claim.number != "–"
            assert f"{claim.sentence} numbers Measured: {claim.number}. Null: {claim.null}." in text


def test_words_of_the_summary_are_explained_where_they_first_stand(rendered):
    text = " ".join("".join(Page(rendered).text).split())
    for word, explained in (
        ("sigma_x", "sigma_x is the distance beyond which training drives states apart"),
        ("Betti", "Betti numbers count the pieces, loops and cavities"),
        ("null", "nulls, scores of the same unit shuffled"),
    ):
        body = text[text.index("Active units") :]
        assert body.index(word) == body.index(explained) + explained.index(word), word


def test_the_tile_of_active_units_is_true_of_all_and_of_some(results):
    (some,) = UNITS.facts(results)
    everyone = {**results.summary, "active_units": 9}
    (all_of_them,) = UNITS.facts(replace(results, summary=everyone))
    assert (some.value, some.note) == ("8 of 9", "the others are silent along the whole walk")
    assert (all_of_them.value, all_of_them.note) == ("9 of 9", "none is silent along the whole walk")


def test_a_run_that_only_checks_the_installation_says_so_and_judges_nothing(trained):
    with not_drawn():
        pages = [render_page(trained), render_page(replace(trained, config=load_config("smoke")))]
    before, text = (" ".join("".join(Page(page).text).split()) for page in pages)
    assert "The preset smoke is no experiment. Only checks that the installation works" in text
    assert "is no experiment" not in before
    for words in ("What the paper claims", "does not hold"):
        assert words in before
        assert words not in text


def test_a_run_that_was_not_analyzed_says_what_is_missing(page):
    text = "".join(page.text)
    assert text.count("This part has not been computed yet") == 10  # nine sections and the modules
    assert text.count("has not been computed; `sicgrid analyze` does so") >= 8


def test_a_reason_is_shown_instead_of_a_picture(analyzed):
    bare = replace(analyzed, parts=dict.fromkeys(analyzed.parts, NOTHING), boxes={})
    with not_drawn():
        text = "".join(Page(render_page(bare)).text)
    assert text.count(REASON) == 10
    assert "drawing-library" not in text


def test_cards_know_their_module(analyzed_page):
    cards = [found for found in Page(analyzed_page).all("li") if "data-unit" in found]
    assert [sum(card["data-module"] == name for card in cards) for name in ("0", "1", "-1")] == [40, 30, 1]
