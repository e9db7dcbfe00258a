"""Recording animals for 400 steps, against the bare product of a step of all units and against making each W(v).

The network is the bundled `quick`, since the step, `Network.stepper`'s, leaves out silent units, which an untrained one
has few of. The product (animals x hidden units)(hidden units x units) leaves out none. The plain way makes W(v) for
each animal by `Network.step` and applies it: as many products, and a matrix written for each.

.venv/bin/python benchmarks/evaluation.py [--threads 0] [--rounds 3] [--arena 4]
"""

import torch

import floor
from sicgrid.evaluation import record
from sicgrid.experiment import load_config
from sicgrid.pretrained import load_pretrained


def main() -> None:
    parser = floor.make_parser(__doc__)
    parser.add_argument("--arena", type=float, default=2.0, help="side of the box, meters; 200 animals walk in 2 m")
    parser.set_defaults(rounds=3)
    arguments = floor.parse(parser)
    config, rnn, arena = load_config("quick"), load_pretrained("quick"), arguments.arena
    threads = floor.use_threads(arguments.threads)
    walk, hidden, units = config.evaluation.walk, config.model.hidden, config.model.units
    animals = walk.animals_in(arena)
    outer = torch.randn(animals, hidden * units)
    weight = torch.randn(hidden * units, units)
    velocities = 0.1 * torch.randn(animals, 2)

    def products() -> None:
        for _ in range(walk.steps):
            torch.mm(outer, weight)

    @torch.no_grad()
    def plain() -> None:
        states = rnn.initial_state.expand(animals, -1)
        for _ in range(walk.steps):
            states = rnn.step(states, velocities)

    work, bare, matrices = floor.interleaved([lambda: record(rnn, arena, walk, 0), products, plain], arguments.rounds)
    print(f"recording {animals} animals x {walk.steps} steps in {arena:g} m, {threads} threads")
    floor.print_machine()
    floor.print_ratio("recording", work, "of all units", bare, None)
    floor.print_ratio("the plain way", matrices, "of all units", bare, None)


if __name__ == "__main__":
    main()
