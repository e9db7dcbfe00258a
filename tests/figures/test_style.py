import subprocess
import sys

import pytest

from sicgrid.figures import scale_bar_length


@pytest.mark.parametrize(
    ("extent", "length"), [(2.0, 0.5), (1.0, 0.2), (3.0, 0.5), (4.0, 1.0), (0.66, 0.1), (2 / 3, 0.2)]
)
def test_scale_bar_is_a_round_length_below_a_third(extent, length):
    assert scale_bar_length(extent) == pytest.approx(length)


@pytest.mark.parametrize("extent", [0.0, -1.0, float("nan")])
def test_scale_bar_needs_an_extent(extent):
    with pytest.raises(ValueError, match="extent"):
        scale_bar_length(extent)


def test_drawing_loads_neither_pyplot_nor_torch():
    code = (
        "import sys, numpy as np; from sicgrid.figures import spacing_histogram; spacing_histogram(np.ones(3));"
        "print([name for name in ('matplotlib.pyplot', 'torch') if name in sys.modules])"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert found.strip() == "[]"
