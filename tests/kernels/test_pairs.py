import math
import sys
from pathlib import Path

import numba
import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

import by_loops
from sicgrid.kernels import pair_sums, use_threads
from sicgrid.kernels._pairs import LARGE_FROM, _overlaps, _tiles
from sicgrid.losses import invariance, separation
from sicgrid.model import norm_relu
from sicgrid.trajectories import PermutedVelocities

# float32 against the reference in float64: both round, the reference less.
TOLERANCE = {torch.float32: 2e-5, torch.float64: 1e-10}
# Smaller than a tile, a tile (512 points) and one more, and tiles of unequal size; no size a multiple of another.
SHAPES = [(1, 1, 1), (1, 2, 3), (2, 1, 5), (7, 11, 13), (1, 512, 4), (27, 19, 6), (3, 401, 9)]


def by_kernel(positions, states, sigma_x, sigma_g, upstream=(1.0, 1.0)):
    states = states.clone().requires_grad_()
    sums = pair_sums(positions, states, sigma_x, sigma_g)
    (upstream[0] * sums.far + upstream[1] * sums.near).backward()
    return sums, states.grad


def by_reference(positions, states, sigma_x, sigma_g, upstream=(1.0, 1.0)):
    states = states.clone().requires_grad_()
    far = separation(positions, states, sigma_x, sigma_g, "sum")
    near = invariance(positions, states, sigma_x, "sum")
    (upstream[0] * far + upstream[1] * near).backward()
    return far.detach(), near.detach(), states.grad


def assert_agree(positions, states, sigma_x=0.05, sigma_g=0.4, upstream=(1.0, 1.0)):
    tolerance = TOLERANCE[states.dtype]
    sums, gradient = by_kernel(positions, states, sigma_x, sigma_g, upstream)
    far, near, expected = by_reference(positions, states, sigma_x, sigma_g, upstream)
    assert sums.far.item() == pytest.approx(far.item(), rel=tolerance)
    assert sums.near.item() == pytest.approx(near.item(), rel=tolerance, abs=tolerance)
    assert gradient.dtype == states.dtype
    largest = expected.abs().max().item()
    torch.testing.assert_close(gradient, expected, rtol=tolerance, atol=5 * tolerance * largest)
    return sums


@pytest.mark.parametrize("dtype", TOLERANCE)
@pytest.mark.parametrize("shape", SHAPES)
def test_equals_the_reference_in_value_and_gradient(make_points, shape, dtype):
    points = make_points(*shape, dtype=dtype, max_speed=0.15)
    assert_agree(points.positions, points.states)


@pytest.mark.parametrize("dtype", TOLERANCE)
@pytest.mark.parametrize("upstream", [(2.0, 2.0), (1.0, 0.0), (0.0, 1.0), (-0.5, 3.0)])
def test_upstream_gradients_of_both_sums(make_points, dtype, upstream):
    points = make_points(9, 17, 6, dtype=dtype)
    assert_agree(points.positions, points.states, upstream=upstream)


def test_equals_the_loops(make_points):
    points = make_points(4, 6, 5)
    sums, _ = by_kernel(points.positions, points.states, 0.05, 0.4)
    x, g = points.positions.tolist(), points.states.tolist()
    distances = [dx for dx, _ in by_loops.pairs(x, g)]
    assert sums.far.item() == pytest.approx(by_loops.separation(x, g, 0.05, 0.4, "sum"), rel=1e-10)
    assert sums.near.item() == pytest.approx(by_loops.invariance(x, g, 0.05, "sum"), rel=1e-10)
    assert (sums.far_count, sums.near_count) == (sum(dx > 0.05 for dx in distances), sum(dx < 0.05 for dx in distances))
    assert 0 < sums.near_count < sums.far_count


@pytest.mark.parametrize("which", ["far", "near"])
def test_gradient_of_each_sum_by_differences(make_points, which):
    points = make_points(3, 4, 3)
    states = points.states.clone().requires_grad_()
    assert torch.autograd.gradcheck(lambda g: getattr(pair_sums(points.positions, g, 0.05, 0.4), which), states)


@pytest.mark.parametrize("dtype", TOLERANCE)
def test_states_need_not_be_unit_vectors(make_points, dtype):
    points = make_points(6, 8, 5, dtype=dtype)
    lengths = torch.linspace(0.1, 2.5, 48, dtype=dtype).reshape(6, 8, 1)
    assert_agree(points.positions, lengths * points.states - 0.1)


@pytest.mark.parametrize("sigma_g", [0.02, 0.1, 1.0, 30.0])
@pytest.mark.parametrize("dtype", TOLERANCE)
def test_narrow_and_wide_sigma_g(make_points, dtype, sigma_g):
    # At 0.02 nearly all overlaps underflow: exp(-1/0.0004) is below the smallest float32 and float64.
    points = make_points(6, 8, 5, dtype=dtype)
    sums, gradient = by_kernel(points.positions, points.states, 0.05, sigma_g, upstream=(1.0, 0.0))
    far, _, expected = by_reference(points.positions.double(), points.states.double(), 0.05, sigma_g, (1.0, 0.0))
    # The exponent is a difference of terms of size 1/sigma_g^2, each rounded.
    tolerance = TOLERANCE[dtype] * max(1.0, 0.1 / sigma_g**2)
    assert sums.far.item() == pytest.approx(far.item(), rel=tolerance)
    largest = expected.abs().max().item()
    torch.testing.assert_close(gradient.double(), expected, rtol=tolerance, atol=10 * tolerance * largest)


@pytest.mark.parametrize("dtype", TOLERANCE)
def test_coincident_states(make_points, dtype):
    points = make_points(9, 17, 6, dtype=dtype)
    states = points.states[:1, :1].expand(9, 17, 6).contiguous()
    sums, gradient = by_kernel(points.positions, states, 0.05, 0.4)
    assert sums.far.item() == pytest.approx(sums.far_count.item(), rel=TOLERANCE[dtype])
    assert sums.near.item() == 0.0
    # Zero as a difference of two sums of 153 terms, each of size 2/sigma_g^2 and rounded.
    rounding = 153 * 2 / 0.4**2 * 32 * torch.finfo(dtype).eps
    torch.testing.assert_close(gradient, torch.zeros_like(states), rtol=0, atol=rounding)


@pytest.mark.parametrize("dtype", TOLERANCE)
def test_coincident_points(make_points, dtype):
    # Every trajectory in the same order (no permutations): each place many times over, with other states.
    points = make_points(9, 17, 6, dtype=dtype)
    sums = assert_agree(points.positions[:1].expand(9, 17, 2), points.states)
    assert sums.near_count >= 17 * 9 * 8


@pytest.mark.parametrize("dtype", TOLERANCE)
def test_no_near_pair(dtype, make_points):
    states = make_points(3, 5, 4, dtype=dtype).states
    positions = torch.arange(30, dtype=dtype).reshape(3, 5, 2)
    sums = assert_agree(positions, states)
    assert (sums.near_count, sums.near.item(), sums.far_count) == (0, 0.0, 15 * 14)


@pytest.mark.parametrize("dtype", TOLERANCE)
def test_no_far_pair(dtype, make_points):
    points = make_points(3, 5, 4, dtype=dtype)
    sums = assert_agree(points.positions, points.states, sigma_x=10.0)
    assert (sums.far_count, sums.far.item(), sums.near_count) == (0, 0.0, 15 * 14)


@pytest.mark.parametrize("dtype", TOLERANCE)
@pytest.mark.parametrize("apart", [(3 / 16, 4 / 16), (-5 / 16, 0.0), (0.0, 5 / 16)])
def test_pair_at_sigma_x_is_neither_near_nor_far(dtype, apart):
    positions = torch.tensor([[[1.0, -2.0]], [[1.0 + apart[0], -2.0 + apart[1]]]], dtype=dtype)
    states = torch.tensor([[[1.0, 0.0]], [[0.0, 1.0]]], dtype=dtype)
    sums, gradient = by_kernel(positions, states, 5 / 16, 0.4)
    assert (sums.far_count, sums.near_count, sums.far.item(), sums.near.item()) == (0, 0, 0.0, 0.0)
    assert not gradient.any()


@pytest.mark.parametrize("dtype", TOLERANCE)
def test_distances_within_rounding_of_sigma_x_are_judged_as_by_the_reference(dtype, make_points):
    # On a lattice of sigma_x, far from the origin, neighbors are at sigma_x up to rounding, on either side of it.
    side = torch.arange(12, dtype=torch.float64) * 0.05 + 0.7
    positions = torch.cartesian_prod(side, side).reshape(12, 12, 2).to(dtype)
    states = make_points(12, 12, 5, dtype=dtype).states
    sums = assert_agree(positions, states)
    ones = torch.eye(2, dtype=dtype)[torch.randint(2, (12, 12), generator=torch.Generator().manual_seed(0))]
    far, near, _ = by_reference(positions, ones, 0.05, 1e6)
    assert by_kernel(positions, ones, 0.05, 1e6)[0].near.item() == near.item()
    assert sums.far_count == round(far.item())


@settings(deadline=None, max_examples=40)
@given(
    batch=st.integers(1, 6),
    time=st.integers(1, 9),
    units=st.integers(1, 9),
    seed=st.integers(0, 2**32),
    sigma_x=st.floats(1e-3, 2.0),
    offset=st.floats(-50.0, 50.0),
)
def test_equals_the_reference_for_any_layout(make_points, batch, time, units, seed, sigma_x, offset):
    points = make_points(batch, time, units, seed=seed, max_speed=0.15)
    assert_agree(points.positions + offset, points.states, sigma_x=sigma_x)


def test_same_bits_twice(make_points):
    points = make_points(27, 19, 16, dtype=torch.float32)
    (one, slope), (other, same_slope) = (by_kernel(points.positions, points.states, 0.05, 0.4) for _ in range(2))
    assert torch.equal(one.far, other.far)
    assert torch.equal(one.near, other.near)
    assert torch.equal(slope, same_slope)


def test_states_that_diverged_are_not_hidden(make_points):
    points = make_points(3, 5, 4)
    states = points.states.clone()
    states[1, 2, 0] = float("nan")
    sums = pair_sums(points.positions, states, 0.05, 0.4)
    assert math.isnan(sums.far.item())


def stacked(make_points, dtype, shape=(5, 41, 7), networks=3):
    """Positions and states of several networks, of sizes that leave all but the first at odd addresses."""
    points = [make_points(*shape, dtype=dtype, seed=seed, max_speed=0.15) for seed in range(networks)]
    return tuple(torch.stack([getattr(one, name) for one in points]) for name in ("positions", "states"))


@pytest.fixture
def threads():
    before = numba.get_num_threads()
    yield use_threads
    use_threads(before)


@pytest.mark.parametrize("left", [0, 37])
def test_overlaps_have_the_same_bits_on_any_number_of_threads(threads, left):
    generator = np.random.default_rng(0)
    products, half = generator.random((37, 301), np.float32), generator.random(left + 301, np.float32)
    start, index = np.arange(left + 302) // 2, generator.integers(left, left + 301, 200, np.int32)
    found = []
    for number in (1, 2):
        threads(min(number, numba.config.NUMBA_NUM_THREADS))
        tile, rows = products.copy(), np.zeros(left + 301, np.float32)
        _overlaps(tile, half, rows, start, index, 0, left, number)
        found.append(rows.tobytes() + tile.tobytes())
    assert found[0] == found[1]
    assert (rows > 0).sum() == 37 + (301 if left else 0)


@pytest.mark.parametrize("number", sorted({1, min(2, numba.config.NUMBA_NUM_THREADS)}))
@pytest.mark.parametrize("dtype", TOLERANCE)
def test_each_of_several_networks_has_the_bits_that_it_has_alone_on_one_thread(make_points, threads, dtype, number):
    positions, states = stacked(make_points, dtype)
    sigma_x, sigma_g = [0.05, 0.2, 0.1], [0.4, 0.3, 1.5]
    upstream = torch.tensor([2.0, -1.0, 0.5], dtype=dtype)
    threads(number)
    leaf = states.clone().requires_grad_()
    sums = pair_sums(positions, leaf, sigma_x, sigma_g)
    (upstream * (sums.far + 0.1 * sums.near)).sum().backward()
    assert all(values.shape == (3,) for values in sums)
    threads(1)
    for k in range(3):
        own = states[k].clone().requires_grad_()
        alone = pair_sums(positions[k].clone(), own, sigma_x[k], sigma_g[k])
        (upstream[k] * (alone.far + 0.1 * alone.near)).backward()
        assert all(
            value.shape == () and torch.equal(value, values[k]) for value, values in zip(alone, sums, strict=True)
        )
        assert torch.equal(own.grad, leaf.grad[k])
        assert 0 < alone.near_count < alone.far_count


def test_scales_that_all_networks_share_and_scales_in_a_tensor(make_points):
    positions, states = stacked(make_points, torch.float64)
    one, listed, tensor = (
        pair_sums(positions, states, sigma_x, 0.4)
        for sigma_x in (0.1, [0.1] * 3, torch.tensor([0.1] * 3, dtype=torch.float64))
    )
    for a, b, c in zip(one, listed, tensor, strict=True):
        assert torch.equal(a, b)
        assert torch.equal(a, c)
    with pytest.raises(ValueError, match="sigma_g must be one number or one for each of the 3 networks, got 2"):
        pair_sums(positions, states, 0.05, [0.4, 0.4])


def test_several_networks_in_inference_mode(make_points):
    positions, states = stacked(make_points, torch.float32)
    with torch.inference_mode():
        sums = pair_sums(positions, states.clone(), 0.05, 0.4)
    assert torch.equal(sums.far, pair_sums(positions, states, 0.05, 0.4).far)


@pytest.mark.parametrize("shares", [2, 3, 7])
@pytest.mark.parametrize("dtype", TOLERANCE)
def test_parts_add_up_to_the_whole(make_points, dtype, shares):
    # 1113 points: six tiles, so that the seventh share has pairs to count but no tile.
    points = make_points(21, 53, 6, dtype=dtype)
    whole, gradient = by_kernel(points.positions, points.states, 0.05, 0.4, (2.0, 0.3))
    total, summed = [0.0] * 4, torch.zeros_like(gradient)
    for share in range(shares):
        leaf = points.states.clone().requires_grad_()
        part = pair_sums(points.positions, leaf, 0.05, 0.4, part=(share, shares))
        (2.0 * part.far + 0.3 * part.near).backward()
        total = [a + b.item() for a, b in zip(total, part, strict=True)]
        summed += leaf.grad
        assert part.near.item() < whole.near.item()
    assert total[2:] == [whole.far_count, whole.near_count]
    assert total[:2] == pytest.approx([whole.far.item(), whole.near.item()], rel=TOLERANCE[dtype])
    largest = gradient.abs().max().item()
    torch.testing.assert_close(summed, gradient, rtol=TOLERANCE[dtype], atol=TOLERANCE[dtype] * largest)


@pytest.mark.parametrize(("n", "shares"), [(7800, 2), (7800, 4), (31200, 8), (5000, 3)])
def test_shares_are_alike_and_hold_every_tile_once(n, shares):
    held = [_tiles(n, 1024, (share, shares)) for share in range(shares)]
    assert sorted(tile for tiles in held for tile in tiles) == sorted(_tiles(n, 1024, (0, 1)))
    work = [sum((b - a) * (d - c) * (2 if a == c else 3) for a, b, c, d in tiles) for tiles in held]
    assert max(work) < 1.12 * sum(work) / shares


@pytest.mark.parametrize("part", [(-1, 2), (2, 2), (0, 0)])
def test_parts_that_do_not_exist_are_refused(make_points, part):
    points = make_points(2, 3, 4)
    with pytest.raises(ValueError, match="part must be"):
        pair_sums(points.positions, points.states, 0.05, 0.4, part=part)


def resident(field):
    """Resident memory of this process now (VmRSS) or at its peak (VmHWM), MiB."""
    (line,) = (line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith(field))
    return int(line.split()[1]) / 1024


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads the process's peak memory from /proc")
def test_memory_is_not_quadratic(make_points):
    # 6000 points: one full matrix of pairs would be 137 MiB in float32.
    points = make_points(100, 60, 16, dtype=torch.float32, max_speed=0.15)
    by_kernel(points.positions[:, :8].contiguous(), points.states[:, :8].contiguous(), 0.05, 0.4)
    Path("/proc/self/clear_refs").write_text("5")  # resets the peak
    before = resident("VmRSS")
    by_kernel(points.positions, points.states, 0.05, 0.4)
    assert resident("VmHWM") - before < 60


@pytest.mark.parametrize("value", [float("nan"), float("inf"), 1e9])
def test_positions_that_make_no_sense_are_refused(value):
    positions = torch.tensor([[[0.0, 0.0], [value, 0.0]]])
    with pytest.raises(ValueError, match="positions"):
        pair_sums(positions, torch.ones(1, 2, 3), 0.05, 0.4)


def test_many_points_use_large_tiles_and_agree(make_points):
    # More than the reference could hold at once: rows of it, in turn.
    points = make_points(10, 419, 3, dtype=torch.float64)
    sums, gradient = by_kernel(points.positions, points.states, 0.05, 0.4)
    x, g = points.positions.flatten(0, 1), points.states.flatten(0, 1).clone().requires_grad_()
    total = 0.0
    for rows in torch.arange(len(x)).split(500):
        apart = (x[rows, None] - x).square().sum(dim=-1) > 0.05**2
        far = (torch.exp((g[rows, None] - g).square().sum(dim=-1) / (-2 * 0.4**2)) * apart).sum()
        far.backward()
        total += far.item()
    assert len(x) >= LARGE_FROM
    assert sums.far.item() == pytest.approx(total, rel=1e-10)
    near_gradient = gradient.flatten(0, 1) - g.grad
    _, near_only = by_kernel(points.positions, points.states, 0.05, 0.4, upstream=(0.0, 1.0))
    torch.testing.assert_close(near_gradient, near_only.flatten(0, 1), rtol=1e-8, atol=1e-8)


def test_same_bits_wherever_memory_lies():
    # Litter of changing size moves the arrays about; a loop that rounds by address differs in some 3 % of the calls.
    generator = torch.Generator().manual_seed(0)
    positions = PermutedVelocities(32, 20).sample(generator).positions
    states = norm_relu(torch.randn(32, 20, 64, generator=generator))
    first, first_gradient = by_kernel(positions, states, 0.05, 0.4)
    litter = []
    for bytes_, floats in torch.randint(1, 20_000, (300, 2), generator=generator).tolist():
        litter += [np.empty(bytes_, np.uint8), torch.empty(floats // 7)]
        litter = litter[::3] if len(litter) > 50 else litter
        sums, gradient = by_kernel(positions, states, 0.05, 0.4)
        assert torch.equal(sums.far, first.far)
        assert torch.equal(gradient, first_gradient)
