import numpy as np
import pytest

from sicgrid.analysis import IndexSpectrum, Module, Modules, index_spectrum, index_spectrum_of, lattice_shape, periods
from sicgrid.analysis import synthetic_cells as cells
from sicgrid.analysis.modules._folded import shift_groups

BIN = 0.05
HEXAGONAL, SQUARE = cells.lattice_basis(1.2, 10), cells.lattice_basis(1.15, 5, angle_deg=90)
SHEARED = cells.lattice_basis(1.2, 10, shear=0.2, shear_axis_deg=30)
NESTED = {"1:3:9": (HEXAGONAL, {1: 9, 3: 6, 9: 4}), "1:2:4:8": (SQUARE, {1: 6, 2: 6, 4: 4, 8: 3})}
NESTED["1:3:9 sheared"] = (SHEARED, {1: 9, 3: 6, 9: 4})
NESTED["1:4:7"] = (HEXAGONAL, {1: 9, 4: 5, 7: 5})


def modules_of(*members_and_bases, units):
    """What `find_modules` says, given: the modules' units and lattices."""
    modules = []
    for members, basis in members_and_bases:
        shape, one = lattice_shape(basis), np.ones(len(members))
        modules.append(Module(np.array(members), *shape[:3], shape.basis_m, 0.0, 0.0, one.astype(int), one, 0.01))
    taken = {unit for members, _ in members_and_bases for unit in members}
    left = {unit: "no lattice" for unit in range(units) if unit not in taken}
    return Modules(tuple(modules), left, np.eye(len(modules)), np.array([]), 1.0, "")


def evenly(index, basis):
    """Shifts of the roundest lattice of an index, 0 included."""
    if index == 1:
        return np.zeros((1, 2))
    groups = [group for group in shift_groups(12) if group.index == index]
    best = min(groups, key=lambda group: lattice_shape(group.finer @ basis).ellipticity)
    return np.vstack([[0, 0], best.shifts])


def units_of(rng, basis, phases, width, count, side):
    centers = cells.bin_centers(np.linspace(-side / 2, side / 2, round(side / BIN) + 1))
    maps = [cells.grid_cells(centers, basis, (rng.random(2) + phases)[None], width)[..., 0] for _ in range(count)]
    return np.array(maps)


def nested(rng, basis, counts, side, noise):
    """Units of each index with fields at random phases of their lattice, and the indices."""
    size = np.sqrt(abs(np.linalg.det(basis)))
    maps = [units_of(rng, basis, evenly(k, basis), 0.14 * size / np.sqrt(k), n, side) for k, n in counts.items()]
    together = np.concatenate(maps)
    indices = np.repeat(list(counts), list(counts.values()))
    return np.maximum(together + noise * rng.normal(size=together.shape), 0), indices


@pytest.mark.parametrize(("side", "noise"), [(2.0, 0.2), (3.0, 0.0)])
@pytest.mark.parametrize("name", NESTED)
def test_nested_units_have_their_index_and_lattice(name, side, noise):
    basis, counts = NESTED[name]
    maps, expected = nested(np.random.default_rng(0), basis, counts, side, noise)
    found = index_spectrum(maps, modules_of((range(len(maps)), basis), units=len(maps)), BIN)
    assert found.index.tolist() == found.fields.tolist() == expected.tolist()
    assert found.counts(0) == counts
    assert not found.unordered.any()
    assert not found.striped.any()
    assert (found.ordered == (expected > 1)).all()
    size = np.abs(np.linalg.det(found.basis_m))
    np.testing.assert_allclose(size, abs(np.linalg.det(basis)) / expected)
    if "sheared" not in name and "2" not in name:
        for index, (shape, *_) in found.shapes(0).items():
            assert shape.spacing_m == pytest.approx(1.2 / np.sqrt(index))
            assert shape.ellipticity == pytest.approx(1)


def test_index_three_of_a_hexagonal_lattice_is_turned_by_thirty_degrees():
    maps, _ = nested(np.random.default_rng(0), HEXAGONAL, {1: 3, 3: 3, 9: 3}, 2.0, 0.0)
    shapes = index_spectrum(maps, modules_of((range(9), HEXAGONAL), units=9), BIN).shapes(0)
    angles = {index: several[0].orientation_deg for index, several in shapes.items()}
    assert angles == pytest.approx({1: 10, 3: 40, 9: 10})


@pytest.mark.parametrize("most", [8, 12])
def test_stripes_have_no_index_though_any_shift_along_them_changes_nothing(most):
    """Along either vector of the module's lattice, one period in a cell and two."""
    centers = cells.bin_centers(np.linspace(-1, 1, 41))
    waves, maps = np.linalg.inv(HEXAGONAL).T, []
    for wave in (waves[0], 2 * waves[0], waves[1], waves[0] + waves[1]):
        angle = np.rad2deg(np.arctan2(wave[1], wave[0]))
        maps += list(np.moveaxis(cells.stripe_cells(centers, 1 / np.linalg.norm(wave), angle, [0.0, 0.3]), -1, 0))
    found = index_spectrum(maps, modules_of((range(8), HEXAGONAL), units=8), BIN, most=most)
    assert found.striped.all()
    assert (found.index == 1).all()
    assert np.isnan(found.p_value).all()
    assert not (found.ordered | found.unordered).any()


def test_fields_in_no_order_are_no_period():
    """Three or four fields at random phases of one lattice: several fields in the cell, index 1 but for chance."""
    rng = np.random.default_rng(1)
    maps = np.concatenate([units_of(rng, HEXAGONAL, rng.random((fields, 2)), 0.12, 1, 2.0) for fields in [3, 4] * 60])
    found = index_spectrum(maps, modules_of((range(120), HEXAGONAL), units=120), BIN)
    assert found.ordered.mean() < 0.1  # 0.05 is to be expected
    assert found.unordered.mean() > 0.6  # some fields lie so near each other that they are one
    assert found.counts(0)[1] >= 108


def test_p_values_of_fields_at_random_phases_are_spread_evenly():
    rng = np.random.default_rng(2)
    maps = np.concatenate([units_of(rng, HEXAGONAL, rng.random((3, 2)), 0.1, 1, 3.0) for _ in range(60)])
    found = index_spectrum(maps, modules_of((range(60), HEXAGONAL), units=60), BIN)
    p_values = found.p_value[np.isfinite(found.p_value)]
    assert 0.35 < p_values.mean() < 0.75
    assert (p_values <= 0.05).mean() <= 0.12


def test_two_independent_modules_have_a_spectrum_each():
    rng = np.random.default_rng(3)
    coarse, expected = nested(rng, HEXAGONAL, {1: 6, 3: 4}, 3.0, 0.1)
    other = cells.lattice_basis(0.83, 31)
    fine, fine_expected = nested(rng, other, {1: 5, 4: 4}, 3.0, 0.1)
    maps = np.concatenate([coarse, fine, np.zeros((1, 60, 60))])
    found = index_spectrum(maps, modules_of((range(10), HEXAGONAL), (range(10, 19), other), units=20), BIN)
    assert found.module.tolist() == [0] * 10 + [1] * 9 + [-1]
    assert found.index.tolist() == [*expected, *fine_expected, 0]
    assert (found.counts(0), found.counts(1)) == ({1: 6, 3: 4}, {1: 5, 4: 4})
    assert np.isnan(found.basis_m[-1]).all()


def test_unequal_fields_are_ordered_while_they_are_nearer_to_equal():
    """Fields of heights 1 and h, half a cell apart: the correlation is 2 h / (1 + h^2), 0.8 at h = 1/2."""
    rng = np.random.default_rng(4)
    one, two = (units_of(rng, HEXAGONAL, np.array([[0.0, 0.0]]), 0.1, 1, 3.0)[0] for _ in range(2))
    centers = cells.bin_centers(np.linspace(-1.5, 1.5, 61))
    one = cells.grid_cells(centers, HEXAGONAL, np.array([[[0.1, 0.2]]]), 0.1)[..., 0]
    two = cells.grid_cells(centers, HEXAGONAL, np.array([[[0.6, 0.2]]]), 0.1)[..., 0]
    maps = np.array([one + height * two for height in (1.0, 0.5, 0.1)])
    found = index_spectrum(maps, modules_of((range(3), HEXAGONAL), units=3), BIN)
    assert found.index.tolist() == [2, 2, 1]
    assert found.unchanged[1] == pytest.approx(0.8, abs=0.05)


def test_same_seed_same_numbers():
    maps, _ = nested(np.random.default_rng(0), HEXAGONAL, {1: 3, 3: 3}, 2.0, 0.1)
    modules = modules_of((range(6), HEXAGONAL), units=6)
    one, other = (index_spectrum(maps, modules, BIN, seed=5) for _ in range(2))
    np.testing.assert_array_equal(one.p_value, other.p_value)


@pytest.mark.parametrize("given", [{"bin_size": 0.0}, {"most": 1}, {"most": 17}, {"null_draws": 0}])
def test_settings_out_of_range_are_refused(given):
    with pytest.raises(ValueError, match="bin_size positive"):
        index_spectrum(np.zeros((2, 20, 20)), modules_of(units=2), **given)


def test_modules_of_other_maps_are_refused():
    with pytest.raises(ValueError, match="of these 3 maps, they are of 2 units"):
        index_spectrum(np.zeros((3, 20, 20)), modules_of(units=2))


def test_no_module_no_index():
    found = index_spectrum(np.zeros((3, 20, 20)), modules_of(units=3))
    assert isinstance(found, IndexSpectrum)
    assert found.index.tolist() == [0, 0, 0]
    assert found.counts(0) == {}


def test_labels_and_lattices_say_as_much_as_modules():
    maps, _ = nested(np.random.default_rng(0), HEXAGONAL, {1: 3, 3: 3}, 2.0, 0.1)
    modules = modules_of((range(1, 6), HEXAGONAL), units=6)
    expected = index_spectrum(maps, modules, BIN, seed=5)
    bases = [modules.modules[0].basis_m]
    stored = index_spectrum_of(maps, np.array([-1, 0, 0, 0, 0, 0]), bases, BIN, seed=5)
    for name in vars(expected):
        np.testing.assert_array_equal(getattr(stored, name), getattr(expected, name))


@pytest.mark.parametrize(
    ("labels", "bases", "message"),
    [
        ([0, 0], [HEXAGONAL], r"got \(2,\), \(1, 2, 2\)"),
        ([0, 0, 0], HEXAGONAL, r"got \(3,\), \(2, 2\)"),
        ([0, 1, -1], [HEXAGONAL], r"each of the 1 bases_m, .* got \[0, 1\]"),
        ([0, -2, 0], [HEXAGONAL], "each of the 1 bases_m"),
        ([0, -1, 0], [HEXAGONAL, SQUARE], "each of the 2 bases_m, 0 to 1, for one unit at least"),
        ([0.9, 0, 0], [HEXAGONAL], "labels must be whole numbers"),
        ([np.inf, 0, 0], [HEXAGONAL], "labels must be whole numbers"),
        (["a", "b", "c"], [HEXAGONAL], "labels must be real numbers"),
        ([0, 0, 0], [[[1, 2], [2, 4]]], "bases_m must be two finite, linearly independent vectors"),
        ([0, 0, 0], [HEXAGONAL * np.nan], "bases_m must be two finite"),
    ],
)
def test_labels_without_a_unit_or_a_lattice_are_refused(labels, bases, message):
    with pytest.raises(ValueError, match=message):
        index_spectrum_of(np.zeros((3, 20, 20)), labels, bases)


def test_labels_without_a_module_need_no_lattice():
    assert index_spectrum_of(np.zeros((3, 20, 20)), [-1, -1, -1], []).index.tolist() == [0, 0, 0]


# ---- periods --------------------------------------------------------------------------------------------------------


def jittered(rng, basis, count, jitter=0.01):
    return [lattice_shape(basis * np.exp(jitter * rng.uniform(-1, 1))).basis_m for _ in range(count)]


def test_nested_lattices_are_as_many_periods():
    rng = np.random.default_rng(0)
    finer = [group.finer @ HEXAGONAL for group in shift_groups(3) if group.index == 3]
    third = min(finer, key=lambda basis: lattice_shape(basis).ellipticity)
    bases = [*jittered(rng, HEXAGONAL, 20), *jittered(rng, third, 10), *jittered(rng, HEXAGONAL / 3, 6)]
    found = periods([*bases, np.full((2, 2), np.nan)])
    assert [len(period.members) for period in found] == [6, 10, 20]
    assert [period.spacing_m for period in found] == pytest.approx([0.4, 1.2 / np.sqrt(3), 1.2], rel=0.01)
    assert found[1].members.tolist() == list(range(20, 30))


def test_a_continuum_of_spacings_has_no_periods():
    rng = np.random.default_rng(0)
    bases = [lattice_shape(HEXAGONAL * factor).basis_m for factor in np.exp(rng.uniform(-1.2, 0, 40))]
    assert periods(bases) == ()


def test_no_lattice_no_period():
    assert periods(np.full((4, 2, 2), np.nan)) == ()
    with pytest.raises(ValueError, match="units, 2, 2"):
        periods(np.zeros((4, 2)))
