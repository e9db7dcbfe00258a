import numpy as np
import pytest

from sicgrid.figures import TRAINING_CURVES, training_curves


def metrics(records=500):
    step = np.arange(1, records + 1)
    return {"step": step} | {name: 1.0 / step + k for k, name in enumerate(TRAINING_CURVES)}


def test_four_terms_the_total_and_the_learning_rate_have_a_panel_each():
    figure = training_curves(metrics())
    assert [axes.get_title(loc="left") for axes in figure.axes] == [title for title, _ in TRAINING_CURVES.values()]
    assert {axes.get_xlabel() for axes in figure.axes} == {"gradient steps"}


def test_the_line_is_the_median_of_each_stretch():
    step = np.arange(1, 101)
    value = np.where(step % 10 == 0, 1000.0, 1.0)  # a mean would be drawn away by these
    (axes,) = training_curves({"step": step, "total": value}, points=10).axes
    assert axes.lines[0].get_ydata().tolist() == [1.0] * 10


def test_a_curve_is_no_longer_than_points():
    (axes,) = training_curves(metrics(5000), curves=["total"], points=50).axes
    assert len(axes.lines[0].get_xdata()) == 50


def test_logarithmic_steps_widen_the_beginning():
    (axes,) = training_curves(metrics(5000), curves=["total"], points=40, log_steps=True).axes
    assert axes.get_xscale() == "log"
    assert np.sum(axes.lines[0].get_xdata() < 500) > 20


def test_records_that_are_not_finite_leave_a_gap_and_no_error():
    values = metrics(100)
    values["total"] = np.where(values["step"] > 50, np.nan, values["total"])
    (axes,) = training_curves(values, curves=["total"], points=10).axes
    assert axes.lines[0].get_xdata().max() <= 50


def test_a_single_record_can_be_drawn():
    assert len(training_curves(metrics(1)).axes) == 6


@pytest.mark.parametrize(
    ("given", "options", "names"),
    [
        ({"total": np.ones(2)}, {}, "step"),
        ({"step": np.arange(2)}, {}, "every known curve"),
        ({"step": np.arange(2), "total": np.ones(2)}, {"curves": ["capacity"]}, "capacity"),
        ({"step": np.arange(0), "total": np.ones(0)}, {}, "no record"),
        ({"step": np.arange(2), "total": np.ones(3)}, {}, "as long as"),
        ({"step": np.arange(2), "total": np.ones(2)}, {"points": 1}, "points"),
    ],
)
def test_what_does_not_fit_is_named(given, options, names):
    with pytest.raises(ValueError, match=names):
        training_curves(given, **options)
