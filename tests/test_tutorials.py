"""The tutorials run, in fewer than 40 lines each; cut short here to a few steps of training and a few walks."""

import re
from functools import partial
from pathlib import Path

import pytest

import own_systems as own
import sicgrid
from sicgrid import Run

FOLDER = Path(__file__).parents[1] / "docs" / "tutorials"
# Those that are no notebooks: the site runs these when it is built.
TUTORIALS = [path for path in sorted(FOLDER.glob("*.md")) if "```python" in path.read_text(encoding="utf-8")]
PARTS = ("units", "modules")


def code_of(path):
    (block,) = re.findall(r"^```python\n(.*?)^```$", path.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    return block


@pytest.mark.parametrize("path", TUTORIALS, ids=lambda path: path.stem)
def test_it_is_short(path):
    assert len([line for line in code_of(path).splitlines() if line.strip()]) < 40


@pytest.mark.parametrize("path", TUTORIALS, ids=lambda path: path.stem)
def test_it_runs(path, tmp_path, monkeypatch, capsys, unchecked):
    monkeypatch.chdir(tmp_path)
    whole = Run.analyze
    monkeypatch.setattr(Run, "from_network", partial(Run.from_network, settings=own.FEW))
    monkeypatch.setattr(Run, "analyze", lambda run, only=PARTS: whole(run, only=only))
    monkeypatch.setattr(Run, "report", lambda run: None)  # pages are drawn elsewhere
    code = re.sub(r"steps=\d+", "steps=4, log_every=1", code_of(path)).replace("arenas=(2.0, 3.0)", "arenas=(1.2,)")
    code = code.replace("arenas=(2.0,)", "arenas=(1.2,)").replace("% 500", "% 1")
    code = "\n".join(line for line in code.splitlines() if 'run["topology"]' not in line)  # half a minute
    names = {"__name__": path.stem}
    exec(compile(code, path.name, "exec"), names)
    run = names["run"]
    assert isinstance(run, sicgrid.Run)
    assert run.summary["units"] == len(run.units)
    assert "Run(" in capsys.readouterr().out
