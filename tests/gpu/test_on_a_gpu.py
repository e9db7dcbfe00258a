"""What only a GPU can show: real shapes against the reference, graphs against single steps, resuming, many networks."""

import copy

import pytest
import torch

from sicgrid.experiment import build, load_config
from sicgrid.kernels import pair_sums, rollout
from sicgrid.model._rnn import walk_shared
from sicgrid.training import Trainee, train, train_together
from sicgrid.training import _many_steps as many_steps

pytestmark = pytest.mark.skipif(not torch.cuda.is_available(), reason="no GPU here")


def parts_of(preset="quick", seed=0, device="cuda", **training):
    config = load_config(preset).model_copy(update={"device": device, "seed": seed})
    training = config.training.model_copy(update={"log_every": 20, **training})
    return build(config.model_copy(update={"training": training}), None), training


def trained(parts, training):
    return list(train(parts.rnn, parts.loss, parts.sampler, training, state=parts.state))


def arrays(parts):
    return {name: tensor.detach().cpu().clone() for name, tensor in parts.state.arrays().items()}


def of_paper_scale():
    """Matrices, order and start of a batch at paper scale, on the device; the matrices as `quick` starts."""
    torch.manual_seed(0)
    (network, _, sampler, state), _ = parts_of()
    batch = sampler.of_length(60).sample(state.generator)
    generator = torch.Generator("cuda").manual_seed(0)
    order = torch.rand(130, 60, generator=generator, device="cuda").argsort(dim=-1)
    return network.transition(batch.distinct).detach(), order, network.initial_state.detach()


def test_rollout_at_paper_scale_equals_the_reference():
    matrices, order, start = of_paper_scale()
    results = []
    for dtype in (torch.float32, torch.float64):
        variables = matrices.to(dtype).requires_grad_(), start.to(dtype).requires_grad_()
        if dtype == torch.float32:
            states = rollout(variables[0], order, variables[1])
        else:
            states = walk_shared(variables[0], order, variables[1].expand(len(order), -1))
        weights = torch.linspace(-1, 1, states.numel(), dtype=dtype, device="cuda").view_as(states)
        results.append([states.detach(), *torch.autograd.grad((states * weights).sum(), variables)])
    for found, expected in zip(*results, strict=True):
        assert (found - expected).norm() <= 1e-5 * expected.norm()


def test_pair_sums_at_paper_scale_equal_all_pairs_in_full_precision():
    matrices, order, start = of_paper_scale()
    states = rollout(matrices, order, start)
    velocities = 0.15 * (2 * torch.rand(60, 2, generator=torch.Generator().manual_seed(1)) - 1)
    positions = velocities.cuda()[order].cumsum(dim=1)
    variable = states.clone().requires_grad_()
    sums = pair_sums(positions, variable, 0.05, 0.4)
    gradients = [torch.autograd.grad(one, variable, retain_graph=True)[0] for one in (sums.far, sums.near)]
    g = states.double().flatten(0, 1).requires_grad_()
    x = positions.flatten(0, 1)
    distance = (x[:, None] - x[None]).square().sum(dim=-1)
    squares = g.square().sum(dim=-1)
    apart = squares[:, None] + squares[None] - 2 * g @ g.T
    limit = torch.tensor(0.05, device="cuda") ** 2
    far, near = distance > limit, (distance < limit) & ~torch.eye(len(x), dtype=torch.bool, device="cuda")
    expected = torch.exp(apart / (-2 * 0.4**2))[far].sum(), apart[near].sum()
    assert (sums.far_count, sums.near_count) == (far.sum(), near.sum())
    for found, wanted, gradient, tolerance in zip(sums[:2], expected, gradients, (2e-4, 1e-5), strict=True):
        assert found.item() == pytest.approx(wanted.item(), rel=tolerance)
        (exact,) = torch.autograd.grad(wanted, g, retain_graph=True)
        assert (gradient.flatten(0, 1) - exact).norm() <= 10 * tolerance * exact.norm()


def test_graphs_make_the_steps_that_single_launches_make(monkeypatch):
    in_graphs, training = parts_of(steps=60)
    records = trained(in_graphs, training)
    monkeypatch.setattr(many_steps, "EAGER", 10**9)
    one_by_one, _ = parts_of(steps=60)
    assert trained(one_by_one, training)[-1].terms == records[-1].terms
    for name, array in arrays(one_by_one).items():
        assert torch.equal(array, arrays(in_graphs)[name]), name


def test_the_step_is_that_of_the_cpu():
    terms = []
    for device, kernels in (("cuda", "auto"), ("cpu", "reference")):
        parts, _ = parts_of(steps=1, log_every=1, device=device)
        parts.loss.kernels = parts.rnn.kernels = kernels
        batch = parts.sampler.sample(torch.Generator().manual_seed(3))
        walked = parts.rnn(batch.distinct.to(device), batch.order.to(device))
        terms.append(
            parts.loss(positions=batch.positions.to(device), velocities=batch.velocities.to(device), **walked._asdict())
        )
        terms[-1].total.backward()
        terms.append(torch.cat([one.grad.flatten().cpu() for one in parts.rnn.parameters() if one.grad is not None]))
    for name, value in terms[0]._asdict().items():
        assert value.item() == pytest.approx(getattr(terms[2], name).item(), rel=1e-3, abs=1e-6), name
    assert (terms[1] - terms[3]).norm() <= 3e-3 * terms[3].norm()


def test_a_resumed_training_is_the_same_byte_for_byte():
    whole, training = parts_of(steps=80)
    trained(whole, training)
    first, half = parts_of(steps=80)
    for record in train(first.rnn, first.loss, first.sampler, half, state=first.state):
        if record.step == 40:
            break
    kept, meta = arrays(first), copy.deepcopy(first.state.meta())
    second, _ = parts_of(steps=80)
    second.state.load(kept, meta)
    trained(second, training)
    for name, array in arrays(second).items():
        assert torch.equal(array, arrays(whole)[name]), name


def test_networks_together_learn_what_each_learns_alone():
    steps = 8  # differences of rounding grow by a half with each step at the start
    together = [parts_of(seed=seed, steps=steps)[0] for seed in range(3)]
    training = parts_of(steps=steps)[1]
    records = {}
    for index, record in train_together([Trainee(one.state, one.loss, one.sampler, training) for one in together]):
        records[index] = record
    for seed in range(3):
        alone, _ = parts_of(seed=seed, steps=steps)
        expected = trained(alone, training)[-1]
        assert records[seed].step == expected.step
        assert records[seed].terms["total"] == pytest.approx(expected.terms["total"], rel=1e-3)


@pytest.mark.parametrize("preset", ["quick", "paper"])
def test_few_launches_make_the_steps_that_the_operators_make(monkeypatch, preset):
    fused, training = parts_of(preset, steps=8)
    terms = trained(fused, training)[-1].terms
    monkeypatch.setattr(many_steps, "can_be_fused", lambda _: False)
    by_operators, _ = parts_of(preset, steps=8)
    assert terms == pytest.approx(trained(by_operators, training)[-1].terms, rel=1e-3, abs=1e-6)
    expected = arrays(by_operators)
    assert arrays(fused).keys() == expected.keys()
    for name, array in arrays(fused).items():
        array, other = array.double(), expected[name].double()
        assert (array - other).norm() <= 1e-2 * other.norm(), name
