import numpy as np

from analysis.populations import BIN, module, noise, places
from sicgrid.analysis.modules._own_lattices import not_usable, own_lattices
from sicgrid.analysis.modules._phase_dependence import phase_dependence


def test_units_without_spatial_tuning_are_named() -> None:
    ripple = 1 + 0.1 * np.sin(np.arange(40))[:, None] * np.ones((1, 40))
    maps = np.stack([np.zeros((40, 40)), np.full((40, 40), np.nan), np.ones((40, 40)), ripple, 5 * (ripple - 0.9)])
    reasons = not_usable(maps, 0.0, 0.2)
    assert sorted(reasons) == [0, 1, 2, 3]
    assert not_usable(maps[4:] * 0.001, 0.02, 0.2)[0].startswith("silent")


def test_bases_in_bins_or_a_reason() -> None:
    rng = np.random.default_rng(0)
    maps = np.concatenate([module(rng, 0.6, 10, 2), places(rng, 2), noise(rng, 4)])
    reasons: dict[int, str] = {}
    bases = own_lattices(maps, BIN, None, np.arange(8), 20, phase_dependence(maps), reasons)
    np.testing.assert_allclose(np.linalg.norm(bases[:2], axis=2) * BIN, 0.6, rtol=0.01)
    found = np.isfinite(bases).all(axis=(1, 2))
    assert found[:2].all()
    assert not found[2:4].any()
    assert sorted(reasons) == np.flatnonzero(~found).tolist()
