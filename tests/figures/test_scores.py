import numpy as np
import pytest

from sicgrid.figures import score_against_null, score_histogram

SCORE = np.array([1.2, 0.1, np.nan, 0.9])
NULL = np.array([0.4, 0.3, np.nan, 0.5])


def test_histogram_holds_scores_and_nulls_and_marks_the_null():
    figure = score_histogram(SCORE, NULL, scorer="langston")
    (axes,) = figure.axes
    assert sum(bar.get_height() for bar in axes.containers[0]) == 3
    assert "langston" in axes.get_xlabel()
    assert axes.lines[0].get_xdata()[0] == pytest.approx(0.4)


def test_dots_are_split_by_the_verdict():
    (axes,) = score_against_null(SCORE, NULL).axes
    below, above = axes.collections
    assert below.get_offsets().tolist() == [[0.3, 0.1]]
    assert above.get_offsets().tolist() == [[0.4, 1.2], [0.5, 0.9]]
    assert axes.get_xlim() == axes.get_ylim()


def test_a_given_verdict_is_kept():
    (axes,) = score_against_null(SCORE, NULL, above=np.array([True, False, False, False])).axes
    assert [len(dots.get_offsets()) for dots in axes.collections] == [2, 1]


@pytest.mark.parametrize("draw", [score_histogram, score_against_null])
def test_without_scores_the_figure_says_so(draw):
    (axes,) = draw(np.full(2, np.nan), np.full(2, np.nan)).axes
    assert "no unit" in axes.texts[0].get_text()


@pytest.mark.parametrize("draw", [score_histogram, score_against_null])
def test_columns_that_do_not_fit_are_refused(draw):
    with pytest.raises(ValueError, match="equally long"):
        draw(SCORE, NULL[:2])
