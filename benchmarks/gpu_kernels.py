"""The GPU kernels one by one: tiles and precisions of the far sum, and what a whole step spends its time on.

.venv/bin/python benchmarks/gpu_kernels.py accuracy    # of each precision, against float64
.venv/bin/python benchmarks/gpu_kernels.py tiles       # times of tiles; compiles them in processes beside each other
.venv/bin/python benchmarks/gpu_kernels.py profile     # of a step at paper scale, kernel by kernel

States are those of the bundled network `quick` on a batch at paper scale (130 trajectories of 60 steps, two networks),
and of a network at paper settings as it starts.
"""

import argparse
import itertools
import os
import subprocess
import sys
from collections.abc import Callable

import torch

from sicgrid.experiment import build, load_config
from sicgrid.kernels import _triton_far, _triton_near, _triton_rollout
from sicgrid.kernels._triton_factors import Scales, factors
from sicgrid.kernels._triton_far import Tile, far_sums
from sicgrid.kernels._triton_near import near_sums
from sicgrid.kernels._triton_order import by_place
from sicgrid.kernels._triton_pairs import PRECISIONS
from sicgrid.kernels._triton_sic import sic_terms
from sicgrid.pretrained import load_pretrained
from sicgrid.training import Trainee
from sicgrid.training._many_steps import ManySteps

DEVICE = "cuda" if torch.cuda.is_available() else "cpu"
TILES = [Tile(64, 4, stages) for stages in (2, 3, 4)]
SCALES = Scales.of(torch.full((2,), 0.05, device=DEVICE), torch.full((2,), 0.4, device=DEVICE))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("task", choices=("accuracy", "tiles", "compile", "profile"))
    parser.add_argument("--share", nargs=2, type=int, default=(0, 1), help="of compile: which, of how many")
    parser.add_argument("--batch", type=int, default=130)
    asked = parser.parse_args()
    {"accuracy": accuracy, "tiles": tiles, "compile": compile_share, "profile": profile}[asked.task](asked)


def states_of(start: bool, batch: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Places (2, batch * 60, 2) and states of two batches."""
    config = load_config("paper")
    rnn = build(config, None).rnn if start else load_pretrained("quick")
    sampler = build(config, None).sampler
    places, states = [], []
    for seed in range(2):
        walks = sampler.sample(torch.Generator().manual_seed(seed))
        order = walks.order[:batch]
        with torch.no_grad():
            states.append(rnn(walks.distinct, order).states.flatten(0, 1))
        places.append(walks.positions[:batch].flatten(0, 1))
    return torch.stack(places).to(DEVICE), torch.stack(states).to(DEVICE)


def accuracy(asked: argparse.Namespace) -> None:
    print("| states | precision | far sum | its gradient | near sum | its gradient |\n|---|---|---|---|---|---|")
    for start in (True, False):
        x, g = states_of(start, asked.batch)
        exact = [exactly(x[k], g[k].double(), SCALES.threshold[0]) for k in range(2)]
        for precision in PRECISIONS:
            made_of, points = made(x, g, precision)
            far, far_gradient = far_sums(made_of, points, SCALES, (0, 1))
            near, near_gradient, _ = near_sums(made_of, points, SCALES, (0, 1))
            sums = [tensor.double().sum(1) for tensor in (far, far_gradient, near, near_gradient)]
            worst = [
                max(((values[k] - wanted[k]).norm() / wanted[k].norm()).item() for k in range(2))
                for values, wanted in zip(sums, zip(*exact, strict=True), strict=True)
            ]
            label = "untrained, paper settings" if start else "trained (quick)"
            print(f"| {label} | {precision} | " + " | ".join(f"{error:.1e}" for error in worst) + " |", flush=True)


def exactly(x: torch.Tensor, g: torch.Tensor, threshold: torch.Tensor) -> tuple[torch.Tensor, ...]:
    """Far sum, its gradient, near sum, its gradient, in float64; all pairs at once."""
    distance = (x[:, None] - x[None]).square().sum(-1)
    squares = g.square().sum(-1)
    apart = (squares[:, None] + squares[None] - 2 * g @ g.T).fill_diagonal_(0.0)
    overlap = torch.exp(apart / -0.32).where(distance > threshold, 0.0)
    near = (distance < threshold).double().fill_diagonal_(0.0)
    far_gradient = (overlap @ g - overlap.sum(1)[:, None] * g) * 2 / 0.16
    near_gradient = 4 * (near.sum(1)[:, None] * g - near @ g)
    return overlap.sum(), far_gradient, (near * apart).sum(), near_gradient


def made(x: torch.Tensor, g: torch.Tensor, precision: str = "fp16") -> tuple:
    points = by_place(x, SCALES.sigma_x)
    return factors(g, points, SCALES, precision), points


def compile_share(asked: argparse.Namespace) -> None:
    x, g = states_of(False, asked.batch)
    made_of, points = made(x, g)
    share, shares = asked.share
    for tile in TILES[share::shares]:
        tried(lambda t=tile: far_sums(made_of, points, SCALES, (0, 1), t), str(tile))


def tiles(asked: argparse.Namespace) -> None:
    workers = min(12, os.cpu_count() or 1)
    command = [sys.executable, __file__, "compile", "--share"]
    for started in [subprocess.Popen([*command, str(k), str(workers)]) for k in range(workers)]:
        started.wait()
    x, g = states_of(False, asked.batch)
    made_of, points = made(x, g)
    print("| kernel | us |\n|---|---|")
    for _triton_far.PROGRAMS, tile in itertools.product((264, 396, 528), TILES):
        tried(
            lambda t=tile: far_sums(made_of, points, SCALES, (0, 1), t),
            f"far, {tuple(tile)}, {_triton_far.PROGRAMS}",
        )
    for _triton_near.SPLITS in (1, 2, 3, 4):
        tried(lambda: near_sums(made_of, points, SCALES, (0, 1)), f"near, {_triton_near.SPLITS} splits")
    tried(lambda: by_place(x, SCALES.sigma_x), "order")
    tried(lambda: made(x, g), "order and factors")
    matrices = (torch.randn(2, 60, 128, 128, device=DEVICE) / 11 + torch.eye(128, device=DEVICE)).requires_grad_()
    order = torch.rand(2, 130, 60, device=DEVICE).argsort(dim=-1)
    start = torch.rand(2, 128, device=DEVICE).requires_grad_()
    for _triton_rollout.WARPS in (4, 8, 16):
        with torch.no_grad():
            tried(lambda: _triton_rollout.rollout(matrices, order, start), f"rollout, {_triton_rollout.WARPS} warps")
        tried(
            lambda: torch.autograd.grad(_triton_rollout.rollout(matrices, order, start).sum(), (matrices, start)),
            f"rollout there and back, {_triton_rollout.WARPS} warps",
        )
    states = g.view(2, -1, 60, 128).clone().requires_grad_()
    walks = x.view(2, -1, 60, 2)
    tried(
        lambda: torch.autograd.grad(sic_terms(walks, walks, states, start, SCALES, True).sum(), states),
        "all terms there and back",
    )


def tried(work: Callable[[], object], name: str) -> None:
    """Print its time in a CUDA graph, or why there is none."""
    from triton.testing import do_bench_cudagraph

    try:
        work()
        print(f"| {name} | {1e3 * do_bench_cudagraph(work, rep=15, return_mode='median'):.0f} |", flush=True)
    except Exception as error:
        print(f"| {name} | {type(error).__name__}: {str(error)[:60]} |", flush=True)


def profile(asked: argparse.Namespace) -> None:
    config = load_config("paper").model_copy(update={"device": DEVICE})
    training = config.training.model_copy(update={"log_every": 20, "steps": 10**9})
    parts = build(config.model_copy(update={"training": training}), None)
    steps = ManySteps([Trainee(parts.state, parts.loss, parts.sampler, training)])
    for _ in range(5):
        steps.advance(20)
    with torch.profiler.profile(activities=[torch.profiler.ProfilerActivity.CUDA], acc_events=True) as profiler:
        steps.advance(20)
        torch.cuda.synchronize()
    kernels = [event for event in profiler.key_averages() if event.self_device_time_total > 0]
    kernels.sort(key=lambda event: -event.self_device_time_total)
    print("launches of a step:", sum(event.count for event in kernels) / 20)
    print("busy, us a step:", sum(event.self_device_time_total for event in kernels) / 20)
    for event in kernels[:60]:
        short = event.key.replace("at::native::", "").replace("void ", "").replace("(anonymous namespace)::", "")
        print(f"{event.self_device_time_total / 20:7.1f} us {event.count / 20:5.1f} {short[:90]}")


if __name__ == "__main__":
    main()
