import pytest
import torch

from sicgrid.model import ModelConfig, Rollout, make_network
from sicgrid.training import TrainConfig, TrainState, random_windows, refusal, train
from sicgrid.training._windows import WINDOWS

TERMS = ("total", "separation", "invariance", "capacity", "conformal_isometry")


def rollout_of(units=10):
    states = torch.arange(1.0, 1 + units).expand(3, 4, units) / units
    return Rollout(states, states[0, 0])


def config_of(**settings):
    return TrainConfig(
        **{"steps": 9, "learning_rate": 1e-2, "accumulate": 1, "log_every": 1, "schedule": "constant", "window": 4}
        | settings
    )


def test_windows_are_neighbors_scaled_to_length_one():
    generator = torch.Generator().manual_seed(0)
    begun = set()
    for _ in range(100):
        found = random_windows(rollout_of(), 4, line=False, generator=generator)
        assert len(found) == WINDOWS
        for states, start in found:
            units = states[0, 0].tolist()
            ratios = [value / min(units) for value in units]
            # Activities are 1 to 10 in order of the units, so that ratios name them.
            first = next(k for k in range(10) if expected_ratios(k) == pytest.approx(ratios))
            begun.add(first)
            torch.testing.assert_close(states.norm(dim=-1), torch.ones(3, 4))
            torch.testing.assert_close(start, states[0, 0])
    assert begun == set(range(10))


def expected_ratios(first, width=4, units=10):
    activity = [(first + k) % units + 1 for k in range(width)]
    return [value / min(activity) for value in activity]


def test_on_a_line_windows_do_not_go_round():
    generator = torch.Generator().manual_seed(0)
    for _ in range(100):
        for states, _ in random_windows(rollout_of(), 4, line=True, generator=generator):
            assert (states.diff(dim=-1) > 0).all()


def test_a_window_of_all_units_is_the_rollout_on_a_line():
    whole = rollout_of()
    for states, start in random_windows(whole, 10, line=True):
        torch.testing.assert_close(states, whole.states / whole.states.norm(dim=-1, keepdim=True))
        torch.testing.assert_close(start, whole.initial_state / whole.initial_state.norm())


def test_a_silent_window_has_the_uniform_state():
    silent = Rollout(torch.zeros(1, 2, 6), torch.zeros(6))
    for states, start in random_windows(silent, 4, line=False):
        torch.testing.assert_close(states, torch.full((1, 2, 4), 0.5))
        torch.testing.assert_close(start, torch.full((4,), 0.5))


@pytest.mark.parametrize("width", [0, 11])
def test_widths_that_do_not_fit_are_refused(width):
    with pytest.raises(ValueError, match="width must be between 1"):
        random_windows(rollout_of(), width, line=False)


def terms_of(parts, state, width):
    """Terms of the batch that comes next, by hand: of the whole, or the mean of two windows' own."""
    rnn, loss, sampler = parts
    generator = torch.Generator()
    generator.set_state(state.generator.get_state())
    batch = sampler.sample(generator)
    rollouts = [rnn(batch.velocities)]
    if width:
        rollouts = random_windows(rollouts[0], width, line=False, generator=generator)
    each = [
        loss(positions=batch.positions, velocities=batch.velocities, states=states, initial_state=start)
        for states, start in rollouts
    ]
    return {name: sum(getattr(terms, name).item() for terms in each) / len(each) for name in TERMS}


@pytest.mark.parametrize("local", [{}, {"coupling_range": 2, "norm_range": 2.0}])
def test_windows_for_the_share_of_the_steps_and_all_units_after_them(make_parts, local):
    parts = make_parts(dtype=torch.float64, **local)
    config = config_of(steps=7, window_share=0.5)  # 3.5 steps, rounded to even
    state = TrainState.start(parts[0], config, seed=2)
    expected = {width: terms_of(parts, state, width) for width in (0, 4)}
    for record in train(*parts, config, state=state):
        assert record.terms == pytest.approx(expected[4 if record.step <= 4 else 0], rel=1e-9)
        expected = {width: terms_of(parts, state, width) for width in (0, 4)}


@pytest.mark.parametrize("schedule", ["constant", "plateau"])
@pytest.mark.parametrize("share", [0.0, 0.3, 1.0])
def test_windows_end_at_their_step_however_rarely_somebody_looks(make_parts, schedule, share):
    outcomes = []
    for every in (1, 5, 100):
        parts = make_parts(coupling_range=2)
        config = config_of(window_share=share, log_every=every, schedule=schedule, plateau_window=3)
        *_, last = train(*parts, config, seed=1)
        outcomes.append((last[:4], [parameter.detach().clone() for parameter in parts[0].parameters()]))
    for numbers, found in outcomes[1:]:
        assert numbers == outcomes[0][0]
        assert all(torch.equal(one, other) for one, other in zip(found, outcomes[0][1], strict=True))


def test_steps_of_the_windows():
    assert config_of(steps=6000).window_steps == 4000
    assert config_of(steps=6000, window=0).window_steps == 0
    assert config_of(steps=5, window_share=1.0).window_steps == 5


def test_windows_that_do_not_suit_the_network_are_refused(make_parts):
    with pytest.raises(ValueError, match="at most the number of units, 12"):
        TrainState.start(make_parts()[0], config_of(window=13))
    with pytest.raises(ValueError, match="several populations"):
        TrainState.start(make_parts(populations=2)[0], config_of())
    with pytest.raises(ValueError, match="populations learn apart"):
        config_of(apart_steps=3)


@pytest.mark.parametrize(
    ("model", "training", "named"),
    [
        ({"populations": 2}, {}, "model.populations is 2"),
        ({"coupling_range": 2}, {}, "model.coupling_range"),
        ({"norm_range": 2.0}, {}, "model.norm_range"),
        ({"sheet": "line"}, {}, "local"),
        ({}, {"window": 4}, "training.window is 4"),
        ({}, {}, None),
    ],
)
def test_what_cannot_be_stacked_is_named(model, training, named):
    found = refusal(ModelConfig(units=12, **model), TrainConfig(**training))
    assert found is None if named is None else named in found


def test_the_line_of_a_dense_network_has_ends_for_windows_too():
    network = make_network(ModelConfig(units=12, hidden=4, sheet="line"))
    assert network.config.sheet == "line"
