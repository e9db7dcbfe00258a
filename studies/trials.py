"""What makes grid cells come sooner? One change to `quick` at a time, trained for about the same arithmetic.

.venv/bin/python studies/trials.py --list
.venv/bin/python studies/trials.py quick muon --seeds 0 2     # needs pytorch_optimizer for soap and lion

Every trial trains to the end of its own schedule; its units are then scored on fresh walks through a 2 m box. Here is
what needs more than settings (optimizers, averaged weights), done to the parts of a run; trials of
settings are the plan `training_settings` (`sicgrid sweep training_settings`), with the same start. What wins moves into
the package. Results: docs/lab_log.md.
"""

import argparse
import time
from collections.abc import Callable
from typing import Any, NamedTuple

import torch

from sicgrid.analysis import summarize
from sicgrid.evaluation import record
from sicgrid.experiment import build, load_config, overridden
from sicgrid.kernels import use_threads
from sicgrid.storage import machine
from sicgrid.training import TrainState, train
from trained import recorded_units

STEPS = 1500
BOX = 2.0  # m
START = ("trajectories.batch_size=32", "model.activation=relu")  # `quick` of that day


class Trial(NamedTuple):
    """Settings put over the start, and what is exchanged in the parts of the run."""

    settings: tuple[str, ...] = ()
    optimizer: Callable[[torch.nn.Module], torch.optim.Optimizer] | None = None
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


TRIALS = {
    "quick": Trial(),
    "muon": Trial(optimizer=muon),
    "muon lr 6e-3": Trial(("training.learning_rate=0.006",), muon),
    "soap": Trial(optimizer=soap),
    "lion lr 3e-4": Trial(("training.learning_rate=0.0003",), lion),
    "T grows from 10": Trial(("training.first_length=10",)),
    "T grows from 20": Trial(("training.first_length=20",)),
    "averaged 0.998, constant lr": Trial(("training.schedule=constant",), average=0.998),
    "averaged 0.99": Trial(average=0.99),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("trials", nargs="*", help="names; none: all")
    parser.add_argument("--seeds", nargs="+", type=int, default=[0, 2])
    parser.add_argument("--steps", type=int, default=STEPS, help="of training")
    parser.add_argument("--list", action="store_true")
    arguments = parser.parse_args()
    if arguments.list:
        print("\n".join(TRIALS))
        return
    use_threads(1)
    print(f"{machine()['cpu']}, one thread, torch {torch.__version__}")
    print("| trial | seed | steps | training (s) | loss | invariance | active | median score | above shifts |")
    print("|---|---|---|---|---|---|---|---|---|")
    for name in arguments.trials or TRIALS:
        for seed in arguments.seeds:
            run(name, seed, arguments.steps)


def run(name: str, seed: int, steps: int) -> None:
    trial = TRIALS[name]
    words = [*START, *trial.settings, f"training.steps={steps}", f"training.log_every={steps}", f"seed={seed}"]
    config = overridden(load_config("quick"), words)
    rnn, loss, sampler, state = build(config, None)
    if trial.optimizer is not None:
        state.optimizer = trial.optimizer(rnn)  # type: ignore[assignment]
    averaged = average(state, trial.average) if trial.average is not None else None
    start = time.process_time()
    (last,) = train(rnn, loss, sampler, config.training, seed=seed, state=state)
    seconds = time.process_time() - start
    network = averaged.module if averaged else rnn
    summary = summarize(recorded_units(record(network, BOX, config.evaluation.walk, seed), config))
    active, score, share = (summary[name] or 0 for name in ("active_units", "grid_score_median", "fraction_grid"))
    print(
        f"| {name} | {seed} | {steps} | {seconds:.0f} | {last.terms['total']:.4f} | {last.terms['invariance']:.3f} "
        f"| {active} | {score:.2f} | {share:.2f} |",
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
