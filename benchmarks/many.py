"""Many networks at once against one: steps of all networks in a second, on the threads given or on a GPU.

The first row is one network on one thread, which 16 networks one after another would take 16 times.

.venv/bin/python benchmarks/many.py                       # quick's shape on all cores
.venv/bin/python benchmarks/many.py --device cuda --networks 1 4 16
"""

import statistics

import floor
from memory_peak import peak_mib
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
    threads = floor.use_threads(arguments.threads)
    # First what the others are held against: one network, on one thread.
    asked = [(1, 1), *((count, threads) for count in arguments.networks)]
    groups = []
    for count, _ in asked:
        runs = [build(config.model_copy(update={"seed": seed, "training": training}), None) for seed in range(count)]
        groups.append(train_together([Trainee(run.state, run.loss, run.sampler, training) for run in runs]))

    def steps(group: int) -> None:
        count, thread_count = asked[group]
        floor.use_threads(thread_count)
        for _ in range(count):
            next(groups[group])

    rounds = floor.interleaved([lambda k=k: steps(k) for k in range(len(groups))], arguments.rounds)
    floor.use_threads(threads)
    print(f"networks of {arguments.preset} trained at once on {arguments.device}")
    floor.print_machine()
    print("| networks | threads | steps of all in a second | time over that of one after another on one thread |")
    print("|---|---|---|---|")
    alone = statistics.median(rounds[0])
    for (count, thread_count), seconds in zip(asked, rounds, strict=True):
        median = statistics.median(seconds)
        print(f"| {count} | {thread_count} | {count * STEPS / median:.1f} | {median / (count * alone):.2f} |")
    print(f"peak memory of all of them in one process: {peak_mib():.0f} MiB")


if __name__ == "__main__":
    main()
