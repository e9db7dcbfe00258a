"""What is known of a code before its page opens."""

import numpy as np
import torch

from known_run import BASES, PHASES, results, run  # noqa: F401
from sicgrid.experiment import load_config, load_run_config
from sicgrid.explorer._survey import phase_readout, places, survey_network, survey_results
from sicgrid.findings import analyze_run, read_results
from sicgrid.model import make_network
from small_runs import quiet


def test_phases_are_read_off_states(survey):
    """On the recorded states themselves the angles are the phases and the lengths 1."""
    for module in range(2):
        weights, offset = phase_readout(survey, module)
        visited = np.isfinite(survey.maps).all(axis=0)
        read = survey.maps[survey.module == module][:, visited].T @ weights + offset
        rings = read[:, 0::2] + 1j * read[:, 1::2]
        turns = places(survey)[visited] @ survey.waves[module].T
        off = np.angle(rings[:, :2] * np.exp(-2j * np.pi * turns))
        assert np.abs(off).mean() < 0.1
        np.testing.assert_allclose(np.abs(rings).mean(), 1, atol=0.1)


def test_an_analyzed_run_is_taken_as_it_is(run):  # noqa: F811
    analyze_run(run, load_run_config(run), quiet, quiet, ("phases",))
    analyzed = read_results(run.path)
    surveyed, members, bases = survey_results(analyzed), analyzed.module_of_unit(), analyzed.parts["modules"]["basis_m"]
    assert members.tolist() == [0, 0, 0, 1, 1, 1, -1, -1, -1]
    np.testing.assert_array_equal(surveyed.maps, analyzed.maps.maps.astype(np.float32))
    np.testing.assert_array_equal(surveyed.module, members)
    # Another basis of the same lattice may be taken: whole numbers, and a cell as large.
    between = np.einsum("mkx,mbx->mkb", surveyed.waves, bases.values)
    np.testing.assert_allclose(between, np.rint(between), atol=1e-9)
    np.testing.assert_allclose(np.abs(np.linalg.det(between)), 1)
    fields = np.concatenate([PHASES @ basis for basis in BASES])
    off = surveyed.phases[:6] - np.einsum("ukx,ux->uk", surveyed.waves[members[:6]], fields)
    np.testing.assert_allclose(off, np.rint(off), atol=0.02)
    assert np.isnan(surveyed.phases[6:]).all()
    assert surveyed.scorer == "langston"


def test_a_run_without_modules_has_none(results):  # noqa: F811
    found = survey_results(results)
    assert (found.module == -1).all()
    assert found.waves.shape == (0, 2, 2)


def test_any_network_can_be_surveyed():
    config = load_config("smoke")
    walk = config.evaluation.walk.model_copy(update={"animals": 20, "steps": 60})
    config = config.model_copy(update={"evaluation": config.evaluation.model_copy(update={"walk": walk})})
    torch.manual_seed(0)
    found = survey_network(make_network(replace_units(config)), config)
    assert len(found.maps) == len(found.module) == len(found.names) == 8
    assert "walks" in found.source


def replace_units(config):
    return config.model.model_copy(update={"units": 8})
