"""The result ``state_space``: pictures and rings of each module's cloud of states. `torus` asks of it and shows it."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import xarray as xr

from .._bins import bin_places
from ..analysis import StateSpaceConfig, embed_states, principal_components, ring_projections, wave_vectors
from ._names import MODULES, STATE_SPACE, UNITS
from ._part import WAVES, Part, Progress, Result, own_settings, quantity, stack_padded
from ._sources import Sources, members_by_module

SHOWN_COMPONENTS = 12


class ModuleStates(NamedTuple):
    """The states of one module: the mean state in each visited bin, one point a place."""

    states: np.ndarray
    """(places, units)"""
    positions: np.ndarray
    """(places, 2) meters"""
    basis_m: np.ndarray


def module_states(sources: Sources) -> Iterator[ModuleStates]:
    """States of every module. Means over the walks, so that drift of path integration does not count as shape."""
    modules = sources.required(MODULES)
    maps = sources.maps()
    visited = np.isfinite(maps.maps).all(axis=0)
    places = bin_places(maps.x_edges, maps.y_edges)[visited]
    for module, members in enumerate(members_by_module(modules)):
        yield ModuleStates(maps.maps[members][:, visited].T, places, modules["basis_m"].values[module])


def _phases(places: np.ndarray, basis_m: np.ndarray) -> np.ndarray:
    """Of places along the three waves of a lattice, in turns; they sum to 0 modulo 1."""
    along = places @ wave_vectors(basis_m)[:2].T
    return np.asarray(np.column_stack([along, -along.sum(axis=1)]) % 1.0)


def _state_space(sources: Sources, progress: Progress) -> Result:
    settings = sources.config.analysis.state_space
    arrays: dict[str, list[np.ndarray]] = {
        name: [] for name in ("ratio", "cloud", "place", "phase", "ring", "coherence", "explained", "hole")
    }
    total = sources.required(MODULES).sizes["module"]
    count = 0
    for index, (states, positions, basis) in enumerate(module_states(sources)):
        count = len(positions)  # the places of every module are the visited bins
        components = principal_components(states, settings.components)
        embedding = embed_states(
            states,
            settings.method,
            settings.components,
            neighbors=settings.neighbors,
            max_points=settings.points,
            seed=sources.seed,
        )
        turns = _phases(positions, basis)
        rings = ring_projections(components.scores, turns)
        arrays["ratio"].append(components.variance_ratio[:SHOWN_COMPONENTS])
        arrays["cloud"].append(embedding.coordinates)
        arrays["place"].append(positions[embedding.points])
        arrays["phase"].append(2 * np.pi * turns[embedding.points])
        arrays["ring"].append(rings.projections[:, embedding.points])
        arrays["coherence"].append(rings.coherence)
        arrays["explained"].append(rings.explained)
        arrays["hole"].append(rings.hole)
        progress(index + 1, total)
    # What phases that have nothing to do with the states would give, see ring_projections.
    chance = float(np.sqrt(np.pi * (settings.components + 1) / (4 * count)))
    ratio = stack_padded(arrays["ratio"])
    dataset = xr.Dataset(
        {
            "variance_ratio": quantity(("module", "component"), ratio),
            "embedding": quantity(("module", "point", "dim3"), np.stack(arrays["cloud"])),
            "point_position": quantity(("module", "point", "axis"), np.stack(arrays["place"]), "m"),
            "point_phase": quantity(("module", "point", "wave"), np.stack(arrays["phase"]), "rad"),
            "ring": quantity(("module", "wave", "point", "dim2"), np.stack(arrays["ring"])),
            "coherence": quantity(("module", "wave"), np.stack(arrays["coherence"]), about="1: the angle is the phase"),
            "ring_explained": quantity(("module", "wave"), np.stack(arrays["explained"])),
            "ring_hole": quantity(("module", "wave"), np.stack(arrays["hole"])),
        },
        coords={"wave": WAVES, "component": np.arange(1, ratio.shape[1] + 1)},
        attrs={"method": settings.method, "coherence_chance": chance},
    )
    kept = np.nansum(ratio[:, : settings.components], axis=1)
    summary = {"variance_in_components": kept.tolist(), "coherence": dataset["coherence"].values.tolist()}
    return Result(dataset, summary)


STATE_SPACE_PART = Part(
    STATE_SPACE,
    1,
    _state_space,
    own_settings(STATE_SPACE),
    model=StateSpaceConfig,
    reads=(UNITS, MODULES),
)
