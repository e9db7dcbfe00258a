import numpy as np

from sicgrid.figures import module_color, module_histograms


def test_histograms_hold_every_unit_once_in_the_color_of_its_module():
    spacing = np.array([0.45, 0.46, 0.8, 0.5, np.nan])
    figure = module_histograms(
        spacing, np.array([12.0, 13.0, 40.0, 75.0, np.nan]), module_of_unit=np.array([0, 0, 1, -1, -1]),
        module_spacing_m=np.array([0.45, 0.8]),
    )  # fmt: skip
    for axes in figure.axes:
        heights = {}
        for group in axes.containers:
            color = group.patches[0].get_facecolor()
            heights[color] = sum(patch.get_height() for patch in group.patches)
        assert sorted(heights.values()) == [1, 1, 2]
    legend = [text.get_text() for text in figure.axes[0].get_legend().get_texts()]
    assert legend == ["module 1 · 0.45 m", "module 2 · 0.80 m", "no module"]


def test_colors_stay_with_the_module():
    assert module_color(0) == module_color(6)
    assert module_color(-1) not in {module_color(k) for k in range(6)}
