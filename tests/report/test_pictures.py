import base64
import io
import re
import xml.etree.ElementTree as ElementTree

import matplotlib.image
import numpy as np
import pytest
from matplotlib.figure import Figure
from PIL import Image

from sicgrid.figures import occupancy_map, spacing_histogram
from sicgrid.report._pictures import (
    RASTER_DPI,
    _shorter,
    autocorrelogram_png,
    gradient,
    inline_svg,
    palette,
    rate_map_png,
)


def pixels(uri):
    kind, content = uri.split(",")
    assert kind == "data:image/png;base64"
    return matplotlib.image.imread(io.BytesIO(base64.b64decode(content)), format="png")


def test_a_map_comes_back_with_a_pixel_a_bin_x_right_and_y_up():
    rate_map = np.zeros((5, 3))
    rate_map[4, 0] = 2.0  # largest x, smallest y: right bottom
    rate_map[0, 2] = np.nan  # left top
    picture = pixels(rate_map_png(rate_map))
    assert picture.shape == (3, 5, 4)
    peak, dark = palette("viridis")[-1] / 255, palette("viridis")[0] / 255
    assert np.allclose(picture[2, 4, :3], peak, atol=1e-6)
    assert np.allclose(picture[2, 0, :3], dark, atol=1e-6)
    assert picture[0, 0, 3] == 0
    assert picture[1:, :, 3].min() == 1


def test_an_autocorrelogram_of_zero_is_white_and_its_ends_are_fixed():
    picture = pixels(autocorrelogram_png(np.array([[-1.0, 0.0, 1.0]])))  # a column, upward
    assert picture[1, 0, :3].min() > 0.95
    assert picture[0, 0, 0] > picture[0, 0, 2]  # 1 is red
    assert picture[2, 0, 2] > picture[2, 0, 0]  # -1 is blue


@pytest.mark.parametrize("rate_map", [np.zeros((4, 4)), np.full((4, 4), np.nan)])
def test_silent_and_unvisited_maps_have_a_picture(rate_map):
    assert pixels(rate_map_png(rate_map)).shape == (4, 4, 4)


def test_gradient_runs_through_the_colormap():
    assert gradient("viridis", 2) == "linear-gradient(90deg, #440154, #fde725)"


def test_svg_is_an_element_of_the_page():
    svg = inline_svg(spacing_histogram(np.array([0.5, 0.8])), "spacing", 'Spacings of "all" <units>')
    root = ElementTree.fromstring(svg)
    assert root.tag == "svg"
    assert root.get("aria-label") == 'Spacings of "all" <units>'
    assert root.get("viewBox")
    assert root.get("width") is None
    assert "http" not in svg
    assert "var(--ink)" in svg
    ids = [node.get("id") for node in root.iter() if node.get("id")]
    assert len(ids) == len(set(ids))
    assert all(name.startswith("spacing-") for name in ids)
    assert "units" in "".join(root.itertext())


def test_svg_refers_only_to_its_own_ids():
    svg = inline_svg(occupancy_map(np.ones((3, 3)), np.arange(4.0), np.arange(4.0)), "occupancy", "Coverage")
    root = ElementTree.fromstring(svg)
    ids = {node.get("id") for node in root.iter()}
    for node in root.iter():
        target = node.get("href", "")
        assert target.startswith("data:") or target.removeprefix("#") in ids | {""}
        clip = node.get("clip-path", "")
        assert clip.removeprefix("url(#").removesuffix(")") in ids | {""}


def test_svg_of_the_same_figure_is_the_same_text():
    first, second = (inline_svg(spacing_histogram(np.array([0.5])), "a", "b") for _ in range(2))
    assert first == second


def test_a_figure_with_a_layout_is_drawn_once_and_as_savefig_draws_it(monkeypatch):
    figures = [spacing_histogram(np.array([0.5, 0.8])) for _ in range(2)]
    assert all(figure.get_layout_engine() is not None for figure in figures)
    plain = io.StringIO()
    with matplotlib.rc_context({"svg.fonttype": "none"}):
        figures[0].savefig(plain, format="svg")
    drawn, draw = [], Figure.draw
    monkeypatch.setattr(Figure, "draw", lambda figure, renderer: (drawn.append(figure), draw(figure, renderer)))
    svg = inline_svg(figures[1], "a", "b")
    assert drawn == [figures[1]]
    places = [re.findall(r'<text[^>]* x="([\d.]+)" y="([\d.]+)"', text) for text in (plain.getvalue(), svg)]
    before, after = (np.array(each, dtype=float) for each in places)
    assert len(before) > 5
    np.testing.assert_allclose(after, before, atol=0.006)


def test_a_shorter_svg_shows_the_same():
    figure = Figure(figsize=(3, 2), dpi=50)
    axes = figure.add_subplot()
    axes.set(xticks=[0.123456, 0.654321], xticklabels=["0.123456", "0.654321"])
    axes.plot([0.123456, 0.654321], [0, 1])
    cloud = np.random.default_rng(0).random((2, 3000))
    axes.scatter(*cloud, c=cloud[0], s=2, cmap="twilight", rasterized=True)
    svg = inline_svg(figure, "a", "b")
    assert svg.count("0.123456") == svg.count("0.654321") == 1  # what is written is not rounded
    coordinates = re.sub(r"base64,[^\"]*|(scale|matrix)\([^)]*\)", "", svg)
    assert re.search(r'="[^"]*\d\.\d{3}', coordinates) is None
    assert "font-family" not in svg

    plain = io.StringIO()
    figure.savefig(plain, format="svg", transparent=True, dpi=RASTER_DPI)
    (_, before), (form, after) = (picture(text) for text in (plain.getvalue(), svg))
    assert form == "WEBP"
    shown = before[..., 3] > 0
    np.testing.assert_array_equal(after[shown], before[shown])


def test_numbers_are_rounded_and_factors_are_kept():
    text = (
        '<g transform="translate(5.9994 0.25) scale(0.015625)"><path d="M -1.9961 3.0001L4 5"/><text>0.123</text></g>'
    )
    assert _shorter(text) == text.replace("5.9994", "6").replace("-1.9961", "-2").replace("3.0001", "3")


def picture(svg):
    """The raster within an SVG: its format and its pixels."""
    raster = Image.open(io.BytesIO(base64.b64decode(re.search(r'base64,([^"]*)', svg)[1])))
    return raster.format, np.asarray(raster.convert("RGBA"))
