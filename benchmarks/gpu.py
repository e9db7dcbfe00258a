"""A gradient step on one GPU against the roofline of its parts, the naive step and one network alone.

.venv/bin/python benchmarks/gpu.py                     # paper scale and quick; without a GPU the arithmetic alone

The roofline of a part is the larger of its floating-point operations over the matrix rate and its bytes over the copy
bandwidth, both measured here by torch's own matrix product (TF32) and copy; the step's is the sum over its parts, since
each needs the one before. Without a GPU the rates are those of an H100 SXM's data sheet, and nothing is measured.
"""

import argparse
import statistics
from collections.abc import Callable
from itertools import pairwise
from typing import NamedTuple

import torch

import floor
from naive import naive_step
from sicgrid.experiment import RunConfig, build, load_config
from sicgrid.training import Trainee, train_together

STEP_TARGET = 0.6  # ms, paper scale
ROOFLINE_TARGET, NAIVE_TARGET, MANY_TARGET = 3.0, 30.0, 8.0
H100 = (3.35e12, 494.5e12)  # bytes/s and dense TF32 operations/s: NVIDIA H100 SXM data sheet
STEPS = 20  # in one reading


class Part(NamedTuple):
    """What a part of the step computes and moves to or from memory, once."""

    name: str
    operations: float
    bytes: float


def parts_of(config: RunConfig) -> list[Part]:
    """The parts of one gradient step; float32, every operand read once and every result written once.

    The matrices W(v) of a batch stay in the L2 cache while all trajectories walk (4 T N^2 bytes: 4 MB at paper scale),
    so the rollout's reading of them, B times, is bounded by that and not counted here; nor is the pair matrix, of which
    only tiles exist.
    """
    units, hidden, layers = config.model.units, config.model.hidden, config.model.layers
    batch, time = config.trajectories.batch_size, config.trajectories.length
    widths = [2, *[hidden] * (layers - 1), units**2]
    weights = sum(a * b for a, b in pairwise(widths))
    points, matrices = batch * time, 4.0 * time * units**2
    states = 4.0 * points * units
    parts = [
        # Forward, and backward to weights and to inputs; weights read twice, their gradient written.
        Part("MLP that makes W(v)", 3 * 2.0 * time * weights, 3 * 4.0 * weights + 2 * matrices),
        Part("rollout, there and back", 2 * 2.0 * points * units**2, 2 * matrices + 3 * states),
        Part("pair terms", 2 * 2.0 * points**2 * units, 2 * states),
        Part("dL/dW(v)", 2.0 * points * units**2, 2 * states + matrices),
    ]
    total = [
        Part(p.name, p.operations * config.training.accumulate, p.bytes * config.training.accumulate) for p in parts
    ]
    # Gradient, two moments and weights read; the last three written. Clipping reads the gradient once more.
    return [*total, Part("clipping and AdamW", 15.0 * weights, 8 * 4.0 * weights)]


def roofline(parts: list[Part], bandwidth: float, rate: float) -> float:
    """Seconds of a step; prints a row for each part."""
    print("| part | GFLOP | MB | least time (us) |\n|---|---|---|---|")
    times = [max(part.operations / rate, part.bytes / bandwidth) for part in parts]
    for part, seconds in zip(parts, times, strict=True):
        print(f"| {part.name} | {part.operations / 1e9:.2f} | {part.bytes / 1e6:.1f} | {1e6 * seconds:.1f} |")
    print(f"| sum | | | {1e6 * sum(times):.1f} |\n")
    return sum(times)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--many", type=int, default=16, help="networks at once")
    parser.add_argument("--presets", nargs="+", default=["paper", "quick"])
    arguments = parser.parse_args()
    floor.print_machine()
    there = torch.cuda.is_available()
    bandwidth, rate = measured_rates() if there else H100
    about = torch.cuda.get_device_name() if there else "no GPU here: an H100 SXM by its data sheet, nothing measured"
    print(f"  {about}: {bandwidth / 1e12:.2f} TB/s, {rate / 1e12:.0f} TFLOP/s in TF32\n")
    for preset in arguments.presets:
        config = load_config(preset).model_copy(update={"device": "cuda"})
        print(
            f"{preset}: B={config.trajectories.batch_size}, T={config.trajectories.length}, "
            f"{config.training.accumulate} batches a step"
        )
        least = roofline(parts_of(config), bandwidth, rate)
        if there:
            measure(preset, config, least, arguments.rounds, arguments.many)


def measure(preset: str, config: RunConfig, least: float, rounds: int, many: int) -> None:
    """Times of the step, of the naive one, and of many networks at once."""
    seconds = seconds_of(group_of(config, 1), rounds) / STEPS
    print(
        f"step {1e3 * seconds:.3f} ms (target for paper {STEP_TARGET}), {seconds / least:.1f} times the roofline "
        f"(target {ROOFLINE_TARGET:g})"
    )
    rnn, loss, sampler, state = build(config, None)
    optimizer = torch.optim.AdamW(rnn.parameters(), lr=1e-6, fused=True)
    naive = seconds_of(
        lambda: naive_step(rnn, sampler.sample(state.generator), loss.config, optimizer, 0.1), max(2, rounds // 3)
    )
    ratio = naive * config.training.accumulate / seconds
    print(f"naive PyTorch step: {ratio:.0f} times as long (target at least {NAIVE_TARGET:g} for paper)")
    if preset == "quick":
        together = seconds_of(group_of(config, many), rounds) / STEPS
        print(
            f"{many} networks at once: {many * seconds / together:.1f} times the throughput of one "
            f"(target at least {MANY_TARGET:g})"
        )


def group_of(config: RunConfig, networks: int) -> Callable[[], None]:
    """What makes the next steps of so many networks."""
    training = config.training.model_copy(update={"log_every": STEPS, "steps": 10**9})
    parts = [build(config.model_copy(update={"seed": seed, "training": training}), None) for seed in range(networks)]
    records = train_together([Trainee(each.state, each.loss, each.sampler, training) for each in parts])

    def steps() -> None:
        for _ in range(networks):
            next(records)

    return steps


def seconds_of(work: Callable[[], object], rounds: int) -> float:
    """Median time of a call, by CUDA's own clock, after three to warm up."""
    times = []
    for round_ in range(rounds + 3):
        start, end = (torch.cuda.Event(enable_timing=True) for _ in range(2))
        start.record()
        work()
        end.record()
        torch.cuda.synchronize()
        if round_ >= 3:
            times.append(start.elapsed_time(end) / 1e3)
    return statistics.median(times)


def measured_rates() -> tuple[float, float]:
    """Bytes a second of a copy (read and written) and operations a second of a TF32 product."""
    source = torch.empty(2**28, device="cuda")
    target = torch.empty_like(source)
    bandwidth = 2 * source.nbytes / seconds_of(lambda: target.copy_(source), 10)
    before = torch.get_float32_matmul_precision()
    torch.set_float32_matmul_precision("high")
    a, b = torch.randn(2, 8192, 8192, device="cuda")
    rate = 2 * 8192**3 / seconds_of(lambda: a @ b, 10)
    torch.set_float32_matmul_precision(before)
    return bandwidth, rate


if __name__ == "__main__":
    main()
