from importlib import import_module

import pytest

import sicgrid.experiment
import sicgrid.findings
from sicgrid.experiment._moved import MOVED


def test_names_that_moved_are_found_at_their_old_place():
    from sicgrid.experiment import analyze_run, load_run_config

    assert analyze_run is sicgrid.findings.analyze_run
    assert load_run_config is not None
    assert sicgrid.experiment.PartNews is sicgrid.findings.PartEvent
    for name, place in MOVED.items():
        room, _, renamed = place.partition(":")
        assert getattr(sicgrid.experiment, name) is getattr(import_module(room, "sicgrid.experiment"), renamed or name)


def test_other_names_are_told_as_ever():
    with pytest.raises(AttributeError, match="no attribute 'analyse_run'"):
        sicgrid.experiment.analyse_run  # noqa: B018
