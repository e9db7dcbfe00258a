"""What makes grid cells come sooner? One change to `quick` at a time, trained for about the same arithmetic.

.venv/bin/python benchmarks/trials.py --list
.venv/bin/python benchmarks/trials.py "lr 1e-2" muon --seeds 0 2     # needs pytorch_optimizer for soap

Every trial trains to the end of its own schedule and is then looked at as benchmarks/time_to_grid.py does. What needs
more than settings (optimizers, a growing T, averaged weights) is done here, to the parts of a run; what wins moves into
the package. Results: docs/lab_log.md.
"""

import argparse
import time
from collections.abc import Callable
from typing import Any, NamedTuple

import torch

from floor import print_machine
from sicgrid.experiment import build, load_config, overridden
from sicgrid.kernels import use_threads
from sicgrid.training import TrainState, train
from sicgrid.trajectories import PermutedVelocities, VelocityBatch
from time_to_grid import look

STEPS = 2500


class Trial(NamedTuple):
    """Settings put over those of `quick`, and what is exchanged in the parts of the run."""

    settings: list[str] = []
    optimizer: Callable[[torch.nn.Module], torch.optim.Optimizer] | None = None
    grows_from: int | None = None
    average: float | None = None


class Several(torch.optim.Optimizer):
    """Optimizers for different parameters as one; `ratio` scales the scheduled rate for a group."""

    def __init__(self, *parts: torch.optim.Optimizer) -> None:
        self.parts = parts
        self.param_groups = [group for part in parts for group in part.param_groups]

    def step(self, closure: object = None) -> None:
        for part in self.parts:
            part.step()

    def zero_grad(self, set_to_none: bool = True) -> None:
        for part in self.parts:
            part.zero_grad(set_to_none)


def muon(module: torch.nn.Module) -> torch.optim.Optimizer:
    """Muon for the matrices, its updates as large as AdamW's; AdamW for the biases."""
    matrices, rest = split(module)
    return Several(
        torch.optim.Muon(matrices, weight_decay=0.0, adjust_lr_fn="match_rms_adamw"),
        torch.optim.AdamW(rest, weight_decay=0.0, fused=True),
    )


def soap(module: torch.nn.Module) -> torch.optim.Optimizer:
    """SOAP for the matrices, AdamW for the biases."""
    from pytorch_optimizer import SOAP

    matrices, rest = split(module)
    return Several(
        SOAP(matrices, weight_decay=0.0, precondition_frequency=10, max_precondition_dim=1000),
        torch.optim.AdamW(rest, weight_decay=0.0, fused=True),
    )


def lion(module: torch.nn.Module) -> torch.optim.Optimizer:
    from pytorch_optimizer import Lion

    return Lion(split(module)[0] + split(module)[1], weight_decay=0.0)


def split(module: torch.nn.Module) -> tuple[list[torch.nn.Parameter], list[torch.nn.Parameter]]:
    learned = [parameter for parameter in module.parameters() if parameter.requires_grad]
    return [p for p in learned if p.ndim == 2], [p for p in learned if p.ndim != 2]


class Growing(PermutedVelocities):
    """T grows evenly from `first` to the setting's over the first 60 % of the batches; B shrinks so that B*T stays."""

    def __init__(self, whole: PermutedVelocities, first: int, batches: int) -> None:
        super().__init__(**whole.config.model_dump())
        self.first, self.batches, self.drawn = first, batches, 0

    def sample(self, generator: torch.Generator | None = None) -> VelocityBatch:
        points = self.config.batch_size * self.config.length
        grown = min(1.0, self.drawn / (0.6 * self.batches))
        length = round(self.first + grown * (self.config.length - self.first))
        self.drawn += 1
        speed = self.config.max_speed
        return PermutedVelocities(points // length, length, speed, self.config.permute).sample(generator)


def steps(count: int) -> str:
    return f"training.steps={count}"


def batch(size: int, length: int) -> list[str]:
    return [f"trajectories.batch_size={size}", f"trajectories.length={length}"]


# Steps of other batch shapes: as many as take about the time of 2,500 of quick's, by trial.
TRIALS = {
    "quick": Trial([]),
    "lr 1.5e-3": Trial(["training.learning_rate=0.0015"]),
    "lr 6e-3": Trial(["training.learning_rate=0.006"]),
    "lr 1e-2": Trial(["training.learning_rate=0.01"]),
    "B=16 T=40": Trial([*batch(16, 40), steps(5000)]),
    "B=16 T=40 lr 6e-3": Trial([*batch(16, 40), steps(5000), "training.learning_rate=0.006"]),
    "B=8 T=40": Trial([*batch(8, 40), steps(7500)]),
    "B=32 T=20": Trial([*batch(32, 20), steps(6500)]),
    "B=24 T=30": Trial([*batch(24, 30), steps(5000)]),
    "B=48 T=40": Trial([*batch(48, 40), steps(1300)]),
    "hidden 32": Trial(["model.hidden=32", steps(2900)]),
    "hidden 128": Trial(["model.hidden=128", steps(2100)]),
    "2 layers": Trial(["model.layers=2"]),
    "gelu": Trial(["model.activation=gelu"]),
    "silu": Trial(["model.activation=silu"]),
    "betas 0.9 0.99": Trial(["training.betas=[0.9, 0.99]"]),
    "betas 0.95 0.95": Trial(["training.betas=[0.95, 0.95]"]),
    "clip 1": Trial(["training.gradient_clip=1.0"]),
    "clip 0.02": Trial(["training.gradient_clip=0.02"]),
    "warm-up 50": Trial(["training.warmup_steps=50"]),
    "muon": Trial([], muon),
    "muon lr 6e-3": Trial(["training.learning_rate=0.006"], muon),
    "soap": Trial([], soap),
    "lion lr 3e-4": Trial(["training.learning_rate=0.0003"], lion),
    "T grows from 10": Trial([], None, 10),
    "T grows from 20": Trial([], None, 20),
    "averaged 0.998, constant lr": Trial(["training.schedule=constant"], None, None, 0.998),
    "averaged 0.99": Trial([], None, None, 0.99),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("trials", nargs="*", help="names; none: all")
    parser.add_argument("--seeds", nargs="+", type=int, default=[0, 2])
    parser.add_argument("--steps", type=int, default=STEPS, help="of quick's batches; other shapes in proportion")
    parser.add_argument("--list", action="store_true")
    arguments = parser.parse_args()
    if arguments.list:
        print("\n".join(TRIALS))
        return
    use_threads(1)
    print_machine()
    print("| trial | seed | steps | training (s) | loss | invariance | active | median score | share of grid cells |")
    print("|---|---|---|---|---|---|---|---|---|")
    for name in arguments.trials or TRIALS:
        for seed in arguments.seeds:
            run(name, seed, arguments.steps / STEPS)


def run(name: str, seed: int, length: float) -> None:
    trial = TRIALS[name]
    config = overridden(load_config("quick"), [steps(STEPS), *trial.settings])
    count = round(config.training.steps * length)
    training = config.training.model_copy(update={"steps": count, "log_every": count})
    config = config.model_copy(update={"training": training, "seed": seed})
    rnn, loss, sampler, state = build(config, None)
    if trial.optimizer is not None:
        state.optimizer = trial.optimizer(rnn)  # type: ignore[assignment]
    if trial.grows_from is not None:
        sampler = Growing(sampler, trial.grows_from, count)
    averaged = average(state, trial.average) if trial.average is not None else None
    start = time.process_time()
    (last,) = train(rnn, loss, sampler, training, seed=seed, state=state)
    seconds = time.process_time() - start
    found = look(averaged.module if averaged else rnn, config, last.step, seconds)
    print(
        f"| {name} | {seed} | {count} | {seconds:.0f} | {last.terms['total']:.4f} | {last.terms['invariance']:.3f} "
        f"| {found.active} | {found.score:.2f} | {found.share:.2f} |",
        flush=True,
    )


def average(state: TrainState, decay: float) -> Any:
    """An exponential moving average of the weights, brought up to date after each step of the optimizer."""
    averaged = torch.optim.swa_utils.AveragedModel(
        state.rnn, multi_avg_fn=torch.optim.swa_utils.get_ema_multi_avg_fn(decay)
    )
    state.optimizer.register_step_post_hook(lambda *_: averaged.update_parameters(state.rnn))
    return averaged


if __name__ == "__main__":
    main()
