import numpy as np
import pytest

from figure_words import drawn, words
from sicgrid import figures

NAMES = ["baseline", "none", "not run"]
SEEDS = [np.array([0.8, 0.9, 1.0]), np.array([0.1, np.nan]), np.array([])]
INTERVALS = np.array([[0.9, 0.8, 1.0], [0.1, np.nan, np.nan], [np.nan] * 3])


def test_a_row_a_variant_with_its_seeds_median_and_interval():
    figure = figures.seeds_by_variant(NAMES, SEEDS, INTERVALS, label="%", title="Grid cells", reference=0)
    assert drawn(figure)
    axes = figure.axes[0]
    assert [tick.get_text() for tick in axes.get_yticklabels()] == NAMES
    lines = [np.column_stack(line.get_data()).tolist() for line in axes.lines]
    assert [[0.8, 0.0], [1.0, 0.0]] in lines  # interval
    assert [[0.8, 0.0], [0.9, 0.0], [1.0, 0.0]] in lines  # seeds
    assert [[0.1, 1.0]] in lines  # the seed that is known
    assert [[0.1, 0.72], [0.1, 1.28]] in lines  # median without an interval
    top, bottom = axes.get_ylim()
    assert top > bottom  # the first variant above


def test_nothing_known_says_so_and_lengths_must_agree():
    empty = figures.seeds_by_variant(["a"], [np.array([])], np.full((1, 3), np.nan), label="", title="")
    assert "no run has this number yet" in words(empty)
    with pytest.raises(ValueError, match="one a variant"):
        figures.seeds_by_variant(["a"], [], np.zeros((1, 3)), label="", title="")
