"""Does a network keep the nested code that theory has as the best, if training begins there?

.venv/bin/python studies/from_theory.py --set model.units=32 --set loss.capacity=0.5 --seeds 0 1 2 3 4 --boxes 4

Three starts of the same training: the best nested code of theory, hexagonal with indices 1, 3 and 9; the best single
lattice; and noise, as usual. A start from a code is a network trained to have its states: Gaussian fields on the
lattices of the code, phases spread evenly, one unit always on for the constant share. Then all are trained alike, by
the loss alone. A row for each network when the training by the loss begins and when it ends: its loss, its independent
modules, the units of the largest one by index (those in order), and its periods. Below, theory's best codes of two and
three free modules. Results: docs/lab_log.md.
"""

import itertools
from collections.abc import Mapping
from pathlib import Path

import torch
from torch import Tensor

from expected import code_setting
from ideal_states import states_of
from sicgrid.evaluation import held_out_loss
from sicgrid.experiment import RunConfig, build, load_config, overridden
from sicgrid.losses import Objective
from sicgrid.model import Network
from sicgrid.theory import ModularCode, best_code, best_nested_code, displacements
from spectra import said_of
from trained import HELD_OUT, Trained, learned, study_parser

STARTS: dict[str, tuple[int, ...]] = {"nested": (1, 3, 9), "single": (1,), "noise": ()}
RESTARTS = 6  # of the search for the best code
TAUGHT = ["training.steps=6000", "training.learning_rate=3e-3", "training.first_length=0"]
THEN = ["training.learning_rate=1e-3", "training.first_length=0"]


def main() -> None:
    parser = study_parser(__doc__, "nested")
    parser.add_argument("--steps", type=int, default=12_000, help="of training by the loss")
    arguments = parser.parse_args()
    base = overridden(load_config(arguments.preset), arguments.words)
    setting = code_setting(base)
    places = displacements(setting)
    codes = {}
    for name, indices in STARTS.items():
        if indices:
            best = best_nested_code(setting, indices, restarts=RESTARTS, places=places)
            codes[name] = best.code
            units = ", ".join(f"{i}: {n:.1f}" for i, n in zip(indices, best.code.units, strict=True))
            print(f"best {name} code: loss {best.loss:.4f}, cell {best.spacing_m:.2f} m, units by index {units}")
    print(
        "\n| start | seed | box (m) | loss | path error | modules (units: spacing, angle, ellipticity) "
        "| units by index | in no order | periods |"
    )
    print("|---|---|---|---|---|---|---|---|---|")
    for name, seed in itertools.product(STARTS, arguments.seeds):
        words = [*arguments.words, f"seed={seed}"]
        taught = teach(arguments.preset, words, codes[name], name, arguments.keep) if name in codes else None
        config = overridden(load_config(arguments.preset), [*words, *THEN, f"training.steps={arguments.steps}"])
        after = by_loss(config, taught, name, arguments.keep)
        for when, network in ((f"{name}, as taught", taught), (f"{name}, trained", after)):
            if network is not None:
                tell(when, seed, network, arguments.boxes)
    for count, restarts in itertools.product((2, 3), (RESTARTS, 4 * RESTARTS)):  # many codes are nearly as good
        free = best_code(setting, count, least_units=3.0, restarts=restarts, places=places)
        units = ", ".join(
            f"{n:.0f} at {spacing:.2f} m" for n, spacing in zip(free.code.units, free.code.spacings_m, strict=True)
        )
        print(f"best code of {count} free modules in {restarts} draws: loss {free.loss:.4f}, units {units}")


def tell(when: str, seed: int, network: Trained, boxes: list[float]) -> None:
    _, loss, sampler, _ = build(network.config, None)  # not what it was taught: what it is judged by
    total = held_out_loss(network.network, loss, sampler, HELD_OUT, seed)["total"]
    for side in boxes:
        shown = said_of(network, side)
        modules = "; ".join(
            f"{len(module)}: {module.spacing_m:.2f} m, {module.orientation_deg:.0f}°, {module.ellipticity:.2f}"
            for module in network.modules(side).modules
        )
        print(
            f"| {when} | {seed} | {side:g} | {total:.4f} | {network.path_error(side):.2f} | {modules or 'none'} "
            f"| {shown.by_index} | {shown.unordered} | {shown.periods} |",
            flush=True,
        )


def teach(preset: str, words: list[str], code: ModularCode, name: str, keep: Path) -> Trained:
    """A network trained to have the states of a code."""
    config = overridden(load_config(preset), [*words, *TAUGHT])
    network, _, sampler, _ = build(config, None)

    @torch.no_grad()
    def begin(network: Network) -> None:
        network.start.copy_(states_of(code, torch.zeros(1, 2), config.model.units)[0])  # type: ignore[operator,union-attr]

    return learned(network, StatesOf(code, config.model.units), sampler, config, keep, f"taught {name}", begin)


def by_loss(config: RunConfig, taught: Trained | None, name: str, keep: Path) -> Trained:
    """A network trained by the loss alone, from a taught one or from noise."""
    network, loss, sampler, _ = build(config, None)

    def begin(network: Network) -> None:
        if taught is not None:
            network.load_state_dict(taught.network.state_dict())

    return learned(network, loss, sampler, config, keep, f"from {name}" if taught else "", begin)


class StatesOf(Objective):
    """Squared distance of the states from those of a code, a step's mean."""

    def __init__(self, code: ModularCode, units: int) -> None:
        super().__init__()
        self.code, self.units = code, units

    def terms(self, positions: Tensor, states: Tensor) -> Mapping[str, Tensor]:
        """One term."""
        return {"distance": (states - states_of(self.code, positions, self.units)).square().sum(dim=-1).mean()}


if __name__ == "__main__":
    main()
