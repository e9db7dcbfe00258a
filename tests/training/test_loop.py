import math

import pytest
import torch
from torch import nn

from sicgrid.losses import SICLoss
from sicgrid.training import NonFiniteLoss, TrainConfig, TrainState, train

TERMS = {"total", "separation", "invariance", "capacity", "conformal_isometry"}


def config_of(**settings):
    defaults = {"steps": 12, "learning_rate": 1e-3, "schedule": "constant", "accumulate": 1, "log_every": 1}
    return TrainConfig(**{**defaults, **settings})


def weights(rnn):
    return [parameter.detach().clone() for parameter in rnn.parameters()]


def test_records_come_one_a_step(make_parts):
    rnn, loss, sampler = make_parts()
    records = list(train(rnn, loss, sampler, config_of()))
    assert [record.step for record in records] == list(range(1, 13))
    for record in records:
        assert record.terms.keys() == TERMS
        assert all(isinstance(value, float) and math.isfinite(value) for value in record.terms.values())
        weighted = sum(getattr(loss.config, name) * record.terms[name] for name in TERMS - {"total"})
        assert record.terms["total"] == pytest.approx(weighted, rel=1e-5)
        assert record.learning_rate == 1e-3
        assert record.gradient_norm > 0


@pytest.mark.parametrize(("every", "steps"), [(5, [5, 10, 12]), (4, [4, 8, 12]), (100, [12])])
def test_records_come_every_so_many_steps_and_at_the_last(make_parts, every, steps):
    assert [record.step for record in train(*make_parts(), config_of(log_every=every))] == steps


def test_first_record_is_the_loss_of_the_untrained_network(make_parts):
    parts, same = make_parts(), make_parts()
    first = next(train(*parts, config_of(), seed=4))
    rnn, loss, sampler = same
    batch = sampler.sample(torch.Generator().manual_seed(4))
    rollout = rnn(batch.velocities)
    terms = loss(
        positions=batch.positions,
        velocities=batch.velocities,
        states=rollout.states,
        initial_state=rollout.initial_state,
    )
    for name in TERMS:
        assert first.terms[name] == pytest.approx(getattr(terms, name).item(), rel=1e-4, abs=1e-7)


def test_the_loss_goes_down(make_parts):
    totals = [record.terms["total"] for record in train(*make_parts(batch_size=10), config_of(steps=150))]
    assert sum(totals[-20:]) / 20 < sum(totals[:20]) / 20 - 0.05


def test_the_same_curve_with_and_without_kernels(make_parts):
    curves = {}
    for kernels in ("reference", "numba"):
        parts = make_parts(kernels=kernels, dtype=torch.float64)
        curves[kernels] = [record.terms for record in train(*parts, config_of(steps=40))], weights(parts[0])
    for one, other in zip(curves["reference"][0], curves["numba"][0], strict=True):
        assert one == pytest.approx(other, rel=1e-6, abs=1e-9)
    for one, other in zip(curves["reference"][1], curves["numba"][1], strict=True):
        torch.testing.assert_close(one, other, rtol=1e-5, atol=1e-7)


def test_seed_decides_the_curve(make_parts):
    curves = [[record.terms for record in train(*make_parts(), config_of(), seed=seed)] for seed in (1, 1, 2)]
    assert curves[0] == curves[1]
    assert curves[0] != curves[2]


def test_torchs_own_random_numbers_are_left_alone(make_parts):
    parts = make_parts()
    before = torch.get_rng_state()
    list(train(*parts, config_of(steps=2)))
    assert torch.equal(torch.get_rng_state(), before)


class Averaged(SICLoss):
    """The mean of the loss over the parts of a batch that are to stand for batches of their own."""

    def __init__(self, parts):
        super().__init__(kernels="reference")
        self.parts = parts

    def forward(self, *, positions, velocities, states, initial_state):
        each = [
            super(Averaged, self).forward(positions=x, velocities=v, states=g, initial_state=initial_state)
            for x, v, g in zip(*(part.chunk(self.parts) for part in (positions, velocities, states)), strict=True)
        ]
        return type(each[0])(*(sum(values) / self.parts for values in zip(*each, strict=True)))


def test_accumulated_batches_count_as_one_batch_of_them_all(make_parts):
    count = 3
    rnn, loss, sampler = make_parts(dtype=torch.float64)
    accumulated = next(train(rnn, loss, sampler, config_of(accumulate=count), seed=9))

    together, _, _ = make_parts(dtype=torch.float64)

    class Joined(type(sampler)):
        """The same batches in one; their velocities differ, so the orders are shifted."""

        def sample(self, generator=None):
            batches = [sampler.sample(generator) for _ in range(count)]
            order = torch.cat([batch.order + 8 * k for k, batch in enumerate(batches)])
            first = torch.cat([batch.distinct for batch in batches])
            rest = (torch.cat([getattr(batch, name) for batch in batches]) for name in ("velocities", "positions"))
            return type(batches[0])(first, order, *rest)

    joined = next(train(together, Averaged(count), Joined(6, 8, dtype=torch.float64), config_of(), seed=9))
    assert accumulated.terms == pytest.approx(joined.terms, rel=1e-9)
    assert accumulated.gradient_norm == pytest.approx(joined.gradient_norm, rel=1e-9)
    for one, other in zip(weights(rnn), weights(together), strict=True):
        torch.testing.assert_close(one, other, rtol=1e-9, atol=1e-12)


def test_gradient_is_clipped_to_its_bound(make_parts):
    # AdamW forgets the gradient's size; its first averages do not.
    for bound in (1e-3, float("inf")):
        rnn, loss, sampler = make_parts()
        record = next(train(rnn, loss, sampler, config_of(gradient_clip=bound)))
        moments = [value for name, value in record.state.arrays().items() if name.endswith("exp_avg")]
        used = torch.cat([moment.flatten() for moment in moments]).norm().item() / (1 - 0.9)
        assert record.gradient_norm > 1e-3
        assert used == pytest.approx(min(bound, record.gradient_norm), rel=1e-3)


def test_weight_decay_shrinks_the_weights(make_parts):
    sizes = []
    for decay in (0.0, 5.0):
        rnn, loss, sampler = make_parts()
        list(train(rnn, loss, sampler, config_of(weight_decay=decay, learning_rate=1e-2)))
        sizes.append(sum(parameter.square().sum().item() for parameter in rnn.transition.parameters()))
    assert sizes[1] < 0.6 * sizes[0]


class Poisoned(SICLoss):
    """A loss one of whose terms stops being finite at a certain call."""

    def __init__(self, at, term, value=float("nan")):
        super().__init__(kernels="reference")
        self.at, self.term, self.value, self.calls = at, term, value, 0

    def forward(self, **arguments):
        self.calls += 1
        terms = super().forward(**arguments)
        if self.calls < self.at:
            return terms
        bad = getattr(terms, self.term) * self.value
        return terms._replace(**{self.term: bad, "total": terms.total + bad})


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
@pytest.mark.parametrize("term", sorted(TERMS - {"total"}))
def test_loss_that_is_not_finite_stops_before_the_update_and_names_its_term(make_parts, term, value):
    rnn, _, sampler = make_parts()
    steps, kept = 0, None
    with pytest.raises(NonFiniteLoss) as caught:  # noqa: PT012 - the loop itself raises, after good steps
        for record in train(rnn, Poisoned(4, term, value), sampler, config_of()):
            steps, kept = record.step, weights(rnn)
    assert isinstance(caught.value, ArithmeticError)
    assert (steps, caught.value.step, caught.value.term) == (3, 4, term)
    assert term in str(caught.value)
    assert "4" in str(caught.value)
    assert all(torch.equal(now, before) for now, before in zip(weights(rnn), kept, strict=True))


def test_gradient_that_is_not_finite_stops_too(make_parts):
    rnn, loss, sampler = make_parts()

    class Explosive(nn.Module):
        class Identity(torch.autograd.Function):
            @staticmethod
            def forward(ctx, x):
                return x.clone()

            @staticmethod
            def backward(ctx, upstream):
                return upstream * float("nan")

        def forward(self, module, inputs, output):
            return self.Identity.apply(output)

    before = weights(rnn)
    rnn.transition.register_forward_hook(Explosive())
    with pytest.raises(NonFiniteLoss, match="gradient"):
        next(train(rnn, loss, sampler, config_of()))
    assert all(torch.equal(now, then) for now, then in zip(weights(rnn), before, strict=True))


def terms_of(parts, state, apart):
    """Terms of the batch that comes next, by hand: those of the whole, or the mean of the populations' own."""
    rnn, loss, sampler = parts
    generator = torch.Generator()
    generator.set_state(state.generator.get_state())
    batch = sampler.sample(generator)
    rollouts = [one(batch.velocities) for one in rnn.populations] if apart else [rnn(batch.velocities)]
    each = [
        loss(positions=batch.positions, velocities=batch.velocities, states=states, initial_state=start)
        for states, start in rollouts
    ]
    return {name: sum(getattr(terms, name).item() for terms in each) / len(each) for name in TERMS}


def test_populations_learn_apart_for_so_many_steps_and_together_after_them(make_parts):
    parts = make_parts(populations=3, dtype=torch.float64)
    config = config_of(steps=7, apart_steps=4, learning_rate=1e-2)
    state = TrainState.start(parts[0], config, seed=2)
    expected = {apart: terms_of(parts, state, apart) for apart in (True, False)}
    for record in train(*parts, config, state=state):
        apart = record.step <= 4
        assert record.terms == pytest.approx(expected[apart], rel=1e-9)
        assert abs(expected[True]["total"] - expected[False]["total"]) > 1e-3
        expected = {apart: terms_of(parts, state, apart) for apart in (True, False)}


@pytest.mark.parametrize("schedule", ["constant", "plateau"])
@pytest.mark.parametrize("apart", [0, 1, 4, 12, 99])
def test_learning_apart_ends_at_its_step_however_rarely_somebody_looks(make_parts, schedule, apart):
    outcomes = []
    for every in (1, 5, 100):
        parts = make_parts(populations=2)
        config = config_of(apart_steps=apart, log_every=every, schedule=schedule, plateau_window=3)
        *_, last = train(*parts, config, seed=1)
        outcomes.append((last[:4], weights(parts[0])))
    for numbers, found in outcomes[1:]:
        assert numbers == outcomes[0][0]
        assert all(torch.equal(one, other) for one, other in zip(found, outcomes[0][1], strict=True))


@pytest.mark.parametrize("kernels", ["reference", "numba"])
def test_one_population_learns_apart_what_it_learns_anyway(make_parts, kernels):
    outcomes = []
    for apart in (0, 5, 12):
        parts = make_parts(kernels=kernels)
        records = [record[:4] for record in train(*parts, config_of(apart_steps=apart, accumulate=2), seed=1)]
        outcomes.append((records, weights(parts[0])))
    for records, found in outcomes[1:]:
        assert records == outcomes[0][0]
        assert all(torch.equal(one, other) for one, other in zip(found, outcomes[0][1], strict=True))


@pytest.mark.parametrize("accumulate", [1, 3])
@pytest.mark.parametrize("populations", [2, 3])
def test_apart_each_population_has_the_gradient_of_itself_alone(make_parts, populations, accumulate):
    """Over the number of populations, since the loss is their mean."""
    rnn, loss, sampler = make_parts(populations=populations, train_initial_state=True, dtype=torch.float64)
    same, *_ = make_parts(populations=populations, train_initial_state=True, dtype=torch.float64)
    generator = torch.Generator().manual_seed(3)
    for batch in [sampler.sample(generator) for _ in range(accumulate)]:
        for one in same.populations:
            states, start = one(batch.velocities)
            terms = loss(positions=batch.positions, velocities=batch.velocities, states=states, initial_state=start)
            (terms.total / populations / accumulate).backward()
    config = config_of(apart_steps=1, accumulate=accumulate, gradient_clip=float("inf"))
    next(train(rnn, loss, sampler, config, seed=3))  # what the step used is left in the parameters
    for one, other in zip(rnn.parameters(), same.parameters(), strict=True):
        assert one.grad.any()
        torch.testing.assert_close(one.grad, other.grad, rtol=1e-9, atol=1e-12)
