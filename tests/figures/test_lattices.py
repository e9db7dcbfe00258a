import numpy as np
import pytest

from sicgrid.figures import orientation_histogram, spacing_histogram, spacing_orientation

SPACING = np.array([0.5, 0.5, 0.81, np.nan, 1.31])
ORIENTATION = np.array([10.0, 12.0, 59.0, np.nan, 61.0])
GRID = np.array([True, True, True, False, False])


def heights(figure, container=-1):
    return np.array([bar.get_height() for bar in figure.axes[0].containers[container]])


def test_every_measured_unit_is_in_the_spacing_histogram_once():
    figure = spacing_histogram(SPACING)
    assert heights(figure).sum() == 4
    assert "(m)" in figure.axes[0].get_xlabel()
    assert figure.axes[0].get_ylabel() == "units"


def test_grid_cells_stand_apart_from_the_others():
    figure = spacing_histogram(SPACING, is_grid=GRID)
    assert heights(figure, 0).sum() == 4
    assert heights(figure, 1).sum() == 3
    assert [text.get_text() for text in figure.axes[0].get_legend().get_texts()] == [
        "other units with a lattice",
        "grid cells",
    ]


def test_orientation_is_taken_modulo_sixty():
    figure = orientation_histogram(ORIENTATION, bin_width_deg=5)
    bars = figure.axes[0].containers[-1]
    counts = {round(bar.get_x()) % 60: bar.get_height() for bar in bars}
    assert len(counts) == 12
    assert (counts[0], counts[10], counts[55]) == (1, 2, 1)  # 61 degrees; 10 and 12; 59


@pytest.mark.parametrize("draw", [orientation_histogram, lambda values: spacing_orientation(np.ones(4), values)])
def test_a_module_at_zero_degrees_is_one_group(draw):
    axes = draw(np.array([58.0, 59.0, 60.5, 62.0])).axes[0]
    if axes.containers:
        drawn = [bar.get_x() for bar in axes.containers[-1] if bar.get_height()]
        ticks, ends = axes.get_xticklabels(), axes.get_xlim()
    else:
        drawn = axes.collections[-1].get_offsets()[:, 1]
        ticks, ends = axes.get_yticklabels(), axes.get_ylim()
    assert np.ptp(drawn) <= 5
    assert min(ends) < min(drawn)
    assert max(drawn) < max(ends)
    assert {text.get_text() for text in ticks} == {"10", "20", "30", "40", "50", "60"}


def test_bin_width_out_of_range_is_refused():
    with pytest.raises(ValueError, match="bin_width_deg"):
        orientation_histogram(ORIENTATION, bin_width_deg=7)
    with pytest.raises(ValueError, match="bin_width_m"):
        spacing_histogram(SPACING, bin_width_m=0)


def test_scatter_shows_each_unit_with_both_numbers_once():
    figure = spacing_orientation(SPACING, ORIENTATION, is_grid=GRID)
    other, cells = figure.axes[0].collections
    assert len(cells.get_offsets()) == 3
    assert other.get_offsets().tolist() == [[1.31, 61.0]]  # on an axis from 40 to 100


def test_scatter_refuses_columns_that_do_not_fit():
    with pytest.raises(ValueError, match="equally long"):
        spacing_orientation(SPACING, ORIENTATION[:3])


@pytest.mark.parametrize(
    "draw", [spacing_histogram, orientation_histogram, lambda values: spacing_orientation(values, values)]
)
@pytest.mark.parametrize("count", [0, 3])
def test_without_a_lattice_the_figure_says_so(draw, count):
    figure = draw(np.full(count, np.nan))
    assert "no unit" in figure.axes[0].texts[0].get_text()
