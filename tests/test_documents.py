"""What the documents say is so: commands, paths, names, the version."""

import importlib
import re
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sicgrid.experiment import checked_config, parse_yaml
from sicgrid.storage import RunDirectory, save_recording

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
DOCUMENTS = [
    *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")),
    *(path for path in sorted(ROOT.glob("docs/**/*.md")) if path.parent.name != "reference"),  # made by the build
]


def blocks(text: str, language: str = "") -> list[str]:
    """The fenced blocks of a Markdown text: all of them, or those in one language."""
    found = re.findall(r"^```(\w*)\n(.*?)^```$", text, flags=re.MULTILINE | re.DOTALL)
    return [body for tag, body in found if language in ("", tag)]


def readme() -> str:
    return (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_first_two_blocks_hold_one_command_line_each() -> None:
    main, test = blocks(readme())[:2]
    assert main.count("\n") == 1
    assert test.count("\n") == 1
    assert "runs/quick" in main
    assert "pytest" in test


def test_the_loop_of_the_readme_has_ten_lines_and_runs() -> None:
    loop = blocks(readme(), "python")[0]
    lines = [line for line in loop.splitlines() if line.strip() and not line.startswith(("import ", "from "))]
    assert len(lines) == 10
    short, changed = re.subn(r"range\([\d_]+\)", "range(2)", loop)
    assert changed == 1
    names: dict[str, Any] = {}
    exec(compile(short, "README.md", "exec"), names)
    assert names["terms"].total.isfinite()


def test_the_readme_fits_on_three_screens() -> None:
    assert readme().count("\n") <= 120  # of 40 lines


def test_a_recording_is_read_without_this_package_as_the_guide_says(tmp_path: Path, monkeypatch: Any) -> None:
    run = RunDirectory(tmp_path / "runs" / "quick")
    run.path.mkdir(parents=True)
    activity = np.maximum(np.random.default_rng(0).normal(-1, 1, (5, 40, 16)), 0).astype(np.float32)
    save_recording(run, "me", 2.0, {"activity": activity}, "c0ffee", {})
    monkeypatch.chdir(tmp_path)
    names: dict[str, Any] = {}
    guide = ROOT / "docs" / "guides" / "run_directory.md"
    exec(compile(blocks(guide.read_text(encoding="utf-8"), "python")[0], guide.name, "exec"), names)
    assert np.array_equal(names["activity"], activity)


def test_the_pages_to_look_at_are_those_that_the_site_makes(monkeypatch: Any) -> None:
    monkeypatch.syspath_prepend(ROOT / "docs")
    pages = importlib.import_module("pages")
    text = (ROOT / "docs" / "pages_to_look_at.md").read_text(encoding="utf-8")
    assert set(re.findall(r'href="pages/runs/([\w-]+)/report.html"', text)) == set(pages.NAMES)
    assert f"sicgrid compare {' '.join(pages.NAMES)} --out" in text
    assert checked_config(pages.SETTINGS).evaluation.arenas == (2.0, 3.0)


def test_the_guide_to_recordings_finds_the_lattice_that_it_made() -> None:
    names: dict[str, Any] = {}
    guide = ROOT / "docs" / "guides" / "recordings_of_your_own.md"
    exec(compile(blocks(guide.read_text(encoding="utf-8"), "python")[0], guide.name, "exec"), names)
    assert names["shape"].spacing_m == pytest.approx(0.4, rel=0.01)
    assert names["shape"].orientation_deg == pytest.approx(10, abs=1)


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_links_and_paths_lead_somewhere(document: Path) -> None:
    text = document.read_text(encoding="utf-8")
    links = [target.split("#")[0] for target in re.findall(r"\]\(([^)\s]+)\)", text) if "://" not in target]
    missing = [target for target in links if target and not (document.parent / target).exists()]
    paths = re.findall(r"`((?:src|tests|docs|benchmarks|studies|\.ci)/[\w./-]*)`", text)
    missing += [path for path in paths if not (ROOT / path).exists()]
    assert missing == []


def test_functions_named_in_paper_to_code_exist() -> None:
    text = (ROOT / "docs" / "paper_to_code.md").read_text(encoding="utf-8")
    missing = []
    for path, name in re.findall(r"`((?:tests)/[\w./]+\.py)::(\w+)`", text):
        if not re.search(rf"^(?:def|class) {name}\b", (ROOT / path).read_text(encoding="utf-8"), flags=re.MULTILINE):
            missing.append(f"{path}::{name}")
    for module, name in re.findall(r"`sicgrid\.([\w.]+)\.(\w+)`", text):
        if not hasattr(importlib.import_module(f"sicgrid.{module}"), name):
            missing.append(f"sicgrid.{module}.{name}")
    assert missing == []


def test_the_version_is_the_same_everywhere() -> None:
    citation = parse_yaml((ROOT / "CITATION.cff").read_bytes(), "CITATION.cff")
    assert citation["version"] == PROJECT["version"]
    assert citation["license"] == PROJECT["license"]
    assert "2311.02316" in str(citation["references"])


def test_scripts_are_executable_and_parse() -> None:
    for script, shell in (("setup.sh", "sh"), (".ci/run", "bash"), (".ci/package", "bash")):
        assert (ROOT / script).stat().st_mode & 0o111
        subprocess.run([shell, "-n", str(ROOT / script)], check=True)


def test_setup_refuses_an_unknown_argument(tmp_path: Path) -> None:
    script = tmp_path / "setup.sh"
    script.write_text((ROOT / "setup.sh").read_text(encoding="utf-8"), encoding="utf-8")
    done = subprocess.run(["sh", str(script), "everything"], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "everything" in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["setup.sh"]


def test_extras_named_in_the_guide_are_there() -> None:
    guide = (ROOT / "docs" / "guides" / "install.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`sicgrid\[(\w+)\]`", guide))
    assert len(named) >= 5
    assert named <= set(PROJECT["optional-dependencies"])
    assert "<!-- extras -->" in guide  # and those that are there are listed by the build


def test_every_page_is_in_a_table_of_contents_or_placed_by_the_build() -> None:
    """The build asks for the pages of a folder that no table names by a line of its own."""
    for folder in ("guides", "tutorials", "understanding"):
        assert f"<!-- others: {folder} -->" in (ROOT / "docs" / folder / "index.md").read_text(encoding="utf-8")
    assert "<!-- others -->" in (ROOT / "docs" / "guides" / "index.md").read_text(encoding="utf-8")
