import numpy as np
import pytest

from sicgrid.analysis import RateMaps, lattice
from sicgrid.analysis import synthetic_cells as cells
from sicgrid.analysis.codes._ideal_codes import CodeSize, _even, code_size, modular_code, place_code, reference_codes

EDGES = np.linspace(-1, 1, 41)
BASES = np.array([cells.lattice_basis(0.5, 5), cells.lattice_basis(0.8, 20)])


@pytest.mark.parametrize("share", [0.0, 0.5])
@pytest.mark.parametrize("kind", ["place", "grid"])
def test_ideal_codes_have_the_size_asked_for(kind, share):
    size = CodeSize(64, share + (1 - share) * 0.2, share)
    code = place_code(EDGES, EDGES, size) if kind == "place" else modular_code(EDGES, EDGES, BASES, size)
    measured = code_size(code.maps)
    assert measured.units == 64
    assert measured.overlap == pytest.approx(size.overlap, abs=0.01)
    assert measured.constant_share == pytest.approx(share, abs=1e-12)
    np.testing.assert_allclose((code.maps.maps**2).sum(axis=0), 1.0)
    assert code.maps.maps.min() >= 0


def test_units_of_a_modular_code_have_the_lattices_asked_for():
    code = modular_code(EDGES, EDGES, BASES, CodeSize(40, 0.3, 0.0))
    spacings = [lattice(code.maps.maps[unit]).spacing_m for unit in (3, 12, 23, 35)]
    np.testing.assert_allclose(spacings, [0.5, 0.5, 0.8, 0.8], rtol=0.02)


def test_units_are_gaussian_fields_on_the_lattice():
    code = modular_code(EDGES, EDGES, BASES[:1], CodeSize(40, 0.1, 0.0))
    exact = cells.grid_cells(cells.bin_centers(EDGES), BASES[0], _even(40), 0.5 * code.field_width)
    exact /= np.linalg.norm(exact, axis=-1, keepdims=True)
    np.testing.assert_allclose(np.moveaxis(code.maps.maps, 0, -1), exact, atol=1e-3)


def test_size_of_a_code_by_hand():
    states = np.zeros((2, 2, 3))
    states[..., 2] = 3.0  # everywhere the same: 9 of a squared norm of 25
    states[0, :, 0] = states[1, :, 1] = 4.0
    maps = np.moveaxis(states, -1, 0)
    size = code_size(RateMaps(maps, np.ones((2, 2)), np.arange(3.0), np.arange(3.0)))
    assert size.units == 3
    assert size.constant_share == pytest.approx(9 / 25)
    assert size.overlap == pytest.approx((2**2 + 2**2 + 9) / 25)


@pytest.mark.parametrize(
    ("bases", "size", "message"),
    [
        (BASES[0], CodeSize(64, 0.3, 0.0), "bases_m must be"),
        (BASES[:0], CodeSize(64, 0.3, 0.0), "bases_m must be"),
        (np.full((1, 2, 2), np.nan), CodeSize(64, 0.3, 0.0), "bases_m must be"),
        (BASES, CodeSize(5, 0.3, 0.0), "at least 3 units"),
        (BASES, CodeSize(64, 0.001, 0.0), r"size.overlap must lie in \[0\.\d+, 0\.9\d+\]"),
        (BASES, CodeSize(64, 1.5, 0.0), "overlap in \\(0, 1\\)"),
    ],
)
def test_impossible_modular_codes_are_refused(bases, size, message):
    with pytest.raises(ValueError, match=message):
        modular_code(EDGES, EDGES, bases, size)


def test_too_few_place_cells_are_refused():
    with pytest.raises(ValueError, match=r"size\.units must be at least 3"):
        place_code(EDGES, EDGES, CodeSize(3, 0.3, 0.2))


def test_a_silent_population_has_no_size():
    code = place_code(EDGES, EDGES, CodeSize(9, 0.4, 0.0)).maps
    with pytest.raises(ValueError, match="silent population"):
        code_size(code._replace(maps=0 * code.maps))


@pytest.mark.parametrize(
    ("bases", "names"),
    [
        (None, ["learned", "place"]),
        (BASES[:1], ["learned", "place", "grid"]),
        (BASES.tolist(), ["learned", "place", "grid", "largest"]),
    ],
)
def test_codes_to_compare_with_are_of_the_measured_ones_size_and_length(bases, names):
    measured = modular_code(EDGES, EDGES, BASES, CodeSize(60, 0.2, 0.0)).maps
    longer = measured._replace(maps=3 * measured.maps)
    longer.maps[:, 3, :5] = np.nan  # not visited
    codes, notes = reference_codes(longer, bases)
    assert list(codes) == names
    assert notes == []
    expected = code_size(longer)
    for code in codes.values():
        size = code_size(code)
        assert size.units == expected.units
        assert size.overlap == pytest.approx(expected.overlap, abs=0.01)
        assert np.nanmean((code.maps**2).sum(axis=0)) == pytest.approx(1.0)
    np.testing.assert_allclose(codes["learned"].maps * 3, longer.maps)
    if "largest" in codes:
        spacings = [lattice(codes["largest"].maps[unit]).spacing_m for unit in (3, 35)]
        np.testing.assert_allclose(spacings, [0.8, 0.8], rtol=0.02)


def test_ideal_codes_that_cannot_have_the_size_are_left_out_with_the_reason():
    few = RateMaps(np.eye(4).reshape(4, 2, 2), np.ones((2, 2)), np.arange(3.0), np.arange(3.0))
    codes, notes = reference_codes(few, BASES)
    assert list(codes) == ["learned"]
    assert notes[0].startswith("no place code: size.overlap must lie in")
    assert notes[1].startswith("no ideal modular code: size.units must give each of 2 modules at least 3 units")


def test_wrong_bases_are_refused_and_no_reason_for_a_missing_code():
    measured = modular_code(EDGES, EDGES, BASES, CodeSize(60, 0.2, 0.0)).maps
    with pytest.raises(ValueError, match="bases_m must be"):
        reference_codes(measured, BASES[0])
