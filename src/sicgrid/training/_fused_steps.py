"""Steps on a GPU in few launches: three kernels do all that follows the gradient, checks and clipping included."""

from collections.abc import Sequence

import torch
from torch import Tensor

from ..kernels import Ledger, Update, account, adamw, choose
from ._step import Together, Trainee, stackable


class FusedSteps:
    """The steps of networks that can be stacked, their optimizers' moments stacked as their weights are.

    The moments in each `torch.optim.AdamW` become views of the stack's, as the members' weights are: a state can be
    saved at any time, and loaded before this object is made. The optimizers' own `step` is not called.
    """

    def __init__(self, trainees: Sequence[Trainee]) -> None:
        self._together, self._optimizers = Together(trainees), [trainee.state.optimizer for trainee in trainees]
        stack = self._together.stack
        device, dtype = stack.members[0].device, stack.members[0].dtype
        groups = [optimizer.param_groups[0] for optimizer in self._optimizers]
        settings = [
            (*group["betas"], group["eps"], group["weight_decay"], trainee.config.gradient_clip)
            for group, trainee in zip(groups, trainees, strict=True)
        ]
        self._update = Update(
            torch.tensor(settings, dtype=torch.float64, device=device).T.contiguous(),
            torch.zeros(len(trainees), dtype=torch.float32, device=device),
            torch.zeros(8, len(trainees), dtype=dtype, device=device),
        )
        self._names = [name for name, weight in stack.weights.items() if weight.requires_grad]
        self._counts = torch.zeros(len(self._names), len(trainees), dtype=torch.float32, device=device)
        self._moments = {
            name: self._stacked(name, counts, trainees) for name, counts in zip(self._names, self._counts, strict=True)
        }

    def _stacked(self, name: str, counts: Tensor, trainees: Sequence[Trainee]) -> tuple[Tensor, Tensor]:
        """Both moments of a parameter, of all networks; each optimizer is given its share, and a count of steps."""
        weights = self._together.stack.weights[name].detach()
        moments = torch.zeros_like(weights), torch.zeros_like(weights)
        for k, trainee in enumerate(trainees):
            parameter = trainee.state.rnn.get_parameter(name)
            slots = trainee.state.optimizer.state[parameter]
            shared = {"step": counts[k], "exp_avg": moments[0][k], "exp_avg_sq": moments[1][k]}
            for slot, view in shared.items():
                if slot in slots:
                    view.copy_(slots[slot])
            slots.update(shared)
            self._update.counts[k].copy_(counts[k])  # the same for all parameters: they make their steps together
        return moments

    def update_optimizers(self, rates: Sequence[float]) -> None:
        """Write the counts of steps made, and the learning rates of the last one, into the optimizers."""
        self._counts.copy_(self._update.counts)
        for optimizer, rate in zip(self._optimizers, rates, strict=True):
            for group in optimizer.param_groups:
                group["lr"].fill_(rate)

    def terms(self) -> dict[str, Tensor]:
        """Terms of all batches of the next step; their gradients are left in the stack's weights."""
        return self._together.backward()

    def apply(self, terms: dict[str, Tensor], ledger: Ledger) -> None:
        """Write the terms into the ledger, and update the weights of the networks that are not stopped."""
        weights = self._together.stack.weights
        grads = ((name, weights[name].grad) for name in self._names)
        gradients = {name: gradient.contiguous() for name, gradient in grads if gradient is not None}
        account(torch.stack(list(terms.values())), list(gradients.values()), ledger, self._update)
        for name, gradient in gradients.items():
            adamw(weights[name].detach(), gradient, self._moments[name], self._update, ledger.stopped)


def can_be_fused(trainees: Sequence[Trainee]) -> bool:
    """Whether networks can be stacked, Triton's kernels are chosen, and optimizers are as `make_optimizer` made them.

    An optimizer that a user has changed, or that holds other parameters than the trainable ones, makes its own steps.
    """
    parts = [part for trainee in trainees if (part := stackable(trainee)) is not None]
    return (
        len(parts) == len(trainees)
        and all(
            choose(part.network.device.type, kernels).name == "triton"
            for part in parts
            for kernels in (part.network.kernels, part.loss.kernels)
        )
        and len({_learning(part.network) for part in parts}) == 1
        and all(map(_optimized_as_usual, trainees))
    )


def _learning(network: torch.nn.Module) -> tuple[str, ...]:
    return tuple(name for name, parameter in network.named_parameters() if parameter.requires_grad)


def _optimized_as_usual(trainee: Trainee) -> bool:
    optimizer, network = trainee.state.optimizer, trainee.state.rnn
    groups = optimizer.param_groups
    optimized = {id(parameter) for group in groups for parameter in group["params"]}
    plain = type(optimizer) is torch.optim.AdamW and len(groups) == 1
    plain = plain and not groups[0]["amsgrad"] and not groups[0]["maximize"]
    return plain and optimized == {id(network.get_parameter(name)) for name in _learning(network)}
