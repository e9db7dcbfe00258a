"""What a person sees: bars in a terminal, plain lines elsewhere, a small table at the end."""

import io
import logging
import re
from typing import NamedTuple

import pytest
from rich.console import Console

from sicgrid.cli import _display
from sicgrid.cli._display import (
    TrainingDisplay,
    describe_terms,
    make_console,
    open_page,
    results_table,
)

TERMS = {"separation": 0.05, "invariance": 0.7, "capacity": -0.6, "conformal_isometry": 9.0, "total": -0.2}


class Record(NamedTuple):
    step: int
    terms: dict[str, float]
    steps: int = 1000


def console(terminal):
    return Console(file=io.StringIO(), force_terminal=terminal, width=100, _environ={"TERM": "xterm"})


def show(terminal, first=0, changed=()):
    screen = console(terminal)
    with TrainingDisplay(1000, screen) as display:
        display.start(0, first, changed)
        for step in range(first + 1, 1001):
            display.step(0, Record(step, TERMS))
    return screen.file.getvalue()


def test_a_terminal_gets_bar_speed_time_left_and_all_terms():
    text = show(terminal=True)
    assert "1000/1000" in text
    assert "/s" in text
    assert "left" in text
    assert describe_terms(TERMS) in text


def test_elsewhere_a_plain_line_now_and_then():
    text = show(terminal=False)
    assert text.count("\n") == 1  # so short a run has only its last line
    assert "step 1,000 of 1,000" in text
    assert "\x1b" not in text
    assert describe_terms(TERMS) in text


def test_resuming_says_from_where_and_what_changed():
    assert "resuming from step 900\n" in show(terminal=False, first=900)
    assert "note: not bit for bit" in show(terminal=False, first=900, changed=["threads (1 against 2)"])


def test_of_several_networks_the_slowest_and_the_medians_are_shown():
    screen = console(terminal=False)
    with TrainingDisplay(1000, screen, networks=3) as display:
        for index in range(3):
            display.start(index, 0, ())
        for index, total in enumerate((-0.3, 5.0, -0.1)):
            display.step(index, Record(900, {**TERMS, "total": total}))
        display.leave_out(1)
        for index in (0, 2):
            display.step(index, Record(1000, {**TERMS, "total": -0.1 * index}))
    text = screen.file.getvalue()
    assert text.count("\n") == 1
    assert "medians: loss -0.100" in text


@pytest.mark.parametrize(("terminal", "text"), [(False, "step 700 of 700"), (True, "700/700")])
def test_where_training_ends_early_the_steps_are_those_that_it_takes(terminal, text):
    screen = console(terminal)
    with TrainingDisplay(1000, screen, networks=2) as display:
        for index in range(2):
            display.start(index, 0, ())
        display.step(0, Record(500, TERMS, 500))
        display.step(1, Record(600, TERMS, 700))
        display.step(1, Record(700, TERMS, 700))
    assert text in screen.file.getvalue()


def test_a_term_without_weight_is_not_shown():
    screen = console(terminal=False)
    weights = {"sigma_x": 0.0, "separation": 1.0, "invariance": 0.1, "capacity": 0.5, "conformal_isometry": 0.0}
    with TrainingDisplay(1000, screen, weights=weights) as display:
        display.start(0, 0, ())
        display.step(0, Record(1000, TERMS))
    text = screen.file.getvalue()
    assert "capacity" in text
    assert "isometry" not in text
    assert "9.000" not in text


def test_a_terminal_says_which_kernel_is_compiled_until_the_first_step():
    screen = console(terminal=True)
    with TrainingDisplay(1000, screen) as display:
        display.start(0, 0, ())
        logging.getLogger("sicgrid.kernels._cache").debug("compiling pairs far")
        screen.print(display._render())
        display.step(0, Record(1, TERMS))
    assert "compiling pairs far, 0:00" in screen.file.getvalue()
    assert not logging.getLogger("sicgrid.kernels").handlers


def test_what_had_to_be_compiled_is_no_part_of_the_speed(monkeypatch):
    now = [0.0]
    monkeypatch.setattr(_display.time, "monotonic", lambda: now[0])
    screen = console(terminal=False)
    with TrainingDisplay(101, screen) as display:
        display.start(0, 0, ())
        now[0] = 12.0
        display.step(0, Record(1, TERMS, 101))
        now[0] = 13.0
        display.step(0, Record(101, TERMS, 101))
    assert "step 101 of 101, 100.0 steps/s, 0:00 left" in screen.file.getvalue()


def test_a_page_is_opened_or_it_is_said_that_none_can_be(monkeypatch, tmp_path):
    opened, screen = [], console(terminal=False)
    monkeypatch.setattr(_display.webbrowser, "open", lambda address: opened.append(address) or len(opened) == 1)
    open_page(tmp_path / "report.html", screen)
    assert (opened, screen.file.getvalue()) == ([(tmp_path / "report.html").as_uri()], "")
    open_page(tmp_path / "report.html", screen)
    assert "by hand" in screen.file.getvalue()


def test_the_loss_comes_first():
    assert describe_terms(TERMS).startswith("loss -0.200  separation 0.050  ")


def test_the_table_survives_a_run_without_grid_cells():
    summary = {"units": 16, "active_units": 0, "grid_score_median": None, "spacing_m": []}
    summary["fraction_beats_both"] = None
    screen = console(False)
    screen.print(results_table(summary))
    assert screen.file.getvalue().count("none") >= 3
    assert "path-integration error" not in screen.file.getvalue()  # not measured, which is not an error of none


def test_the_table_shows_the_numbers():
    summary = {
        "units": 128, "active_units": 104, "grid_score_median": 0.923, "fraction_grid": 0.957,
        "fraction_beats_both": 0.871, "spacing_m": [0.62, 1.05], "scorer": "langston",
        "path_integration_error": 0.123, "arena_m": 2.0,
    }  # fmt: skip
    screen = console(False)
    screen.print(results_table(summary))
    text = screen.file.getvalue()
    for piece in ("104 of 128", "0.92", "87 %", "0.62 m, 1.05 m", "langston", "0.12"):
        assert piece in text
    assert "96 %" not in text  # by one null alone


def test_the_table_leads_with_the_modules_and_their_spacings():
    """Not with the peaks of a histogram in which two near modules are one."""
    summary = {
        "units": 128, "active_units": 123, "grid_score_median": 1.35, "fraction_grid": 0.94, "spacing_m": [0.75, 0.87],
        "headline": "Three modules: 0.75, 0.85, 0.88 m", "arena_m": 2.0,
        "modules": [{"spacing_m": value} for value in (0.751, 0.849, 0.876)],
        "parts": {"periods": {"periods": [{"spacing_m": value} for value in (0.433, 0.751)]}},
    }  # fmt: skip
    screen = console(False)
    screen.print(results_table(summary))
    text = screen.file.getvalue()
    for piece in ("Three modules: 0.75, 0.85, 0.88 m", "0.75 m, 0.85 m, 0.88 m", "periods", "0.43 m, 0.75 m"):
        assert piece in text


def test_a_run_without_modules_is_given_no_spacing():
    """Units above their null by chance have lattices too, which once stood there as the run's spacing."""
    summary = {
        "units": 128, "active_units": 128, "grid_score_median": -0.2, "fraction_grid": 0.03, "spacing_m": [0.81, 1.27],
        "fraction_beats_both": 0.008, "headline": "No grid cells beyond chance", "modules": [],
        "modules_verdict": "no modules",
    }  # fmt: skip
    screen = console(False)
    screen.print(results_table(summary))
    text = screen.file.getvalue()
    assert "spacing" not in text
    assert "0.81" not in text
    assert re.search(r"modules +│ none", text)
    screen.print(results_table({**summary, "modules_verdict": None}))  # as `--only units` leaves it
    assert re.search(r"modules +│ not looked for", screen.file.getvalue())


def test_what_the_library_logs_is_shown_once_however_many_commands_ran_before(capsys):
    make_console()
    make_console()
    logging.getLogger("sicgrid.kernels._cache").info("compiling [the] kernels")
    assert capsys.readouterr().out == "compiling [the] kernels\n"
