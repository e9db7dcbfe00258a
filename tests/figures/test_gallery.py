import numpy as np
import pytest

from sicgrid.figures import gallery_order, rate_map_gallery

EDGES = np.linspace(-1, 1, 11)


def population(units=5):
    maps = np.random.default_rng(0).random((units, 10, 10))
    maps[0, 0, :3] = np.nan
    return maps, np.linspace(-0.5, 1.0, units), np.linspace(0.3, 1.2, units)


def images(figure):
    return [image for axes in figure.axes for image in axes.images]


def test_order_is_by_spacing_and_within_it_by_falling_score():
    spacing = np.array([0.81, 0.49, np.nan, 0.51, 0.79, np.nan])
    score = np.array([0.2, 0.1, 0.9, 0.8, 0.7, np.nan])
    assert gallery_order(spacing, score, step=0.05).tolist() == [3, 1, 4, 0, 2, 5]


def test_order_keeps_every_unit_once():
    generator = np.random.default_rng(1)
    order = gallery_order(generator.random(50), generator.random(50))
    assert sorted(order.tolist()) == list(range(50))


def test_order_rejects_columns_that_do_not_fit():
    with pytest.raises(ValueError, match="equally long"):
        gallery_order(np.zeros(3), np.zeros(4))
    with pytest.raises(ValueError, match="step"):
        gallery_order(np.zeros(3), np.zeros(3), step=0)


def test_one_picture_a_unit_and_one_an_autocorrelogram():
    maps, score, spacing = population()
    alone = rate_map_gallery(maps, EDGES, EDGES, grid_score=score, spacing_m=spacing)
    assert len(images(alone)) == 5
    correlograms = np.zeros((5, 19, 19))
    both = rate_map_gallery(maps, EDGES, EDGES, grid_score=score, spacing_m=spacing, autocorrelograms=correlograms)
    assert len(images(both)) == 10


def test_maps_run_from_zero_to_their_peak_and_correlograms_from_minus_one_to_one():
    maps, score, spacing = population(2)
    figure = rate_map_gallery(
        maps,
        EDGES,
        EDGES,
        grid_score=score,
        spacing_m=spacing,
        autocorrelograms=np.zeros((2, 19, 19)),
        units=np.array([1]),
    )
    rate, correlogram = images(figure)
    assert rate.get_clim() == (0, maps[1].max())
    assert correlogram.get_clim() == (-1, 1)
    assert rate.axes.get_aspect() == correlogram.axes.get_aspect() == 1


def test_x_points_right_and_y_up():
    maps = np.zeros((1, 10, 10))
    maps[0, 9, 0] = 1.0  # largest x, smallest y
    figure = rate_map_gallery(maps, EDGES, EDGES, grid_score=np.ones(1), spacing_m=np.ones(1))
    (image,) = images(figure)
    row, column = np.unravel_index(np.argmax(image.get_array()), (10, 10))
    assert (row, column) == (0, 9)
    assert image.origin == "lower"


def test_score_and_spacing_stand_above_each_map_and_a_scale_bar_below_all():
    maps, score, spacing = population(2)
    score[0] = np.nan
    figure = rate_map_gallery(maps, EDGES, EDGES, grid_score=score, spacing_m=spacing, units=np.array([0, 1]))
    titles = [axes.get_title() for axes in figure.axes if axes.images]
    assert titles == ["–  0.30 m", "1.00  1.20 m"]
    assert figure.axes[-1].texts[0].get_text() == "0.5 m"


def test_a_silent_unit_is_drawn_dark():
    maps = np.zeros((1, 10, 10))
    figure = rate_map_gallery(maps, EDGES, EDGES, grid_score=np.array([np.nan]), spacing_m=np.array([np.nan]))
    assert images(figure)[0].get_clim() == (0, 1)


@pytest.mark.parametrize(
    ("change", "names"),
    [
        ({"x_edges": np.linspace(-1, 1, 12)}, "bin edges"),
        ({"grid_score": np.zeros(4)}, "equally long"),
        ({"autocorrelograms": np.zeros((4, 19, 19))}, "one per unit"),
        ({"units": np.array([5])}, "units"),
        ({"units": np.array([], dtype=int)}, "units"),
        ({"columns": 0}, "columns"),
    ],
)
def test_what_does_not_fit_is_named(change, names):
    maps, score, spacing = population()
    arguments = {"x_edges": EDGES, "y_edges": EDGES, "grid_score": score, "spacing_m": spacing} | change
    with pytest.raises(ValueError, match=names):
        rate_map_gallery(maps, **arguments)
