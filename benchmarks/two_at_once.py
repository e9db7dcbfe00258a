"""Two processes that each train, on the cores that one has to itself, where nobody has set a number of threads.

Each process is given as many threads as there are cores, so that two at once have twice as many as can run, and threads
that wait for each other by spinning can cost more than they bring. Printed is a step's median time in one process alone
and in two at once: in a loop of one's own, whose optimizer has PyTorch's threads and whose kernels and MLP have those
that suit their work; by `sicgrid.train`; and with one thread each, the floor, since two share the memory.

.venv/bin/python benchmarks/two_at_once.py [--preset quick] [--seconds 20]
"""

import argparse
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Any

TARGET = 1.2
ROWS = {"own": "a loop of one's own", "train": "`sicgrid.train`", "one": "a loop of one's own, one thread each"}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--preset", default="quick")
    parser.add_argument("--seconds", type=float, default=20.0, help="of each measurement; there are three a row")
    parser.add_argument("--child", choices=ROWS, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.child is not None:
        print(median_step(arguments.preset, arguments.child, arguments.seconds))
        return
    print(f"{arguments.preset}: median time of a step, ms (target: a ratio of at most {TARGET})")
    print("| steps of | one alone | two at once | ratio |\n|---|---|---|---|")
    for row, named in ROWS.items():
        # Alone before and after, so that a machine that slows down does so to both sides.
        before, both, after = (together(arguments, row, count) for count in (1, 2, 1))
        alone, two = statistics.mean(before + after), statistics.mean(both)
        print(f"| {named} | {alone:.1f} | {two:.1f} | {two / alone:.2f} |", flush=True)


def together(arguments: argparse.Namespace, row: str, count: int) -> list[float]:
    """Median milliseconds of a step in each of so many processes at once."""
    command = [sys.executable, __file__, "--preset", arguments.preset, "--seconds", str(arguments.seconds)]
    children = [subprocess.Popen([*command, "--child", row], stdout=subprocess.PIPE, text=True) for _ in range(count)]
    return [float(child.communicate()[0]) for child in children]


def median_step(preset: str, row: str, seconds: float) -> float:
    """Median milliseconds of a step; the first third is not counted."""
    from sicgrid import SICLoss
    from sicgrid.experiment import load_config
    from sicgrid.kernels import use_threads
    from sicgrid.model import make_network
    from sicgrid.trajectories import PermutedVelocities

    if row == "one":
        use_threads(1)
    config = load_config(preset)
    network, loss = make_network(config.model), SICLoss(**config.loss.model_dump())
    sampler = PermutedVelocities(**config.trajectories.model_dump())
    steps = of_train(network, loss, sampler, config) if row == "train" else own_loop(network, loss, sampler)
    times, began = [], time.perf_counter()
    while time.perf_counter() - began < seconds or len(times) < 3:
        start = time.perf_counter()
        next(steps)
        times.append(time.perf_counter() - start)
    return 1e3 * statistics.median(times[len(times) // 3 :])


def of_train(network: Any, loss: Any, sampler: Any, config: Any) -> Iterator[object]:
    """Steps as the package makes them, a record of each."""
    from sicgrid import train

    return train(network, loss, sampler, config.training.model_copy(update={"log_every": 1, "steps": 10**9}))


def own_loop(network: Any, loss: Any, sampler: Any) -> Iterator[object]:
    """Steps of public parts, as one would write them."""
    import torch

    optimizer = torch.optim.AdamW(network.parameters(), lr=1e-3, fused=True)
    generator = torch.Generator().manual_seed(0)
    while True:
        batch = sampler.sample(generator)
        rollout = network(batch.distinct, batch.order)
        optimizer.zero_grad()
        loss(**batch._asdict(), **rollout._asdict()).total.backward()
        optimizer.step()
        yield


if __name__ == "__main__":
    main()
