"""Time and memory of large recordings: binned, mapped, scored with both nulls and fitted, as `analyze_units` does it.

1,000 grid cells of 0.42 m over up to 10 million samples at 50 Hz (55 hours), ten spikes a sample, 100 shuffles. Each
size runs in a process of its own; peaks are of the whole process and hold the spikes that are handed in (12 bytes
each). Scores and lattices cost the same at every size, so the exponent printed for the whole is p of a + b n^p through
three sizes in a geometric row. Targets: 4 GiB, exponents of at most 1.1.

python benchmarks/large_recordings.py [--samples 1000000 3162278 10000000] [--units 1000] [--shuffles 100]
"""

import argparse
import json
import math
import subprocess
import sys
import time
from typing import Any, NamedTuple

from memory_peak import peak_mib

SIDE, SPACING = 1.0, 0.42  # m
SPIKES = 10  # a sample
RATE = 50.0  # Hz
FINE = 100  # bins a side in which rates are even when spikes are drawn
LIMIT = 4096.0  # MiB


class Point(NamedTuple):
    """What one size took: seconds of CPU, MiB."""

    spikes: int
    maps: float
    whole: float
    peak: float
    on_lattice: int
    spacing: float


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--samples", type=int, nargs="+", default=[1_000_000, 3_162_278, 10_000_000])
    parser.add_argument("--units", type=int, default=1000)
    parser.add_argument("--shuffles", type=int, default=100)
    parser.add_argument("--point", type=int, help=argparse.SUPPRESS)  # the child's
    arguments = parser.parse_args()
    if arguments.point is not None:
        print(json.dumps(measure(arguments.point, arguments.units, arguments.shuffles)))
        return
    print(f"{arguments.units:,} units, {arguments.shuffles} shuffles; seconds of CPU")
    print(f"{'samples':>11} {'spikes':>12} {'maps':>8} {'whole':>8} {'peak, MiB':>10}  lattices")
    points = {}
    for samples in arguments.samples:
        command = [sys.executable, __file__, "--point", str(samples), "--units", str(arguments.units)]
        command += ["--shuffles", str(arguments.shuffles)]
        printed = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
        point = points[samples] = Point(*json.loads(printed.splitlines()[-1]))
        print(
            f"{samples:11,} {point.spikes:12,} {point.maps:8.1f} {point.whole:8.1f} "
            f"{point.peak:10,.0f}  {point.on_lattice}, median {point.spacing:.4f} m of {SPACING:g}",
            flush=True,
        )
    if len(points) == 3:
        small, middle, large = points
        grown = math.log(large / small) / 2
        maps = math.log(points[large].maps / points[small].maps) / (2 * grown)
        steps = points[large].whole - points[middle].whole, points[middle].whole - points[small].whole
        whole = f"{math.log(steps[0] / steps[1]) / grown:.2f}" if min(steps) > 0 else "none: it does not grow"
        print(f"exponents over samples: maps {maps:.2f}, whole {whole} (target at most 1.1)")
    peak = max(point.peak for point in points.values())
    print(f"peak {peak:,.0f} MiB (target below {LIMIT:,.0f})")


def measure(samples: int, units: int, shuffles: int) -> Point:
    import numpy as np

    from made_recordings import SMOOTHING_M, walk
    from sicgrid.analysis import AnalysisConfig, analyze_units, bin_spikes, rate_maps

    generator = np.random.default_rng(0)
    times, path = walk(SIDE, samples / RATE / 60, False, generator)
    fired, owners = grid_spikes(times, path, units, SPIKES * samples, generator)
    config = AnalysisConfig(smoothing_m=SMOOTHING_M, shuffles=shuffles)
    edges = np.linspace(-SIDE / 2, SIDE / 2, config.bins_across(SIDE) + 1)
    start = time.process_time()
    binned = bin_spikes(times, fired, owners, units)
    activity, seconds = binned.activity, binned.durations
    del binned
    rate_maps(path, activity, edges, seconds)
    maps = time.process_time() - start
    table = analyze_units(path, activity, SIDE, config, seconds=seconds, spikes=True)
    whole = time.process_time() - start
    spacing = table["spacing_m"][np.isfinite(table["spacing_m"])]
    return Point(len(fired), maps, whole, peak_mib(), len(spacing), float(np.median(spacing)))


def grid_spikes(times: Any, path: Any, units: int, number: int, generator: Any) -> tuple[Any, Any]:
    """Some `number` of spikes of grid cells of random phase and orientation, unit by unit: times (s) and owners.

    Poisson in each bin of 1 cm, then each at a random sample there; a unit's in time.
    """
    import numpy as np

    from made_recordings import grid_rates

    edges = np.linspace(-SIDE / 2, SIDE / 2, FINE + 1)
    x, y = (np.clip(np.searchsorted(edges, path[:, axis], side="right") - 1, 0, FINE - 1) for axis in range(2))
    place = (x * FINE + y).astype(np.int32)
    order = np.argsort(place, kind="stable").astype(np.int32)
    visits = np.bincount(place, minlength=FINE**2)
    starts = np.cumsum(visits) - visits
    del x, y, place
    middle = edges[:-1] + SIDE / FINE / 2
    places = np.stack(np.meshgrid(middle, middle, indexing="ij"), axis=-1).reshape(-1, 2)
    fired, owners = np.empty(2 * number), np.empty(2 * number, dtype=np.int32)  # untouched pages take no memory
    end = 0
    for unit in range(units):
        shares = visits * grid_rates(places, SPACING, generator.uniform(0, 60), generator.uniform(-1, 1, 2))
        counts = generator.poisson(shares * (number / units / shares.sum()))
        total = int(counts.sum())
        bins = np.repeat(np.arange(len(counts)), counts)
        sample = order[starts[bins] + (generator.random(total) * visits[bins]).astype(np.int64)]
        fired[end : end + total] = np.sort(times[sample] + generator.uniform(-0.4, 0.4, total) / RATE)
        owners[end : end + total] = unit
        end += total
    return fired[:end], owners[:end]


if __name__ == "__main__":
    main()
