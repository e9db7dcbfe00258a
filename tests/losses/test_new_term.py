"""What adding a term costs: its file, its settings and its line in the list. Everything else sees it by itself."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[2] / "src" / "sicgrid"

TERM = '''
"""Sparsity, made up."""


def sparsity(states, target):
    return (states.mean(dim=(-3, -2)).sum(dim=-1) - target).square()
'''
LINES = {  # a file of losses, and a line of it -> what is put before it
    ("_config.py", '}\n"""Name of each term'): '    "sparsity": "sparse",\n',
    ("_config.py", '    reduction: Literal["mean", "sum"] = Field('): (
        '    sparsity: float = Field(0.0, ge=0, description="Weight of it.")\n'
        '    target: float = Field(1.0, description="A setting of its own.")\n'
    ),
    ("_sic.py", "from ._split import split_pair_sums"): "from ._sparsity import sparsity\n",
    ("_sic.py", '}\n"""Name, which is also that of its weight'): '    "sparsity": sparsity,\n',
}
SCRIPT = """
import contextlib, io, json, sys
from pathlib import Path
import sicgrid
from sicgrid.cli import main
from sicgrid.figures import curves_of
from sicgrid.sweeps import METRICS
from sicgrid.storage import read_metrics

def run(*words):
    with contextlib.redirect_stdout(io.StringIO()) as printed, contextlib.suppress(SystemExit):
        main(list(words))
    return printed.getvalue()

words = ["smoke", "--kernels", "reference", "--training.steps", "2", "--loss.sparsity", "0.5"]
printed = run("train", *words, "--out", "run")
run("train", *words, "--seeds", "0..1", "--out", "runs")
run("evaluate", "run")
print(json.dumps({
    "package": sicgrid.__file__,
    "printed": printed,
    "config": Path("run/config.yaml").read_text(),
    "metrics": {name: list(values) for name, values in read_metrics(Path("run/metrics.jsonl")).items()},
    "together": [path.read_text().splitlines()[0] for path in sorted(Path("runs").glob("*/metrics.jsonl"))],
    "evaluation": json.loads(Path("run/evaluation.json").read_text())["held_out"],
    "curves": list(curves_of(read_metrics(Path("run/metrics.jsonl"))).items()),
    "columns": list(METRICS),
    "help": sicgrid.SICLoss.__init__.__doc__,
}, default=float))
"""


@pytest.fixture
def package(tmp_path):
    """A copy of ours with a term more."""
    copy = tmp_path / "src" / "sicgrid"
    # With its bytecode and kernels, which hold for the files as long as their times do: else all is compiled anew.
    # Another process may be writing kernels, under names of its own until they are whole.
    shutil.copytree(PACKAGE, copy, ignore=shutil.ignore_patterns("*.tmp.*", "*.safetensors"))
    (copy / "losses" / "_sparsity.py").write_text(TERM)
    for (name, line), added in LINES.items():
        file = copy / "losses" / name
        text = file.read_text()
        assert text.count(line) == 1, line
        file.write_text(text.replace(line, added + line))
    return copy


@pytest.mark.slow
def test_a_term_is_its_file_its_settings_and_its_line_in_the_list(package, tmp_path):
    environment = {**os.environ, "PYTHONPATH": str(package.parent), "MPLCONFIGDIR": str(tmp_path / "mpl")}
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    seen = json.loads(done.stdout.splitlines()[-1])
    assert seen["package"] == str(package / "__init__.py")
    metrics = seen["metrics"]
    assert list(metrics)[1:7] == [
        "separation", "invariance", "capacity", "conformal_isometry", "sparsity", "total"
    ]  # fmt: skip
    weights = {"separation": 1.0, "invariance": 0.1, "capacity": 0.5, "sparsity": 0.5}
    for k in range(2):
        total = sum(weight * metrics[name][k] for name, weight in weights.items())
        assert metrics["total"][k] == pytest.approx(total, rel=1e-5)
        assert metrics["sparsity"][k] > 0
    assert "  sparsity: 0.5\n  target: 1.0\n  reduction: mean" in seen["config"]
    assert "sparse " in seen["printed"]
    assert len(seen["together"]) == 2
    assert all('"sparsity": ' in line for line in seen["together"])
    assert seen["evaluation"]["sparsity"] > 0
    assert dict(seen["curves"])["sparsity"][0] == "Sparsity"
    assert "held_out_sparsity" in seen["columns"]
    assert "Weight of it." in seen["help"]
