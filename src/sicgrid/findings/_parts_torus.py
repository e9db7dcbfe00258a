"""Parts about the states of each module as a cloud: pictures and rings, and the barcode."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import xarray as xr

from ..analysis import (
    circular_coordinates,
    decode_modulo_lattice,
    embed_states,
    phase_axes,
    principal_components,
    ring_projections,
    topology,
    topology_plan,
)
from ..experiment import RunConfig
from ._part import (
    WAVES,
    Part,
    Progress,
    Result,
    Sources,
    Unavailable,
    members_by_module,
    number,
    quantity,
    stack_padded,
)
from ._parts_lattices import MODULES
from ._parts_units import UNITS

DEGREES = ["H0", "H1", "H2"]
SHOWN_COMPONENTS = 12


class ModuleStates(NamedTuple):
    """The states of one module: the mean state in each visited bin, one point a place."""

    states: np.ndarray
    """(places, units)"""
    positions: np.ndarray
    """(places, 2) metres"""
    basis_m: np.ndarray


def module_states(sources: Sources) -> Iterator[ModuleStates]:
    """States of every module. Means over the walks, so that drift of path integration does not count as shape."""
    modules = sources.usable(MODULES)
    maps = sources.maps()
    visited = np.isfinite(maps.maps).all(axis=0)
    middles = [(edges[1:] + edges[:-1]) / 2 for edges in (maps.x_edges, maps.y_edges)]
    places = np.stack(np.meshgrid(*middles, indexing="ij"), axis=-1)[visited]
    for module, members in enumerate(members_by_module(modules)):
        yield ModuleStates(maps.maps[members][:, visited].T, places, modules["basis_m"].values[module])


def _state_space(sources: Sources, progress: Progress) -> Result:
    settings = sources.config.analysis.state_space
    found: dict[str, list[np.ndarray]] = {
        name: [] for name in ("ratio", "cloud", "place", "phase", "ring", "coherence", "explained", "hole")
    }
    total = sources.usable(MODULES).sizes["module"]
    for index, (states, positions, basis) in enumerate(module_states(sources)):
        components = principal_components(states, settings.components)
        embedding = embed_states(
            states,
            settings.method,
            settings.components,
            neighbors=settings.neighbors,
            max_points=settings.points,
            seed=sources.seed,
        )
        turns = phase_axes(positions, basis)
        rings = ring_projections(components.scores, turns)
        found["ratio"].append(components.variance_ratio[:SHOWN_COMPONENTS])
        found["cloud"].append(embedding.coordinates)
        found["place"].append(positions[embedding.points])
        found["phase"].append(2 * np.pi * turns[embedding.points])
        found["ring"].append(rings.projections[:, embedding.points])
        found["coherence"].append(rings.coherence)
        found["explained"].append(rings.explained)
        found["hole"].append(rings.hole)
        progress(index + 1, total)
    count = len(positions)
    # What phases that have nothing to do with the states would give, see ring_projections.
    chance = float(np.sqrt(np.pi * (settings.components + 1) / (4 * count)))
    ratio = stack_padded(found["ratio"])
    dataset = xr.Dataset(
        {
            "variance_ratio": quantity(("module", "component"), ratio),
            "embedding": quantity(("module", "point", "dim3"), np.stack(found["cloud"])),
            "point_position": quantity(("module", "point", "axis"), np.stack(found["place"]), "m"),
            "point_phase": quantity(("module", "point", "wave"), np.stack(found["phase"]), "rad"),
            "ring": quantity(("module", "wave", "point", "dim2"), np.stack(found["ring"])),
            "coherence": quantity(("module", "wave"), np.stack(found["coherence"]), about="1: the angle is the phase"),
            "ring_explained": quantity(("module", "wave"), np.stack(found["explained"])),
            "ring_hole": quantity(("module", "wave"), np.stack(found["hole"])),
        },
        coords={"wave": WAVES, "component": np.arange(1, ratio.shape[1] + 1)},
        attrs={"method": settings.method, "coherence_chance": chance},
    )
    kept = np.nansum(ratio[:, : settings.components], axis=1)
    summary = {"variance_in_components": kept.tolist(), "coherence": dataset["coherence"].values.tolist()}
    return Result(dataset, summary)


def _plan(sources: Sources) -> str:
    """Points and memory of each module's barcode, before it is made."""
    modules = sources.part(MODULES)
    if modules.attrs.get("reason"):
        return ""
    plans = [topology_plan(one.states.shape, sources.config.analysis.topology) for one in module_states(sources)]
    return "; ".join(f"module {index + 1}: {plan}" for index, plan in enumerate(plans))


def _topology(sources: Sources, progress: Progress) -> Result:
    settings = sources.config.analysis.topology
    modules = sources.usable(MODULES)
    found, errors, notes = [], [], []
    for states, positions, _ in module_states(sources):
        if len(states) < settings.points:
            raise Unavailable(
                f"The main box has {len(states)} visited bins, fewer than the {settings.points} landmarks of the "
                "barcode (analysis.topology.points)."
            )
        found.append(topology(states, settings, sources.seed))
        try:
            angles = circular_coordinates(states, settings, sources.seed)
            decoded = decode_modulo_lattice(positions, angles.coordinates, sources.seed)
            errors.append([decoded.error_m, decoded.error_chance_m])
            notes.append("")
        except ValueError as reason:
            errors.append([np.nan, np.nan])
            notes.append(str(reason))
        progress(len(found), modules.sizes["module"])
    error = np.array(errors)
    dataset = xr.Dataset(
        {
            f"bars_h{degree}": quantity(
                ("module", f"bar{degree}", "birth_death"), stack_padded(one.bars[degree] for one in found)
            )
            for degree in range(3)
        }
        | {
            "null_longest": quantity(
                ("module", "shuffle", "degree"), np.stack([one.null_longest for one in found]), about="of each shuffle"
            ),
            "threshold": quantity(("module", "degree"), np.stack([one.thresholds for one in found])),
            "p_value": quantity(("module", "degree"), np.stack([one.p_values for one in found])),
            "betti": quantity(("module", "degree"), np.array([one.betti for one in found])),
            "verdict": quantity("module", np.array([one.verdict for one in found], dtype=object)),
            "decoded_error": quantity("module", error[:, 0], "m", "place modulo the lattice, from the two loops alone"),
            "decoded_chance": quantity("module", error[:, 1], "m", "the same for places drawn at random"),
            "decoding_note": quantity("module", np.array(notes, dtype=object), about="why there is no decoded place"),
        },
        coords={"degree": DEGREES, "birth_death": ["birth", "death"]},
    )
    torus = [
        {
            "betti": list(one.betti),
            "verdict": one.verdict,
            "null": {"threshold": one.thresholds.tolist(), "p_value": one.p_values.tolist()},
            "longest": [_finite_lengths(bars)[:3] for bars in one.bars],
            "decoded_error_m": number(error[index, 0]),
            "decoded_chance_m": number(error[index, 1]),
        }
        for index, one in enumerate(found)
    ]
    return Result(dataset, {"torus": torus})


def _finite_lengths(bars: np.ndarray) -> list[float]:
    lengths = bars[:, 1] - bars[:, 0]
    return [float(length) for length in -np.sort(-lengths[np.isfinite(lengths)])]


def _settings(part: str, config: RunConfig) -> dict[str, object]:
    chosen: dict[str, object] = getattr(config.analysis, part).model_dump(mode="json")
    return chosen | {"seed": config.seed}


PARTS = (
    Part("state_space", 1, _state_space, lambda config: _settings("state_space", config), (UNITS, MODULES)),
    Part("topology", 1, _topology, lambda config: _settings("topology", config), (UNITS, MODULES), plan=_plan),
)
