import numpy as np
import pytest
from scipy.stats import norm

from sicgrid.analysis import (
    CodeSize,
    RateMaps,
    decoding_curve,
    decoding_curves,
    modular_code,
    place_code,
    reference_codes,
)
from sicgrid.analysis import synthetic_cells as cells
from sicgrid.analysis.codes._error_correction import DEFAULT_LEVELS

EDGES = np.linspace(-1, 1, 41)


def row_of(*states, bin_size=0.1):
    """A code of a few places in a row along x."""
    maps = np.array(states, dtype=float).T[:, :, None]
    return RateMaps(maps, np.ones(maps.shape[1:]), np.arange(len(states) + 1) * bin_size, np.array([0, bin_size]))


TWO = row_of([1, 0], [0, 1])
SPLIT = row_of(np.sqrt([0.5, 0.5, 0, 0]), np.sqrt([0, 0, 0.5, 0.5]))


@pytest.mark.parametrize("decoder", ["nearest", "likelihood"])
def test_two_places_under_gaussian_noise_are_confused_as_often_as_the_formula_says(decoder):
    noise = np.array([0.2, 0.5, 1.0])
    curve = decoding_curve(TWO, "gaussian", noise, decoder=decoder, samples=40_000, gross_m=0.05)
    expected = norm.sf(np.sqrt(2) / (2 * noise))
    np.testing.assert_allclose(curve.gross_share, expected, atol=0.01)
    np.testing.assert_allclose(curve.mean_m, 0.1 * curve.gross_share)
    np.testing.assert_allclose(curve.rms_m, 0.1 * np.sqrt(curve.gross_share))


def test_losing_two_of_four_units_by_hand():
    """One loss in six takes both units of a place and leaves zero, as near to either; the first place is then named."""
    nearest = decoding_curve(SPLIT, "loss", [0.5], samples=40_000)
    assert nearest.mean_m[0] == pytest.approx(0.1 / 12, rel=0.1)
    likelihood = decoding_curve(SPLIT, "loss", [0.5], decoder="likelihood", samples=2000)
    assert likelihood.mean_m[0] == 0.0  # it knows that silence of units that were not lost means the other place


def test_quantization_by_hand():
    """With 2 values 0.6 becomes 1; with 3 it and 0.3 both become 0.5, which 0.6 is nearest to."""
    three = row_of([0.3], [0.6], [1.0])
    curve = decoding_curve(three, "quantization", [2, 3, 11], samples=30_000)
    np.testing.assert_allclose(curve.mean_m, [0.1 / 3, 0.1 / 3, 0.0], atol=0.001)


def test_likelihood_is_the_nearest_state_under_equal_noise_and_better_under_unequal():
    code = place_code(EDGES, EDGES, CodeSize(32, 0.2, 0.0)).maps
    nearest, likelihood = (decoding_curve(code, "gaussian", [0.05, 0.2], decoder=d) for d in ("nearest", "likelihood"))
    np.testing.assert_array_equal(nearest.rms_m, likelihood.rms_m)
    generator = np.random.default_rng(0)
    variance = np.full(code.maps.shape, 1e-4)
    variance[::2] = 0.25
    at = generator.integers(40, size=(2, 2000))
    states = (code.maps + np.sqrt(variance) * generator.normal(size=(*code.maps.shape,)))[:, at[0], at[1]].T
    sent = np.stack([(EDGES[k] + EDGES[k + 1]) / 2 for k in at], axis=1), states
    informed = decoding_curve(code, "gaussian", [0.0], decoder="likelihood", variance=variance, sent=sent)
    blind = decoding_curve(code, "gaussian", [0.0], sent=sent)
    assert informed.rms_m[0] < 0.5 * blind.rms_m[0]


def test_error_grows_from_nothing_to_chance():
    code = place_code(EDGES, EDGES, CodeSize(64, 0.1, 0.0)).maps
    curve = decoding_curve(code, "gaussian", [0.0, 0.05, 0.2, 1000.0], samples=3000)
    assert curve.median_m[0] == curve.rms_m[0] == 0.0
    assert np.all(np.diff(curve.rms_m) > 0)
    generator = np.random.default_rng(0)
    apart = np.linalg.norm(generator.uniform(-1, 1, (20_000, 2)) - generator.uniform(-1, 1, (20_000, 2)), axis=1)
    assert curve.chance_m == pytest.approx(np.median(apart), rel=0.05)
    assert decoding_curve(code, "loss", [1.0], samples=3000).median_m[0] > 0.8 * curve.chance_m


def test_one_module_names_places_a_period_apart_but_is_exact_within_it():
    basis = cells.lattice_basis(0.5, 0)[None]
    size = CodeSize(64, 0.1, 0.0)
    grid, place = modular_code(EDGES, EDGES, basis, size).maps, place_code(EDGES, EDGES, size).maps
    everywhere = decoding_curve(grid, "gaussian", [0.1], samples=2000)
    assert everywhere.median_m[0] >= 0.4
    within = decoding_curve(grid, "gaussian", [0.1], within_m=0.25, samples=2000)
    assert within.rms_m[0] < 0.7 * decoding_curve(place, "gaussian", [0.1], within_m=0.25, samples=2000).rms_m[0]


def test_states_sent_from_elsewhere_are_measured_from_their_true_places():
    code = place_code(EDGES, EDGES, CodeSize(64, 0.1, 0.0)).maps
    states = code.maps[:, 10:30, 20]
    x = (EDGES[10:30] + EDGES[11:31]) / 2 + 0.1
    sent = np.stack([x, np.full(20, 0.025)], axis=1), states.T
    curve = decoding_curve(code, "gaussian", [0.0], sent=sent)
    np.testing.assert_allclose([curve.median_m[0], curve.rms_m[0]], 0.1)


def test_a_code_of_several_modules_corrects_as_an_ideal_one_does_and_its_largest_module_alone_does_not():
    bases = np.array([cells.lattice_basis(0.45, 0), cells.lattice_basis(0.7, 10)])
    measured = modular_code(EDGES, EDGES, bases, CodeSize(60, 0.2, 0.0)).maps
    longer = measured._replace(maps=3 * measured.maps)
    codes = reference_codes(longer, bases).codes
    share = {
        name: decoding_curve(code, "gaussian", [0.0, 0.05, 0.1], samples=1500).gross_share
        for name, code in codes.items()
    }
    np.testing.assert_allclose(share["learned"], share["grid"], atol=0.02)
    assert share["grid"][1] < 0.1 < share["largest"][1]


@pytest.mark.parametrize("channel", list(DEFAULT_LEVELS))
def test_curves_with_and_without_a_known_neighborhood_are_those_of_one_at_a_time(channel):
    code = place_code(EDGES, EDGES, CodeSize(32, 0.2, 0.0)).maps
    together = decoding_curves(code, channel, (None, 0.3, 0.1), samples=100)
    for curve, within in zip(together, (None, 0.3, 0.1), strict=True):
        alone = decoding_curve(code, channel, within_m=within, samples=100)
        np.testing.assert_array_equal([curve.median_m, curve.rms_m], [alone.median_m, alone.rms_m])


@pytest.mark.parametrize(
    ("within_m", "message"),
    [
        ((), "within_m must hold at least one value"),
        ((None, 0.0), "within_m must be"),
        ((0.3, -1.0), "within_m must be"),
    ],
)
def test_impossible_neighborhoods_are_refused(within_m, message):
    with pytest.raises(ValueError, match=message):
        decoding_curves(TWO, "loss", within_m)


@pytest.mark.parametrize("channel", list(DEFAULT_LEVELS))
@pytest.mark.parametrize("decoder", ["nearest", "likelihood"])
def test_the_seed_decides(channel, decoder):
    code = place_code(EDGES, EDGES, CodeSize(32, 0.2, 0.0)).maps
    one, again, other = (decoding_curve(code, channel, decoder=decoder, samples=200, seed=seed) for seed in (1, 1, 2))
    assert repr(one) == repr(again) != repr(other)
    assert len(one.levels) == len(DEFAULT_LEVELS[channel])


@pytest.mark.parametrize(
    ("arguments", "settings", "message"),
    [
        (("salt",), {}, "channel must be one of gaussian, loss, quantization"),
        (("loss", [1.2]), {}, "levels of loss must be shares"),
        (("gaussian", [-0.1]), {}, "levels of gaussian must be 0 or more"),
        (("gaussian", [np.nan]), {}, "levels of gaussian"),
        (("quantization", [1]), {}, "whole numbers of at least 2"),
        (("quantization", [2.5]), {}, "whole numbers of at least 2"),
        (("loss", []), {}, "levels of loss"),
        (("loss",), {"decoder": "oracle"}, "decoder must be"),
        (("loss",), {"samples": 0}, "samples must be"),
        (("loss",), {"gross_m": 0.0}, "gross_m must be"),
        (("loss",), {"within_m": 0.0}, "within_m must be"),
        (("loss",), {"variance": np.zeros((2, 3, 1))}, "variance must have the shape"),
        (("loss",), {"variance": np.full((2, 2, 1), -1.0)}, "variance must be finite"),
        (("loss",), {"sent": (np.zeros((5, 3)), np.zeros((5, 2)))}, "sent must begin with finite positions"),
        (("loss",), {"sent": (np.zeros((5, 2)), np.zeros((5, 3)))}, "sent must have the code's 2 units"),
    ],
)
def test_impossible_arguments_are_refused(arguments, settings, message):
    with pytest.raises(ValueError, match=message):
        decoding_curve(TWO, *arguments, **settings)
