"""The pair terms of one batch, split over the processes of a group."""

from collections.abc import Sequence

import torch
from jaxtyping import Float
from torch import Tensor
from torch import distributed as dist
from torch.autograd.function import once_differentiable

from ..kernels import PairSums, pair_sums


def split_pair_sums(
    positions: Float[Tensor, "*networks batch time 2"],
    states: Float[Tensor, "*networks batch time units"],
    sigma_x: float | Sequence[float] | Float[Tensor, " networks"],
    sigma_g: float | Sequence[float] | Float[Tensor, " networks"],
    group: dist.ProcessGroup | None = None,
) -> PairSums:
    """`sicgrid.kernels.pair_sums` with its work shared by the processes of `group`; all get the whole result.

    Every process must call it with the same positions and states, and backward with the same upstream gradient, as
    processes do that train copies of a network on one batch: sums, counts and the gradient are then the same bits in
    all of them, and equal those of one process up to rounding (float32: relative 1e-5). Backward communicates, so
    either all processes go backward or none. `group` None is the default group; it must suit the tensors' device: gloo
    on CPU, nccl on GPUs.

    Raises
    ------
    ValueError
        For a process that is not of the group.

    """
    rank, size = dist.get_rank(group), dist.get_world_size(group)
    if rank < 0:
        raise ValueError("this process is not one of the group; let only the group's processes call split_pair_sums")
    shared = _Enter.apply(states, group)  # type: ignore[no-untyped-call]
    share = pair_sums(positions, shared, sigma_x, sigma_g, part=(rank, size))
    far, near = _Leave.apply(torch.stack([share.far, share.near]), group)  # type: ignore[no-untyped-call]
    counts = torch.stack([share.far_count, share.near_count])
    dist.all_reduce(counts, group=group)
    return PairSums(far, near, *counts)


class _Enter(torch.autograd.Function):
    """Identity in the forward pass; backward sums the gradients of all processes."""

    @staticmethod
    def forward(ctx, states, group):  # type: ignore[no-untyped-def]
        ctx.group = group
        return states.view_as(states)

    @staticmethod
    @once_differentiable
    def backward(ctx, gradient):  # type: ignore[no-untyped-def]
        gradient = gradient.clone(memory_format=torch.contiguous_format)
        dist.all_reduce(gradient, group=ctx.group)
        return gradient, None


class _Leave(torch.autograd.Function):
    """Sum over all processes in the forward pass; identity in backward."""

    @staticmethod
    def forward(ctx, sums, group):  # type: ignore[no-untyped-def]
        sums = sums.clone()
        dist.all_reduce(sums, group=group)
        return sums

    @staticmethod
    @once_differentiable
    def backward(ctx, gradient):  # type: ignore[no-untyped-def]
        return gradient, None
