"""Time and peak memory of the pair terms and of a gradient step over trajectory length T, batch B and units N.

Each of T, B and N is doubled three times from a base, the others kept; then a batch of 31,200 points, 4 times the
paper's. Each point runs in a process of its own, which reports the smallest time of some calls and its peak resident
memory beyond what it was with everything loaded and a tiny step done. The exponents are fitted by least squares through
the logarithms. Expected are those of the pair terms: time quadratic in B and T and linear in N, memory linear.
Where sizes are small (--quick), other costs tell, exponents stay below, and memory may
be too little to be seen (nan).

python benchmarks/growth.py [--threads 0] [--rounds 3] [--quick]
"""

import argparse
import json
import math
import subprocess
import sys
import time
from collections.abc import Callable
from typing import NamedTuple

from memory_peak import peak_mib

BASE = {"T": 40, "B": 64, "N": 64}
QUICK_BASE = {"T": 10, "B": 12, "N": 16}
LARGE = {"T": 120, "B": 260, "N": 128}  # 31,200 points
LIMIT = 2.0  # GiB, of the whole process at LARGE
PAIR_TIME = {"T": 2, "B": 2, "N": 1}


class Point(NamedTuple):
    """What one size took: seconds, and MiB beyond the loaded process; `peak` is of the whole process."""

    pair_seconds: float
    step_seconds: float
    pair_memory: float
    step_memory: float
    peak: float


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--threads", type=int, default=0, help="threads of torch and of the kernels; 0: all")
    parser.add_argument("--rounds", type=int, default=3, help="calls at each size, of which the fastest counts")
    parser.add_argument("--quick", action="store_true", help="small sizes and no large batch: seconds, for a try")
    parser.add_argument("--point", help=argparse.SUPPRESS)  # the child's
    arguments = parser.parse_args()
    if arguments.point is not None:
        print(json.dumps(measure(json.loads(arguments.point), arguments.threads, arguments.rounds)))
        return
    base = QUICK_BASE if arguments.quick else BASE
    print(
        f"growth of the pair terms and of a gradient step; {sizes(base)} and doubled three times, float32", flush=True
    )
    print(f"  {'':22} {'pair terms':>12} {'step':>11} {'pair terms':>14} {'step':>10}")
    first = run(base, arguments, print_machine=True)
    fitted = {}
    for axis in base:
        sweep = {base[axis]: first}
        sweep |= {base[axis] * 2**k: run(base | {axis: base[axis] * 2**k}, arguments) for k in (1, 2, 3)}
        fitted[axis] = [exponent({n: point[column] for n, point in sweep.items()}) for column in range(4)]
    print(f"\n  {'exponent of':12}" + "".join(f"{name:>28}" for name in COLUMNS))
    for axis, exponents in fitted.items():
        wanted = (PAIR_TIME[axis], None, 1, None)
        cells = (f"{slope:.2f}" + (f" (expected {n})" if n else "") for slope, n in zip(exponents, wanted, strict=True))
        print(f"  {axis:12}" + "".join(f"{cell:>28}" for cell in cells))
    if not arguments.quick:
        print(f"\n  {LARGE['B'] * LARGE['T']:,} points")
        peak = run(LARGE, arguments).peak / 1024
        verdict = "fits" if peak <= LIMIT else "DOES NOT FIT"
        print(f"  peak of the whole process {peak:.2f} GiB: {verdict} (target at most {LIMIT:g} GiB)")


COLUMNS = ("pair time", "step time", "pair memory", "step memory")


def sizes(size: dict[str, int]) -> str:
    return ", ".join(f"{name}={number}" for name, number in size.items())


def run(size: dict[str, int], arguments: argparse.Namespace, print_machine: bool = False) -> Point:
    """Measure one size in a process of its own and print its line.

    A child's peak starts at its parent's, so this process loads nothing.
    """
    command = [sys.executable, __file__, "--point", json.dumps(size)]
    command += ["--threads", str(arguments.threads), "--rounds", str(arguments.rounds)]
    printed = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
    machine, _, measured = printed.rstrip().rpartition("\n")
    point = Point(*json.loads(measured))
    if print_machine:
        print(machine)
    print(
        f"  {sizes(size):22} {1e3 * point.pair_seconds:9.1f} ms {1e3 * point.step_seconds:8.1f} ms"
        f" {point.pair_memory:10.1f} MiB {point.step_memory:6.1f} MiB",
        flush=True,
    )
    return point


def exponent(values: dict[int, float]) -> float:
    """Slope of log value over log size, by least squares; not-a-number where something was too small to be seen."""
    if min(values.values()) <= 0:
        return math.nan
    x, y = [math.log(n) for n in values], [math.log(value) for value in values.values()]
    middle_x, middle_y = sum(x) / len(x), sum(y) / len(y)
    covariance = sum((a - middle_x) * (b - middle_y) for a, b in zip(x, y, strict=True))
    return covariance / sum((a - middle_x) ** 2 for a in x)


def measure(size: dict[str, int], threads: int, rounds: int) -> Point:
    """In the child: the pair terms first, since a peak never falls, then whole steps."""
    import torch

    import floor
    from sicgrid.kernels import pair_sums, use_threads
    from sicgrid.losses import SICLoss
    from sicgrid.model import VelocityRNN
    from sicgrid.trajectories import PermutedVelocities

    use_threads(threads)
    floor.print_machine()
    generator = torch.Generator().manual_seed(0)
    torch.manual_seed(0)

    def make_pair_terms(sampler: PermutedVelocities, units: int) -> Callable[[], None]:
        positions = sampler.sample(generator).positions
        states = torch.rand(*positions.shape[:2], units)
        states.div_(states.norm(dim=-1, keepdim=True)).requires_grad_()

        def pair_terms() -> None:
            states.grad = None
            sums = pair_sums(positions, states, 0.05, 0.4)
            (sums.far / sums.far_count.clamp(min=1) + 0.1 * sums.near / sums.near_count.clamp(min=1)).backward()  # type: ignore[no-untyped-call]

        return pair_terms

    def make_step(sampler: PermutedVelocities, units: int) -> Callable[[], None]:
        loss, rnn = SICLoss(), VelocityRNN(units=units, initialization="identity", velocity_scale=0.15)
        optimizer = torch.optim.AdamW(rnn.parameters(), lr=2e-5, fused=True)

        def step() -> None:
            batch = sampler.sample(generator)
            g, g0 = rnn(batch.distinct, batch.order)
            optimizer.zero_grad()
            terms = loss(positions=batch.positions, velocities=batch.velocities, states=g, initial_state=g0)
            terms.total.backward()
            torch.nn.utils.clip_grad_norm_(rnn.parameters(), 0.1)
            optimizer.step()

        return step

    tiny, sampler = PermutedVelocities(4, 4), PermutedVelocities(size["B"], size["T"])
    for make in (make_pair_terms, make_step):
        make(tiny, 8)()
    loaded = peak_mib()
    seconds, memory = [], []
    for make in (make_pair_terms, make_step):
        work = make(sampler, size["N"])
        work()
        seconds.append(min(timed(work) for _ in range(rounds)))
        memory.append(peak_mib() - loaded)
    return Point(seconds[0], seconds[1], memory[0], memory[1], peak_mib())


def timed(work: Callable[[], None]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


if __name__ == "__main__":
    main()
