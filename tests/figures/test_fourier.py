import numpy as np

import ideal_results as ideal
from figure_words import drawn, words
from sicgrid import figures


def test_it_can_be_drawn_and_says_why_when_it_is_empty():
    assert drawn(figures.fourier_power(ideal.fourier()))
    assert words(figures.fourier_power(ideal.empty())) == [ideal.REASON]


def test_swapped_axes_make_the_same_figure():
    turned = ideal.fourier().transpose("fy", "fx", ...)
    first, second = (figures.fourier_power(each).axes[0].images[0].get_array() for each in (ideal.fourier(), turned))
    assert np.array_equal(first, second)


def test_waves_point_at_the_peaks():
    figure = figures.fourier_power(ideal.fourier())
    image = figure.axes[0].images[0]
    power, (left, right, low, high) = np.asarray(image.get_array()), image.get_extent()
    for wave in ideal.fourier()["k"].values[0]:
        column = int((wave[0] - left) / (right - left) * power.shape[1])
        row = int((wave[1] - low) / (high - low) * power.shape[0])
        assert power[row, column] > 0.9
    assert "between waves: 60°, 60°, 60°" in words(figure)
