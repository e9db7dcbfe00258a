"""Networks of a preset with some settings put over it, trained once and kept with their rate maps.

A study asks for networks by preset, settings and seed; what was trained before is read from the folder of kept networks
(`--keep`, by default runs/studies), named by a hash of its settings, so that a study can be broken off and asked again.
"""

import argparse
import hashlib
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from sicgrid.analysis import Modules, RateMaps, UnitTable, analyze_units, find_modules, lattice, rate_maps
from sicgrid.evaluation import Recording, held_out_loss, path_consistency, record
from sicgrid.experiment import RunConfig, build, load_config, overridden
from sicgrid.kernels import use_threads
from sicgrid.losses import Objective
from sicgrid.model import Network
from sicgrid.training import train
from sicgrid.trajectories import PermutedVelocities

BIN = 0.05  # m
ACTIVE = 0.01  # peak of a rate map above which a unit is active; states are unit vectors
HELD_OUT = 40


@dataclass(frozen=True)
class Trained:
    """A trained network and where it is kept."""

    network: Network
    config: RunConfig
    folder: Path
    about: dict[str, float]
    """`seconds` of training; held-out loss and its terms."""

    def maps(self, side: float) -> RateMaps:
        """Rate maps in a box, walked once."""
        file = self.folder / f"maps-{side:g}.npz"
        if not file.exists():
            walk = record(self.network, side, self.config.evaluation.walk, self.config.seed)
            maps = rate_maps(walk.positions, walk.activity, np.linspace(-side / 2, side / 2, round(side / BIN) + 1))
            error = path_consistency(walk).path_integration_error
            arrays = {name: array for name, array in maps._asdict().items() if array is not None}
            np.savez(file, **arrays, path_error=error)
        with np.load(file) as kept:
            return RateMaps(**{name: kept[name] for name in RateMaps._fields if name in kept})

    def path_error(self, side: float) -> float:
        """Path-integration error over the walks of the rate maps."""
        self.maps(side)
        with np.load(self.folder / f"maps-{side:g}.npz") as kept:
            return float(kept["path_error"])

    def bases(self, side: float) -> np.ndarray:
        """Lattice of each unit in a box, (units, 2, 2) in meters, NaN without; fitted once."""
        file = self.folder / f"bases-{side:g}.npy"
        if not file.exists():
            maps = self.maps(side).maps
            np.save(file, np.array([lattice(rates, BIN).basis_m for rates in maps]))
        return np.asarray(np.load(file))

    def modules(self, side: float) -> Modules:
        """Independent modules in a box."""
        return find_modules(self.maps(side), bases_m=self.bases(side), active_threshold=ACTIVE)

    def active(self, side: float) -> int:
        """Units whose rate map has a peak above `ACTIVE`."""
        return int((np.nanmax(self.maps(side).maps, axis=(1, 2)) > ACTIVE).sum())


def trained(
    preset: str, words: list[str], seed: int, keep: Path, change: Callable[[Network], None] | None = None
) -> Trained:
    """The network of a preset with `name=value` words (values are YAML) put over it.

    `change` alters the network before it is trained, where no setting does; networks are kept by its name too.
    """
    config = overridden(load_config(preset), [*words, f"seed={seed}"])
    network, loss, sampler, _ = build(config, None)
    if change:
        change(network)
    return learned(network, loss, sampler, config, keep, change.__name__ if change else "")


def learned(
    network: Network,
    loss: Objective,
    sampler: PermutedVelocities,
    config: RunConfig,
    keep: Path,
    name: str = "",
    start: Callable[[Network], None] | None = None,
) -> Trained:
    """A network trained with the settings of `config`, or read as it was kept; `name` says what no setting says.

    `start` puts a network that has still to be trained where it should begin.
    """
    key = _key(config) + (f" {name}" if name else "")
    folder = keep / hashlib.sha256(key.encode()).hexdigest()[:16]
    weights = folder / "weights.npz"
    if not weights.exists():
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "settings.json").write_text(key)
        if start:
            start(network)
        begun = time.process_time()
        for _ in train(network, loss, sampler, config.training, seed=config.seed):
            pass
        about = {"seconds": time.process_time() - begun, **held_out_loss(network, loss, sampler, HELD_OUT, config.seed)}
        (folder / "about.json").write_text(json.dumps(about))
        np.savez(weights, **{name: tensor.numpy() for name, tensor in network.state_dict().items()})
    with np.load(weights) as kept:
        network.load_state_dict({name: torch.from_numpy(kept[name]) for name in kept.files})
    return Trained(network, config, folder, json.loads((folder / "about.json").read_text()))


def _key(config: RunConfig) -> str:
    """What decides whether two networks are one: the settings of training that are no defaults.

    So a network is still found when there are more settings.
    """
    settings, defaults = config.settings(), RunConfig().settings()
    rooms = {
        room: {name: value for name, value in settings[room].items() if value != defaults[room][name]}
        for room in ("trajectories", "model", "loss", "training")
    }
    return json.dumps({"seed": config.seed, **rooms}, sort_keys=True)


def recorded_units(recording: Recording, config: RunConfig) -> UnitTable:
    """The units of a recording as the run's settings have them analyzed."""
    box, analysis = recording.arena, config.analysis.units_only()
    return analyze_units(recording.positions, recording.activity, box, analysis, seed=config.seed)


def study_parser(about: str | None, preset: str) -> argparse.ArgumentParser:
    """What every study takes; `preset` is its default."""
    use_threads(1)
    parser = argparse.ArgumentParser(description=about, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--preset", default=preset)
    parser.add_argument("--set", action="append", default=[], metavar="NAME=VALUE", dest="words")
    parser.add_argument("--seeds", nargs="+", type=int, default=[0, 1, 2, 3, 4])
    parser.add_argument("--keep", type=Path, default=Path("runs/studies"), help="folder of trained networks")
    parser.add_argument("--boxes", nargs="+", type=float, default=[2.0, 3.0, 4.0], help="sides, meters")
    return parser
