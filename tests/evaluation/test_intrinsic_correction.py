import itertools

import numpy as np
import pytest
import torch

import ideal_network as ideal
from sicgrid.evaluation import intrinsic_correction, record
from sicgrid.evaluation._intrinsic_correction import NearestState, _next
from sicgrid.model import ModelConfig, PopulationRNN, VelocityRNN, make_network
from sicgrid.trajectories import WalkConfig

WALK = WalkConfig(animals=20, steps=100)


def correction_of(rnn, **settings):
    recording = record(rnn, 1.0, WALK, seed=0)
    return intrinsic_correction(rnn, recording, **{"noise": (0.05, 0.1), "steps": 8, "samples": 150, **settings})


@pytest.mark.parametrize("drive", ["zero", "walk"])
def test_a_contracting_network_takes_away_what_is_off_the_manifold(drive):
    found = correction_of(ideal.ideal_network(kept=0.0), drive=drive)
    np.testing.assert_allclose(found.remaining[:, 0], 1.0)
    # What stays is the noise in 4 of 24 units; the two circles' relative size is its only way off the manifold.
    assert np.all(found.remaining[:, 1:] < 0.3)
    assert np.all(found.to_twin[:, 1] < 0.6 * found.to_twin[:, 0])
    assert np.all(found.to_manifold[0] < found.to_manifold[1])
    # Noise along the manifold is another place: 0.05 in each of two tangents of length TURN / sqrt(2) per meter.
    shift = 0.05 / (ideal.TURN / np.sqrt(2))
    rayleigh = shift * np.sqrt(2 * np.log(2))
    assert found.local_error[0, -1] == pytest.approx(rayleigh, rel=0.25)
    assert found.position_floor[0] < 0.03


@pytest.mark.parametrize("drive", ["zero", "walk"])
def test_a_network_that_keeps_everything_corrects_nothing(drive):
    found = correction_of(ideal.ideal_network(kept=1.0), drive=drive)
    np.testing.assert_allclose(found.remaining, 1.0, atol=0.1)
    np.testing.assert_allclose(found.to_twin, found.to_twin[:, :1].repeat(9, axis=1), rtol=0.02)
    assert np.all(found.recovered[:, -1] < 0.1)


def populations_of(*each):
    """Ideal networks as the populations of one."""
    rnn = PopulationRNN(ModelConfig(units=24 * len(each), populations=len(each), hidden=1, layers=1))
    for index, one in enumerate(each):
        rnn.populations[index] = one
    return rnn


@pytest.mark.parametrize("drive", ["zero", "walk"])
def test_each_population_corrects_what_it_would_alone(drive):
    contracting, keeping = ideal.ideal_network(kept=0.0), ideal.ideal_network(kept=1.0)
    remaining = [
        correction_of(populations_of(*each), drive=drive).remaining[:, 1:]
        for each in [(contracting, contracting), (contracting, keeping), (keeping, keeping)]
    ]
    # What stays is the noise in the circles' units, now of 8 units for two coordinates of place.
    assert np.all(remaining[0] < 0.45)
    assert np.all((remaining[1] > 0.6) & (remaining[1] < 0.9))
    np.testing.assert_allclose(remaining[2], 1.0, atol=0.1)


@pytest.mark.parametrize("populations", [1, 3])
def test_every_disturbed_state_takes_the_networks_own_step(populations):
    torch.manual_seed(0)
    rnn = make_network(ModelConfig(units=14, populations=populations, hidden=5, velocity_scale=0.15))
    states, velocities = torch.rand(3, 4, 14), 0.1 * torch.randn(4, 2)
    with torch.no_grad():
        for driven, taken in ((None, torch.zeros(4, 2)), (velocities.numpy(), velocities)):
            found = _next(rnn, states, driven)
            for level, sample in itertools.product(range(3), range(4)):
                expected = rnn.step(states[level, sample][None], taken[sample][None])[0]
                torch.testing.assert_close(found[level, sample], expected)


@pytest.mark.parametrize(("drive", "each"), [("zero", 1), ("walk", 150)])
@pytest.mark.parametrize("populations", [1, 2])
def test_matrices_are_made_once_for_each_velocity_whatever_the_number_of_levels(drive, each, populations):
    networks = [ideal.ideal_network() for _ in range(populations)]
    rnn = networks[0] if populations == 1 else populations_of(*networks)
    recording, seen = record(rnn, 1.0, WALK, seed=0), []
    networks[0].transition.register_forward_hook(lambda module, inputs, output: seen.append(output.shape[:-2].numel()))
    intrinsic_correction(rnn, recording, drive=drive, noise=(0.05, 0.1), steps=8, samples=150)
    assert seen == [each] * 8


def test_the_identity_corrects_nothing_at_all():
    rnn = ideal.ideal_network(kept=1.0)
    recording = record(rnn, 1.0, WALK, seed=0)
    rnn.transition = ideal.Standing(24)
    found = intrinsic_correction(rnn, recording, noise=(0.1,), steps=5)
    np.testing.assert_allclose(found.remaining, 1.0, atol=1e-5)
    np.testing.assert_allclose(found.local_error, found.local_error[:, :1].repeat(6, axis=1), atol=1e-9)


def test_disturbances_that_vanish_leave_states_as_good_as_undisturbed():
    found = correction_of(ideal.ideal_network(kept=0.0), noise=(0.01,), samples=400)
    assert found.recovered[0, 0] < 0.5
    assert found.recovered[0, -1] == pytest.approx(0.95, abs=0.05)
    np.testing.assert_allclose(found.position_error[0], found.position_floor, atol=0.005)


def test_an_amplifying_network_is_told():
    found = correction_of(ideal.ideal_network(kept=1.3))
    assert np.all(np.diff(found.remaining, axis=1) > 0)
    assert np.all(found.recovered[:, -1] == 0.0)


def test_shapes_and_the_seed():
    rnn = ideal.ideal_network()
    one, again, other = (correction_of(rnn, seed=seed, manifold_states=300) for seed in (1, 1, 2))
    np.testing.assert_equal(vars(one), vars(again))
    assert not np.array_equal(one.to_manifold, other.to_manifold)
    assert one.to_manifold.shape == one.position_error.shape == one.local_error.shape == one.recovered.shape == (2, 9)
    assert one.floor.shape == one.steps.shape == (9,)
    assert one.manifold_states == 300


def test_places_without_any_manifold_state_nearby_are_nan_not_zero():
    found = correction_of(ideal.ideal_network(), local_m=1e-9, manifold_states=1)
    assert np.isnan(found.local_error).all()
    assert np.isfinite(found.position_error).all()


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"noise": (0.0,)}, "noise must be positive"),
        ({"noise": ()}, "noise must be positive"),
        ({"steps": 0}, "steps must be"),
        ({"steps": 100, "drive": "walk"}, "fewer than the walk's 100"),
        ({"samples": 0}, "samples and manifold_states"),
        ({"manifold_states": 0}, "samples and manifold_states"),
        ({"local_m": 0.0}, "local_m must be"),
    ],
)
def test_impossible_arguments_are_refused(settings, message):
    with pytest.raises(ValueError, match=message):
        correction_of(ideal.ideal_network(), **settings)


def test_recordings_that_do_not_fit_are_refused():
    recording = record(ideal.ideal_network(), 1.0, WALK, seed=0)
    with pytest.raises(ValueError, match="of this network with 5 units"):
        intrinsic_correction(ideal.ideal_network(idle=1), recording)
    alone = record(ideal.ideal_network(), 1.0, WalkConfig(animals=1, steps=10), seed=0)
    with pytest.raises(ValueError, match="at least 2 animals"):
        intrinsic_correction(ideal.ideal_network(), alone)


@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_a_network_says_itself_where_its_states_lie(sign):
    """States of the other sign, which NormReLU would silence, are followed as ours are."""

    class Signed(VelocityRNN):
        @property
        def initial_state(self):
            return sign * super().initial_state

        def step(self, state, velocity):
            return sign * super().step(sign * state, velocity)

        def project(self, vectors):
            return sign * super().project(sign * vectors)

    signed = ideal.ideal_network(kept=0.0)
    signed.__class__ = Signed
    found = correction_of(signed)
    assert np.all(found.remaining[:, 1:] < 0.3)


def test_the_nearest_state_is_that_of_all_distances_in_double_precision():
    """Also among states that single precision cannot tell apart, of what is not left out, and of nothing."""
    generator = np.random.default_rng(0)
    manifold = np.repeat(generator.normal(size=(30, 8)), 4, axis=0) + 1e-9 * generator.normal(size=(120, 8))
    states = manifold[generator.integers(120, size=(3, 7))] + 1e-3 * generator.normal(size=(3, 7, 8))
    beyond = generator.random((7, 120)) < 0.6
    beyond[2] = True
    apart = np.linalg.norm(states[:, :, None] - manifold, axis=-1)
    for (distance, nearest), expected in zip(
        NearestState(manifold)(states, (None, beyond)), (apart, np.where(beyond, np.inf, apart)), strict=True
    ):
        np.testing.assert_array_equal(nearest, expected.argmin(axis=-1))
        np.testing.assert_allclose(distance, expected.min(axis=-1), rtol=1e-12)
