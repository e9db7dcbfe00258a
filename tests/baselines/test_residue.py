"""The modular residue code: what was put in comes out."""

import numpy as np
import pytest

from baselines.looking import code_maps
from sicgrid.analysis import (
    RateMaps,
    TopologyConfig,
    decoding_curve,
    find_modules,
    lattice_shape,
    topology,
    unique_range,
)
from sicgrid.baselines import ResidueConfig, baseline, residue_bases


def normed(maps: RateMaps) -> RateMaps:
    """States of norm 1, as the analysis of capacity has them."""
    return maps._replace(maps=maps.maps / np.linalg.norm(maps.maps, axis=0))


@pytest.fixture(scope="module")
def three():
    return code_maps(baseline("residue").make(0, ResidueConfig(units=4)), 2.0)


def test_it_is_one_at_a_field_and_repeats_on_its_lattice() -> None:
    config = ResidueConfig(spacings_m=(0.5,), units=4)
    model, weights = baseline("residue"), baseline("residue").fit(config, 0, None)
    (basis,), fields = weights["bases_m"], weights["phases"][0] @ weights["bases_m"][0]
    code = model.build(config, weights).code
    np.testing.assert_allclose(np.diag(code(fields)), 1.0)
    places = np.random.default_rng(1).uniform(-1, 1, (20, 2))
    np.testing.assert_allclose(code(places + 2 * basis[0] - basis[1]), code(places), atol=1e-12)
    assert code(places).max() <= 1


@pytest.mark.parametrize(("ratio", "expected"), [("sqrt(e)", 1.6487), ("1.42", 1.42)])
def test_periods_stand_in_the_ratio_asked_for(ratio, expected) -> None:
    spacings = [lattice_shape(basis).spacing_m for basis in residue_bases(ResidueConfig(ratio=ratio, modules=4), 3)]
    np.testing.assert_allclose(np.divide(spacings[1:], spacings[:-1]), expected, rtol=1e-3)
    drawn = residue_bases(ResidueConfig(ratio="random", modules=4), 3)
    ratios = np.divide(*[[lattice_shape(basis).spacing_m for basis in part] for part in (drawn[1:], drawn[:-1])])
    assert ((ratios > 1.2) & (ratios < 2)).all()


def test_as_many_modules_are_found_as_were_put_in(three) -> None:
    found = find_modules(three, null_draws=99)
    assert [len(module) for module in found.modules] == [4, 4, 4]
    wanted = [lattice_shape(basis).spacing_m for basis in residue_bases(ResidueConfig(), 0)]
    np.testing.assert_allclose([module.spacing_m for module in found.modules], wanted, rtol=0.01)
    assert (found.dependence[~np.eye(3, dtype=bool)] < 0.5).all()


def test_a_module_is_a_torus() -> None:
    maps = code_maps(baseline("residue").make(0, ResidueConfig(modules=1)), 2.0).maps
    quick = TopologyConfig(points=150, candidates=700, coordinate_points=150, shuffles=20, shuffle_points=40)
    assert topology(maps.reshape(len(maps), -1).T, quick).verdict == "torus"


def test_its_range_is_the_product_of_the_periods() -> None:
    """Periods of 3 and 4 fifths of a meter come together again after 12 of them."""

    def found(*spacings):
        config = ResidueConfig(spacings_m=spacings, parallel=True, sharpness=8)
        maps = normed(code_maps(baseline("residue").make(0, config), 4.0, 0.1))
        return unique_range(maps, 0.05, references=60)

    both, one = found(0.6, 0.8), found(0.8)
    assert float(one.range_m[0]) == pytest.approx(0.8, abs=0.2)
    assert float(both.range_m[0]) == pytest.approx(2.4, abs=0.3)
    assert not both.at_least[0]


def test_errors_are_corrected_only_where_range_is_to_spare() -> None:
    """The same noise, which the whole range does not bear, is corrected where a tenth of the range is used."""
    maps = normed(code_maps(baseline("residue").make(0, ResidueConfig(modules=2, units=16)), 4.0, 0.1))
    whole, part = (
        decoding_curve(maps, "gaussian", (0.15,), within_m=within, samples=300, gross_m=0.3) for within in (None, 0.4)
    )
    assert whole.gross_share[0] > 0.3
    assert part.gross_share[0] < 0.05
