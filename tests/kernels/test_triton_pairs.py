"""The GPU kernels of the pair terms, on a GPU or run by Triton's interpreter."""

import math

import pytest
import torch

from interpreted_kernels import far, pair_sums
from sicgrid.losses import invariance, separation

# Relative error of value and gradient, float32 of each precision against the reference in float64.
TOLERANCE = {"ieee": 5e-6, "fp16": 2e-3}
# networks, batch, time, units; a tile is 32 or 64 points high and wide
SHAPES = [(1, 1, 1, 1), (3, 1, 5, 3), (1, 7, 11, 13), (3, 2, 33, 6), (1, 1, 64, 17)]


def points(make_points, networks, batch, time, units, dtype=torch.float64):
    """Positions (networks, batch, time, 2) and states of as many batches."""
    made = [make_points(batch, time, units, dtype=dtype, seed=seed, max_speed=0.15) for seed in range(networks)]
    return torch.stack([one.positions for one in made]), torch.stack([one.states for one in made])


def by_kernel(positions, states, sigma_x, sigma_g, upstream=(1.0, 1.0), **options):
    states = states.clone().requires_grad_()
    sums = pair_sums(positions, states, sigma_x, sigma_g, **options)
    (upstream[0] * sums.far + upstream[1] * sums.near).sum().backward()
    return sums, states.grad


def by_reference(positions, states, sigma_x, sigma_g, upstream=(1.0, 1.0)):
    """Positions as they are, for what is near must not change; states in float64."""
    states = states.double().clone().requires_grad_()
    networks = list(zip(positions, states, sigma_x, sigma_g, strict=True))
    far = torch.stack([separation(x, g, near, wide, "sum") for x, g, near, wide in networks])
    near = torch.stack([invariance(x, g, near, "sum") for x, g, near, _ in networks])
    (upstream[0] * far + upstream[1] * near).sum().backward()
    return far.detach(), near.detach(), states.grad


def assert_agree(positions, states, sigma_x=0.05, sigma_g=0.4, upstream=(1.0, 1.0), tolerance=None, **options):
    sigmas = [[sigma] * len(states) if isinstance(sigma, float) else sigma for sigma in (sigma_x, sigma_g)]
    tolerance = tolerance or (1e-11 if states.dtype == torch.float64 else TOLERANCE["ieee"])
    options = {"precision": "ieee"} | options
    sums, gradient = by_kernel(positions, states, *sigmas, upstream, **options)
    far, near, expected = by_reference(positions, states, *sigmas, upstream)
    assert gradient.dtype == sums.far.dtype == sums.near.dtype == states.dtype
    torch.testing.assert_close(sums.far.double(), far, rtol=tolerance, atol=tolerance)
    torch.testing.assert_close(sums.near.double(), near, rtol=tolerance, atol=tolerance)
    error = (gradient - expected).flatten(1).norm(dim=1)
    assert (error <= tolerance * expected.flatten(1).norm(dim=1) + tolerance).all(), error
    return sums


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("shape", SHAPES)
def test_equals_the_reference_in_value_and_gradient(make_points, shape, dtype):
    assert_agree(*points(make_points, *shape, dtype=dtype))


@pytest.mark.parametrize("precision", TOLERANCE)
def test_each_precision_keeps_its_word(make_points, precision):
    positions, states = points(make_points, 1, 7, 11, 13, torch.float32)
    assert_agree(positions, states, tolerance=TOLERANCE[precision], precision=precision, upstream=(1.0, 0.0))


@pytest.mark.parametrize("shape", SHAPES)
def test_float16_factors_on_every_shape(make_points, shape):
    assert_agree(*points(make_points, *shape, dtype=torch.float32), tolerance=TOLERANCE["fp16"], precision="fp16")


@pytest.mark.parametrize("shape", SHAPES)
def test_the_near_sum_is_exact_with_float16_factors_too(make_points, shape):
    positions, states = points(make_points, *shape, dtype=torch.float32)
    sums, gradient = by_kernel(positions, states, [0.05] * len(states), [0.4] * len(states), (0.0, 1.0))
    _, near, expected = by_reference(positions, states, [0.05] * len(states), [0.4] * len(states), (0.0, 1.0))
    torch.testing.assert_close(sums.near.double(), near, rtol=TOLERANCE["ieee"], atol=TOLERANCE["ieee"])
    assert ((gradient - expected).norm() <= TOLERANCE["ieee"] * (1 + expected.norm())).item()


def test_rounded_precision_is_coarser_than_exact(make_points):
    # Else the tests would not see the roundings at all.
    positions, states = points(make_points, 1, 7, 11, 13, torch.float32)
    _, gradient = by_kernel(positions, states, [0.05], [0.4], (1.0, 0.0), precision="fp16")
    _, _, expected = by_reference(positions, states, [0.05], [0.4], (1.0, 0.0))
    assert (gradient - expected).norm() > 0.01 * TOLERANCE["fp16"] * expected.norm()


@pytest.mark.parametrize("upstream", [(2.0, 2.0), (1.0, 0.0), (0.0, 1.0), (-0.5, 3.0)])
def test_upstream_gradients_of_both_sums(make_points, upstream):
    assert_agree(*points(make_points, 1, 5, 9, 6), upstream=upstream)


def test_each_network_has_its_own_scales(make_points):
    positions, states = points(make_points, 3, 4, 9, 5)
    scales = [0.05, 0.2, 0.01], [0.4, 0.1, 1.0]
    sums = assert_agree(positions, states, *scales)
    tensors = [torch.tensor(values, dtype=states.dtype) for values in scales]
    again = pair_sums(positions, states, *tensors)
    assert all(torch.equal(one, other) for one, other in zip(sums, again, strict=True))
    for k in range(3):
        alone = pair_sums(positions[k], states[k], scales[0][k], scales[1][k])
        assert [value.ndim for value in alone] == [0, 0, 0, 0]
        assert alone.far.item() == pytest.approx(sums.far[k].item(), rel=1e-12)
        assert (alone.far_count, alone.near_count) == (sums.far_count[k], sums.near_count[k])


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_states_need_not_be_unit_vectors(make_points, dtype):
    positions, states = points(make_points, 1, 6, 8, 5, dtype)
    lengths = torch.linspace(0.1, 2.5, 48, dtype=dtype).reshape(6, 8, 1)
    assert_agree(positions, lengths * states - 0.1)


def test_counts_are_those_of_the_pairs(make_points):
    positions, states = points(make_points, 1, 7, 11, 3)
    sums = pair_sums(positions, states, 0.05, 0.4)
    distances = torch.cdist(positions[0].flatten(0, 1), positions[0].flatten(0, 1))
    near = (distances < 0.05).sum().item() - 77
    assert sums.near_count.dtype == sums.far_count.dtype == torch.int64
    assert (sums.near_count.item(), sums.far_count.item()) == (near, 77 * 76 - near)
    assert near > 0


@pytest.mark.parametrize("precision", TOLERANCE)
def test_coincident_states(make_points, precision):
    positions, states = points(make_points, 1, 7, 11, 6, torch.float32)
    states = states[:, :1, :1].expand(1, 7, 11, 6).contiguous()
    sums, gradient = by_kernel(positions, states, 0.05, 0.4, precision=precision)
    assert sums.far.item() == pytest.approx(sums.far_count.item(), rel=2e-6)
    assert sums.near.item() == pytest.approx(0.0, abs=4 * sums.near_count.item() * 2.0**-23)
    # A difference of two sums of 77 terms of size 2/sigma_g^2; in one part they are of the same rounded numbers.
    torch.testing.assert_close(gradient, torch.zeros_like(states), rtol=0, atol=4 * 77 * 2 / 0.4**2 * 2.0**-23)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_no_near_pair(make_points, dtype):
    _, states = points(make_points, 1, 3, 25, 4, dtype)
    positions = torch.arange(150, dtype=dtype).reshape(1, 3, 25, 2)
    sums = assert_agree(positions, states)
    assert (sums.near_count.item(), sums.near.item(), sums.far_count.item()) == (0, 0.0, 75 * 74)


def test_no_far_pair(make_points):
    sums = assert_agree(*points(make_points, 1, 3, 25, 4), sigma_x=10.0)
    assert (sums.far_count.item(), sums.far.item(), sums.near_count.item()) == (0, 0.0, 75 * 74)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("apart", [(3 / 16, 4 / 16), (-5 / 16, 0.0), (0.0, 5 / 16)])
def test_pair_at_sigma_x_is_neither_near_nor_far(dtype, apart):
    positions = torch.tensor([[[1.0, -2.0]], [[1.0 + apart[0], -2.0 + apart[1]]]], dtype=dtype)
    states = torch.tensor([[[1.0, 0.0]], [[0.0, 1.0]]], dtype=dtype)
    sums, gradient = by_kernel(positions, states, 5 / 16, 0.4)
    assert [value.item() for value in sums] == [0.0, 0.0, 0, 0]
    assert not gradient.any()


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_distances_within_rounding_of_sigma_x_are_judged_as_by_the_reference(dtype):
    # On a lattice of sigma_x, far from the origin, neighbors are at sigma_x up to rounding, on either side of it. With
    # orthogonal or equal states and a wide sigma_g the sums count pairs.
    side = torch.arange(12, dtype=torch.float64) * 0.05 + 0.7
    positions = torch.cartesian_prod(side, side).reshape(1, 12, 12, 2).to(dtype)
    states = torch.eye(2, dtype=dtype)[torch.randint(2, (1, 12, 12), generator=torch.Generator().manual_seed(0))]
    sums = pair_sums(positions, states, 0.05, 1e6)
    far, near, _ = by_reference(positions, states, [0.05], [1e6])
    assert sums.near.item() == near.item()
    assert sums.far_count.item() == round(far.item())


def test_near_pairs_across_the_borders_of_blocks(make_points):
    # On a line, sorted, the last point of a block and the first of the next are the only near pair of the two.
    _, states = points(make_points, 1, 1, 200, 3)
    line = 0.97 * 0.05 * torch.arange(200, dtype=torch.float64)
    for positions in (torch.stack([line, 0 * line], dim=-1), torch.stack([0 * line, line], dim=-1)):
        shuffled = positions[torch.randperm(200, generator=torch.Generator().manual_seed(0))]
        sums = assert_agree(shuffled[None, None], states)
        assert sums.near_count.item() == 2 * 199


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_parts_add_up_to_the_whole(make_points, dtype):
    positions, states = points(make_points, 2, 3, 25, 5, dtype)
    whole, gradient = by_kernel(positions, states, 0.05, 0.4, (2.0, 0.5))
    parts, gradients = zip(
        *(by_kernel(positions, states, 0.05, 0.4, (2.0, 0.5), part=(i, 4)) for i in range(4)), strict=True
    )
    tolerance = 1e-12 if dtype == torch.float64 else 2e-6
    for name in ("far", "near"):
        total = torch.stack([getattr(one, name).detach() for one in parts]).sum(dim=0)
        torch.testing.assert_close(total, getattr(whole, name).detach(), rtol=tolerance, atol=tolerance)
    for name in ("far_count", "near_count"):
        assert torch.equal(sum(getattr(one, name) for one in parts), getattr(whole, name))
    torch.testing.assert_close(sum(gradients), gradient, rtol=tolerance, atol=tolerance * 100)
    assert [bool(one.any()) for one in gradients[1:]] == [True, False, False]


def test_columns_that_are_split_over_programs_add_up(make_points, monkeypatch):
    positions, states = points(make_points, 1, 3, 47, 5)
    split, gradient = by_kernel(positions, states, 0.05, 0.4)
    monkeypatch.setattr(far, "PROGRAMS", 1)
    one, same = by_kernel(positions, states, 0.05, 0.4)
    assert one.far.item() == pytest.approx(split.far.item(), rel=1e-13)
    torch.testing.assert_close(gradient, same, rtol=1e-11, atol=1e-11)


def test_states_that_diverged_are_not_hidden(make_points):
    positions, states = points(make_points, 1, 3, 5, 4, torch.float32)
    states[0, 1, 2, 0] = float("nan")
    for precision in TOLERANCE:
        sums, gradient = by_kernel(positions, states, 0.05, 0.4, precision=precision)
        assert math.isnan(sums.far.item())
        assert gradient.isnan().any()


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        ({"precision": "half"}, "precision must be one of"),
        ({"part": (2, 2)}, "part must be"),
        ({"sigma_g": [0.4, 0.4]}, "sigma_g must be one number or one for each of the 1 networks"),
    ],
)
def test_arguments_that_make_no_sense_are_refused(make_points, options, complaint):
    positions, states = points(make_points, 1, 3, 5, 4)
    with pytest.raises(ValueError, match=complaint):
        pair_sums(positions, states, **({"sigma_x": 0.05, "sigma_g": 0.4} | options))


def test_too_many_units_are_refused():
    with pytest.raises(ValueError, match="at most 256 units"):
        pair_sums(torch.zeros(1, 1, 2), torch.zeros(1, 1, 257), 0.05, 0.4)
