"""What theory has a population do that joins later: the best second lattice for a given first one.

.venv/bin/python studies/joining_theory.py   # ten seconds

The first is the best lattice of 64 units, by the preset `quick`. With it as half of the state, the loss of the joint
state is minimized over the second's spacing, orientation, width and share: with far pairs weighed by their overlap in
the first ("joins"), all by the mean of these ("evenly"), all by 1 ("alone"), as `studies/joining.py` trains networks.
A row for each, with the joint loss of both and the ratio of the second's spacing to the first's; for "joins" at some
angles between them. Without a first, all angles are alike: theirs is 15 degrees. Then the same with a second of stripes
("ring"), the angle that across them. Below, the best two modules of 128 units, free in all. Results: docs/lab_log.md.
"""

import itertools

import numpy as np
from jaxtyping import Float
from scipy.optimize import minimize

from expected import RESTARTS, code_setting
from sicgrid.experiment import load_config, overridden
from sicgrid.theory import (
    CodeSetting,
    Displacements,
    ModularCode,
    best_code,
    displacements,
    expected_loss,
    least_widths,
    state_overlap,
)

UNITS = 64
STARTS_M = (0.5, 0.7, 0.9, 1.2, 1.6, 2.2)  # spacings from which a second is sought
ANGLES = (0.0, 10.0, 15.0, 20.0, 30.0)


def main() -> None:
    setting = code_setting(overridden(load_config("quick"), [f"model.units={UNITS}"]))
    places = displacements(setting)
    first = best_code(setting, 1, restarts=RESTARTS, places=places).code
    half = first._replace(shares=first.shares / 2)
    overlap = np.exp((state_overlap(half, places.places_m) - 1) / setting.sigma_g**2)
    mean = float(places.far @ overlap)
    print(f"first: {first.spacings_m[0]:.2f} m, mean overlap of far pairs {mean:.3f}\n")
    print("| weights | second | angle | spacing | second over first | share | loss of both |")
    print("|---|---|---|---|---|---|---|")
    nothing = half._replace(shares=0 * half.shares)
    cases = [("joins", half, 1.0, angle) for angle in ANGLES]
    cases += [("evenly", nothing, mean, 15.0), ("alone", nothing, 1.0, 15.0)]
    for kind, (name, code, separation, angle) in itertools.product(("hexagonal", "ring"), cases):
        second = best_second(kind, code, setting._replace(separation=separation), places, angle)
        loss = expected_loss(joint(half, kind, second, places.step_m), setting, places)
        spacing, share = np.exp(second[0]), second[3]
        ratio = spacing / first.spacings_m[0]
        print(
            f"| {name} | {kind} | {angle:g}° | {spacing:.2f} m | {ratio:.2f} | {share:.2f} | {loss:.4f} |", flush=True
        )
    for title, least in (("of any size", 3.0), ("of equal sizes", UNITS - 0.51)):
        free = best_code(setting._replace(units=2 * UNITS), 2, least_units=least, restarts=3 * RESTARTS, places=places)
        units = "; ".join(f"{n:.0f} at {s:.2f} m" for n, s in zip(free.code.units, free.code.spacings_m, strict=True))
        print(f"\ntwo free modules {title}: {units}, loss {free.loss:.4f}")


def joint(first: ModularCode, kind: str, second: Float[np.ndarray, "4"], step_m: float) -> ModularCode:
    """A first with a second of log spacing, orientation, log width in spacings, and share of the joint state."""
    log_spacing, angle, log_width, share = second
    width = max(np.exp(log_spacing + log_width), step_m)
    parts = np.exp(log_spacing), angle, width, share, UNITS - 1, kind
    return ModularCode(*(np.append(values, part) for values, part in zip(first, parts, strict=True)))


def best_second(
    kind: str, first: ModularCode, setting: CodeSetting, places: Displacements, angle: float
) -> Float[np.ndarray, "4"]:
    """The second of least joint loss, turned from the first by an angle in degrees."""
    turned = first.orientations_deg[0] + angle
    kinds, ones = np.array([kind]), np.ones(1)
    of_size_1 = first._replace(spacings_m=ones, units=(UNITS - 1) * ones, kinds=kinds)
    log_least = float(np.log(least_widths(of_size_1, setting.tiling)[0]))
    bounds = [(np.log(0.4), np.log(3.0)), (turned, turned), (log_least, np.log(0.4)), (0.01, 0.5)]

    def loss(point: Float[np.ndarray, "4"]) -> float:
        return expected_loss(joint(first, kind, point, places.step_m), setting, places)

    starts = [(np.log(spacing), turned, log_least + 0.01, 0.25) for spacing in STARTS_M]
    ends = [minimize(loss, start, bounds=bounds, method="L-BFGS-B", options={"maxiter": 40}) for start in starts]
    return np.asarray(min(ends, key=lambda end: float(end.fun)).x)


if __name__ == "__main__":
    main()
