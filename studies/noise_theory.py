"""Does noise on the state make the loss prefer several modules? The best ideal codes, when every state is noisy.

.venv/bin/python studies/noise_theory.py --units 32 128

No network is trained. Normal noise in every unit and a NormReLU turn the overlap S of two states, on average, into
alpha + beta S: both are measured on the states of the best single lattice, with the variance that is left. Put into the
loss, beta is a larger sigma_g and smaller weights, and the rest are a factor of the separation and constants, so that
`sicgrid.theory.best_code` finds the best codes of 1, 2 and 3 modules. Noise is new at each point: what a network that
integrates adds up on its way, and how modules would correct each other, is left out. A row for each number of units and
noise: the losses, what more modules gain, and, as a check, the loss of the codes' noisy states on training's batches.
Results: docs/lab_log.md.
"""

import argparse

import numpy as np
import torch

from ideal_states import states_of
from sicgrid.losses import SICLoss
from sicgrid.model import norm_relu
from sicgrid.theory import CodeSetting, Displacements, ModularCode, best_code, displacements
from sicgrid.trajectories import PermutedVelocities

MODULES = (1, 2, 3)
LEAST_UNITS = 6.0  # of a module
PLACES, SIDE = 1500, 3.0  # of states, in a box, m
BATCHES = 40


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--units", nargs="+", type=int, default=[32, 128])
    parser.add_argument("--noise", nargs="+", type=float, default=[0, 0.02, 0.05, 0.1, 0.2], help="in a unit")
    parser.add_argument("--length", type=int, default=40)
    parser.add_argument("--capacity", type=float, default=0.5)
    parser.add_argument("--restarts", type=int, default=12)
    arguments = parser.parse_args()
    print("| units | noise | alpha, beta | " + " | ".join(f"{m} modules" for m in MODULES) + " | gain | as measured |")
    print("|---|---|---|" + "---|" * len(MODULES) + "---|---|")
    for units in arguments.units:
        quiet = CodeSetting(units=units, length=arguments.length, capacity=arguments.capacity, batch_size=16)
        places = displacements(quiet)
        lattice = best_code(quiet, 1, restarts=arguments.restarts, least_units=LEAST_UNITS, places=places).code
        for noise in arguments.noise:
            print(row(quiet, places, lattice, noise, arguments.restarts), flush=True)


def row(quiet: CodeSetting, places: Displacements, lattice: ModularCode, noise: float, restarts: int) -> str:
    alpha, beta, spread = overlaps(lattice, quiet.units, noise)
    setting, constant = as_quiet(quiet, alpha, beta, spread)
    best = [best_code(setting, m, restarts=restarts, least_units=LEAST_UNITS, places=places) for m in MODULES]
    cells = []
    for code in best:
        spacings = ", ".join(f"{spacing:.2f}" for spacing in code.code.spacings_m)
        cells.append(f"{code.loss + constant:.4f} ({spacings} m)")
    measured = [measured_loss(code.code, quiet, noise) for code in best]
    gains = gain([code.loss for code in best]), gain(measured)
    return (
        f"| {quiet.units} | {noise:g} | {alpha:.2f}, {beta:.2f} | {' | '.join(cells)} "
        f"| {gains[0]:.4f} | {measured[0]:.4f}, {gains[1]:.4f} |"
    )


def gain(losses: list[float]) -> float:
    """By which the best code of several modules lies below that of one."""
    return losses[0] - min(losses[1:])


def overlaps(code: ModularCode, units: int, noise: float) -> tuple[float, float, float]:
    """alpha, beta and the variance left: the overlap of two noisy states over that of the states without noise."""
    generator = torch.Generator().manual_seed(0)
    positions = SIDE * (torch.rand(PLACES, 2, generator=generator) - 0.5)
    states = states_of(code, positions, units)
    noisy = norm_relu(states + noise * torch.randn(states.shape, generator=generator))
    pairs = np.triu_indices(PLACES, 1)
    clean, with_noise = (np.asarray(some @ some.T, dtype=np.float64)[pairs] for some in (states, noisy))
    beta, alpha = np.polyfit(clean, with_noise, 1)
    return float(alpha), float(beta), float(np.var(with_noise - alpha - beta * clean)) if noise else 0.0


def as_quiet(setting: CodeSetting, alpha: float, beta: float, spread: float) -> tuple[CodeSetting, float]:
    """The setting in which states without noise have the loss of the noisy ones, but for the constant beside it.

    E exp((S' - 1) / sigma^2) with S' = alpha + beta S and variance v: exp((alpha + beta - 1) / sigma^2 + v / (2
    sigma^4)) exp(beta (S - 1) / sigma^2).
    """
    variance = setting.sigma_g**2
    less = float(np.exp((alpha + beta - 1) / variance + spread / (2 * variance**2)))
    changed = setting._replace(
        separation=setting.separation * less,
        sigma_g=setting.sigma_g / beta**0.5,
        invariance=setting.invariance * beta,
        capacity=setting.capacity * beta,
    )
    return changed, 2 * setting.invariance * (1 - alpha - beta) - setting.capacity * alpha


@torch.no_grad()
def measured_loss(code: ModularCode, setting: CodeSetting, noise: float) -> float:
    """Of a code's noisy states on batches of training; without conformal isometry."""
    loss = SICLoss(
        separation=setting.separation, invariance=setting.invariance, capacity=setting.capacity, conformal_isometry=0
    )
    sampler = PermutedVelocities(batch_size=setting.batch_size, length=setting.length, max_speed=setting.max_speed)
    generator = torch.Generator().manual_seed(0)
    start, totals = states_of(code, torch.zeros(1, 2), setting.units)[0], []
    for _ in range(BATCHES):
        batch = sampler.sample(generator)
        states = states_of(code, batch.positions, setting.units)
        noisy = norm_relu(states + noise * torch.randn(states.shape, generator=generator))
        terms = loss(positions=batch.positions, velocities=batch.velocities, states=noisy, initial_state=start)
        totals.append(float(terms.total))
    return float(np.mean(totals))


if __name__ == "__main__":
    main()
