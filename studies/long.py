"""How long does a network hold its place, and does it keep its modules?

.venv/bin/python studies/long.py --preset long --boxes 2 4

A row for each network and box: its independent modules of 8 units and more with spacing and ellipticity, the share of
active units in one, the path-integration error over the walks of a run (400 steps), and over the first and last 200
steps of walks of 1,000. A network counts when every box shows at least 3 modules with 0.70 of the active units in one,
an error below 0.3 over 400 steps and one below 0.5 in steps 801 to 1,000. `--set` puts settings over the preset's.
Results: docs/lab_log.md.
"""

import numpy as np

from boxes import UNITS, count, share_in_modules
from sicgrid.evaluation import path_consistency, record
from trained import Trained, study_parser, trained

STEPS, WINDOWS, ANIMALS = 1000, 5, 60
AT_400, AT_1000 = 0.3, 0.5


def main() -> None:
    parser = study_parser(__doc__, "long")
    arguments = parser.parse_args()
    print(arguments.preset, *arguments.words)
    print(
        "| seed | training (s) | invariance | box (m) | modules (units: spacing, ellipticity) | in one "
        "| error, 400 steps | steps 1 to 200 | 801 to 1,000 | counts |"
    )
    print("|---|---|---|---|---|---|---|---|---|---|")
    counting = 0
    for seed in arguments.seeds:
        network = trained(arguments.preset, arguments.words, seed, arguments.keep)
        good = [row(network, seed, side) for side in arguments.boxes]
        counting += all(good)
    print(f"\n{counting} of {len(arguments.seeds)} networks count")


def row(network: Trained, seed: int, side: float) -> bool:
    modules, active, about = network.modules(side).modules, network.active(side), network.about
    over_400, windows = network.path_error(side), error_by_window(network, side)
    good = count(modules, active) and over_400 < AT_400 and windows[-1] < AT_1000
    sizes = "; ".join(
        f"{len(module)}: {module.spacing_m:.2f} m, {module.ellipticity:.2f}"
        for module in modules
        if len(module) >= UNITS
    )
    print(
        f"| {seed} | {about['seconds']:.0f} | {about['invariance']:.3f} | {side:g} | {sizes or 'none'} "
        f"| {share_in_modules(modules, active):.2f} of {active} | {over_400:.2f} | {windows[0]:.2f} "
        f"| {windows[-1]:.2f} | {'yes' if good else 'no'} |",
        flush=True,
    )
    return good


def error_by_window(network: Trained, side: float) -> np.ndarray:
    """Path-integration error by fifths of walks of 1,000 steps."""
    walk = network.config.evaluation.walk.model_copy(update={"steps": STEPS, "animals": ANIMALS})
    recording = record(network.network, side, walk, network.config.seed)
    return path_consistency(recording, windows=WINDOWS, decoded_animals=1).error_by_window


if __name__ == "__main__":
    main()
