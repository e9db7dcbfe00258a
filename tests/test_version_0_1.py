"""A run that version 0.1 made still opens, reports, is analyzed and resumes.

tests/version_0_1 is the folder as commit 3260d16, the last of 0.1, left it, without its page, its lock and the larger
results, and without the names of the machine's processor and kernel:

    sicgrid reproduce smoke --out version_0_1 --kernels reference --threads 1 --model.units 8 --model.hidden 4 \
        --training.steps 20 --checkpoint-every 10 --evaluation.arenas 1.5 --evaluation.walk.animals 10 \
        --evaluation.walk.steps 60 --analysis.bin-size 0.1 --analysis.smoothing 1.0 --analysis.shuffles 2
"""

import shutil
from pathlib import Path

import numpy as np
import pytest

from sicgrid.experiment import evaluate_run, load_run_config, load_run_recording, train_run
from sicgrid.findings import analyze_run, read_results
from sicgrid.report import write_report
from sicgrid.storage import newest_checkpoint, open_run, read_json, read_metrics, read_provenance, read_units
from small_runs import quiet

KEPT = Path(__file__).parent / "version_0_1"


@pytest.fixture
def run(tmp_path):
    """A copy, to be written to."""
    return open_run(shutil.copytree(KEPT, tmp_path / "run"))


def test_it_opens_with_its_settings_under_their_new_names(run):
    config = load_run_config(run)
    assert (config.model.units, config.training.steps, config.evaluation.arenas) == (8, 20, (1.5,))
    assert config.analysis.smoothing_m == pytest.approx(0.1)  # 1 bin of 0.1 m
    assert load_run_recording(run, 1.5).shape == (10, 60, 8)
    results = read_results(run.path)
    assert len(results.units["unit"]) == 8
    assert results.maps.maps.shape == (8, 15, 15)
    assert results.summary["active_units"] == 7


def test_it_reports(run):
    page = write_report(run.path).read_text(encoding="utf-8")
    assert '<dt>Grid cells</dt><dd class="value">29 %</dd>' in page  # 2 of 7 active units
    assert page.count("data-unit=") == 8


def test_it_is_evaluated_and_analyzed_again(run):
    before, config = read_json(run.evaluation), load_run_config(run)
    evaluate_run(run, config, config.evaluation.arenas, quiet)
    after = read_json(run.evaluation)
    assert after["checkpoint"] == before["checkpoint"]
    assert after["held_out"]["total"] == pytest.approx(before["held_out"]["total"], abs=1e-4)
    summary = analyze_run(run, config, quiet, quiet, ("units", "modules"))
    assert summary["active_units"] == 7
    assert len(read_units(run.units())["name"]) == 8


def test_it_resumes_where_it_was(run):
    whole, config = read_metrics(run.metrics)["total"], load_run_config(run)
    for file in run.checkpoints.glob("step-00000020.*"):
        file.unlink()
    assert train_run(run, config, quiet, quiet) == 10
    assert newest_checkpoint(run, read_provenance(run)["run"]).step == 20
    # To the last bit on the machine that it was made on; elsewhere up to rounding, which ten steps hardly enlarge.
    np.testing.assert_allclose(read_metrics(run.metrics)["total"], whole, rtol=1e-3)
