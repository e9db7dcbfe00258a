"""Stages that have parts: which of how many, how long, how much longer."""

import functools
import io

import pytest
from rich.console import Console

from sicgrid.findings import NEW, PartEvent
from sicgrid.run import AnalysisDisplay, PageDisplay, WalkingDisplay, _progress, console_for, working


@pytest.fixture(params=[False, True], ids=["file", "terminal"])
def screen(request):
    return Console(file=io.StringIO(), force_terminal=request.param, width=100, _environ={"TERM": "xterm"})


@pytest.fixture
def clock(monkeypatch):
    """Time that stands still until it is told to pass."""
    time = [0.0]
    monkeypatch.setattr(_progress.time, "monotonic", lambda: time[0])
    return time


def lines(screen):
    return [line.rstrip() for line in screen.file.getvalue().split("\n")]


def test_a_line_an_arena(screen, clock):
    with WalkingDisplay((2.0, 4.0), screen) as display:
        display.arena(2.0)
        display.progress(200, 200)
        clock[0] = 3.0
        display.arena(4.0)
        clock[0] = 30.0
        display.progress(1, 2)
        clock[0] = 3.0
    text = screen.file.getvalue()
    if not screen.is_terminal:
        assert "walking, 1 of 2 done: the 4 m arena, about 0:20 left" in lines(screen)
    assert "1 of 2 walked the 2 m arena: 3.0 s" in text
    assert "2 of 2 walked the 4 m arena: 0.0 s" in text


def test_a_line_a_part_and_why_where_it_is_not_the_first_time(screen):
    with AnalysisDisplay(screen) as display:
        display.part(PartEvent("units", "up to date", "", 1, 3))
        display.part(PartEvent("modules", "computing", NEW, 1, 3))
        display.part(PartEvent("modules", "done", "2.5 s", 2, 3))
        display.part(PartEvent("topology", "computing", "changed: settings", 2, 3))
        display.part(PartEvent("topology", "plan", "240 landmarks, about 12 s", 2, 3))
        display._bar.refresh()
        assert ("240 landmarks, about 12 s" in screen.file.getvalue()) == screen.is_terminal
        display.progress(1, 2)
        display.part(PartEvent("topology", "done", "1.5 s", 3, 3))
        display.part(PartEvent("fields", "removed", "out of date and not asked for", 0, 3))
    text = screen.file.getvalue()
    for line in (
        "2 of 3 modules: 2.5 s\n",
        "3 of 3 topology: 1.5 s (changed: settings)\n",
        "fields: removed, out of date and not asked for",
        "up to date: units",
        "analysis: 0:00\n",
    ):
        assert line in text.replace("\x1b[2K", "")
    assert NEW not in text
    if not screen.is_terminal:
        assert len([line for line in lines(screen) if line]) == 5
        assert "\x1b" not in text


def test_a_reason_is_told_once(screen):
    with AnalysisDisplay(screen) as display:
        for number, part in enumerate(("modules", "phases", "fields"), start=1):
            display.part(PartEvent(part, "computing", NEW, number - 1, 3))
            why = "None repeats." if part != "fields" else "None has one."
            display.part(PartEvent(part, "done", f"0.1 s; no result: {why}", number, 3))
    text = screen.file.getvalue()
    assert text.count("None repeats") == 1
    assert "2 of 3 phases: 0.1 s; no result, as modules" in text
    assert "None has one" in text


def test_the_time_left_is_that_of_all_parts(screen, clock):
    """After 40 s 40 of 150 are done: 110 s left; after 60 s 75 are."""
    with AnalysisDisplay(screen) as display:
        display.part(PartEvent("units", "computing", NEW, 0, 4))
        clock[0] = 20.0
        display.progress(29_000, 150_000)  # too little to tell
        display._bar.refresh()
        assert " left" not in screen.file.getvalue()
        clock[0] = 40.0
        display.progress(40_000, 150_000)
        display._bar.refresh()
        display.part(PartEvent("units", "done", "60.0 s", 1, 4))
        display.part(PartEvent("modules", "computing", NEW, 1, 4))
        clock[0] = 60.0
        display.progress(75_000, 150_000)
        display._bar.refresh()
        clock[0] = 120.0
        display.progress(149_500, 150_000)  # what takes longer than was thought
        display._bar.refresh()
    text = screen.file.getvalue()
    assert "about 1:50 left" in text
    assert "about 1:00 left" in text
    assert "nearly done" in text
    assert "0:00 left" not in text
    if not screen.is_terminal:
        assert "analysis, 0 of 4 done: units, about 1:50 left" in lines(screen)


def test_parts_that_are_computed_at_once_are_told_apart(screen, clock):
    with AnalysisDisplay(screen) as display:
        display.part(PartEvent("units", "computing", NEW, 0, 3))
        display.part(PartEvent("units-3", "computing", "changed: settings", 0, 3))
        clock[0] = 30.0
        display.progress(1, 4)
        display._bar.refresh()
        display.part(PartEvent("units", "done", "30.0 s", 1, 3))
        clock[0] = 60.0
        display.progress(1, 2)
        display._bar.refresh()
        display.part(PartEvent("units-3", "done", "60.0 s", 2, 3))
    text = screen.file.getvalue()
    assert "1 of 3 units: 30.0 s\n" in text.replace("\x1b[2K", "")
    assert "2 of 3 units-3: 60.0 s (changed: settings)" in text
    assert "analysis: 1:00 in 2 processes\n" in text.replace("\x1b[2K", "")
    if not screen.is_terminal:
        assert "analysis, 0 of 3 done: units, units-3, about 1:30 left" in lines(screen)
        assert "analysis, 1 of 3 done: units-3, about 1:00 left" in lines(screen)


def test_a_page_tells_the_section_that_is_drawn(screen, clock):
    with PageDisplay(screen) as display:
        for drawn, name in enumerate(("units", "modules", "torus")):
            clock[0] = 12.0 * drawn
            display.section(name, drawn, 3)
            display._bar.refresh()
    text = screen.file.getvalue()
    if screen.is_terminal:
        assert "2 of 3 done: torus" in text
        assert "about 0:12 left" in text
    else:
        assert lines(screen) == [
            "page, 1 of 3 done: modules, about 0:24 left",
            "page, 2 of 3 done: torus, about 0:12 left",
            "",
        ]


def test_a_library_call_shows_progress_to_a_person_and_where_it_is_asked_to(monkeypatch):
    terminal = {"TERM": "xterm", "FORCE_COLOR": "1"}
    cases = (({}, None, False), ({}, True, True), (terminal, None, True), (terminal, False, False))
    for environment, asked, shown in cases:
        monkeypatch.setattr(_progress, "Console", functools.partial(Console, _environ=environment))
        assert console_for(asked).quiet != shown
        assert console_for(asked).stderr or not shown


def test_what_is_not_shown_leaves_the_output_alone(capsys):
    with AnalysisDisplay(console_for(False)) as display:
        display.part(PartEvent("units", "computing", NEW, 0, 1))
        print("mine")
    assert capsys.readouterr() == ("mine\n", "")


def test_nothing_is_drawn_of_what_only_takes_time_where_no_terminal_is(screen):
    with working("drawing the page", screen):
        pass
    assert bool(screen.file.getvalue()) == screen.is_terminal
