"""Many states, each carried one step by a matrix of its own that is never made."""

from functools import partial

import pytest
import torch

from sicgrid.kernels import _carry, carry, limited_threads

DTYPES = {torch.float32: 1e-5, torch.float64: 1e-13}


def make(many, units, width, active, dtype=torch.float64):
    """States of which a share of the units is active, and what makes their matrices."""
    generator = torch.Generator().manual_seed(many + units)
    draw = partial(torch.randn, generator=generator, dtype=dtype)
    silent = torch.rand(many, units, generator=generator) >= active
    states = draw(many, units).abs().masked_fill(silent, 0)
    return states, draw(many, width), draw(units, width, units), draw(units, units)


def by_matrices(states, hidden, weights, bias):
    """The reference: every matrix made, and multiplied with its state."""
    return torch.einsum("bj,bji->bi", states, torch.einsum("bh,jhi->bji", hidden, weights) + bias)


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
@pytest.mark.parametrize("active", [0.0, 0.2, 1.0])
@pytest.mark.parametrize(("many", "units", "width"), [(1, 1, 1), (7, 5, 3), (130, 33, 17), (64, 40, 2)])
def test_it_is_the_product_with_the_matrices(many, units, width, active, dtype):
    inputs = make(many, units, width, active, dtype)
    expected = by_matrices(*inputs)
    torch.testing.assert_close(carry(*inputs), expected, rtol=0, atol=DTYPES[dtype] * (1 + expected.abs().max().item()))


@pytest.mark.parametrize("block_bytes", [1, 5000])
def test_blocks_change_nothing(monkeypatch, block_bytes):
    inputs = make(90, 24, 8, 0.3)
    whole = carry(*inputs)
    monkeypatch.setattr(_carry, "BLOCK_BYTES", block_bytes)
    torch.testing.assert_close(carry(*inputs), whole, rtol=1e-13, atol=1e-13)


def test_a_unit_that_is_active_everywhere_and_one_nowhere():
    states, *others = make(50, 6, 4, 0.4)
    states[:, 2], states[:, 4] = 1.0, 0.0
    torch.testing.assert_close(carry(states, *others), by_matrices(states, *others), rtol=1e-12, atol=1e-12)


def test_inputs_may_lie_in_memory_in_any_way():
    states, hidden, weights, bias = make(20, 6, 4, 0.5)
    apart = states.T.contiguous().T, hidden.repeat(1, 2)[:, ::2], weights, bias.T.contiguous().T
    spread = states, hidden.repeat(1, 2)[:, ::2], weights, bias
    assert torch.equal(carry(*apart), carry(*spread))
    same = states[:1].expand(20, -1)
    torch.testing.assert_close(carry(same, hidden, weights, bias), by_matrices(same, hidden, weights, bias))


def test_a_number_that_is_not_finite_shows():
    states, hidden, weights, bias = make(20, 6, 4, 0.5)
    states[3, 1] = float("nan")
    wrong = carry(states, hidden, weights, bias).isnan()
    assert wrong[3].all()
    assert int(wrong.any(dim=1).sum()) == 1


@pytest.mark.parametrize("block_bytes", [_carry.BLOCK_BYTES, 1])
@pytest.mark.parametrize(
    ("many", "units", "width"), [(300, 64, 32), (1, 32, 256), (200, 1, 128), (200, 33, 1024), (150, 3, 1024)]
)
def test_threads_change_no_bit(monkeypatch, many, units, width, block_bytes):
    """A product of one unit alone, with many hidden ones, would be summed in shares."""
    monkeypatch.setattr(_carry, "BLOCK_BYTES", block_bytes)
    inputs = make(many, units, width, 0.6, torch.float32)
    with limited_threads(1):
        expected = carry(*inputs)
    with limited_threads(2):
        assert torch.equal(carry(*inputs), expected)


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("hidden", torch.zeros(19, 4)),
        ("weights", torch.zeros(6, 5, 6)),
        ("weights", torch.zeros(5, 4, 6)),
        ("bias", torch.zeros(6, 5)),
    ],
)
def test_arrays_that_do_not_fit_are_refused(name, wrong):
    inputs = dict(zip(("states", "hidden", "weights", "bias"), make(20, 6, 4, 0.5), strict=True))
    with pytest.raises(ValueError, match=f"{name} must have shape"):
        carry(**inputs | {name: wrong.double()})
    with pytest.raises(ValueError, match=r"all must be float32 or all float64, got torch\.float32, torch\.float64"):
        carry(**inputs | {"bias": inputs["bias"].float()})
    with pytest.raises(ValueError, match=r"got torch\.bfloat16"):
        carry(**{name: tensor.bfloat16() for name, tensor in inputs.items()})


def test_another_default_device_changes_nothing():
    inputs = make(20, 6, 4, 0.5)
    expected = carry(*inputs)
    with torch.device("meta"):
        assert torch.equal(carry(*inputs), expected)


def test_it_has_no_gradient():
    inputs = [tensor.requires_grad_() for tensor in make(20, 6, 4, 0.5)]
    assert not carry(*inputs).requires_grad


def test_torch_keeps_its_number_of_threads():
    before = torch.get_num_threads()
    carry(*make(20, 6, 4, 0.5))
    assert torch.get_num_threads() == before
