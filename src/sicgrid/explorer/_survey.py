"""What is known of a code before its page opens: rate maps, modules, phases, and how phases are read off a state."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float, Int

from .._bins import bin_places
from ..analysis import RateMaps, find_modules, grid_scores, lattice_phases, rate_maps, wave_vectors
from ..evaluation import record
from ..experiment import RunConfig
from ..findings import RunResults
from ..model import Network

ANIMALS = 60  # walks of a survey made for the page alone: 15 samples a bin of 5 cm
DRAWS = 99  # continua that a module must beat there, for p = 0.01
COMPONENTS = 6  # of a module's states, as the finding `torus` takes them: three waves, a cosine and a sine each
RIDGE = 1e-6


@dataclass(frozen=True)
class Survey:
    """A code as it was measured on walks through one box.

    maps : (unit, x, y), NaN where nothing walked; edges : meters
    module : index of each unit's module, -1 for none
    waves : (module, 2, 2) k1, k2 of each module's lattice, cycles per meter, see `wave_vectors`
    phases : (unit, 2) turns along them, NaN for units without one definite phase
    score, spacing_m : of each unit, NaN where there is none
    names : what the units are called
    scorer : of the score
    source : where all this is from, for the reader
    """

    maps: Float[np.ndarray, "unit x y"]
    x_edges: Float[np.ndarray, " x_edges"]
    y_edges: Float[np.ndarray, " y_edges"]
    module: Int[np.ndarray, " unit"]
    waves: Float[np.ndarray, "module 2 2"]
    module_spacing_m: Float[np.ndarray, " module"]
    phases: Float[np.ndarray, "unit 2"]
    score: Float[np.ndarray, " unit"]
    spacing_m: Float[np.ndarray, " unit"]
    active: Bool[np.ndarray, " unit"]
    names: Sequence[str]
    scorer: str
    source: str


def survey_results(results: RunResults) -> Survey:
    """The survey of an analyzed run: what its findings say, nothing computed anew."""
    units = results.units
    bases = results.module_bases()
    names = results.maps.names
    return Survey(
        maps=np.asarray(results.maps.maps, dtype=np.float32),
        x_edges=results.maps.x_edges,
        y_edges=results.maps.y_edges,
        module=results.module_of_unit() if len(bases) else np.full(len(results.maps.maps), -1),
        waves=_waves(bases),
        module_spacing_m=results.module_spacings() if len(bases) else np.empty(0),
        phases=results.phases()[:, :2] / (2 * np.pi),
        score=np.asarray(units["grid_score"], dtype=float),
        spacing_m=np.asarray(units["spacing_m"], dtype=float),
        active=results.active,
        names=[str(name) for name in (names if names is not None else units["unit"])],
        scorer=results.scorer,
        source=f"measured by sicgrid analyze in the {results.arena:g} m box",
    )


def survey_network(network: Network, config: RunConfig) -> Survey:
    """Walk a network through its main box and measure its code there, in half a minute.

    With fewer walks than `sicgrid evaluate` and without null models, so that numbers differ a little from a report's.
    """
    settings, arena = config.analysis, config.evaluation.arenas[0]
    walk = config.evaluation.walk.model_copy(update={"animals": min(ANIMALS, config.evaluation.walk.animals)})
    recording = record(network, arena, walk, config.seed)
    bins = max(10, round(arena / settings.bin_size))
    maps = rate_maps(recording.positions, recording.activity, np.linspace(-arena / 2, arena / 2, bins + 1))
    modules = find_modules(maps, seed=config.seed, null_draws=DRAWS)
    bases = np.array([module.basis_m for module in modules.modules]).reshape(-1, 2, 2)
    phases = np.full((len(maps.maps), 2), np.nan)
    spacing = np.full(len(maps.maps), np.nan)
    for module in modules.modules:
        placed = lattice_phases(maps.maps[module.members], module.basis_m, arena / bins)
        phases[module.members] = np.where(placed.single[:, None], placed.coordinates, np.nan)
        spacing[module.members] = module.spacing_m
    peak = np.nan_to_num(maps.maps).max(axis=(1, 2))
    return Survey(
        maps=np.asarray(maps.maps, dtype=np.float32),
        x_edges=maps.x_edges,
        y_edges=maps.y_edges,
        module=modules.labels(),
        waves=_waves(bases),
        module_spacing_m=np.array([module.spacing_m for module in modules.modules]),
        phases=phases,
        score=_scores(maps),
        spacing_m=spacing,
        active=peak > settings.active_threshold,
        names=[str(unit) for unit in range(len(maps.maps))],
        scorer="langston",
        source=f"measured for this page on {walk.animals_in(arena)} walks in the {arena:g} m box",
    )


def phase_readout(survey: Survey, module: int) -> tuple[Float[np.ndarray, "members 6"], Float[np.ndarray, "6"]]:
    """How a module's phases are read off a state: ``(cos, sin)(2 pi k_j . x), j = 1..3`` are ``g @ weights + offset``.

    As the finding ``torus`` projects rings: least squares on the six principal components of the mean states of the
    bins. The angles of the three pairs are the phases, their lengths say how near to the torus the state is (1: on it).
    """
    members = np.flatnonzero(survey.module == module)
    visited = np.isfinite(survey.maps).all(axis=0)
    states = survey.maps[members][:, visited].T.astype(np.float64)
    turns = places(survey)[visited] @ survey.waves[module].T
    turns = np.column_stack([turns, -turns.sum(axis=1)])
    angles = 2 * np.pi * turns
    target = np.stack([np.cos(angles), np.sin(angles)], axis=-1).reshape(len(states), 6)
    mean = states.mean(axis=0)
    _, strength, axes = np.linalg.svd(states - mean, full_matrices=False)
    kept = axes[: min(COMPONENTS, int((strength > RIDGE * strength[0]).sum()))].T
    design = np.column_stack([(states - mean) @ kept, np.ones(len(states))])
    fitted = np.linalg.lstsq(design, target, rcond=None)[0]
    weights = kept @ fitted[:-1]
    return weights, fitted[-1] - mean @ weights


def places(survey: Survey) -> Float[np.ndarray, "x y 2"]:
    """Middle of each bin, meters."""
    return bin_places(survey.x_edges, survey.y_edges)


def _scores(maps: RateMaps) -> Float[np.ndarray, " unit"]:
    return np.asarray(grid_scores(maps.maps).score, dtype=float)


def _waves(bases: Float[np.ndarray, "module 2 2"]) -> Float[np.ndarray, "module 2 2"]:
    return np.array([wave_vectors(basis)[:2] for basis in bases]).reshape(-1, 2, 2)
