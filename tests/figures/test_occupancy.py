import numpy as np
import pytest

from sicgrid.figures import occupancy_map


def test_unvisited_bins_are_blank_and_the_axes_in_meters():
    occupancy = np.array([[0.0, 4.0], [2.0, 1.0], [3.0, 3.0]])
    figure = occupancy_map(occupancy, np.linspace(-1.5, 1.5, 4), np.linspace(-1, 1, 3))
    (image,) = figure.axes[0].images
    shown = np.ma.getmaskarray(image.get_array())
    assert shown.T.tolist() == [[True, False], [False, False], [False, False]]
    assert image.get_extent() == [-1.5, 1.5, -1, 1]
    assert figure.axes[0].get_xlabel() == "x (m)"
    assert image.get_clim() == (0, 4)


def test_a_shape_that_does_not_fit_the_edges_is_refused():
    with pytest.raises(ValueError, match="occupancy"):
        occupancy_map(np.ones((3, 2)), np.linspace(-1, 1, 3), np.linspace(-1, 1, 4))
