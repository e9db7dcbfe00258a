"""What makes several modules? Starts in blocks, one change at a time, each network then searched for modules.

.venv/bin/python studies/module_trials.py --list
.venv/bin/python studies/module_trials.py "3 blocks, held" --units 64 --seeds 0 1 2     # some 45 s each on one core

"Blocks": at the start W(v) has no couplings between groups of units. "Held": they stay at zero for that share of the
training. What is settings alone, the start and the number of units, is the plan `starts` (`sicgrid sweep starts`); the
start "identity" stands here too, as what the others are compared with. Results: docs/lab_log.md.
"""

import argparse
from typing import NamedTuple

import torch

from sicgrid.analysis import find_modules, summarize
from sicgrid.evaluation import held_out_loss, record
from sicgrid.experiment import build, load_config, overridden
from sicgrid.kernels import use_threads
from sicgrid.losses import SICLoss
from sicgrid.training import train
from trained import recorded_units

LENGTH = 60
BOX = 2.0  # m
HELD_OUT_BATCHES = 20


class Trial(NamedTuple):
    """Settings put over those of `quick` with T=60, and what is done to the start."""

    settings: tuple[str, ...] = ()
    blocks: int = 1
    coupling: float = 0.0
    held: float = 0.0
    speeds: tuple[float, ...] = ()
    identity: float = 0.0
    orthogonal: bool = False
    isometry_late: float = 0.0
    """Weight of conformal isometry in the second half of the training."""


DEFAULT = "model.initialization=default"
GROWS = "training.first_length=20"
TRIALS = {
    "identity": Trial(),
    "3 blocks": Trial(blocks=3),
    "3 blocks, couplings 0.1": Trial(blocks=3, coupling=0.1),
    "3 blocks, speeds": Trial(blocks=3, speeds=(0.6, 1.0, 1.6)),
    "3 blocks, T to 120": Trial(("trajectories.length=120", "trajectories.batch_size=8", GROWS), blocks=3),
    "3 blocks, sigma_g 0.3, T to 80": Trial(("trajectories.length=80", "loss.sigma_g=0.3", GROWS), blocks=3),
    "0.3 of the identity": Trial((DEFAULT,), identity=0.3),
    "orthogonal": Trial((DEFAULT,), orthogonal=True),
    "2 blocks, held": Trial(blocks=2, held=1.0),
    "3 blocks, held": Trial(blocks=3, held=1.0),
    "4 blocks, held": Trial(blocks=4, held=1.0),
    "3 blocks, held half": Trial(blocks=3, held=0.5),
    "3 blocks, held, sigma_g 0.3": Trial(("loss.sigma_g=0.3",), blocks=3, held=1.0),
    "isometry 0.01 late": Trial(isometry_late=0.01),
    "isometry 0.1 late": Trial(isometry_late=0.1),
    "3 blocks, held, speed 0.25": Trial(("trajectories.max_speed=0.25",), blocks=3, held=1.0),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("trials", nargs="*", help="names; none: all")
    parser.add_argument("--units", type=int, default=64)
    parser.add_argument("--seeds", nargs="+", type=int, default=[0])
    parser.add_argument("--steps", type=int, help="default: quick's")
    parser.add_argument("--list", action="store_true")
    arguments = parser.parse_args()
    if arguments.list:
        print("\n".join(TRIALS))
        return
    use_threads(1)
    print("| N | trial | seed | loss | invariance | active | above shifts | modules: units and spacing |")
    print("|---|---|---|---|---|---|---|---|")
    for name in arguments.trials or TRIALS:
        for seed in arguments.seeds:
            run(name, arguments.units, seed, arguments.steps)


def run(name: str, units: int, seed: int, steps: int | None) -> None:
    trial = TRIALS[name]
    words = [f"model.units={units}", f"trajectories.length={LENGTH}", *trial.settings, f"seed={seed}"]
    config = overridden(load_config("quick"), [*words, *([f"training.steps={steps}"] if steps else [])])
    rnn, loss, sampler, state = build(config, None)
    last = rnn.transition.mlp[-1]
    assert isinstance(last, torch.nn.Linear)
    mask = begin(last, trial, units, config.model.initialization == "identity")
    held, done = trial.held * config.training.steps, 0

    def hold(*_: object) -> None:
        nonlocal done
        done += 1
        if done <= held:
            with torch.no_grad():
                last.weight.mul_(mask[:, None])
                last.bias.mul_(mask)

    state.optimizer.register_step_post_hook(hold)
    for log in train(rnn, loss, sampler, config.training, seed=seed, state=state):
        if trial.isometry_late and log.step >= config.training.steps // 2:
            break
    if trial.isometry_late:
        late = SICLoss(**{**config.loss.model_dump(), "conformal_isometry": trial.isometry_late})
        for _ in train(rnn, late, sampler, config.training, seed=seed, state=state):
            pass
    terms = held_out_loss(rnn, loss, sampler, HELD_OUT_BATCHES, seed=seed)
    table = recorded_units(record(rnn, BOX, config.evaluation.walk, seed), config)
    summary = summarize(table)
    modules = ", ".join(f"{len(module)} at {module.spacing_m:.2f} m" for module in find_modules(table.maps).modules)
    print(
        f"| {units} | {name} | {seed} | {terms['total']:.3f} | {terms['invariance']:.3f} | {summary['active_units']} "
        f"| {summary['fraction_grid'] or 0:.2f} | {modules or 'none'} |",
        flush=True,
    )


def begin(last: torch.nn.Linear, trial: Trial, units: int, identity: bool) -> torch.Tensor:
    """Put the trial's start into the layer that makes W(v); the flattened mask of the couplings within blocks."""
    block = torch.arange(units) * trial.blocks // units
    mask = (block[:, None] == block).float()
    weakened = mask + trial.coupling * (1 - mask)
    speeds = torch.tensor(trial.speeds or (1.0,) * trial.blocks)[block]
    eye = torch.eye(units)
    with torch.no_grad():
        last.weight.mul_((weakened * speeds[:, None]).flatten()[:, None])
        start = eye.flatten() * float(identity)
        last.bias.copy_(start + (last.bias - start) * weakened.flatten() + trial.identity * eye.flatten())
        if trial.orthogonal:
            last.bias.add_(torch.linalg.qr(torch.randn(units, units))[0].flatten())
    return mask.flatten()


if __name__ == "__main__":
    main()
