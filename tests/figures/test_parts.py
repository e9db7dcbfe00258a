"""Figures of the labelled results: each shows what is in them, and says so when nothing is."""

import io

import numpy as np
import pytest
import xarray as xr

import ideal_results as ideal
from sicgrid import figures
from sicgrid.figures import BoxMaps

ONE = {
    "fourier": figures.fourier_power,
    "state_space": figures.torus_embedding,
    "topology": figures.barcodes,
    "generalisation": figures.state_distance,
    "geometry": figures.metric_maps,
    "unique_range": figures.unique_range_curves,
    "error_correction": figures.error_correction_curves,
    "intrinsic_correction": figures.intrinsic_correction_curves,
    "fields": figures.field_histograms,
}
MORE = {
    "rings": lambda: figures.rings(ideal.state_space()),
    "variance": lambda: figures.variance_explained(ideal.state_space()),
    "stability": lambda: figures.box_stability(ideal.generalisation()),
    "paths": lambda: figures.path_error_by_box(ideal.generalisation()),
    "squares": lambda: figures.phase_squares(ideal.phases(), ideal.modules()),
    "planes": lambda: figures.phase_planes(ideal.phases(), ideal.modules()),
}


def words(figure):
    found = [text.get_text() for axes in figure.axes for text in axes.texts]
    for axes in figure.axes:
        found += [axes.get_title(), axes.get_title("left"), axes.get_xlabel(), axes.get_ylabel()]
    return [word for word in found if word]


@pytest.mark.parametrize("name", [*ONE, *MORE])
def test_every_figure_can_be_drawn(name):
    figure = ONE[name](ideal.parts()[name]) if name in ONE else MORE[name]()
    buffer = io.BytesIO()
    figure.savefig(buffer, dpi=40)
    assert buffer.tell() > 2000
    assert words(figure)


@pytest.mark.parametrize("draw", [*ONE.values(), figures.rings, figures.box_stability, figures.path_error_by_box])
def test_a_part_without_results_says_why(draw):
    assert words(draw(ideal.empty())) == [ideal.REASON]


@pytest.mark.parametrize("draw", [figures.phase_squares, figures.phase_planes])
def test_phases_without_modules_say_why(draw):
    assert words(draw(ideal.phases(), ideal.empty())) == [ideal.REASON]


def test_a_missing_variable_is_named():
    with pytest.raises(ValueError, match="results lack the variable 'mean_power'"):
        figures.fourier_power(xr.Dataset({"k": (("module", "wave", "axis"), np.zeros((1, 3, 2)))}))


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


def test_phases_in_space_lie_on_the_planes_drawn():
    phase, members = ideal.phases()["phase"].values, ideal.members()
    total = phase[members == 0].sum(axis=1)
    assert np.abs(np.angle(np.exp(1j * total))).max() < 0.1
    corners = figures.plane_in_cube(2 * np.pi)
    assert np.allclose(np.sort(corners, axis=1), [[0, 0, 2 * np.pi]] * 3)
    hexagon = figures.plane_in_cube(3 * np.pi)
    assert len(hexagon) == 6
    assert np.allclose(hexagon.sum(axis=1), 3 * np.pi)
    sides = np.linalg.norm(hexagon - np.roll(hexagon, 1, axis=0), axis=1)
    assert np.allclose(sides, sides[0])  # corners are in order around it
    assert len(figures.plane_in_cube(7 * np.pi)) == 0


def test_barcode_marks_the_bars_of_a_torus():
    figure = figures.barcodes(ideal.barcode())
    passed = [len(axes.collections[1].get_segments()) for axes in figure.axes]
    assert passed == [1, 1, 2, 2, 1, 1]
    assert "module 1 — Betti (1, 2, 1): torus" in words(figure)


def test_the_picture_of_a_module_that_is_not_there_is_refused():
    with pytest.raises(ValueError, match="module must be one of 0 to 1, got 2"):
        figures.torus_embedding(ideal.state_space(), module=2)


def test_phase_colors_close_the_circle_and_differ_across_it():
    colors = figures.phase_colormap().colors
    step = np.linalg.norm(np.diff([*colors, colors[0]], axis=0), axis=1)
    assert step.max() < 0.05
    assert np.linalg.norm(colors - np.roll(colors, 128, axis=0), axis=1).min() > 0.3


def test_boxes_are_drawn_to_one_scale():
    boxes = {side: BoxMaps(ideal.maps(side).maps, *ideal.maps(side)[2:]) for side in (2.0, 3.0)}
    figure = figures.box_rate_maps(boxes, np.array([0, 50]))
    widths = {tuple(axes.get_xlim()) for axes in figure.axes if axes.images}
    assert widths == {(-1.5, 1.5)}
    assert {"2 m", "3 m", "unit 0", "unit 50", "0.5 m"} <= set(words(figure))
    with pytest.raises(ValueError, match="units must be"):
        figures.box_rate_maps(boxes, np.array([71]))
    with pytest.raises(ValueError, match="at least one box"):
        figures.box_rate_maps({}, np.array([0]))


def test_a_range_beyond_the_box_is_marked_as_open():
    figure = figures.unique_range_curves(ideal.unique_range())
    arrows = [text for text in figure.axes[0].texts if getattr(text, "arrow_patch", None)]
    beyond = ideal.unique_range()["at_least"].values.sum() + ideal.unique_range()["ideal_at_least"].values.sum()
    assert len(arrows) == beyond > 0
