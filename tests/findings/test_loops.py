"""The place that the two loops of a torus tell, and what is said where there is no torus."""

import numpy as np
import xarray as xr

from sicgrid.findings._loops import read_off_loops
from sicgrid.findings.torus import FINDING

PART = xr.Dataset(
    {
        "betti": (("module", "degree"), [[1, 2, 1], [1, 0, 1], [1, 2, 1]]),
        "verdict": ("module", np.array(["torus", "sphere", "torus"], dtype=object)),
        "decoded_error": ("module", [0.041, 2.6, np.nan]),
        "decoded_chance": ("module", [0.39, 0.17, np.nan]),
    }
)


def test_a_place_is_read_off_a_torus_only():
    """Of other shapes angles come out as well, and the place read off them can be meters away in a lattice of 0.45."""
    assert read_off_loops(PART) == ["0.04 m (0.39 m by chance)"]
    assert read_off_loops(PART.isel(module=[1])) == []


def test_a_part_of_an_earlier_version_goes_without():
    assert read_off_loops(PART.drop_vars("decoded_chance")) == []


def test_the_page_says_so():
    (say,) = [view.say for view in FINDING.views if view.result == "topology"]
    assert say(PART).endswith("Place modulo the lattice, read off the two loops alone: 0.04 m (0.39 m by chance) off.")
    assert say(PART.isel(module=[1])) == "Betti numbers by module: (1, 0, 1), sphere."


def test_it_says_what_else_can_look_contractible():
    (say,) = [view.say for view in FINDING.views if view.result == "topology"]
    few = PART.isel(module=[1]).assign(verdict=("module", np.array(["contractible"], dtype=object)))
    assert "A torus of few units, or of noisy ones, can look contractible" in say(few)
