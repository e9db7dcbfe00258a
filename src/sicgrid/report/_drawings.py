"""Every figure of a run, by name: the page shows them, and `write_figures` writes them for a paper."""

from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np
import xarray as xr
from matplotlib.figure import Figure

from .. import figures
from ..figures import BoxMaps
from ._results import RunResults

BOX_UNITS = 8


class Drawing(NamedTuple):
    """A figure before it is drawn: ``label`` for those who cannot see it, ``caption`` below it."""

    name: str
    draw: Callable[[], Figure]
    label: str
    caption: str


def module_drawings(results: RunResults) -> Iterator[Drawing]:
    """Rate maps by module, and period and orientation by module."""
    modules, units, maps = results.parts["modules"], results.units, results.maps
    members = results.module_of_unit()
    spacing = np.asarray(modules["spacing_m"].values, dtype=float)
    active = np.asarray(units["active"], dtype=bool)
    yield Drawing(
        "modules",
        lambda: figures.module_rate_maps(
            np.where(active[:, None, None], maps.maps, 0.0),
            maps.x_edges,
            maps.y_edges,
            module_of_unit=members,
            spacing_m=spacing,
            grid_score=np.asarray(units["grid_score"], dtype=float),
        ),
        "Rate maps of each module's units in a row",
        "Rate maps by module, grid score above each; drawn evenly from a module's highest score to its lowest.",
    )
    yield Drawing(
        "module-histograms",
        lambda: figures.module_histograms(
            np.asarray(units["spacing_m"], dtype=float)[active],
            np.asarray(units["orientation_deg"], dtype=float)[active],
            module_of_unit=members[active],
            module_spacing_m=spacing,
        ),
        "Histograms of spacings and orientations by module",
        "Spacing and orientation of every unit’s own lattice, in its module’s color. Units that fire at 3 or 4 "
        "phases of "
        "a module’s lattice have a finer lattice of their own, 1/√3 or 1/2 of its spacing, and belong to it all the "
        "same.",
    )


def fourier_drawings(results: RunResults) -> Iterator[Drawing]:
    """Mean power of each module."""
    part = results.parts["fourier"]
    yield Drawing(
        "fourier",
        lambda: figures.fourier_power(part),
        "Mean Fourier power of each module with its three waves",
        "Square root of the mean power of a module’s rate maps over spatial frequency, 0 in the middle. Arrows: the "
        "three waves, located between the bins of the spectrum.",
    )


def phase_drawings(results: RunResults) -> Iterator[Drawing]:
    """Coverage of the unit cell in pairs of phases, and the planes in space."""
    phases, modules = results.parts["phases"], results.parts["modules"]
    yield Drawing(
        "phase-squares",
        lambda: figures.phase_squares(phases, modules),
        "Phases of the units along each pair of the three axes",
        "One dot a unit with one field per unit cell. Opposite edges of a square are the same.",
    )
    yield Drawing(
        "phase-planes",
        lambda: figures.phase_planes(phases, modules),
        "Phases of the units in three dimensions, on planes",
        "The same in space. The planes drawn are those on which φ1 + φ2 + φ3 has the units’ mean value.",
    )


def state_space_drawings(results: RunResults) -> Iterator[Drawing]:
    """Embedding of each module, rings, principal components."""
    part = results.parts["state_space"]
    for module in range(part.sizes["module"]):
        name = figures.module_name(module, _spacing(part, module))
        yield Drawing(
            f"torus-{module + 1}",
            lambda module=module: figures.torus_embedding(part, module=module),  # type: ignore[misc]
            f"States of {name} in three dimensions, colored by each phase",
            f"{name.capitalize()}: its states in three dimensions, colored by the phase along each axis.",
        )
    yield Drawing(
        "rings",
        lambda: figures.rings(part),
        "States of each module as three rings",
        "The states in the plane in which each phase is an angle, with the coherence of angle and phase (1: the "
        "angle is "
        "the phase). Three rings that are not the same ring make a torus.",
    )
    yield Drawing(
        "variance",
        lambda: figures.variance_explained(part),
        "Share of variance along the principal components",
        "Three plane waves, each with a cosine and a sine, need six components; shaded: those kept.",
    )


def topology_drawings(results: RunResults) -> Iterator[Drawing]:
    """Barcodes."""
    part = results.parts["topology"]
    yield Drawing(
        "barcodes",
        lambda: figures.barcodes(part),
        "Barcodes of the modules' states with the line of the shuffles",
        "Pieces, loops and cavities of each module’s cloud of states, from birth to death. Dotted: where a bar "
        "would have "
        "to end to beat the shuffles’. A torus has one piece, two loops, one cavity.",
    )


def box_drawings(results: RunResults) -> Iterator[Drawing]:
    """The same units in every box that was recorded, and how much of their maps and lattices is kept."""
    boxes = {side: BoxMaps(maps.maps, maps.x_edges, maps.y_edges) for side, maps in results.boxes.items()}
    if len(boxes) > 1:
        chosen = _spread_units(results)
        yield Drawing(
            "boxes",
            lambda: figures.box_rate_maps(boxes, chosen),
            "The same units in boxes of several sizes",
            "The same units in each box, at one scale; the dashed square is the smallest box.",
        )
    part = results.parts.get("generalisation")
    if usable(part):
        assert part is not None
        if "correlation" in part and part.sizes.get("arena", 0) > 1:
            yield Drawing(
                "box-stability",
                lambda: figures.box_stability(part),
                "How much of each unit's map and lattice is kept in larger boxes",
                "Left: likeness of each unit’s maps where the boxes overlap (dashed: what different units reach). "
                "Right: "
                "the largest relative change of its lattice.",
            )
        if "path_error" in part:
            yield Drawing(
                "path-error",
                lambda: figures.path_error_by_box(part),
                "Path-integration error against distance walked, by box",
                "Solid: smooth walks; dashed: jerky ones, as in training. 0: the place alone; 1: no trace of it.",
            )


def distance_drawings(results: RunResults) -> Iterator[Drawing]:
    """State distance against distance."""
    part = results.parts["generalisation"]
    if "density" in part:
        lattice = tuple(_spacings(results.parts.get("modules")))
        yield Drawing(
            "state-distance",
            lambda: figures.state_distance(part, lattice_m=lattice),
            "Density of state distances from the start against distance",
            "Distance of the state from that at the start, in the largest box; each column scaled to its peak. "
            "Dashed: the "
            "modules’ spacings. Below: how much of training lay within that distance.",
        )


def capacity_drawings(results: RunResults) -> Iterator[Drawing]:
    """Unique range."""
    part = results.parts["unique_range"]
    yield Drawing(
        "unique-range",
        lambda: figures.unique_range_curves(part),
        "Unique range against noise for the learned and the ideal code",
        "Distance of the nearest place that noise could mistake for this one (the worst place counts). Open dots "
        "with an "
        "arrow: none within the box, so the range is at least that.",
    )


def error_correction_drawings(results: RunResults) -> Iterator[Drawing]:
    """Decoding errors under damage."""
    part = results.parts["error_correction"]
    yield Drawing(
        "error-correction",
        lambda: figures.error_correction_curves(part),
        "Decoding error against noise, lost units and coarse values",
        "Median error of the place read off a damaged state. All codes have as many units and the same mean overlap. "
        "Below: the place known to half a spacing beforehand, so that a periodic code has no aliases.",
    )


def intrinsic_drawings(results: RunResults) -> Iterator[Drawing]:
    """The network's own correction."""
    part = results.parts["intrinsic_correction"]
    yield Drawing(
        "intrinsic-correction",
        lambda: figures.intrinsic_correction_curves(part),
        "Distance to the manifold and error of the place after a disturbance",
        "Disturbed states while the network runs on. Dashed: undisturbed ones. Above a curve must come down to the "
        "dashed line for the state to be corrected; what has moved along the manifold, below, cannot be.",
    )


def geometry_drawings(results: RunResults) -> Iterator[Drawing]:
    """Metric tensor."""
    part = results.parts["geometry"]
    yield Drawing(
        "metric",
        lambda: figures.metric_maps(part),
        "Maps of the metric's trace and anisotropy",
        "How fast the state moves at each place (left), and how much faster in one direction than across it (right).",
    )


def field_drawings(results: RunResults) -> Iterator[Drawing]:
    """Number and size of fields."""
    part = results.parts["fields"]
    yield Drawing(
        "fields",
        lambda: figures.field_histograms(part),
        "Histograms of the number and the size of fields",
        "A place cell has one field in the box, a grid cell several of one size.",
    )


PARTS: dict[str, Callable[[RunResults], Iterator[Drawing]]] = {
    "modules": module_drawings,
    "fourier": fourier_drawings,
    "phases": phase_drawings,
    "state_space": state_space_drawings,
    "topology": topology_drawings,
    "generalisation": distance_drawings,
    "unique_range": capacity_drawings,
    "error_correction": error_correction_drawings,
    "intrinsic_correction": intrinsic_drawings,
    "geometry": geometry_drawings,
    "fields": field_drawings,
}


def part_drawings(results: RunResults, name: str) -> list[Drawing]:
    """Figures of a part; none if it is missing or holds nothing."""
    needed = ("phases", "modules") if name == "phases" else (name,)
    if not all(usable(results.parts.get(part)) for part in needed):
        return []
    return list(PARTS[name](results))


def usable(part: xr.Dataset | None) -> bool:
    """Whether a part was computed and holds results."""
    return part is not None and not part.attrs.get("reason") and len(part.variables) > 0


def _spread_units(results: RunResults) -> np.ndarray:
    """A few active units: from each module in turn the one with the highest score, and so on."""
    score = np.nan_to_num(np.asarray(results.units["grid_score"], dtype=float), nan=-np.inf)
    active = np.flatnonzero(np.asarray(results.units["active"], dtype=bool))
    members = results.module_of_unit()
    ranked: list[tuple[int, int, int]] = []
    for module in np.unique(members[active]):
        units = active[members[active] == module]
        order = units[np.argsort(-score[units], kind="stable")]
        ranked += [(rank + (10_000 if module < 0 else 0), int(module), int(unit)) for rank, unit in enumerate(order)]
    chosen = sorted(ranked)[:BOX_UNITS]
    return np.array([unit for _, _, unit in sorted(chosen, key=lambda each: (each[1] < 0, each[1], each[0]))])


def _spacings(modules: xr.Dataset | None) -> list[float]:
    return [float(value) for value in modules["spacing_m"].values] if usable(modules) and modules is not None else []


def _spacing(part: xr.Dataset, module: int) -> float | None:
    return float(part["spacing_m"].values[module]) if "spacing_m" in part else None
