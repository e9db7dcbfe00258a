import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

import by_loops
from sicgrid.trajectories import PermutedVelocities


def sample(seed=0, **arguments):
    return PermutedVelocities(**arguments).sample(torch.Generator().manual_seed(seed))


@settings(deadline=None, max_examples=30)
@given(
    batch_size=st.integers(1, 6),
    length=st.integers(1, 12),
    max_speed=st.floats(0.01, 2.0),
    permute=st.booleans(),
    seed=st.integers(0, 2**32),
)
def test_every_batch_walks_the_same_velocities(batch_size, length, max_speed, permute, seed):
    batch = sample(
        seed, batch_size=batch_size, length=length, max_speed=max_speed, permute=permute, dtype=torch.float64
    )
    assert batch.distinct.shape == (length, 2)
    assert batch.order.shape == (batch_size, length)
    assert batch.velocities.shape == batch.positions.shape == (batch_size, length, 2)
    assert batch.order.dtype == torch.int64
    assert batch.distinct.abs().max() <= max_speed
    for row in batch.order.tolist():
        assert sorted(row) == list(range(length))
    for b in range(batch_size):
        for t in range(length):
            assert torch.equal(batch.velocities[b, t], batch.distinct[batch.order[b, t]])
    np.testing.assert_allclose(batch.positions, by_loops.positions(batch.velocities.tolist()), atol=1e-12 * max_speed)
    end = batch.distinct.sum(dim=0)
    torch.testing.assert_close(batch.positions[:, -1], end.expand(batch_size, 2), rtol=0, atol=1e-12 * max_speed)


def test_published_numbers_are_the_default():
    batch = sample()
    assert batch.velocities.shape == (130, 60, 2)
    assert batch.velocities.dtype == torch.float32
    assert 0.12 < batch.distinct.abs().max() <= 0.15


def test_end_points_agree_in_float32_to_well_below_sigma_x():
    ends = sample(seed=1).positions[:, -1]
    assert (ends - ends[0]).norm(dim=1).max() < 1e-5


def test_velocities_are_uniform_on_the_square():
    batch = sample(batch_size=1, length=20_000, dtype=torch.float64)
    unit = batch.distinct.numpy() / 0.15
    counts, _, _ = np.histogram2d(*unit.T, bins=10, range=[(-1, 1), (-1, 1)])
    chi_squared = ((counts - 200) ** 2 / 200).sum()
    assert chi_squared < 160  # 99 degrees of freedom: the 0.9999 quantile
    assert abs(np.corrcoef(unit.T)[0, 1]) < 0.03
    assert abs(np.corrcoef(unit[1:, 0], unit[:-1, 0])[0, 1]) < 0.03


def test_all_orders_are_equally_likely():
    orders = sample(batch_size=12_000, length=3).order
    codes = (orders * torch.tensor([9, 3, 1])).sum(dim=1)
    counts = torch.unique(codes, return_counts=True)[1].double()
    assert len(counts) == 6
    assert ((counts - 2000) ** 2 / 2000).sum() < 26  # 5 degrees of freedom: the 0.9999 quantile


def test_trajectories_take_different_routes():
    batch = sample(batch_size=20, length=30)
    assert len(torch.unique(batch.order, dim=0)) == 20
    assert (batch.positions[:, 15] - batch.positions[0, 15]).norm(dim=1)[1:].min() > 1e-3


def test_without_permutation_all_walk_one_order():
    batch = sample(batch_size=5, length=9, permute=False)
    assert torch.equal(batch.order, batch.order[:1].expand(5, 9))
    assert torch.equal(batch.positions, batch.positions[:1].expand(5, 9, 2))


@pytest.mark.parametrize("permute", [True, False])
def test_generator_decides_everything(permute):
    sampler = PermutedVelocities(batch_size=4, length=5, permute=permute)
    generator = torch.Generator().manual_seed(7)
    first, second = sampler.sample(generator), sampler.sample(generator)
    again = sampler.sample(torch.Generator().manual_seed(7))
    assert all(torch.equal(a, b) for a, b in zip(first, again, strict=True))
    assert not torch.equal(first.distinct, second.distinct)
    torch.manual_seed(0)
    elsewhere = torch.get_rng_state()
    sampler.sample(generator)
    assert torch.equal(torch.get_rng_state(), elsewhere)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_dtype(dtype):
    batch = sample(batch_size=2, length=3, dtype=dtype)
    assert {batch.distinct.dtype, batch.velocities.dtype, batch.positions.dtype} == {dtype}


@pytest.mark.parametrize(
    "setting", [{"batch_size": 0}, {"length": 0}, {"max_speed": 0.0}, {"max_speed": float("nan")}, {"length": -3}]
)
def test_impossible_settings_are_refused(setting):
    (name,) = setting
    with pytest.raises(ValueError, match=name):
        PermutedVelocities(**setting)
