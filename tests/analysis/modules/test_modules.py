"""Known verdicts: how many modules a population has is known from how it was built."""

import json

import numpy as np
import pytest

from analysis.populations import continuum, module, noise, places, stripes, sublattice_units
from sicgrid.analysis import RateMaps
from sicgrid.analysis.modules._modules import find_modules


@pytest.fixture
def rng():
    return np.random.default_rng(11)


def test_three_incommensurate_jittered_lattices_are_three_modules(rng) -> None:
    built = [(0.45, 5.0), (0.8, 25.0), (1.3, 50.0)]
    maps = np.concatenate([module(rng, *lattice, 15, jitter=0.03, turn=2) for lattice in built])
    found = find_modules(maps)
    assert len(found) == 3
    for index, (one, (spacing, orientation)) in enumerate(zip(found.modules, built, strict=True)):
        inside = set(range(15 * index, 15 * index + 15))
        assert set(one.members.tolist()) <= inside
        assert len(one) >= 13
        assert one.spacing_m == pytest.approx(spacing, rel=0.03)
        assert one.orientation_deg == pytest.approx(orientation, abs=2)
        assert 0.3 * 0.03 < one.spacing_sd_m / spacing < 2 * 0.03
    np.testing.assert_allclose(found.scale_ratios, [0.8 / 0.45, 1.3 / 0.8], rtol=0.05)
    off_diagonal = found.dependence[~np.eye(3, dtype=bool)]
    assert (np.diag(found.dependence) > 0.8).all()
    assert (off_diagonal < 0.5).all()


def test_modules_of_one_orientation_differ_by_spacing(rng) -> None:
    maps = np.concatenate([module(rng, spacing, 10, 12, jitter=0.02, turn=1) for spacing in (0.5, 0.5 * 1.42)])
    assert [len(one) for one in find_modules(maps).modules] == [12, 12]


def test_modules_of_one_spacing_differ_by_orientation(rng) -> None:
    maps = np.concatenate([module(rng, 0.6, angle, 12, jitter=0.01, turn=1) for angle in (5, 35)])
    assert [len(one) for one in find_modules(maps).modules] == [12, 12]


def test_one_lattice_is_one_module(rng) -> None:
    found = find_modules(module(rng, 1.05, 8, 20, jitter=0.01, turn=1))
    assert len(found) == 1
    assert len(found.scale_ratios) == 0
    assert found.unassigned == {}


def test_units_at_two_three_and_four_phases_belong_to_the_same_module(rng) -> None:
    parts = [module(rng, 1.0, 12, 15)] + [sublattice_units(rng, 1.0, 12, 6, phases) for phases in (2, 3, 4)]
    found = find_modules(np.concatenate(parts))
    assert len(found) == 1
    (one,) = found.modules
    assert one.spacing_m == pytest.approx(1.0, rel=0.02)
    assert one.members.tolist() == list(range(33))
    np.testing.assert_array_equal(one.phases_per_cell, np.repeat([1, 2, 3, 4], [15, 6, 6, 6]))


def test_units_at_three_and_units_at_four_phases_share_the_large_cell(rng) -> None:
    """Neither group's states are a function of the other's phase; both are of the phase in the cell that no unit
    shows."""
    maps = np.concatenate([sublattice_units(rng, 1.0, 12, 8, phases) for phases in (3, 4)])
    found = find_modules(maps)
    assert len(found) == 1
    assert found.modules[0].spacing_m == pytest.approx(1.0, rel=0.02)
    assert np.isnan(found.modules[0].spacing_sd_m)
    assert found.summary()["modules"][0]["spacing_sd_m"] is None


def test_a_sublattice_does_not_hide_an_independent_module(rng) -> None:
    parts = [module(rng, 1.0, 12, 8), sublattice_units(rng, 1.0, 12, 8, 3), module(rng, 0.5, 33, 8)]
    assert [len(one) for one in find_modules(np.concatenate(parts)).modules] == [8, 16]


def test_a_continuum_of_spacings_has_no_modules(rng) -> None:
    found = find_modules(continuum(rng, 0.4, 1.2, 60))
    assert len(found) == 0
    assert found.rest_p_value > 0.01
    assert "continuum" in found.verdict
    assert sorted(found.unassigned) == list(range(60))
    assert all("continuum" in reason for reason in found.unassigned.values())


@pytest.mark.parametrize("make", [places, noise, stripes])
def test_other_cells_have_no_modules(rng, make) -> None:
    found = find_modules(make(rng, 30))
    assert len(found) == 0
    assert found.verdict.startswith("No modules")
    assert sorted(found.unassigned) == list(range(30))


def test_noisy_stripes_have_no_modules(rng) -> None:
    maps = stripes(rng, 30)
    assert len(find_modules(np.maximum(maps + 0.3 * rng.normal(size=maps.shape), 0))) == 0


def test_two_small_modules_among_noise_units(rng) -> None:
    parts = [
        module(rng, 0.5, 10, 10, jitter=0.02, turn=1),
        module(rng, 0.75, 30, 10, jitter=0.02, turn=1),
        noise(rng, 100),
    ]
    found = find_modules(np.concatenate(parts))
    assert len(found) == 2
    for index, one in enumerate(found.modules):
        inside = np.isin(one.members, np.arange(10 * index, 10 * index + 10))
        assert inside.sum() >= 8
        assert (~inside).sum() <= 2


def test_sheared_and_square_lattices_are_told_apart_by_shape(rng) -> None:
    parts = [module(rng, 0.6, 10, 12, shear=0.2), module(rng, 0.6, 10, 12, angle_deg=90)]
    found = find_modules(np.concatenate(parts))
    assert [len(one) for one in found.modules] == [12, 12]
    assert sorted(round(one.ellipticity, 2) for one in found.modules)[1] == pytest.approx(np.sqrt(3), abs=0.03)


def test_noise_in_the_bins_and_unvisited_bins_change_nothing(rng) -> None:
    maps = module(rng, 0.6, 10, 12)
    maps = np.maximum(maps + 0.3 * rng.normal(size=maps.shape), 0)
    maps[:, rng.random((40, 40)) < 0.1] = np.nan
    maps[:, :4, :6] = np.nan
    found = find_modules(maps)
    assert [len(one) for one in found.modules] == [12]
    assert found.modules[0].spacing_m == pytest.approx(0.6, rel=0.02)


def test_every_unit_is_a_member_or_has_a_reason(rng) -> None:
    odd = np.stack([np.zeros((40, 40)), np.full((40, 40), np.nan), np.full((40, 40), 3.0)])
    found = find_modules(np.concatenate([module(rng, 0.6, 10, 6), odd]))
    assert sorted([*found.modules[0].members.tolist(), *found.unassigned]) == list(range(9))
    assert "silent" in found.unassigned[6]
    assert "visited" in found.unassigned[7]
    assert "constant" in found.unassigned[8]
    np.testing.assert_array_equal(found.labels(), [0] * 6 + [-1] * 3)


@pytest.mark.parametrize("units", [0, 1, 2])
def test_few_units_give_a_sentence(rng, units) -> None:
    maps = module(rng, 0.6, 10, 2)[:units]
    found = find_modules(maps)
    assert len(found) == 0
    assert found.verdict.startswith("No modules")
    assert len(found.unassigned) == units
    json.dumps(found.summary(), allow_nan=False)


def test_a_box_smaller_than_the_spacing_gives_a_sentence(rng) -> None:
    found = find_modules(module(rng, 3.0, 10, 6))
    assert len(found) == 0
    assert "box of 2 m" in found.verdict


def test_rate_maps_bring_their_bin_size(rng) -> None:
    maps = module(rng, 0.6, 10, 5)
    edges = np.linspace(-2, 2, 41)
    found = find_modules(RateMaps(maps, np.ones((40, 40)), edges, edges))
    assert found.modules[0].spacing_m == pytest.approx(1.2, rel=0.01)
    with pytest.raises(ValueError, match="square bins"):
        find_modules(RateMaps(maps, np.ones((40, 40)), edges, 2 * edges))


def test_known_lattices_are_not_fitted_again(rng) -> None:
    maps = module(rng, 0.6, 10, 5)
    first = find_modules(maps)
    bases = np.repeat(first.modules[0].basis_m[None], 5, axis=0)
    bases[4] = np.nan
    again = find_modules(maps, bases_m=bases)
    assert again.modules[0].members.tolist() == list(range(5)), "the fifth joins by the phase"
    assert again.modules[0].phases_per_cell[4] == -1
    with pytest.raises(ValueError, match="bases_m"):
        find_modules(maps, bases_m=bases[:2])


def test_the_seed_decides(rng) -> None:
    maps = np.concatenate([module(rng, 0.6, 10, 6, jitter=0.03), noise(rng, 6)])
    one, two = find_modules(maps, seed=3), find_modules(maps, seed=3)
    assert one.summary() == two.summary()


def test_bad_input_is_named() -> None:
    with pytest.raises(ValueError, match="units, nx, ny"):
        find_modules(np.ones((40, 40)))
    with pytest.raises(ValueError, match="10 bins"):
        find_modules(np.ones((3, 5, 40)))
    with pytest.raises(ValueError, match="bin_size"):
        find_modules(np.ones((3, 40, 40)), bin_size=0)
    with pytest.raises(ValueError, match="alpha"):
        find_modules(np.ones((3, 40, 40)), alpha=0.001)
