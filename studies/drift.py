"""What does drift cost codes of one lattice and of nested ones, and how much of it have networks?

.venv/bin/python studies/drift.py --set model.units=32 --set loss.capacity=0.5

No network is trained. The states of theory's best codes (`sicgrid.theory`, which knows no drift) are put where a
network would have them on training's walks, at places that are off by normal steps, one for each axis and step walked;
the loss is that of training. A row for each drift, in cm along an axis after all steps of a walk: loss and invariance
term of each code. A network's own drift is read from its invariance term. Results: docs/lab_log.md.
"""

import numpy as np
import torch

from expected import SPECTRA, code_setting
from ideal_states import states_of
from sicgrid.experiment import build, load_config, overridden
from sicgrid.theory import best_nested_code, displacements
from trained import study_parser

BATCHES, RESTARTS = 40, 6


def main() -> None:
    parser = study_parser(__doc__, "nested")
    parser.add_argument("--drift", nargs="+", type=float, default=[0, 2, 4, 6, 8, 12, 16, 24], help="cm at the end")
    arguments = parser.parse_args()
    config = overridden(load_config(arguments.preset), arguments.words)
    _, loss, sampler, _ = build(config, None)
    setting = code_setting(config)
    places = displacements(setting)
    codes = [best_nested_code(setting, indices, restarts=RESTARTS, places=places) for indices in SPECTRA["hexagonal"]]
    names = [", ".join(f"{i}: {n:.0f}" for i, n in zip(c.indices, c.code.units, strict=True)) for c in codes]
    print("| drift (cm) | " + " | ".join(f"{name} | invariance" for name in names) + " |")
    print("|---|" + "---|---|" * len(codes))
    print("| theory | " + " | ".join(f"{code.loss:.4f} | " for code in codes) + " |")
    for drift in arguments.drift:
        row = [losses(code.code, drift / 100, loss, sampler, setting.units) for code in codes]
        print(f"| {drift:g} | " + " | ".join(f"{total:.4f} | {invariance:.3f}" for total, invariance in row) + " |")


@torch.no_grad()
def losses(code, drift, loss, sampler, units) -> tuple[float, float]:  # type: ignore[no-untyped-def]
    """Loss and invariance term of a code on training's walks, at places that are off by the drift at a walk's end."""
    generator = torch.Generator().manual_seed(0)
    start = states_of(code, torch.zeros(1, 2), units)[0]
    terms = []
    for _ in range(BATCHES):
        batch = sampler.sample(generator)
        steps = torch.randn(batch.positions.shape, generator=generator) * drift / batch.positions.shape[1] ** 0.5
        states = states_of(code, batch.positions + steps.cumsum(dim=1), units)
        measured = loss(positions=batch.positions, velocities=batch.velocities, states=states, initial_state=start)
        terms.append((float(measured.total), float(measured.invariance)))
    total, invariance = np.mean(terms, axis=0)
    return float(total), float(invariance)


if __name__ == "__main__":
    main()
