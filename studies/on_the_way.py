"""What the snapshots of a training show: terms of the loss, units, module, indices and periods on the way.

sicgrid train paper --device cuda --snapshots 30 --out runs/paper
.venv/bin/python studies/on_the_way.py runs/paper --boxes 2

A row for each snapshot: learning rate then, medians of the terms over the last `--steps` steps before, mean of the
total over the same steps, and of each box the largest module with its units by index, and the periods. Maps are kept in
the run's folder, under on_the_way.
"""

import argparse
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from sicgrid.experiment import build, load_run_config, take_weights
from sicgrid.kernels import use_threads
from sicgrid.losses import TERMS
from sicgrid.storage import RunDirectory, load_snapshots, read_metrics
from spectra import said_of
from trained import Trained

MOST = 1000  # snapshots


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("run", type=Path)
    parser.add_argument("--boxes", nargs="+", type=float, default=[2.0], help="sides, meters")
    parser.add_argument("--steps", type=int, default=5000, help="steps over which the terms are told")
    arguments = parser.parse_args()
    run = RunDirectory(arguments.run)
    config, metrics = load_run_config(run), read_metrics(run.metrics)
    network = build(config, None, "cpu").rnn
    use_threads(1)  # not the run's, which may have had a machine to itself
    names = [*TERMS, "mean total", "box (m)", "active", "path error", "module", "indices", "periods"]
    print(f"| step | rate | {' | '.join(names)} |")
    print("|" + "---|" * (2 + len(names)))
    for step, arrays in load_snapshots(run, config.training.steps, MOST):
        weights = {key.removeprefix("rnn."): array for key, array in arrays.items()}
        take_weights(network, weights, f"the weights of step {step:,}")
        folder = run.path / "on_the_way" / f"{step:08d}"
        folder.mkdir(parents=True, exist_ok=True)
        told = " | ".join(terms_before(metrics, step, arguments.steps))
        for side in arguments.boxes:
            trained = Trained(network, config, folder, {})
            shown = said_of(trained, side)
            print(
                f"| {step:,} | {told} | {side:g} | {trained.active(side)} | {trained.path_error(side):.2f} "
                f"| {shown.module} | {shown.by_index or '-'} | {shown.periods or '-'} |",
                flush=True,
            )


def terms_before(metrics: Mapping[str, np.ndarray], step: int, steps: int) -> list[str]:
    """Learning rate, median of each term and mean of the total over the records up to a step, in words."""
    chosen = (metrics["step"] <= step) & (metrics["step"] > step - steps)
    if not chosen.any():
        return ["-"] * (2 + len(TERMS))
    medians = [f"{np.median(metrics[name][chosen]):.3f}" for name in TERMS]
    return [f"{metrics['learning_rate'][chosen][-1]:.1e}", *medians, f"{metrics['total'][chosen].mean():.3f}"]


if __name__ == "__main__":
    main()
