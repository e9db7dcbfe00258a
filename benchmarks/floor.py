"""What the others are measured against: the two bare matrix products, a fair clock, and where it was measured.

The pair terms need, at the least, the Gram matrix of the states and one matrix of coefficients times the states:
(n x N)(N x n) and (n x n)(n x N) with n = B*T points and N units. `products` does just these, as fast as plain torch
calls do it here: it tries several tilings, and all of them at once, and the fastest is the floor.
"""

import argparse
import platform
import statistics
import subprocess
import time
from collections.abc import Callable, Sequence
from importlib.metadata import version
from pathlib import Path

import torch
from torch import Tensor

from sicgrid.kernels import use_threads
from sicgrid.model import VelocityRNN
from sicgrid.trajectories import VelocityBatch

BLOCKS = (256, 512, 1024, 2048)


def products(states: Tensor, block: int) -> Tensor:
    """Both products, `block` rows of the n x n matrix at a time; no symmetry is used."""
    n = len(states)
    result = torch.empty_like(states)
    buffer = states.new_empty(min(block, n), n)
    columns = states.T
    for top in range(0, n, block):
        bottom = min(top + block, n)
        tile = buffer[: bottom - top]
        torch.mm(states[top:bottom], columns, out=tile)
        torch.mm(tile, states, out=result[top:bottom])
    return result


def square_products(states: Tensor, block: int) -> Tensor:
    """The same in square tiles, which stay in the cache between the two products."""
    n = len(states)
    result = torch.zeros_like(states)
    buffer = states.new_empty(min(block, n), min(block, n))
    for top in range(0, n, block):
        bottom = min(top + block, n)
        for left in range(0, n, block):
            right = min(left + block, n)
            tile = buffer.view(-1)[: (bottom - top) * (right - left)].view(bottom - top, right - left)
            torch.mm(states[top:bottom], states[left:right].T, out=tile)
            result[top:bottom].addmm_(tile, states[left:right])
    return result


def fastest_products(states: Tensor) -> tuple[str, Callable[[], Tensor]]:
    """The fastest of the bare versions on this machine, by name."""
    versions: dict[str, Callable[[], Tensor]] = {}
    for block in BLOCKS:
        versions[f"{block} rows at a time"] = lambda block=block: products(states, block)
        versions[f"{block} x {block} tiles"] = lambda block=block: square_products(states, block)
    versions["all at once"] = lambda: products(states, len(states))
    times = interleaved(list(versions.values()), repeats=3)
    best = min(zip(times, versions, strict=True), key=lambda pair: statistics.median(pair[0]))[1]
    return best, versions[best]


def interleaved(candidates: Sequence[Callable[[], object]], repeats: int) -> list[list[float]]:
    """Seconds of each candidate in each of `repeats` rounds, after one round to warm up.

    In turn, so that a machine that speeds up, slows down or is shared does so to all of them.
    """
    times: list[list[float]] = [[] for _ in candidates]
    for round_ in range(repeats + 1):
        for seconds, candidate in zip(times, candidates, strict=True):
            start = time.perf_counter()
            candidate()
            if round_ > 0:
                seconds.append(time.perf_counter() - start)
    return times


def make_parser(description: str | None) -> argparse.ArgumentParser:
    """With the arguments of every speed benchmark: threads and rounds."""
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--threads", type=int, default=0, help="threads of torch and of the kernels; 0: all")
    parser.add_argument("--rounds", type=int, default=20, help="interleaved rounds that count")
    return parser


def parse(parser: argparse.ArgumentParser) -> argparse.Namespace:
    """The arguments; the threads are set at once."""
    arguments = parser.parse_args()
    use_threads(arguments.threads)
    return arguments


def bare_step(rnn: VelocityRNN, batch: VelocityBatch, pair_products: Callable[[], object]) -> Callable[[], object]:
    """All matrix products of a gradient step and one pass over the weights, on operands that lie ready.

    The products of the pair terms; of each linear layer of the MLP, forward and its two backward, on one row per
    distinct velocity (none for the gradient of the velocities); and (units x batch)(batch x units) for each of these.
    """
    size, time = batch.order.shape
    units = rnn.config.units
    layers = [layer for layer in rnn.transition.mlp if isinstance(layer, torch.nn.Linear)]
    weights = [layer.weight.detach().clone() for layer in layers]
    inputs = [torch.randn(time, weight.shape[1]) for weight in weights]
    outputs = [torch.randn(time, weight.shape[0]) for weight in weights]
    states, gradients = (torch.randn(time, size, units) for _ in range(2))
    flat = torch.cat([weight.flatten() for weight in weights])
    change = torch.randn_like(flat)

    def work() -> None:
        pair_products()
        for weight, x, y in zip(weights, inputs, outputs, strict=True):
            torch.mm(x, weight.T)
            torch.mm(y.T, x)
        for weight, y in zip(weights[1:], outputs[1:], strict=True):
            torch.mm(y, weight)
        torch.bmm(states.transpose(1, 2), gradients)
        flat.add_(change, alpha=1e-6)

    return work


def compare(name: str, work: Callable[[], object], states: Tensor, rounds: int, target: float) -> None:
    """Time `work` against the bare products of `states` and print what came out and where."""
    products_name, bare = fastest_products(states)
    above, below = interleaved([work, bare], rounds)
    print(f"{name}; {len(states)} points, {states.shape[1]} units, float32")
    print_machine()
    print_ratio(name.partition(",")[0], above, products_name, below, target)


def print_ratio(
    name: str, above: Sequence[float], floor_name: str, below: Sequence[float], target: float | None
) -> None:
    """One line for each side, and the median, smallest and largest ratio of a round."""
    ratios = sorted(a / b for a, b in zip(above, below, strict=True))
    goal = "" if target is None else f"; target at most {target}"
    for what, seconds in ((name, above), (f"bare products ({floor_name})", below)):
        print(f"  {what:<52} {1e3 * statistics.median(seconds):8.1f} ms")
    print(
        f"  {'ratio':<52} {statistics.median(ratios):8.2f}     "
        f"({ratios[0]:.2f} to {ratios[-1]:.2f} in {len(ratios)} rounds{goal})"
    )


def print_machine() -> None:
    """Processor, threads, versions, commit."""
    print(f"  {processor()}, {torch.get_num_threads()} threads, {platform.system()} {platform.machine()}")
    packages = ", ".join(f"{name} {version(name)}" for name in ("torch", "numba", "numpy", "sicgrid"))
    print(f"  Python {platform.python_version()}, {packages}, commit {commit()}")


def processor() -> str:
    """The processor's name as Linux gives it."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text(encoding="utf-8").splitlines() if info.is_file() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or "unknown processor"


def commit() -> str:
    """The commit that is checked out, marked when files differ from it."""
    command = ["git", "-C", str(Path(__file__).parent), "describe", "--always", "--dirty"]
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
