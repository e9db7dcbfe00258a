"""Many networks at once against one: steps of all networks in a second, on the threads given or on a GPU.

.venv/bin/python benchmarks/many.py                       # quick's shape on all cores
.venv/bin/python benchmarks/many.py --device cuda --networks 1 4 16
"""

import statistics

import floor
from sicgrid.experiment import build, load_config
from sicgrid.training import Trainee, train_together

STEPS = 20  # in one round, so that a GPU's graphs are worth their launch


def main() -> None:
    parser = floor.make_parser(__doc__)
    parser.add_argument("--preset", default="quick")
    parser.add_argument("--device", default="cpu", choices=("cpu", "cuda"))
    parser.add_argument("--networks", nargs="+", type=int, default=[1, 2, 4, 8, 16])
    arguments = floor.parse(parser)
    config = load_config(arguments.preset).model_copy(update={"device": arguments.device})
    training = config.training.model_copy(update={"log_every": STEPS, "steps": 10**9})
    groups = []
    for count in arguments.networks:
        parts = [build(config.model_copy(update={"seed": seed, "training": training}), None) for seed in range(count)]
        groups.append(train_together([Trainee(one.state, one.loss, one.sampler, training) for one in parts]))
    threads = floor.use_threads(arguments.threads)

    def steps(group: int) -> None:
        for _ in range(arguments.networks[group]):
            next(groups[group])

    rounds = floor.interleaved([lambda k=k: steps(k) for k in range(len(groups))], arguments.rounds)
    print(f"networks of {arguments.preset} trained at once on {arguments.device}, {threads} threads")
    floor.print_machine()
    print("| networks | steps of all in a second | times one |\n|---|---|---|")
    rates = [
        count * STEPS / statistics.median(seconds) for count, seconds in zip(arguments.networks, rounds, strict=True)
    ]
    for count, rate in zip(arguments.networks, rates, strict=True):
        print(f"| {count} | {rate:.1f} | {rate / rates[0]:.2f} |")


if __name__ == "__main__":
    main()
