"""Is the state space of a module a torus? Pictures and rings of its cloud of states, and the barcode that decides."""

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

import numpy as np
import xarray as xr

from ..analysis import (
    TopologyConfig,
    circular_coordinates,
    decode_modulo_lattice,
    topology,
    topology_plan,
)
from ._finding import CardRow, Cloud, Column, Drawing, Finding, Metric, Record, View
from ._loops import TORUS, read_off_loops
from ._names import MODULES, STATE_SPACE, TOPOLOGY, UNITS
from ._part import Part, Progress, Result, Unavailable, json_number, json_numbers, own_settings, quantity, stack_padded
from ._results import RunResults, has_results
from ._sources import Sources
from ._state_space import STATE_SPACE_PART, module_states
from ._torus_compared import TORUS_COMPARED, betti_numbers
from ._verdict import FAILS, HOLDS, Claim, Judgment, Results, required_result
from ._wording import counted, listed

DEGREES = ["H0", "H1", "H2"]


def _plan(sources: Sources) -> str:
    """Points and memory of each module's barcode, before it is made."""
    modules = sources.part(MODULES)
    if modules.attrs.get("reason"):
        return ""
    plans = [topology_plan(module.states.shape, sources.config.analysis.topology) for module in module_states(sources)]
    return "; ".join(f"module {index + 1}: {plan}" for index, plan in enumerate(plans))


def _topology(sources: Sources, progress: Progress) -> Result:
    settings = sources.config.analysis.topology
    modules = sources.required(MODULES)
    barcodes, errors, notes = [], [], []
    for states, positions, _ in module_states(sources):
        if len(states) < settings.points:
            raise Unavailable(
                f"The main box has {len(states)} visited bins, fewer than the {settings.points} landmarks of the "
                "barcode (analysis.topology.points)."
            )
        barcodes.append(topology(states, settings, sources.seed))
        try:
            angles = circular_coordinates(states, settings, sources.seed)
            decoded = decode_modulo_lattice(positions, angles.coordinates, sources.seed)
            errors.append([decoded.error_m, decoded.error_chance_m])
            notes.append("")
        except ValueError as reason:
            errors.append([np.nan, np.nan])
            notes.append(str(reason))
        progress(len(barcodes), modules.sizes["module"])
    error = np.array(errors)
    dataset = xr.Dataset(
        {
            f"bars_h{degree}": quantity(
                ("module", f"bar{degree}", "birth_death"), stack_padded(barcode.bars[degree] for barcode in barcodes)
            )
            for degree in range(3)
        }
        | {
            "null_longest": quantity(
                ("module", "shuffle", "degree"),
                np.stack([barcode.null_longest for barcode in barcodes]),
                about="of each shuffle",
            ),
            "threshold": quantity(("module", "degree"), np.stack([barcode.thresholds for barcode in barcodes])),
            "p_value": quantity(("module", "degree"), np.stack([barcode.p_values for barcode in barcodes])),
            "betti": quantity(("module", "degree"), np.array([barcode.betti for barcode in barcodes])),
            "verdict": quantity("module", np.array([barcode.verdict for barcode in barcodes], dtype=object)),
            "decoded_error": quantity("module", error[:, 0], "m", "place modulo the lattice, from the two loops alone"),
            "decoded_chance": quantity("module", error[:, 1], "m", "the same for places drawn at random"),
            "decoding_note": quantity("module", np.array(notes, dtype=object), about="why there is no decoded place"),
        },
        coords={"degree": DEGREES, "birth_death": ["birth", "death"]},
    )
    torus = [
        {
            "betti": list(barcode.betti),
            "verdict": barcode.verdict,
            "null": {"threshold": barcode.thresholds.tolist(), "p_value": barcode.p_values.tolist()},
            "longest": [_finite_lengths(bars)[:3] for bars in barcode.bars],
            "decoded_error_m": json_number(error[index, 0]),
            "decoded_chance_m": json_number(error[index, 1]),
        }
        for index, barcode in enumerate(barcodes)
    ]
    return Result(dataset, {"torus": torus})


def _finite_lengths(bars: np.ndarray) -> list[float]:
    lengths = bars[:, 1] - bars[:, 0]
    return [float(length) for length in -np.sort(-lengths[np.isfinite(lengths)])]


def _top(summary: Mapping[str, Any], reason: str | None) -> dict[str, Any]:
    return {"torus": summary.get("torus", [])}


def torus_and_rings(results: Results, sigma_x: float) -> Judgment:
    """C7, a module's states are a torus, seen as a ring along each phase axis.

    Holds if every module has the Betti numbers (1, 2, 1), counted against shuffles as in Gardner et al. 2022 (see
    `sicgrid.analysis.topology`); the picture has no vote. The coherence of the rings is given where it was computed.
    """
    required_result(results, MODULES)
    part = required_result(results, TOPOLOGY)
    betti = part["betti"].values.astype(int)
    torus = (betti == TORUS).all(axis=1)
    triples = ", ".join(f"({', '.join(map(str, row))})" for row in betti)
    rings = ""
    space = results.get(STATE_SPACE)
    if space is not None and "coherence" in space:
        rings = f"; the rings' coherence with the phase is at least {float(space['coherence'].min()):.2f}"
    sentence = f"A torus in {int(torus.sum())} of {counted(len(torus), 'module')}: Betti numbers {triples}{rings}."
    null = {"longest bar of shuffles": [json_numbers(row) for row in part["threshold"].values]}
    return Judgment(HOLDS if torus.all() else FAILS, {"betti": betti.tolist()}, null, sentence)


def _say_rings(part: xr.Dataset) -> str:
    if "coherence" not in part:
        return ""
    values = part["coherence"].transpose("module", "wave").values
    return f"Coherence of the rings’ angles with the phases: {'; '.join(listed(row, 2) for row in values)}."


def _say_betti(part: xr.Dataset) -> str:
    if "betti" not in part or "verdict" not in part:
        return ""
    rows = part["betti"].transpose("module", "degree").values
    shapes = [str(word) for word in part["verdict"].values]
    verdicts = [f"({', '.join(f'{n:.0f}' for n in row)}), {shape}" for row, shape in zip(rows, shapes, strict=True)]
    decoded = read_off_loops(part)
    error = f" Place modulo the lattice, read off the two loops alone: {', '.join(decoded)} off." if decoded else ""
    unclear = " A torus of few units, or of noisy ones, can look contractible: its loops last no longer than those of "
    doubt = f"{unclear}shuffled units." if "contractible" in shapes else ""
    return f"Betti numbers by module: {'; '.join(verdicts)}.{doubt}{error}"


def _draw_states(results: RunResults) -> Iterator[Drawing]:
    """Embedding of each module, rings, principal components."""
    from .. import figures

    part, basis = results.parts[STATE_SPACE], results.parts[MODULES].get("basis_m")
    for module in range(part.sizes["module"]):
        name = figures.module_name(module, _spacing(part, module))
        if basis is not None:
            yield Drawing(
                f"cell-{module + 1}",
                partial(figures.unit_cell, part, basis.values[module], module=module),
                f"The unit cell of {name}, flat, colored by each phase",
                f"The unit cell of {name}, flat: a dot a state, at its place modulo the lattice, colored by the phases "
                "φ1, φ2, φ3 along the lattice’s three plane waves. Opposite edges are the same place; glued together "
                "they make the torus beside it.",
            )
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
        "angle is the phase). Three rings that are not the same ring make a torus.",
    )
    yield Drawing(
        "variance",
        lambda: figures.variance_explained(part),
        "Share of variance along the principal components",
        "Three plane waves, each with a cosine and a sine, need six components; shaded: those kept.",
    )


def _draw_barcodes(results: RunResults) -> Iterator[Drawing]:
    """Barcodes."""
    from .. import figures

    part = results.parts[TOPOLOGY]
    yield Drawing(
        "barcodes",
        lambda: figures.barcodes(part),
        "Barcodes of the modules' states with the line of the shuffles",
        "Pieces, loops and cavities of each module’s cloud of states, from birth to death. Dotted: where a bar "
        "would have to end to beat the shuffles’. A torus has one piece, two loops, one cavity.",
    )


def _spacing(part: xr.Dataset, module: int) -> float | None:
    return float(part["spacing_m"].values[module]) if "spacing_m" in part else None


def _clouds(results: RunResults) -> Iterator[Cloud]:
    """States of each module in three dimensions with their phases, for the torus that can be turned."""
    from .. import figures

    part = results.parts.get(STATE_SPACE)
    if not has_results(part) or "embedding" not in part:
        return
    points = part["embedding"].transpose("module", "point", "dim3").values.astype(float)
    phases = part["point_phase"].transpose("module", "point", "wave").values.astype(float)
    for module in range(len(points)):
        yield Cloud(figures.module_name(module, _spacing(part, module)), points[module], phases[module])


def _count(record: Record) -> int | None:
    return betti_numbers(record).count(TORUS) if record.has(TOPOLOGY) else None


def _share(record: Record) -> str | None:
    tested = betti_numbers(record) if record.has(TOPOLOGY) else []
    return f"{tested.count(TORUS)} of {len(tested)}" if tested else None


FINDING = Finding(
    name="torus",
    short="Torus",
    question="Is the state space of a module a torus?",
    lead="Places that differ by a lattice vector have the same state in a module, so all its states make a torus: "
    "the unit cell with opposite edges glued together. It was never put in. The eye sees it after six principal "
    "components and an embedding in three dimensions; the verdict is that of persistent homology, which counts "
    "pieces, loops and cavities (the Betti numbers: 1, 2, 1 for a torus) without any picture.",
    lead_elsewhere="Places that differ by a lattice vector have the same activity in a module, so all its activity "
    "makes a torus: the unit cell with opposite edges glued together. The eye sees it after six principal components "
    "and an embedding in three dimensions; the verdict is that of persistent homology, which counts pieces, loops and "
    "cavities without any picture.",
    place=600,
    parts=(
        STATE_SPACE_PART,
        Part(
            TOPOLOGY,
            1,
            _topology,
            own_settings(TOPOLOGY),
            model=TopologyConfig,
            reads=(UNITS, MODULES),
            plan=_plan,
            top=_top,
            usual_s=15,
        ),
    ),
    claims=(
        Claim(
            "C7",
            "The states of a module are a torus; along each phase they are a ring.",
            "torus, rings",
            torus_and_rings,
        ),
    ),
    views=(View(STATE_SPACE, _say_rings, _draw_states, also=(MODULES,)), View(TOPOLOGY, _say_betti, _draw_barcodes)),
    clouds=_clouds,
    metrics=(
        Metric(
            "torus_modules",
            "Modules with the Betti numbers of a torus",
            unit="",
            place=400,
            read=_count,
            part=TOPOLOGY,
            listed=False,
        ),
        Metric(
            "torus",
            "Modules with the Betti numbers of a torus, of those that were tested",
            unit="",
            place=920,
            read=_share,
            aim=False,
            kind=str,
            column=Column(place=140, head="torus"),
        ),
    ),
    keep=lambda summary: {"torus": [shape["verdict"] for shape in summary["torus"]]},
    card=(CardRow(place=500, row=lambda kept: ("torus", ", ".join(kept["torus"]) or "not tested")),),
    compared=TORUS_COMPARED,
)
