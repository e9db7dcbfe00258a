"""The command that writes the live page."""

import pytest

from sicgrid.cli import _display, _explore
from sicgrid.explorer import Subject


@pytest.fixture
def made(monkeypatch):
    """What is asked for, without walking anything."""
    asked = []

    def subject(name):
        asked.append(name)
        return Subject(name, {"name": name}, {})

    monkeypatch.setattr(_explore, "pretrained_subject", lambda name, *_: subject(name))
    monkeypatch.setattr(_explore, "run_subject", lambda run: subject(run.path.name))
    return asked


def test_a_bundled_network(sicgrid, made, tmp_path):
    ended = sicgrid("explore", "--pretrained", "quick")
    assert (ended.code, made) == (0, ["quick"])
    assert (tmp_path / "explorer.html").is_file()
    assert "explorer.html" in ended.out


def test_a_run_gets_its_page_beside_its_report(sicgrid, made, small_run, tmp_path):
    ended = sicgrid("explore", "run", "--and", "modules")
    assert (ended.code, made) == (0, ["run", "modules"])
    assert f"page: {small_run / 'explorer.html'} (" in ended.out
    assert sicgrid("explore", "run", "--out", "mine.html").code == 0
    assert (tmp_path / "mine.html").is_file()
    assert not (tmp_path / "explorer.html").exists()


def test_one_beside_another(sicgrid, made, tmp_path, monkeypatch):
    opened = []
    monkeypatch.setattr(_display.webbrowser, "open", opened.append)
    ended = sicgrid("explore", "--pretrained", "quick", "--and", "modules", "--out", "two.html", "--open")
    assert (ended.code, made) == (0, ["quick", "modules"])
    assert opened == [(tmp_path / "two.html").as_uri()]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "which run?"),
        (("nowhere",), "no run in nowhere"),
        (("--pretrained", "quik"), "quick"),
        (("somewhere", "--pretrained", "quick"), "not both"),
        (("--pretrained", "quick", "--and", "nowhere"), "no run in nowhere, and no bundled network"),
        (("--pretrained", "quick", "--and", "modles"), "did you mean 'modules'?"),
        (("--pretrained", "quick", "--out", "no/such/page.html"), "in a folder that does not exist"),
        (("--pretrained", "quick", "--out", "."), "is a folder"),
    ],
)
def test_what_does_not_serve_is_said_in_one_line(sicgrid, made, tmp_path, arguments, said):
    ended = sicgrid("explore", *arguments)
    assert ended.code == 2
    assert said in ended.err
    assert ended.err.count("\n") == 1
    assert made == []  # before anything walks
    assert not (tmp_path / "explorer.html").exists()
