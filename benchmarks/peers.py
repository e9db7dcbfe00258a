"""Grid scores and rate maps beside what a user would take instead, each package in an environment of its own.

Scores: noisy maps of ideal grid cells, 40 x 40 bins, autocorrelogram and score of each, on one thread; ours beside
those of opexebo and canns (expanding rings and the best of a sliding mean, which is what our `langston` does, and the
lattice too) and ephysiopy (the whole correlogram, no rings: less work). Maps: a recording of spikes, ours from spike
times to rates beside pynapple's `compute_tuning_curves`, which is in this environment (sicgrid[pynapple]). The peers'
environments are made by hand, for instance

python3 -m venv ENV && ENV/bin/pip install opexebo 'numpy<2.4' 'scipy<1.17'
python benchmarks/peers.py --peer opexebo=ENV/bin/python --peer ephysiopy=ENV2/bin/python

Ratios count: all of it runs in one go on one core. Target: at least twice as fast as the fastest at equal definitions.
"""

import argparse
import json
import subprocess
import tempfile
import time
from pathlib import Path

import numpy as np

from made_recordings import grid_rates, spikes_along, walk
from sicgrid.analysis import bin_spikes, grid_scores, rate_maps, synthetic_cells
from sicgrid.kernels import use_threads

CELLS, SIDE, BINS = 2000, 2.0, 40
NOISE = 0.15  # of the peak
MINUTES, RECORDED = 60.0, 50


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--peer", action="append", default=[], metavar="PACKAGE=PYTHON")
    parser.add_argument("--seconds", type=float, default=20.0, help="that each peer may score")
    arguments = parser.parse_args()
    use_threads(1)
    scores(dict(word.split("=", 1) for word in arguments.peer), arguments.seconds)
    maps()


def scores(peers: dict[str, str], limit: float) -> None:
    generator = np.random.default_rng(0)
    centers = synthetic_cells.bin_centers(np.linspace(-SIDE / 2, SIDE / 2, BINS + 1))
    phases = generator.uniform(0, 1, (CELLS, 2))
    cells = np.moveaxis(
        synthetic_cells.grid_cells(centers, synthetic_cells.lattice_basis(0.5, 10), phases, 0.08), -1, 0
    )
    cells = cells + generator.normal(0, NOISE, cells.shape)
    grid_scores(cells[:2])
    start = time.perf_counter()
    own = grid_scores(cells).score
    rate = CELLS / (time.perf_counter() - start)
    print(f"scores of {BINS} x {BINS} bins: sicgrid {rate:,.0f} a second, median {np.median(own):.3f}")
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "maps.npy"
        np.save(file, cells)
        for name, python in peers.items():
            command = [python, str(Path(__file__).with_name("peer_scores.py")), name, str(file), str(limit)]
            printed = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
            theirs = json.loads(printed.splitlines()[-1])
            theirs_rate = len(theirs["scores"]) / theirs["seconds"]
            print(
                f"  {name} {theirs['version']} {theirs_rate:,.1f} a second, median {np.median(theirs['scores']):.3f}: "
                f"sicgrid {rate / theirs_rate:,.0f} times as fast"
            )


def maps() -> None:
    import pynapple

    generator = np.random.default_rng(0)
    times, path = walk(SIDE, MINUTES, False, generator)
    rate_at = [
        lambda places, turn=turn, phase=phase: grid_rates(places, 0.5, turn, phase)
        for turn, phase in zip(generator.uniform(0, 60, RECORDED), generator.uniform(-1, 1, (RECORDED, 2)), strict=True)
    ]
    fired, owners = spikes_along(times, path, 8.0, rate_at, generator)
    edges = np.linspace(-SIDE / 2, SIDE / 2, BINS + 1)

    def ours() -> np.ndarray:
        binned = bin_spikes(times, fired, owners, RECORDED)
        return rate_maps(path, binned.activity, edges, binned.durations).maps

    group = pynapple.TsGroup({unit: pynapple.Ts(np.sort(fired[owners == unit])) for unit in range(RECORDED)})
    place = pynapple.TsdFrame(t=times, d=path, columns=["x", "y"])

    def theirs() -> np.ndarray:
        return pynapple.compute_tuning_curves(group, place, bins=[edges, edges]).values

    taken = {}
    for name, made in (("sicgrid", ours), ("pynapple", theirs)):
        result = made()  # whatever is compiled on the way
        start = time.perf_counter()
        result = made()
        taken[name] = time.perf_counter() - start, result
    (own, own_maps), (other, other_maps) = taken["sicgrid"], taken["pynapple"]
    apart = np.nanmax(np.abs(own_maps - other_maps)) / np.nanmax(own_maps)
    print(
        f"maps of {RECORDED} units, {len(fired):,} spikes, {len(times):,} samples: sicgrid {own:.2f} s, pynapple "
        f"{pynapple.__version__} {other:.2f} s: {other / own:.1f} times; rates apart by {apart:.2g} of the largest"
    )


if __name__ == "__main__":
    main()
