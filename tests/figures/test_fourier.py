import numpy as np

from figure_words import NOTHING, drawn, only_says_why, words
from sicgrid import figures


def test_it_can_be_drawn_and_says_why_when_it_is_empty(analyzed):
    assert drawn(figures.fourier_power(analyzed.parts["fourier"]))
    assert only_says_why(figures.fourier_power(NOTHING))


def test_swapped_axes_make_the_same_figure(analyzed):
    part = analyzed.parts["fourier"]
    first, second = (
        figures.fourier_power(each).axes[0].images[0].get_array() for each in (part, part.transpose("fy", "fx", ...))
    )
    assert np.array_equal(first, second)


def test_waves_point_at_the_peaks(analyzed):
    figure = figures.fourier_power(analyzed.parts["fourier"])
    image = figure.axes[0].images[0]
    power, (left, right, low, high) = np.asarray(image.get_array()), image.get_extent()
    for wave in analyzed.parts["fourier"]["k"].values[0]:
        column = int((wave[0] - left) / (right - left) * power.shape[1])
        row = int((wave[1] - low) / (high - low) * power.shape[0])
        assert power[row, column] > 0.9
    assert "between waves: 60°, 60°, 60°" in words(figure)
