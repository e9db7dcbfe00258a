"""How tests look at a baseline: exact maps of a code, maps along walks of a network."""

import numpy as np

from sicgrid.analysis import RateMaps, rate_maps
from sicgrid.baselines import Code, Network
from sicgrid.trajectories import WalkConfig, arena_walks


def code_maps(code: Code, side: float, bin_size: float = 0.05) -> RateMaps:
    """The activity at the middle of every bin."""
    edges = np.linspace(-side / 2, side / 2, round(side / bin_size) + 1)
    middle = (edges[1:] + edges[:-1]) / 2
    places = np.stack(np.meshgrid(middle, middle, indexing="ij"), axis=-1)
    maps = np.moveaxis(code.code(places.reshape(-1, 2)).reshape(*places.shape[:2], -1), -1, 0)
    return RateMaps(np.ascontiguousarray(maps), np.ones(maps.shape[1:]), edges, edges)


def walked(network: Network, side: float, animals: int, steps: int, seed: int = 0):
    """Walks in a box, the states along them, and their rate maps."""
    config = WalkConfig(animals=animals, steps=steps)
    walks = arena_walks(side, config, np.random.default_rng(seed))
    states = network.walk(walks.velocities)
    edges = np.linspace(-side / 2, side / 2, round(side / 0.05) + 1)
    return walks, states, rate_maps(walks.positions, states, edges)
