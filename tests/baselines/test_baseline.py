"""What all baselines have in common: names, shapes, seeds, refusals."""

import numpy as np
import pytest

from sicgrid.baselines import BASELINES, AttractorConfig, Code, NoiseConfig, NpcaConfig, baseline

QUICK = [name for name, entry in BASELINES.items() if not entry.trained]
SMALL = {"npca": NpcaConfig(units=4, iterations=20), "attractor": AttractorConfig(side=24, dt_s=0.002)}


def test_settings_of_another_model_and_a_negative_seed_are_refused() -> None:
    with pytest.raises(ValueError, match="settings must be a ResidueConfig, got a NoiseConfig"):
        baseline("residue").make(0, NoiseConfig())
    for seed in (-1, 1.5, "a", None, True, 2**63):
        with pytest.raises(ValueError, match="seed must be 0 or more, a whole number"):
            baseline("residue").make(seed)
    with pytest.raises(ValueError, match="weights must be those of residue"):
        baseline("residue").make(weights={"seed": np.array(0)})


@pytest.mark.parametrize("name", BASELINES)
def test_every_baseline_says_what_it_is(name) -> None:
    entry = BASELINES[name]
    assert entry.name == name
    assert all((entry.title, entry.citation, entry.put_in_by_hand, entry.published))
    entry.config()  # every setting has a default


@pytest.mark.parametrize("name", QUICK)
def test_a_seed_is_one_model(name) -> None:
    entry = BASELINES[name]
    settings = SMALL.get(name, entry.config())
    weights = entry.fit(settings, 1, None)
    made, again, other = entry.make(1, settings), entry.make(0, settings, weights=weights), entry.make(2, settings)
    places = np.random.default_rng(0).uniform(-0.1, 0.1, (3, 2))

    def answer(model):
        return model.code(places) if isinstance(model, Code) else model.walk(places[:, None])[:, 0]

    assert answer(made).shape[0] == 3
    assert np.isfinite(answer(made)).all()
    np.testing.assert_array_equal(answer(made), answer(again))
    assert not np.array_equal(answer(made), answer(other))
