import numpy as np

import ideal_results as ideal
from sicgrid.report._numbers import NUMBERS, module_number


def test_modules_are_told_with_their_ratios(analyzed):
    assert module_number(analyzed) == "2 modules. Each spacing over the next smaller one: 1.78."


def test_numbers_are_those_of_the_results():
    said = {name: tell(ideal.parts()[name]) for name, tell in NUMBERS.items()}
    assert said["fourier"] == "Angles between neighboring waves differ from 60° by at most 0.0°."
    assert said["topology"].startswith("Betti numbers by module: (1, 2, 1), torus; (1, 2, 1), torus.")
    assert said["fields"] == "0 of 70 active units have a single field."
    assert said["unique_range"].startswith("At least 2.00 m at noise 0.005")
    assert "the largest spacing is 0.80 m" in said["unique_range"]
    assert said["error_correction"].startswith("Median error at noise 0.1 per unit: learned ")
    assert "With the place known to half a spacing: learned 0.0" in said["error_correction"]
    assert "standing still 95 %, 95 %, 95 %, 95 %; walking on 50 %," in said["intrinsic_correction"]
    left = ideal.intrinsic_correction().drop_vars("recovered")
    assert NUMBERS["intrinsic_correction"](left).endswith("1 % standing still, 3 % walking on.")


def test_a_range_that_no_noise_leaves_is_said():
    lost = ideal.unique_range().assign(range_m=("noise", np.full(9, np.nan)))
    assert NUMBERS["unique_range"](lost) == "At every level of noise some place cannot be told from its neighbors."


def test_parts_with_less_in_them_say_less():
    for name in ("fourier", "phases", "state_space", "topology", "generalisation", "unique_range", "error_correction"):
        assert NUMBERS[name](ideal.parts()[name].drop_vars(list(ideal.parts()[name].data_vars))) == ""
