"""Times that holders bring, rows of frames, and what spikes come in."""

from importlib.util import find_spec

import numpy as np
import pandas as pd
import pytest
import scipy.sparse
import xarray as xr

from sicgrid.experiment import RunConfig, import_arrays, load_run_recording
from sicgrid.storage import UserError

SAMPLES, LAG = 600, 50
TIMES = 0.02 * np.arange(SAMPLES)
PATH = np.stack([0.5 + 0.5 * np.sin(1.3 * TIMES), 0.4 + 0.4 * np.cos(2.1 * TIMES)], axis=1)
RATES = np.random.default_rng(0).random((SAMPLES, 3))
NANOSECONDS = (1e9 * TIMES).round().astype("timedelta64[ns]")
CLOCKS = {
    "seconds": TIMES,
    "durations": NANOSECONDS,
    "dates": np.datetime64("2024-01-01", "ns") + NANOSECONDS,
}


def kept(tmp_path, position, units, **options):
    run = import_arrays(position, units, tmp_path / "run", RunConfig(), box=(0.0, 1.0, 0.0, 1.0), **options).run
    return load_run_recording(run, 1.0)


def array(values, clock, name):
    return xr.DataArray(values, {"time": clock}, ("time", name))


def frame(values, clock, name):
    return pd.DataFrame(values, clock, ["x", "y"] if name == "space" else list("abc"))


@pytest.mark.parametrize("clock", CLOCKS.values(), ids=CLOCKS)
@pytest.mark.parametrize("held", [array, frame])
def test_clocks_of_any_kind_pair_activity_with_its_position(tmp_path, held, clock):
    """Activity begins later than the path, so that rows of one number are not of one time."""
    position, units = held(PATH[:-LAG], clock[:-LAG], "space"), held(RATES[LAG:], clock[LAG:], "unit")
    recording = kept(tmp_path, position, units)
    assert recording.shape == (1, SAMPLES - 2 * LAG, 3)
    np.testing.assert_allclose(recording.positions[0] + 0.5, PATH[LAG:-LAG], atol=1e-4)
    np.testing.assert_allclose(recording.activity[0], RATES[LAG:-LAG], rtol=1e-6)


def test_an_index_that_counts_rows_is_no_clock_but_must_be_the_same(tmp_path):
    position, units = pd.DataFrame(PATH, columns=["x", "y"]), pd.DataFrame(RATES)
    with pytest.raises(UserError, match="DataFrames with different indexes"):
        kept(tmp_path, position.iloc[:-LAG], units.iloc[LAG:])
    assert kept(tmp_path, position, units).seconds is None


def test_times_that_are_given_stand_above_an_index(tmp_path):
    position = pd.DataFrame(PATH, 2.0 * TIMES, ["x", "y"])
    recording = kept(tmp_path, position, pd.DataFrame(RATES, 2.0 * TIMES), times=TIMES)
    np.testing.assert_allclose(recording.seconds, 0.02)


def test_times_may_be_dates(tmp_path):
    np.testing.assert_allclose(kept(tmp_path, PATH, RATES, times=CLOCKS["dates"]).seconds, 0.02, rtol=1e-4)


def test_times_that_are_none_are_refused(tmp_path):
    words = np.array([f"frame {k}" for k in range(SAMPLES)])
    with pytest.raises(UserError, match="the times of position must be seconds, dates or durations, got <U9"):
        kept(tmp_path, array(PATH, words, "space"), RATES)


def test_sparse_activity_is_refused_with_what_to_give(tmp_path):
    with pytest.raises(UserError, match=r"got a sparse csr_array; give units.toarray\(\), or the spikes' times"):
        kept(tmp_path, PATH, scipy.sparse.csr_array(RATES), times=TIMES)


@pytest.mark.skipif(find_spec("pynapple") is None, reason="pynapple is not installed")
@pytest.mark.filterwarnings("ignore")
def test_where_units_were_not_observed_there_is_no_time(tmp_path):
    """Rates are spikes over the time in which they could be seen."""
    import pynapple as nap

    spikes = np.arange(0.05, TIMES[-1], 0.1)
    support = nap.IntervalSet([0.0, 6.0], [3.0, 9.0])
    group = nap.TsGroup({7: nap.Ts(spikes)}).restrict(support)
    recording = kept(tmp_path, nap.TsdFrame(t=TIMES, d=PATH, columns=["x", "y"]), group)
    assert recording.seconds.sum() == pytest.approx(6.0, abs=0.1)
    assert recording.stretches.begins == pytest.approx([0.0, 6.0], abs=0.02)
    assert recording.activity.mean() == pytest.approx(10.0, rel=0.05)


@pytest.mark.skipif(find_spec("pynapple") is None, reason="pynapple is not installed")
@pytest.mark.filterwarnings("ignore")
def test_a_ts_by_itself_is_one_unit(tmp_path):
    import pynapple as nap

    assert kept(tmp_path, PATH, nap.Ts(np.array([1.0, 2.0])), times=TIMES).shape == (1, SAMPLES, 1)
