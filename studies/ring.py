"""Do independent modules emerge on a ring of units with local couplings, local norm and an early local loss (C1b)?

.venv/bin/python studies/ring.py --range 11 7 32 --set loss.capacity=1 --set trajectories.max_speed=0.2

`--range r s w`: `model.coupling_range`, `model.norm_range` and `training.window`; the rest as in `quick` with a small
conformal isometry. A row for each network and box: the modules of 8 and more units with ellipticity and place on the
ring; whether it counts: at least 3 independent modules of at least 8 units, 0.70 of the active units in one.
"Hexagonal" are modules with an ellipticity below 1.3. Results: docs/lab_log.md.
"""

import numpy as np

from boxes import UNITS, count, share_in_modules
from sicgrid.analysis import Module
from trained import study_parser, trained

HEXAGONAL = 1.3


def main() -> None:
    parser = study_parser(__doc__, "quick")
    parser.add_argument("--range", nargs=3, type=float, metavar=("R", "S", "W"), dest="reach")
    arguments = parser.parse_args()
    words = ["loss.conformal_isometry=0.001"] if arguments.preset == "quick" else []
    if arguments.reach:
        names = ("model.coupling_range", "model.norm_range", "training.window")
        words += [f"{name}={value:g}" for name, value in zip(names, arguments.reach, strict=True)]
    words += arguments.words
    print(" ".join(words))
    print(
        "| seed | training (s) | loss | invariance | box (m) | path error "
        "| modules (units: spacing, angle, ellipticity; place) | in one | hexagonal | counts |"
    )
    print("|---|---|---|---|---|---|---|---|---|---|")
    counting = 0
    for seed in arguments.seeds:
        network = trained(arguments.preset, words, seed, arguments.keep)
        good = []
        for side in arguments.boxes:
            modules, active, about = network.modules(side).modules, network.active(side), network.about
            units = network.config.model.units
            large = [module for module in modules if len(module) >= UNITS]
            good.append(count(modules, active))
            sizes = "; ".join(said(module, units) for module in large)
            hexagonal = sum(module.ellipticity < HEXAGONAL for module in large)
            print(
                f"| {seed} | {about['seconds']:.0f} | {about['total']:.4f} | {about['invariance']:.3f} | {side:g} "
                f"| {network.path_error(side):.2f} | {sizes or 'none'} "
                f"| {share_in_modules(modules, active):.2f} of {active} "
                f"| {hexagonal} of {len(large)} | {'yes' if good[-1] else 'no'} |",
                flush=True,
            )
        counting += all(good)
    print(f"\n{counting} of {len(arguments.seeds)} networks count")


def said(module: Module, units: int) -> str:
    first, last, filled = stretch(module.members, units)
    shape = f"{module.spacing_m:.2f} m, {module.orientation_deg:.0f}°, {module.ellipticity:.2f}"
    return f"{len(module)}: {shape}; {first} to {last}, {filled:.2f} of it"


def stretch(members: np.ndarray, units: int) -> tuple[int, int, float]:
    """First and last unit of the shortest stretch of the ring that holds nine tenths of the members; the share of its
    units that are members.
    """
    count = max(1, round(0.9 * len(members)))
    around = np.concatenate([members, members + units])
    lengths = around[count - 1 : count - 1 + len(members)] - members + 1
    best = int(lengths.argmin())
    first, last = int(members[best]), int(around[best + count - 1])
    return first, last % units, count / int(lengths[best])


if __name__ == "__main__":
    main()
