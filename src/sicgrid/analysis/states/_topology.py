"""The shape of a module's state space by persistent homology: is it a torus? (C7; Gardner et al. 2022)."""

from dataclasses import dataclass
from math import comb
from typing import Literal, NamedTuple

import numpy as np
import numpy.typing as npt
from jaxtyping import Float, Int
from pydantic import Field, model_validator

from ..._repr import brief
from ..._settings import Settings
from ._barcode import barcode, count_features, finite_lengths
from ._landmarks import average_neighbors, farthest_points
from ._state_space import check_states, principal_components

SHAPES = {(1, 0, 0): "contractible", (1, 1, 0): "circle", (1, 0, 1): "sphere", (1, 2, 1): "torus"}


class TopologyConfig(Settings):
    """Settings of the persistent homology of a module's states and of its null."""

    components: int = Field(
        6, ge=3, description="Principal components kept. Source: the paper (C7) and Gardner et al. 2022."
    )
    points: int = Field(
        240,
        ge=30,
        description="Landmarks of the barcode. Source: ours (seconds; Gardner et al.: 1,200). Twice as many take "
        "eleven times as long and eight times the memory.",
    )
    shuffle_points: int = Field(
        120, ge=30, description="Landmarks of each shuffle, at most as many as of the barcode. Source: ours (time)."
    )
    coordinate_points: int = Field(
        400, ge=30, description="Landmarks of the circular coordinates (H1 only). Source: ours (about a second)."
    )
    candidates: int = Field(
        3000, ge=100, description="States, drawn at random, among which landmarks are chosen. Source: ours (time)."
    )
    neighbors: int = Field(
        10, ge=0, description="Nearest states over which each is averaged. Source: ours (0.3 % of the candidates)."
    )
    shuffles: int = Field(
        100, ge=20, description="Shuffled populations. Source: ours (the least with a 99th percentile; Gardner: 1,000)."
    )
    percentile: float = Field(
        99.0, gt=50, le=100, description="Of the longest bar of each shuffle, to be exceeded by a bar. Source: ours."
    )
    shuffle: Literal["permute", "roll"] = Field(
        "permute",
        description="permute: each unit's values in an order of its own; roll: each unit's values moved around the "
        "end by a random number of rows, for rows in order of time (Gardner et al. 2022). Source: see topology().",
    )

    @model_validator(mode="after")
    def _landmarks_are_candidates(self) -> "TopologyConfig":
        needed = max(self.points, self.shuffle_points, self.coordinate_points, self.neighbors + 1)
        if self.candidates < needed:
            raise ValueError(
                f"candidates must be at least the number of landmarks and neighbors + 1 ({needed}), got "
                f"{self.candidates}"
            )
        return self


@brief
class TopologyPlan(NamedTuple):
    """What :func:`topology` is about to do, before it does it; times for one core, to within a factor of 3."""

    states: int
    units: int
    candidates: int
    points: int
    shuffle_points: int
    coordinate_points: int
    shuffles: int
    triangles: int
    memory_mb: float
    seconds: float

    def __str__(self) -> str:
        return (
            f"{self.points} landmarks out of {self.candidates} of {self.states} states of {self.units} units, H0 to H2 "
            f"({self.triangles:,} triangles); {self.shuffles} shuffles with {self.shuffle_points} landmarks; "
            f"{self.coordinate_points} landmarks for circular coordinates; "
            f"about {self.seconds:.0f} s and {self.memory_mb:.0f} MB"
        )


@brief
@dataclass(frozen=True)
class Topology:
    """Barcode of a state space, its null, and the verdict.

    - bars: for H0, H1, H2 an array (bars, 2) of birth and death, longest first; lengths in units of the cloud's
      root-mean-square distance from its center; one bar of H0 never dies (inf)
    - null_longest: (shuffles, 3), the longest finite bar of every shuffle
    - thresholds: (3,), the configured percentile of it
    - p_values: (3,), share of shuffles (the data counted in) whose longest bar is at least as long as the data's
      longest finite bar
    - betti: how many bars count as features, see :func:`topology`
    - verdict: "torus" (1, 2, 1), "circle" (1, 1, 0), "sphere" (1, 0, 1), "contractible" (1, 0, 0) or "other"
    - landmarks: (points,) indices of the states
    - explained: share of the variance in the principal components
    """

    bars: tuple[Float[np.ndarray, "bar0 2"], Float[np.ndarray, "bar1 2"], Float[np.ndarray, "bar2 2"]]
    null_longest: Float[np.ndarray, "shuffle 3"]
    thresholds: Float[np.ndarray, "3"]
    p_values: Float[np.ndarray, "3"]
    betti: tuple[int, int, int]
    verdict: str
    landmarks: Int[np.ndarray, " point"]
    explained: float
    plan: TopologyPlan

    @property
    def is_torus(self) -> bool:
        """Whether the Betti numbers are those of a torus, (1, 2, 1)."""
        return self.betti == (1, 2, 1)


@brief
@dataclass(frozen=True)
class Cloud:
    """States as points in a few axes, scaled so that their root-mean-square distance from the center is 1.

    all_points : (points, axes), every state in the same axes and scale (not averaged over neighbors)
    points : (candidates, axes), those among which landmarks are chosen; indices : (candidates,) which states these are
    """

    all_points: Float[np.ndarray, "point axis"]
    points: Float[np.ndarray, "candidate axis"]
    indices: Int[np.ndarray, " candidate"]
    explained: float


def topology_plan(states_shape: tuple[int, int], config: TopologyConfig | None = None) -> TopologyPlan:
    """Point counts, memory and time of :func:`topology` (coordinates included) for states of a shape (points, units).

    From runs of ripser on an even hexagonal torus, the slowest cloud met: H2 of n points 0.7 s * (n / 150)^3.5 and 110
    bytes a triangle, of which there are n (n - 1) (n - 2) / 6; H1 with cocycles 1 s * (n / 400)^3.4 and 1.2 n^3 bytes.
    Shuffles took half of the time of a torus.

    >>> topology_plan((2000, 40)).triangles
    2275280
    """
    config = config or TopologyConfig()
    states, units = states_shape
    candidates = min(states, config.candidates)
    coordinate_points = min(config.coordinate_points, candidates)
    shuffle_points = min(config.shuffle_points, config.points)
    triangles = comb(config.points, 3)
    memory = max(110 * triangles, 1.2 * coordinate_points**3, 8.0 * candidates * units * 3) + 8 * states * units * 2
    measured, shuffled = (0.7 * (count / 150) ** 3.5 for count in (config.points, shuffle_points))
    preparing = 2e-5 * candidates * (1 + units / 50)
    seconds = measured + config.shuffles * (shuffled / 2 + preparing) + (coordinate_points / 400) ** 3.4
    return TopologyPlan(
        states=states,
        units=units,
        candidates=candidates,
        points=config.points,
        shuffle_points=shuffle_points,
        coordinate_points=coordinate_points,
        shuffles=config.shuffles,
        triangles=triangles,
        memory_mb=memory / 1e6,
        seconds=seconds,
    )


def topology(states: npt.ArrayLike, config: TopologyConfig | None = None, seed: int = 0) -> Topology:
    """Barcode of a module's states against shuffles, and the shape that its Betti numbers name.

    Procedure: z-score the units; keep 6 principal components; move each state to the mean of itself and its 10 nearest;
    divide by the cloud's root-mean-square size; take 240 landmarks, each the farthest from those before; Vietoris-Rips
    persistent cohomology modulo 47, H0 to H2, by Euclidean distance. The same for each shuffle, with 120 landmarks.

    Betti numbers: in each dimension the bars longer than the 99th percentile of the shuffles' longest bars count, and
    of these only the ones before the largest gap: the greatest ratio of the length of a bar to that of the next (the
    next of the last being the longest bar that does not count). The bar of H0 that never dies counts always.

    Parameters
    ----------
    states : (points, units)
        The units of one module. A network's states, averaged in bins or sampled along a path; or rate maps,
        ``maps.reshape(units, -1).T`` over the visited bins. One point per place and no time order: shuffle "permute";
        rows in order of time: either.
    config
        Landmarks, shuffles and the rest; :func:`topology_plan` says what they cost.
    seed
        Of the candidates and the shuffles.

    Raises
    ------
    ValueError
        For NaN, fewer than three units that vary, or too few states for the landmarks.

    Notes
    -----
    Departures from Gardner et al. 2022, the reference procedure:

    - 240 landmarks by farthest points, not 1,200 by their fuzzy density; 100 shuffles, not 1,000, with 120 landmarks.
      All for time. Fewer landmarks make the longest bars of noise longer, so the threshold is on the safe side.
    - Averaging over neighbors and Euclidean distance in place of their UMAP-like neighborhood weights, from which they
      take density and distance. Both clouds are divided by their size, because the six components of a shuffle
      hold less of its variance, and the bars of a smaller cloud are shorter.
    - "permute" in place of their "roll": bars do not depend on the order of the points, so for a long recording both
      sample the same population of independent units. A rate map's rows have no circular order; rolled, a periodic
      map is the same lattice at another phase, and its module still a torus.
    - They read the Betti numbers off the barcode, next to the shuffles' longest bars; the rule of the largest gap is
      ours.

    Limits: the null has no structure in common between units. It tells a torus from noise; it is the Betti numbers
    that tell it from other shapes. A verdict "contractible" also covers a torus too noisy, or too thin in one
    direction, for 240 points. The arena must hold a whole unit cell of the lattice, or the torus does not close. Six
    components fit a hexagonal lattice; of a square one they hold two of its four second harmonics, which bends the
    torus: it can pass for "other".

    >>> angle = np.random.default_rng(0).uniform(0, 2 * np.pi, 300)
    >>> ring = np.stack([1 + np.cos(angle - shift) for shift in range(6)], axis=1)  # six units tuned to a direction
    >>> config = TopologyConfig(points=50, shuffle_points=30, coordinate_points=50, candidates=200, shuffles=20)
    >>> shape = topology(ring, config)
    >>> shape.betti, shape.verdict
    ((1, 1, 0), 'circle')

    """
    config = config or TopologyConfig()
    values = check_states(states, config.points)
    generator = np.random.default_rng(seed)
    cloud = state_cloud(values, config, generator)
    landmarks = farthest_points(cloud.points, config.points)
    bars = barcode(cloud.points[landmarks])
    lengths = [finite_lengths(bars_of_degree) for bars_of_degree in bars]
    null = np.zeros((config.shuffles, 3))
    for row in null:
        shuffled = state_cloud(shuffle_units(values, config, generator), config, generator).points
        null_bars = barcode(shuffled[farthest_points(shuffled, min(config.shuffle_points, config.points))])
        row[:] = [finite_lengths(bars_of_degree).max(initial=0.0) for bars_of_degree in null_bars]
    thresholds = np.percentile(null, config.percentile, axis=0)
    counts = [count_features(*pair) for pair in zip(lengths, thresholds, strict=True)]
    betti = (1 + counts[0], counts[1], counts[2])
    as_long = (null >= [finite.max(initial=0.0) for finite in lengths]).sum(axis=0)
    return Topology(
        bars=bars,
        null_longest=null,
        thresholds=thresholds,
        p_values=(1 + as_long) / (1 + config.shuffles),
        betti=betti,
        verdict=SHAPES.get(betti, "other"),
        landmarks=cloud.indices[landmarks],
        explained=cloud.explained,
        plan=topology_plan((len(values), values.shape[1]), config),
    )


def state_cloud(
    states: Float[np.ndarray, "point unit"], config: TopologyConfig, generator: np.random.Generator
) -> Cloud:
    """States in their principal components, averaged over neighbors, of size 1 (see :func:`topology`)."""
    components = principal_components(states, config.components)
    indices = np.arange(len(states))
    if len(indices) > config.candidates:
        indices = np.sort(generator.choice(len(indices), config.candidates, replace=False))
    points = average_neighbors(components.scores[indices], config.neighbors)
    size = float(np.sqrt((points**2).sum(axis=1).mean()))
    return Cloud(components.scores / size, points / size, indices, components.explained)


def shuffle_units(
    states: Float[np.ndarray, "point unit"], config: TopologyConfig, generator: np.random.Generator
) -> Float[np.ndarray, "point unit"]:
    """A population whose units keep their values but not their relation to each other; `candidates` rows at most."""
    total, units = states.shape
    rows = np.arange(total)
    if total > config.candidates:
        rows = np.sort(generator.choice(total, config.candidates, replace=False))
    if config.shuffle == "roll":
        return np.asarray(states[(rows[:, None] + generator.integers(total, size=units)) % total, np.arange(units)])
    return np.asarray(generator.permuted(states[rows], axis=0))
