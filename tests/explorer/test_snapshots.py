"""Which units are watched while they learn."""

from dataclasses import replace

import numpy as np

from sicgrid.explorer._snapshots import shown_units


def test_modules_take_turns_and_silent_units_are_left_out(survey):
    chosen = shown_units(replace(survey, score=np.linspace(0, 1, 128)))
    assert len(chosen) == 24
    assert survey.module[chosen].tolist() == [0, 1] * 12
    assert chosen[:2].tolist() == [np.flatnonzero(survey.module == module)[-1] for module in (0, 1)]
    few = shown_units(replace(survey, active=np.arange(128) == 125))
    assert few.tolist() == [125]
