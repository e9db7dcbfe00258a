"""Two real processes share the pair terms of a batch."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import distributed as dist

from sicgrid.kernels import pair_sums
from sicgrid.losses._split import split_pair_sums
from sicgrid.trajectories import PermutedVelocities

pytestmark = pytest.mark.skipif(not dist.is_available() or not dist.is_gloo_available(), reason="takes gloo")

TOLERANCE = {"float32": 1e-5, "float64": 1e-12}
CASES = [(dtype, networks) for dtype in TOLERANCE for networks in (0, 2)]  # 0: no axis of networks


def batch(dtype, networks):
    """The same in every process: positions, states (1161 points, six tiles) and upstream gradients."""
    generator = torch.Generator().manual_seed(3)
    dtype = getattr(torch, dtype)
    sampler = PermutedVelocities(batch_size=27, length=43, dtype=dtype)
    positions = [sampler.sample(generator).positions for _ in range(max(networks, 1))]
    states = torch.rand(len(positions), 27, 43, 12, dtype=dtype, generator=generator)
    states /= states.norm(dim=-1, keepdim=True)
    positions = torch.stack(positions)
    return (positions, states) if networks else (positions[0], states[0])


def terms(function, dtype, networks):
    positions, states = batch(dtype, networks)
    states.requires_grad_()
    sums = function(positions, states, 0.1, [0.4, 0.6] if networks else 0.4)
    # A loss that also uses the states by themselves: their own gradient must not be summed over processes.
    (1.5 * sums.far / sums.far_count - 0.3 * sums.near + states.square().sum()).sum().backward()
    return [*(value.detach().numpy() for value in sums), states.grad.numpy()]


def work(rank, size, folder):
    """One of the processes: its results go into a file."""
    torch.set_num_threads(1)
    store = dist.FileStore(str(folder / "store"), size)
    dist.init_process_group("gloo", store=store, rank=rank, world_size=size)
    results = {}
    for dtype, networks in CASES:
        for index, value in enumerate(terms(split_pair_sums, dtype, networks)):
            results[f"{dtype} {networks} {index}"] = value
    np.savez(folder / f"{rank}.npz", **results)
    dist.destroy_process_group()


@pytest.fixture(scope="module")
def by_two(tmp_path_factory):
    folder = tmp_path_factory.mktemp("split")
    commands = [[sys.executable, __file__, str(rank), "2", str(folder)] for rank in range(2)]
    processes = [subprocess.Popen(command, stderr=subprocess.PIPE, text=True) for command in commands]
    try:
        errors = [process.communicate(timeout=120)[1] for process in processes]
    finally:
        for process in processes:
            process.kill()
    assert [process.returncode for process in processes] == [0, 0], errors
    return [np.load(folder / f"{rank}.npz") for rank in range(2)]


@pytest.mark.parametrize(("dtype", "networks"), CASES)
def test_two_processes_get_the_loss_and_gradient_of_one(by_two, dtype, networks):
    for index, expected in enumerate(terms(pair_sums, dtype, networks)):
        for found in by_two:
            value = found[f"{dtype} {networks} {index}"]
            assert value.dtype == expected.dtype
            scale = TOLERANCE[dtype] * np.abs(expected).max()
            np.testing.assert_allclose(value, expected, rtol=TOLERANCE[dtype], atol=scale)


def test_both_processes_hold_the_same_bits(by_two):
    first, second = by_two
    assert len(first.files) == 5 * len(CASES)
    for name in first.files:
        assert np.array_equal(first[name], second[name]), name


def test_each_process_does_a_part_only():
    positions, states = batch("float64", 0)
    whole = pair_sums(positions, states, 0.1, 0.4)
    shares = [pair_sums(positions, states, 0.1, 0.4, part=(rank, 2)).far.item() / whole.far.item() for rank in (0, 1)]
    assert max(shares) < 0.7


if __name__ == "__main__":
    work(int(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3]))
