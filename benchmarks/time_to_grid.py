"""Least time to grid cells: training's wall time until at least 60 % of a network's active units are grid cells.

.venv/bin/python benchmarks/time_to_grid.py                                    # the preset quick, seeds 0 to 4
.venv/bin/python benchmarks/time_to_grid.py --set training.steps=5000 --seeds 0

Each network is trained as `sicgrid train` trains it and looked at every so many steps: recorded on fresh walks through
a 2 m box, its units scored against their nulls. The clock runs while it trains and stands still while it is looked at;
the first look counts at which `fraction_grid` has reached 0.6 with at least 20 active units. A seed that never gets
there counts as infinity in the median.
"""

import argparse
import math
import statistics
import time
from typing import NamedTuple

from floor import print_machine
from sicgrid.analysis import analyze_units, summarize
from sicgrid.evaluation import record
from sicgrid.experiment import RunConfig, build, load_config, overridden
from sicgrid.kernels import use_threads
from sicgrid.model import VelocityRNN
from sicgrid.training import train

SHARE, LEAST_ACTIVE = 0.6, 20
ARENA = 2.0  # m


class Look(NamedTuple):
    """What was found after so many steps and so many seconds of training."""

    step: int
    seconds: float
    active: int
    score: float
    share: float

    @property
    def reached(self) -> bool:
        return self.share >= SHARE and self.active >= LEAST_ACTIVE


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--preset", default="quick")
    parser.add_argument("--set", action="append", default=[], metavar="NAME=VALUE", help="a setting, dotted name")
    parser.add_argument("--seeds", nargs="+", type=int, default=[0, 1, 2, 3, 4])
    parser.add_argument("--looks", type=int, default=10, help="looks at equal distances; 1: only at the end")
    parser.add_argument("--to-the-end", action="store_true", help="continue after the share is reached")
    arguments = parser.parse_args()
    config = overridden(load_config(arguments.preset), arguments.set)
    print(f"time to grid cells, {' '.join([arguments.preset, *arguments.set])}: {config.training.steps} steps")
    use_threads(config.threads)
    print_machine()
    print("| seed | steps | training (s) | active | median score | share of grid cells |\n|---|---|---|---|---|---|")
    times = [time_to_grid(config, seed, arguments.looks, arguments.to_the_end) for seed in arguments.seeds]
    print(f"\nmedian of {len(times)} seeds: {statistics.median(times):.0f} s, largest {max(times):.0f} s")


def time_to_grid(config: RunConfig, seed: int, looks: int, to_the_end: bool) -> float:
    """Seconds of training until a look finds the share reached, infinity if none does; prints a row for each look."""
    every = max(1, math.ceil(config.training.steps / looks))
    training = config.training.model_copy(update={"log_every": every})
    config = config.model_copy(update={"seed": seed, "training": training})
    parts = build(config, None)
    seconds, reached = 0.0, math.inf
    start = time.perf_counter()
    for step in train(parts.rnn, parts.loss, parts.sampler, training, seed=seed, state=parts.state):
        seconds += time.perf_counter() - start
        row = look(parts.rnn, config, step.step, seconds)
        print(
            f"| {seed} | {row.step} | {row.seconds:.1f} | {row.active} | {row.score:.2f} | {row.share:.2f} |",
            flush=True,
        )
        if row.reached and seconds < reached:
            reached = seconds
            if not to_the_end:
                break
        start = time.perf_counter()
    return reached


def look(rnn: VelocityRNN, config: RunConfig, step: int, seconds: float) -> Look:
    """Record on walks that no training saw and score the units; a network without an active unit scores nothing."""
    recording = record(rnn, ARENA, config.evaluation.walk, config.seed)
    table = analyze_units(
        recording.positions, recording.activity, ARENA, config.analysis.units_only(), seed=config.seed
    )
    summary = summarize(table)
    if not summary["active_units"]:
        return Look(step, seconds, 0, math.nan, 0.0)
    return Look(step, seconds, summary["active_units"], summary["grid_score_median"], summary["fraction_grid"])


if __name__ == "__main__":
    main()
