import numpy as np
import pytest
import xarray as xr

from sicgrid import figures


def test_a_missing_variable_is_named():
    with pytest.raises(ValueError, match="results lack the variable 'mean_power'"):
        figures.fourier_power(xr.Dataset({"k": (("module", "wave", "axis"), np.zeros((1, 3, 2)))}))


def test_other_axes_are_refused(analyzed):
    wrong = analyzed.parts["fourier"].rename(fx="f")
    with pytest.raises(ValueError, match="mean_power must have the axes"):
        figures.fourier_power(wrong)
