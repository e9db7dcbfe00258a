"""A linear layer whose little products are made by one thread where a second one gains little or changes bits."""

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn import functional

from ._threads import one_thread_unless_asked, one_torch_thread

LITTLE = 10**8
"""Multiplications up to which a second thread gains less than waiting for it can cost where cores are shared."""


def linear(
    inputs: Float[Tensor, "*batch inputs"], weight: Float[Tensor, "outputs inputs"], bias: Float[Tensor, " outputs"]
) -> Float[Tensor, "*batch outputs"]:
    """Inputs @ weight.T + bias, as `torch.nn.functional.linear`, in value and in derivatives of all kinds.

    Where it is in training on a CPU, and of at most `LITTLE` multiplications:

    - Its products take one thread, forward and backward, unless `use_threads` has said how many there should be.
    - The gradient of the inputs takes one in any case. It sums over the outputs; of thousands of them, as W(v) has, MKL
      gives each thread a share, so that its last bits hang on the number of threads, and training could not change over
      between one and two (`Pace`).

    Everything else is torch's own.

    >>> linear(torch.ones(3, 2), torch.tensor([[1.0, 2.0]]), torch.tensor([0.5]))[:, 0]
    tensor([3.5000, 3.5000, 3.5000])
    """
    if _is_torchs(inputs, weight):
        return functional.linear(inputs, weight, bias)
    with one_thread_unless_asked():
        return _Linear.apply(inputs, weight, bias)  # type: ignore[no-untyped-call,no-any-return]


def _is_torchs(inputs: Tensor, weight: Tensor) -> bool:
    # First what may follow the code and not run it.
    tracing = torch.jit.is_tracing()  # type: ignore[attr-defined, no-untyped-call]
    if torch.compiler.is_compiling() or tracing or torch.is_autocast_enabled("cpu"):
        return True
    if inputs.device.type != "cpu" or not torch.is_grad_enabled() or torch.get_num_threads() == 1:
        return True
    return not inputs.is_floating_point() or not 0 < inputs.numel() * len(weight) <= LITTLE


class _Linear(torch.autograd.Function):
    generate_vmap_rule = True

    @staticmethod
    def forward(inputs, weight, bias):  # type: ignore[no-untyped-def]
        return functional.linear(inputs, weight, bias)

    @staticmethod
    def setup_context(ctx, inputs, output):  # type: ignore[no-untyped-def]
        ctx.save_for_backward(*inputs[:2])
        ctx.save_for_forward(*inputs[:2])

    @staticmethod
    def backward(ctx, gradient):  # type: ignore[no-untyped-def]
        inputs, weight = ctx.saved_tensors
        rows = gradient.reshape(-1, gradient.shape[-1])
        d_inputs = d_weight = d_bias = None
        if ctx.needs_input_grad[0]:
            with one_torch_thread():
                d_inputs = gradient @ weight
        with one_thread_unless_asked():
            if ctx.needs_input_grad[1]:
                d_weight = rows.T @ inputs.reshape(-1, inputs.shape[-1])
            if ctx.needs_input_grad[2]:
                d_bias = rows.sum(dim=0)
        return d_inputs, d_weight, d_bias

    @staticmethod
    def jvp(ctx, inputs, weight, bias):  # type: ignore[no-untyped-def]
        at_inputs, at_weight = ctx.saved_tensors
        moved = functional.linear(inputs, at_weight, bias)
        return moved if weight is None else moved + functional.linear(at_inputs, weight)
