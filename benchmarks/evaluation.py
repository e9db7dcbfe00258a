"""Recording 200 animals for 400 steps in a 2 m box, against the bare products of a step and against making each W(v).

The step is `Network.stepper`'s: one product (animals x hidden units)(hidden units x units), which is its floor. The
plain way makes W(v) for each animal by `Network.step` and applies it; as many products, and a matrix written for each.

.venv/bin/python benchmarks/evaluation.py [--threads 0] [--rounds 3]
"""

import torch

import floor
from sicgrid.evaluation import record
from sicgrid.experiment import build, load_config


def main() -> None:
    parser = floor.make_parser(__doc__)
    parser.set_defaults(rounds=3)
    arguments = floor.parse(parser)
    config = load_config("quick")
    rnn = build(config, None).rnn
    threads = floor.use_threads(arguments.threads)
    walk, hidden, units = config.evaluation.walk, config.model.hidden, config.model.units
    outer = torch.randn(walk.animals, hidden * units)
    weight = torch.randn(hidden * units, units)
    velocities = 0.1 * torch.randn(walk.animals, 2)

    def products() -> None:
        for _ in range(walk.steps):
            torch.mm(outer, weight)

    @torch.no_grad()
    def plain() -> None:
        states = rnn.initial_state.expand(walk.animals, -1)
        for _ in range(walk.steps):
            states = rnn.step(states, velocities)

    work, bare, matrices = floor.interleaved([lambda: record(rnn, 2.0, walk, 0), products, plain], arguments.rounds)
    print(f"recording {walk.animals} animals x {walk.steps} steps, {threads} threads")
    floor.print_machine()
    floor.print_ratio("recording", work, "of the steps", bare, None)
    floor.print_ratio("the plain way", matrices, "of the steps", bare, None)


if __name__ == "__main__":
    main()
