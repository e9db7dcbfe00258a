"""Recording 200 animals for 400 steps in a 2 m box, against the bare products that make W(v) for every step.

.venv/bin/python benchmarks/evaluation.py [--threads 0] [--rounds 3]
"""

import statistics

import torch

import floor
from sicgrid.evaluation import record
from sicgrid.experiment import build, load_config

TARGET = 5.0  # s


def main() -> None:
    parser = floor.make_parser(__doc__)
    parser.set_defaults(rounds=3)
    arguments = floor.parse(parser)
    config = load_config("quick")
    rnn = build(config, None).rnn
    threads = floor.use_threads(arguments.threads)
    walk = config.evaluation.walk
    weight = torch.randn(config.model.units**2, config.model.hidden)
    hidden = torch.randn(walk.animals, config.model.hidden)

    def products() -> None:
        for _ in range(walk.steps):
            torch.mm(hidden, weight.T)

    work, bare = floor.interleaved([lambda: record(rnn, 2.0, walk, 0), products], arguments.rounds)
    print(f"recording {walk.animals} animals x {walk.steps} steps, {threads} threads")
    floor.print_machine()
    floor.print_ratio("recording", work, "of the MLP's last layer", bare, None)
    print(f"  {statistics.median(work):.1f} s; target under {TARGET:g} s")


if __name__ == "__main__":
    main()
