import numba
import pytest
import torch
from torch.nn import functional

from sicgrid.kernels import _linear, _threads, limited_threads, linear

TWO = pytest.param(2, marks=pytest.mark.skipif(numba.config.NUMBA_NUM_THREADS < 2, reason="takes two cores"))


def operands(shape, inputs, outputs, dtype=torch.float64):
    torch.manual_seed(0)
    sizes = (*shape, inputs), (outputs, inputs), (outputs,)
    return [torch.randn(size, dtype=dtype, requires_grad=True) for size in sizes]


def gradients(layer, variables):
    values = layer(*variables)
    upstream = torch.linspace(-1, 2, values.numel(), dtype=values.dtype).view_as(values)
    return torch.autograd.grad((2 * values * upstream).sum(), variables)


@pytest.mark.parametrize("threads", [1, TWO])
@pytest.mark.parametrize("shape", [(), (0,), (1,), (7,), (3, 4)])
def test_equals_torch_in_value_and_gradient(shape, threads):
    variables = operands(shape, 3, 5)
    with limited_threads(threads):
        torch.testing.assert_close(linear(*variables), functional.linear(*variables))
        torch.testing.assert_close(gradients(linear, variables), gradients(functional.linear, variables))


@pytest.mark.parametrize("threads", [TWO])
def test_two_threads_give_the_bits_that_torch_gives_on_one(threads):
    # The sizes of W(v) in a step of `quick`: 40 velocities, 64 hidden units, 128 x 128 numbers.
    variables = operands((40,), 64, 128**2, torch.float32)
    with limited_threads(1):
        expected = gradients(functional.linear, variables)
    with limited_threads(threads):
        obtained = gradients(linear, variables)
        assert torch.get_num_threads() == threads
    assert all(map(torch.equal, obtained, expected))


@pytest.mark.parametrize("threads", [TWO])
@pytest.mark.parametrize("frozen", [0, 1, 2])
def test_what_needs_no_gradient_gets_none(frozen, threads):
    variables = operands((4,), 3, 5)
    variables[frozen].requires_grad_(False)
    with limited_threads(threads):
        linear(*variables).sum().backward()
    assert [variable.grad is None for variable in variables] == [k == frozen for k in range(3)]


@pytest.mark.parametrize("threads", [TWO])
def test_derivatives_of_all_kinds(threads):
    variables = operands((4,), 3, 5)
    with limited_threads(threads):
        assert torch.autograd.gradcheck(linear, variables, check_forward_ad=True, check_batched_grad=True)
        assert torch.autograd.gradgradcheck(linear, variables)
        of_each = torch.func.vmap(torch.func.jacrev(linear), in_dims=(0, None, None))(*variables)
    torch.testing.assert_close(of_each, variables[1].expand(4, 5, 3))


@pytest.mark.parametrize("threads", [TWO])
def test_half_precision_is_torchs(threads):
    variables = operands((4,), 3, 5, torch.float32)
    with limited_threads(threads), torch.autocast("cpu", torch.bfloat16):
        assert all(map(torch.equal, gradients(linear, variables), gradients(functional.linear, variables)))


@pytest.mark.parametrize(("little", "threads"), [(10**8, 1), (0, 2)])
def test_little_work_takes_one_thread_where_nobody_has_said_how_many(monkeypatch, little, threads):
    if numba.config.NUMBA_NUM_THREADS < 2:
        pytest.skip("takes two cores")
    monkeypatch.setattr(_threads, "_asked", "")
    monkeypatch.setattr(_linear, "LITTLE", little)
    used, of_torch = [], functional.linear

    def told(*arguments):
        used.append(torch.get_num_threads())
        return of_torch(*arguments)

    monkeypatch.setattr(functional, "linear", told)
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        linear(*operands((4,), 3, 5)).sum().backward()
        assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(before)
    assert used == [threads]
