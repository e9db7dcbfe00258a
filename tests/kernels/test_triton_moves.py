"""The GPU kernel of the state's moves, on a GPU or run by Triton's interpreter."""

import pytest
import torch

from interpreted_kernels import squared_moves as kernel
from sicgrid.losses._conformal_isometry import squared_moves


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("shape", [(1, 1, 1, 1), (2, 3, 7, 5), (1, 2, 9, 16), (3, 1, 17, 21)])
def test_equals_the_reference_in_value_and_gradient(shape, dtype):
    generator = torch.Generator().manual_seed(0)
    states = torch.rand(shape, generator=generator, dtype=dtype).requires_grad_()
    start = torch.rand(shape[0], shape[-1], generator=generator, dtype=dtype).requires_grad_()
    above = torch.rand(shape[:-1], generator=generator, dtype=dtype)
    found = [function(states, start) for function in (kernel, squared_moves)]
    torch.testing.assert_close(found[0], found[1])
    gradients = [torch.autograd.grad((above * one).sum(), (states, start)) for one in found]
    for one, other in zip(*gradients, strict=True):
        torch.testing.assert_close(one, other)


def test_states_that_diverged_are_not_hidden():
    states = torch.rand(1, 1, 3, 4)
    states[0, 0, 1, 2] = float("nan")
    assert kernel(states, torch.rand(1, 4)).isnan().tolist() == [[[False, True, True]]]
