import numpy as np
import pytest

pytest.importorskip("pyarrow")

from sicgrid.report import read_sweep
from sicgrid.report._pictures import rate_map_png
from sicgrid.report._sweep_pictures import typical_units
from sicgrid.storage import read_maps, write_maps
from sicgrid.sweeps import write_table
from sweep_directories import make_sweep


@pytest.fixture
def place(tmp_path):
    shares = {0: 0.1, 1: 0.9, 2: 0.7}
    made = make_sweep(tmp_path / "sweep", {"seeds": "0..3"}, lambda trial: {"fraction_grid": shares[trial.seed]}
                      if trial.seed in shares else "failed")  # fmt: skip
    write_table(made.path)
    return made


def typical(place, count=8):
    results = read_sweep(place.path)
    return typical_units(results, results.groups()[0], count)


def test_they_are_of_the_run_at_the_median_from_the_best_unit_down(place):
    found = typical(place)
    assert found.run == "seed-2"
    maps = read_maps(place.run("seed-2").maps()).maps
    # Not the one that is always on, nor the silent one.
    assert [unit.uri for unit in found.units] == [rate_map_png(maps[unit]) for unit in (1, 0, 2)]
    assert found.units[0].description == "Rate map of unit 1 of seed-2, grid score 1.50"
    assert [unit.uri for unit in typical(place, 2).units] == [rate_map_png(maps[unit]) for unit in (1, 2)]


def test_what_is_not_there_is_said(place):
    place.run("seed-2").maps().write_bytes(b"no maps")
    assert typical(place).missing == "its rate maps cannot be read"
    maps = read_maps(place.run("seed-1").maps())
    write_maps(place.run("seed-2").maps(), maps._replace(maps=np.ones((2, 20, 20))))
    assert typical(place).missing == "its rate maps do not fit its units"


def test_without_a_finished_run_there_is_nothing_typical(tmp_path):
    place = make_sweep(tmp_path / "sweep", {"seeds": [0]}, lambda trial: None)
    write_table(place.path)
    assert typical(place).missing == "no run has finished"
