"""Do nested lattices emerge in one population (C1a), and what makes them?

.venv/bin/python studies/nested.py --set model.units=32 --set training.learning_rate=1e-3 --set training.steps=20000

A row for each network and box: the units of its largest module by the index of their own lattice in the module's (order
that is rare by chance; see `sicgrid.analysis.index_spectrum`), units with several fields in no order, and the discrete
periods as the field counts them. A network counts when every box shows at least 3 periods in the spectrum, with 8 units
on each of two and 3 on a third. `--picture` draws the ladder of the first network in the last box. Results:
docs/lab_log.md.
"""

from pathlib import Path

import numpy as np

from sicgrid.analysis import lattice_shape
from sicgrid.figures import index_ladder
from spectra import looked_at, reaches_the_bar, said_of
from trained import Trained, study_parser, trained


def main() -> None:
    parser = study_parser(__doc__, "quick")
    parser.add_argument("--picture", type=Path, help="PNG file")
    arguments = parser.parse_args()
    print(" ".join(arguments.words))
    print(
        "| seed | training (s) | loss | invariance | box (m) | largest module | units by index | in no order "
        "| periods (units) | counts |"
    )
    print("|---|---|---|---|---|---|---|---|---|---|")
    counting = 0
    for seed in arguments.seeds:
        network = trained(arguments.preset, arguments.words, seed, arguments.keep)
        good = [row(network, seed, side) for side in arguments.boxes]
        counting += all(good)
        if arguments.picture and seed == arguments.seeds[0]:
            draw(network, arguments.boxes[-1], arguments.picture)
    print(f"\n{counting} of {len(arguments.seeds)} networks count")


def row(network: Trained, seed: int, side: float) -> bool:
    shown, about = said_of(network, side), network.about
    good = reaches_the_bar(shown.counts.values())
    print(
        f"| {seed} | {about['seconds']:.0f} | {about['total']:.4f} | {about['invariance']:.3f} | {side:g} "
        f"| {shown.module} | {shown.by_index} | {shown.unordered} | {shown.periods} | {'yes' if good else 'no'} |",
        flush=True,
    )
    return good


def draw(network: Trained, side: float, file: Path) -> None:
    modules, spectrum = looked_at(network, side)
    if not modules.modules:
        print(f"no module in the {side:g} m box; nothing to draw")
        return
    largest = int(np.argmax([len(module) for module in modules.modules]))
    index = np.where(spectrum.module == largest, np.where(spectrum.ordered, spectrum.index, 1), 0)
    shapes = [lattice_shape(basis) if np.isfinite(basis).all() else None for basis in spectrum.basis_m]
    maps = network.maps(side)
    index_ladder(
        maps.maps,
        maps.x_edges,
        maps.y_edges,
        index=index,
        spacing_m=np.array([shape.spacing_m if shape else np.nan for shape in shapes]),
        orientation_deg=np.array([shape.orientation_deg if shape else np.nan for shape in shapes]),
    ).savefig(file, dpi=80)


if __name__ == "__main__":
    main()
