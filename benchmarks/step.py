"""A whole gradient step against what it cannot do without, and against the step as one would first write it.

The step is one of `sicgrid.train`: batch, rollout, loss, backward, clipping, AdamW; one batch, not the paper's two. The
floors: the two bare products of the pair terms; and these with the MLP's products, forward and backward, the products
that make dL/dW, and one pass over the weights. The naive step is benchmarks/naive.py.

A reading is of as many steps in a row as training makes between two records, at most ten, and of each floor as often.

.venv/bin/python benchmarks/step.py                     # paper scale, all cores
.venv/bin/python benchmarks/step.py --preset quick --threads 1 --rounds 40
"""

import statistics
from collections.abc import Callable

import torch

import floor
from naive import naive_step
from sicgrid.experiment import build, load_config
from sicgrid.training import train

PAIRS_TARGET = 1.3  # times the two products, at paper scale
STEPS = {"paper": 1, "quick": 10}  # in one reading
STEP_TARGET = 1.4  # times all bare products and a pass over the weights, for quick


def main() -> None:
    parser = floor.make_parser(__doc__)
    parser.add_argument("--preset", default="paper", choices=("quick", "paper"))
    parser.add_argument("--naive-rounds", type=int, default=3, help="rounds of the naive step; 0 leaves it out")
    arguments = floor.parse(parser)
    config = load_config(arguments.preset)
    # An untrained default start is no typical rollout; and training must not come to its end.
    model = config.model.model_copy(update={"initialization": "identity", "velocity_scale": 0.15})
    count = STEPS[arguments.preset]
    training = config.training.model_copy(update={"accumulate": 1, "log_every": count, "steps": 10**9})
    config = config.model_copy(update={"model": model, "training": training})
    rnn, loss, sampler, state = build(config, None)
    floor.use_threads(arguments.threads)
    records = train(rnn, loss, sampler, training, state=state)
    batch = sampler.sample(torch.Generator().manual_seed(0))
    states = rnn(batch.distinct, batch.order).states.detach().flatten(0, 1)
    name, products = floor.fastest_products(states)
    floors = [repeated(bare, count) for bare in (products, floor.bare_step(rnn, batch, products))]
    readings = floor.interleaved([lambda: next(records), *floors], arguments.rounds)
    work, pairs, bare = ([seconds / count for seconds in reading] for reading in readings)
    print(f"gradient step, {arguments.preset}: {len(states)} points, {states.shape[1]} units, float32")
    floor.print_machine()
    floor.print_ratio("step", work, name, pairs, PAIRS_TARGET if arguments.preset == "paper" else None)
    floor.print_ratio(
        "step", work, "and the MLP's, dL/dW, weights", bare, STEP_TARGET if arguments.preset == "quick" else None
    )
    if arguments.naive_rounds:
        optimizer = torch.optim.AdamW(rnn.parameters(), lr=1e-6)
        naive = floor.interleaved(
            [lambda: naive_step(rnn, sampler.sample(), loss.config, optimizer, 0.1)], arguments.naive_rounds
        )[0]
        times = statistics.median(naive) / statistics.median(work)
        print(f"  naive PyTorch step {1e3 * statistics.median(naive):.0f} ms: {times:.0f} times as long")


def repeated(work: Callable[[], object], count: int) -> Callable[[], None]:
    def several() -> None:
        for _ in range(count):
            work()

    return several


if __name__ == "__main__":
    main()
