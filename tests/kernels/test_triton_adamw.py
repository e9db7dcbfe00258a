"""The GPU kernels of a step's end against PyTorch's clipping and AdamW, on a GPU or run by Triton's interpreter."""

import pytest
import torch
from torch.nn.utils import clip_grad_norm_

from interpreted_kernels import THERE, adamw
from sicgrid.kernels import Ledger, Update

STEPS, BATCHES = 3, 2
BETAS, EPSILON = [(0.9, 0.999), (0.8, 0.93)], 1e-8
DECAY, BOUNDS, RATES = [0.0, 0.3], [0.05, 100.0], [[1e-2, 1e-3], [2e-2, 2e-3], [3e-2, 3e-3]]


def numbers(values, dtype=torch.float64):
    return torch.tensor(values, dtype=dtype, device=THERE)


def drawn(*shape, seed):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64).to(THERE)


class Steps:
    """Two networks of a matrix of 5,000 numbers and a bias of 7, and what their steps leave behind."""

    def __init__(self, dtype):
        self.weights = [drawn(2, 50, 100, seed=1).to(dtype), drawn(2, 7, seed=2).to(dtype)]
        self.moments = [(torch.zeros_like(weight), torch.zeros_like(weight)) for weight in self.weights]
        settings = [[*betas, EPSILON, decay, bound] for betas, decay, bound in zip(BETAS, DECAY, BOUNDS, strict=True)]
        self.update = Update(
            numbers(settings).T.contiguous(), numbers([0, 0], torch.float32), torch.zeros(8, 2, dtype=dtype).to(THERE)
        )
        zeros = torch.zeros(2, dtype=torch.float32, device=THERE)
        self.ledger = Ledger(
            numbers(RATES), zeros.long(), zeros.clone(), zeros.clone(), zeros.double(), torch.zeros(3, 2).to(THERE)
        )

    def step(self, terms, gradients):
        adamw.account(terms, gradients, self.ledger, self.update)
        for weight, gradient, moments in zip(self.weights, gradients, self.moments, strict=True):
            adamw.adamw(weight, gradient, moments, self.update, self.ledger.stopped)


def gradients_of(step, dtype):
    return [drawn(2, 50, 100, seed=10 + step).to(dtype), drawn(2, 7, seed=20 + step).to(dtype)]


@pytest.mark.parametrize(("dtype", "tolerance"), [(torch.float32, 1e-5), (torch.float64, 1e-7)])
def test_clipped_updates_are_those_of_torch(dtype, tolerance):
    made = Steps(dtype)
    expected = [[weight[k].clone().requires_grad_() for weight in made.weights] for k in range(2)]
    optimizers = [
        torch.optim.AdamW(weights, lr=RATES[0][k], betas=BETAS[k], eps=EPSILON, weight_decay=DECAY[k])
        for k, weights in enumerate(expected)
    ]
    for step in range(STEPS):
        gradients = gradients_of(step, dtype)
        made.step(torch.ones(2, 2 * BATCHES, dtype=dtype, device=THERE), gradients)
        for k, optimizer in enumerate(optimizers):
            for weight, gradient in zip(expected[k], gradients, strict=True):
                weight.grad = gradient[k].clone()
            norm = clip_grad_norm_(expected[k], BOUNDS[k])
            assert made.ledger.table[-1, k].item() == pytest.approx(norm.item(), rel=tolerance)
            optimizer.param_groups[0]["lr"] = RATES[step][k]
            optimizer.step()
    for index, weight in enumerate(made.weights):
        for k in range(2):
            torch.testing.assert_close(weight[k], expected[k][index].detach(), rtol=tolerance, atol=tolerance)
            for slot, moment in zip(("exp_avg", "exp_avg_sq"), made.moments[index], strict=True):
                other = optimizers[k].state[expected[k][index]][slot]
                torch.testing.assert_close(moment[k], other, rtol=tolerance, atol=tolerance)
    assert made.update.counts.tolist() == [STEPS, STEPS]


@pytest.mark.filterwarnings("ignore:.*encountered in:RuntimeWarning")  # of the interpreter
@pytest.mark.parametrize("wrong", ["loss", "gradient"])
def test_a_network_whose_step_is_not_finite_stops_there_and_the_other_goes_on(wrong):
    made = Steps(torch.float32)
    kept = []
    for step in range(STEPS):
        terms = step + torch.arange(2.0 * 2 * BATCHES, device=THERE).view(2, -1)
        gradients = gradients_of(step, torch.float32)
        if step == 1:
            (terms[1] if wrong == "loss" else gradients[1])[0] = float("inf")
        made.step(terms, gradients)
        kept.append([weight.clone() for weight in made.weights])
    assert all(torch.equal(now[0], then[0]) for now, then in zip(kept[2], kept[0], strict=True))
    assert not any(torch.equal(now[1], then[1]) for now, then in zip(kept[2], kept[1], strict=True))
    ledger = made.ledger
    assert ledger.made.tolist() == [1, 3]
    assert ledger.stopped.tolist() == [1, 0]
    # Means over the two batches: of the total 4.5 and 6.5 at first, and one more with each step.
    assert ledger.loss_sums.tolist() == [4.5, 6.5 + 7.5 + 8.5]
    assert ledger.table[:2, 1].tolist() == [4.5, 8.5]
    # Of the network that stopped, the step that was not finite.
    if wrong == "loss":
        assert ledger.table[1, 0].isinf()
    else:
        assert ledger.table[1, 0] == 5.5
        assert ledger.table[2, 0].isinf()
