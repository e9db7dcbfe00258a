"""Two real processes share the pair terms of one batch, and come to what one process comes to."""

import subprocess
import sys
from pathlib import Path

import pytest
import torch

from sicgrid.losses import SICLoss
from sicgrid.trajectories import PermutedVelocities

# Gloo's threads may still hold a tensor of an all_reduce that is over. To let go of it they take the interpreter's
# lock, and an interpreter that is shutting down answers by ending the thread, which C++ takes for a crash ("terminate
# called without an active exception", about one run in 25). So a worker ends without a shutdown, once its answer is on
# the disk and the other needs it no more.
WORKER = """
import os
import sys
from datetime import timedelta
import torch
from torch import distributed as dist
from sicgrid.kernels import use_threads
from sicgrid.losses import SICLoss

size, meeting, given, answer = 2, *sys.argv[1:4]
other = os.fork()  # what was imported serves both
rank = int(other == 0)
use_threads(1)
store = dist.FileStore(meeting, size)
dist.init_process_group("gloo", store=store, rank=rank, world_size=size, timeout=timedelta(seconds=60))
batch = torch.load(given, weights_only=True)
states = batch["states"].requires_grad_()
terms = SICLoss(group=dist.group.WORLD)(**batch)
(2 * terms.total).backward()
torch.save({"terms": torch.stack(list(terms)).detach(), "gradient": states.grad}, f"{answer}-{rank}")
store.set(f"done {rank}", "")
store.wait([f"done {each}" for each in range(size)], timedelta(seconds=60))
os._exit(os.waitstatus_to_exitcode(os.waitpid(other, 0)[1]) if rank == 0 else 0)
"""


@pytest.fixture
def batch():
    generator = torch.Generator().manual_seed(0)
    drawn = PermutedVelocities(batch_size=40, length=30, dtype=torch.float64).sample(generator)  # more than one tile
    states = torch.rand(40, 30, 5, generator=generator, dtype=torch.float64)
    states = states / states.norm(dim=-1, keepdim=True)
    initial_state = torch.full((5,), 5**-0.5, dtype=torch.float64)
    return {
        "positions": drawn.positions, "velocities": drawn.velocities, "states": states, "initial_state": initial_state
    }  # fmt: skip


def test_two_processes_come_to_loss_and_gradient_of_one(batch, tmp_path: Path):
    torch.save(batch, tmp_path / "batch")
    command = [sys.executable, "-c", WORKER, *(str(tmp_path / name) for name in ("meeting", "batch", "answer"))]
    ended = subprocess.run(command, stderr=subprocess.PIPE, text=True, timeout=120, check=False)
    assert ended.returncode == 0, ended.stderr
    states = batch["states"].clone().requires_grad_()
    terms = SICLoss()(**{**batch, "states": states})
    (2 * terms.total).backward()
    answers = [torch.load(tmp_path / f"answer-{rank}", weights_only=True) for rank in range(2)]
    for answer in answers:
        torch.testing.assert_close(answer["terms"], torch.stack(list(terms)).detach())
        torch.testing.assert_close(answer["gradient"], states.grad)
    assert torch.equal(answers[0]["gradient"], answers[1]["gradient"])
