"""What do the models of the other families give here, under one analysis?

.venv/bin/python studies/baselines.py measure residue twisted-torus noise --seeds 0 1
.venv/bin/python studies/baselines.py train isometry --seeds 0 --keep runs/baselines
.venv/bin/python studies/baselines.py bundle isometry --keep runs/baselines --outcome "as published: ..."
.venv/bin/python studies/baselines.py flow

`measure` prints a row for each model and seed. Codes are asked for the middle of every bin; networks walk; `shuffled`
is the bundled `quick` with its weights shuffled. `train` makes the weights of a trained model and keeps them, one
safetensors file a seed, with its settings; `measure` takes those of the package, else from there. `bundle` puts them
into the package (or --folder), with a card of what `sicgrid compare` measures on them. `flow` tells how many cells the
sheet of the continuous attractor moves in a meter, by its size and the speed. Results: docs/baselines.md.
"""

import argparse
import tempfile
import time
from pathlib import Path

import numpy as np

from sicgrid import compare
from sicgrid.analysis import RateMaps, TopologyConfig, find_modules, grid_scores, lattice, rate_maps, topology
from sicgrid.baselines import (
    BASELINES,
    AttractorConfig,
    Baseline,
    Code,
    Network,
    Weights,
    baseline,
    shuffled_weights,
)
from sicgrid.evaluation import Recording, path_consistency
from sicgrid.kernels import use_threads
from sicgrid.pretrained import export_baseline, fit_baseline, fitted_baseline, load_pretrained
from sicgrid.report import row_in_words
from sicgrid.storage import RunDirectory, machine
from sicgrid.trajectories import WalkConfig, arena_walks

BIN = 0.05  # m
QUICK = TopologyConfig(shuffles=20)


def main() -> None:
    use_threads(1)
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("task", choices=("measure", "train", "bundle", "flow"))
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(BASELINES)}")
    parser.add_argument("--seeds", nargs="+", type=int, default=[0])
    parser.add_argument("--keep", type=Path, default=Path("runs/baselines"), help="folder of trained weights")
    parser.add_argument("--outcome", default="", help="of bundle: a sentence beside the published outcome")
    parser.add_argument("--folder", type=Path, help="of bundle: where to, in place of the package")
    parser.add_argument("--box", type=float, default=2.0, help="side, m")
    parser.add_argument("--outside", type=float, default=3.0, help="side of a box beyond training, m")
    parser.add_argument("--units", type=int, default=48, help="looked at, evenly taken from all")
    parser.add_argument("--animals", type=int, default=60)
    parser.add_argument("--steps", type=int, default=200)
    asked = parser.parse_args()
    models = [baseline(name) for name in asked.names or BASELINES]
    if asked.task == "flow":
        flow()
    elif asked.task == "train":
        for model in models:
            for seed in asked.seeds:
                train(model, seed, asked.keep)
    elif asked.task == "bundle":
        for model in models:
            for seed in asked.seeds:
                bundle(model, seed, asked.keep, asked.folder, asked.outcome)
    else:
        columns = ("model", "seed", "units", "grid score, median", "on a lattice", "modules: spacing (units looked at)")
        columns += ("ellipticity", "state space", "path error", "outside", "making it (s)", "looking (s)")
        print("| " + " | ".join(columns) + " |")
        print("|" + "---|" * len(columns))
        for model in models:
            for seed in asked.seeds:
                print(row(model, seed, asked), flush=True)


def train(model: Baseline, seed: int, keep: Path) -> None:
    """Fit and keep."""
    start = time.perf_counter()

    def progress(done: int, total: int, loss: float) -> None:
        print(
            f"{model.name} seed {seed}: {done} of {total}, loss {loss:.5f}, {time.perf_counter() - start:.0f} s",
            flush=True,
        )

    fit_baseline(model, seed, keep, progress)


def bundle(model: Baseline, seed: int, keep: Path, folder: Path | None, outcome: str) -> None:
    """Weights without readouts and a card of what a comparison measures on them, into the package or a folder."""
    fit = fitted_baseline(model, seed, keep)
    if fit is None:
        raise SystemExit(f"no fit by these settings in {keep}: studies/baselines.py train {model.name} --seeds {seed}")
    command = f"studies/baselines.py train {model.name} --seeds {seed}"
    card = {"made": {"command": command} | machine(), "measured": {}, "outcome": outcome}
    card["measured_by"] = f"sicgrid compare {model.name} --out DIR"
    export_baseline(model, seed, fit, card, folder)
    with tempfile.TemporaryDirectory() as place:
        compare([model.name], place, seeds=(seed,), weights=folder)
        measured = row_in_words(RunDirectory(Path(place) / "runs" / model.name))
    print(export_baseline(model, seed, fit, card | {"measured": measured}, folder))


def made(model: Baseline, seed: int, keep: Path) -> tuple[Network | Code, float]:
    """The model and how long it took to make; a trained one of the package, or as it was kept."""
    if not model.trained:
        start = time.perf_counter()
        weights = shuffled_weights(trained_weights(), seed) if model.name == "shuffled" else None
        return model.make(seed, weights=weights), time.perf_counter() - start
    fit = fitted_baseline(model, seed) or fitted_baseline(model, seed, keep)
    if fit is None:
        raise SystemExit(f"no fit in {keep}; make it by: studies/baselines.py train {model.name} --seeds {seed}")
    return model.make(seed, weights=fit.weights), fit.seconds


def trained_weights() -> Weights:
    """Those of the bundled network `quick`, to be shuffled."""
    return {name: tensor.numpy() for name, tensor in load_pretrained("quick").state_dict().items()}


def row(model: Baseline, seed: int, asked: argparse.Namespace) -> str:
    made_of, making = made(model, seed, asked.keep)
    start = time.perf_counter()
    maps, states, error = looked_at(made_of, asked.box, asked.animals, asked.steps, seed)
    *_, outside = looked_at(made_of, asked.outside, asked.animals, asked.steps, seed)
    chosen = np.unique(np.linspace(0, len(maps.maps) - 1, min(asked.units, len(maps.maps))).astype(int))
    some = maps._replace(maps=maps.maps[chosen])
    shapes = [lattice(rates, BIN) for rates in some.maps]
    scores = grid_scores(some.maps).score
    modules = find_modules(some, bases_m=np.array([shape.basis_m for shape in shapes]))
    sizes = [len(module) for module in modules.modules]
    spacings = ", ".join(f"{module.spacing_m:.2f} m ({len(module)})" for module in modules.modules) or "none"
    ellipticity = ", ".join(f"{module.ellipticity:.2f}" for module in modules.modules) or "-"
    # Of modules of one size the coarsest: a 2 m box shows most of its cell.
    largest = max(range(len(sizes)), key=lambda index: (sizes[index], index), default=-1)
    members = modules.modules[largest].members if sizes else np.arange(len(chosen))
    # Where all are of one module, all of the model's units are; those not looked at too.
    cloud = states if len(modules) == 1 or not sizes else states[:, chosen[members]]
    verdict = topology(cloud, QUICK).verdict if cloud.shape[1] > 5 else "too few units"
    on_lattice = sum(shape.found for shape in shapes)
    cells = [model.name, seed, len(maps.maps), f"{np.nanmedian(scores):.2f}", f"{on_lattice} of {len(chosen)}"]
    cells += [spacings, ellipticity, f"{verdict}{'' if sizes else ' (all units)'}", error, outside, f"{making:.0f}"]
    return "| " + " | ".join(map(str, [*cells, f"{time.perf_counter() - start:.0f}"])) + " |"


def looked_at(
    made_of: Network | Code, side: float, animals: int, steps: int, seed: int
) -> tuple[RateMaps, np.ndarray, str]:
    """Rate maps in a box, states (sample, unit), and the path-integration error along the walks behind them."""
    edges = np.linspace(-side / 2, side / 2, round(side / BIN) + 1)
    if isinstance(made_of, Code):
        middle = (edges[1:] + edges[:-1]) / 2
        places = np.stack(np.meshgrid(middle, middle, indexing="ij"), axis=-1)
        activity = made_of.code(places.reshape(-1, 2)).reshape(*places.shape[:2], -1)
        maps = np.ascontiguousarray(np.moveaxis(activity, -1, 0))
        return RateMaps(maps, np.ones(maps.shape[1:]), edges, edges), maps.reshape(len(maps), -1).T, "no step"
    walks = arena_walks(side, WalkConfig(animals=animals, steps=steps), np.random.default_rng(seed))
    states = made_of.walk(walks.velocities)
    start = np.asarray(made_of.initial_state, dtype=np.float32)
    recording = Recording(walks.positions, walks.velocities, states, start, side)
    error = f"{path_consistency(recording).path_integration_error:.2f}"
    return rate_maps(walks.positions, states, edges), states.reshape(-1, states.shape[-1]), error


def flow() -> None:
    """Cells per meter along one direction, from the phases of the sheet's three strongest waves."""
    print("| side | m/s | cells per meter |")
    print("|---|---|---|")
    seconds = 0.02  # short, so that no wave turns by half a circle in a step
    for side in (40, 56, 68):
        network = baseline("attractor").make(0, AttractorConfig(side=side, step_seconds=seconds))
        assert isinstance(network, Network)
        first = np.fft.fft2(network.initial_state.reshape(side, side) - network.initial_state.mean())
        strongest = np.argsort(-np.abs(first).ravel())[:6]
        waves = 2 * np.pi * np.stack(np.unravel_index(strongest, (side, side)), axis=1) / side
        waves = np.where(waves > np.pi, waves - 2 * np.pi, waves)
        for speed in (0.05, 0.1, 0.2, 0.5, 1.0, 1.5, 2.0):
            steps = max(20, round(0.2 / (seconds * speed)))
            path = np.full((1, steps, 2), seconds * speed * np.array([np.cos(0.3), np.sin(0.3)]))
            states = np.concatenate([network.initial_state[None], network.walk(path)[0]])
            phases = np.angle(np.fft.fft2(states.reshape(-1, side, side)).reshape(steps + 1, -1)[:, strongest])
            turned = np.unwrap(phases, axis=0)[-1] - phases[0]
            moved = np.linalg.lstsq(-waves, turned, rcond=None)[0]
            print(f"| {side} | {speed:g} | {np.linalg.norm(moved) / (seconds * speed * steps):.1f} |", flush=True)


if __name__ == "__main__":
    main()
