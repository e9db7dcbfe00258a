"""Parts about what the code promises: unique range, error correction, and what the network itself corrects."""

from typing import Any, Literal

import numpy as np
import xarray as xr

from ..analysis import (
    RateMaps,
    UniqueRange,
    code_size,
    compare_unique_range,
    decoding_curve,
    modular_code,
    place_code,
    unique_range,
)
from ..evaluation import IntrinsicCorrection, intrinsic_correction
from ..experiment import RunConfig
from ._part import Part, Progress, Result, Sources, number, quantity, stack_padded
from ._parts_lattices import MODULES
from ._parts_units import UNITS

UNIQUE_RANGE = "unique_range"
CHANNELS: tuple[Literal["gaussian", "loss", "quantization"], ...] = ("gaussian", "loss", "quantization")
DRIVES: tuple[Literal["zero", "walk"], ...] = ("zero", "walk")


def _bases(sources: Sources) -> np.ndarray | None:
    """Lattice vectors of the modules (module, 2, 2), metres; None where there is no module."""
    modules = sources.part(MODULES)
    return None if modules.attrs.get("reason") else np.asarray(modules["basis_m"].values)


def _unique_range(sources: Sources, progress: Progress) -> Result:
    settings = sources.config.analysis.unique_range
    # In the largest box: no range beyond a box's side can be seen in it.
    arena = max(sources.arenas)
    maps, bases = sources.maps(arena), _bases(sources)
    given: dict[str, Any] = {
        "confusion": settings.confusion, "references": settings.references, "seed": sources.seed,
    }  # fmt: skip
    ideal: UniqueRange | None = None
    note = "" if bases is not None else "no module, so there is no ideal modular code of the same spacings"
    largest = float("nan")
    if bases is None:
        found = unique_range(maps, **given)
    else:
        largest = float(np.max(sources.part(MODULES)["spacing_m"].values))
        try:
            both = compare_unique_range(maps, bases, **given)
            found, ideal = both.measured, both.ideal
        except ValueError as error:  # no ideal code has as many units and the same overlap
            found, note = unique_range(maps, **given), str(error)
    variables = _range_variables(found, "") | (_range_variables(ideal, "ideal_") if ideal is not None else {})
    if np.isfinite(largest):
        variables["largest_spacing_m"] = quantity((), largest, "m")
    coords: dict[str, Any] = {
        "noise": quantity("noise", found.noise, about="standard deviation per unit"),
        "ring": quantity("ring", found.distance_m, "m"),
    }
    dataset = xr.Dataset(variables, coords, {"arena_m": arena, "reach_m": found.reach_m, "note": note})
    at = int(np.abs(np.log(found.noise / settings.at_noise)).argmin())
    summary = {
        "unique_range_m": number(found.range_m[at]),
        "at_least": bool(found.at_least[at]),
        "noise": float(found.noise[at]),
        "typical_range_m": number(found.typical_range_m[at]),
        "ideal_range_m": number(ideal.range_m[at]) if ideal is not None else None,
        "largest_spacing_m": number(largest),
        "arena_m": arena,
    }
    return Result(dataset, summary)


def _range_variables(found: UniqueRange, prefix: str) -> dict[str, xr.Variable]:
    return {
        f"{prefix}range_m": quantity("noise", found.range_m, "m", "worst place; NaN where some place is not resolved"),
        f"{prefix}at_least": quantity("noise", found.at_least, about="no alias within the box"),
        f"{prefix}typical_range_m": quantity("noise", found.typical_range_m, "m", "half of the places"),
        f"{prefix}typical_at_least": quantity("noise", found.typical_at_least),
        f"{prefix}resolution_m": quantity("noise", found.resolution_m, "m"),
        f"{prefix}unresolved_share": quantity("noise", found.unresolved_share),
        f"{prefix}closest": quantity("ring", found.closest, about="smallest state distance of places so far apart"),
        f"{prefix}typical_closest": quantity("ring", found.typical_closest),
    }


def _error_correction(sources: Sources, progress: Progress) -> Result:
    samples = sources.config.analysis.error_correction.samples
    codes, within, notes = _codes(sources)
    curves, local = [], []
    for code in codes.values():
        curves.append([decoding_curve(code, channel, samples=samples, seed=sources.seed) for channel in CHANNELS])
        local.append(
            [
                decoding_curve(code, channel, samples=samples, within_m=within, seed=sources.seed)
                for channel in CHANNELS
                if within is not None
            ]
        )
        progress(len(curves), len(codes))
    axes = ("code", "channel", "level")
    variables = {
        "error_m": quantity(axes, _table(curves, "median_m"), "m", "median over places"),
        "gross_share": quantity(axes, _table(curves, "gross_share"), about="errors above 0.2 m"),
        "levels": quantity(("channel", "level"), stack_padded(curve.levels for curve in curves[0])),
        "chance_m": quantity("channel", [curve.chance_m for curve in curves[0]], "m", "a place drawn at random"),
    }
    if within is not None:
        variables["local_error_m"] = quantity(
            axes, _table(local, "median_m"), "m", f"the place known to {within:.2f} m beforehand"
        )
    most = variables["levels"].shape[1]
    dataset = xr.Dataset(
        variables,
        coords={"code": list(codes), "channel": list(CHANNELS), "level": np.arange(most)},
        attrs={"arena_m": sources.main, "note": " ".join(notes)},
    )
    levels = dataset["levels"].values[0]
    at = int(np.nanargmin(np.abs(levels - 0.1)))
    error = {name: number(dataset["error_m"].values[index, 0, at]) for index, name in enumerate(codes)}
    return Result(dataset, {"noise": float(levels[at]), "error_m": error, "chance_m": curves[0][0].chance_m})


def _codes(sources: Sources) -> tuple[dict[str, RateMaps], float | None, list[str]]:
    """The learned code and the ideal ones of its size, at a mean squared norm of 1; half of the smallest spacing."""
    maps, bases = sources.maps(), _bases(sources)
    size = code_size(maps)
    squared = float(np.nanmean((maps.maps**2).sum(axis=0)))
    codes, notes = {"learned": maps._replace(maps=maps.maps / np.sqrt(squared))}, []
    edges = maps.x_edges, maps.y_edges
    try:
        codes["place"] = place_code(*edges, size).maps
    except ValueError as error:
        notes.append(f"no place code: {error}.")
    if bases is None:
        return codes, None, notes
    try:
        codes["grid"] = modular_code(*edges, bases, size).maps
        if len(bases) > 1:
            area = np.abs(np.linalg.det(bases))
            codes["largest"] = modular_code(*edges, bases[[int(area.argmax())]], size).maps
    except ValueError as error:
        notes.append(f"no ideal modular code: {error}.")
    return codes, float(np.min(sources.part(MODULES)["spacing_m"].values)) / 2, notes


def _table(curves: list[list[Any]], name: str) -> np.ndarray:
    """(code, channel, level), NaN beyond a channel's last level."""
    return stack_padded(stack_padded(getattr(curve, name) for curve in row) for row in curves)


def _intrinsic(sources: Sources, progress: Progress) -> Result:
    settings = sources.config.analysis.intrinsic_correction
    network, recording = sources.network(), sources.recording(sources.main)
    bases = _bases(sources)
    spacing = None if bases is None else float(np.min(sources.part(MODULES)["spacing_m"].values))
    # Decoding among places nearer than half of the spacing: there a periodic code names each place once.
    local_m = 0.3 if spacing is None else min(0.3, 0.45 * spacing)
    runs = []
    for drive in DRIVES:
        steps = min(settings.steps, recording.shape[1] - 1)
        runs.append(
            intrinsic_correction(
                network,
                recording,
                drive=drive,
                steps=steps,
                samples=settings.samples,
                manifold_states=settings.manifold_states,
                seed=sources.seed,
                local_m=local_m,
            )
        )
        progress(len(runs), len(DRIVES))
    by_noise, by_step = ("drive", "noise", "step"), ("drive", "step")
    dataset = xr.Dataset(
        {
            name: quantity(by_noise, _stacked(runs, name), unit)
            for name, unit in (
                ("to_manifold", "1"), ("to_twin", "1"), ("recovered", "1"), ("remaining", "1"),
                ("position_error", "m"), ("local_error", "m"),
            )
        }
        | {
            name: quantity(by_step, _stacked(runs, name), unit)
            for name, unit in (("floor", "1"), ("position_floor", "m"), ("local_floor", "m"))
        },
        coords={
            "drive": list(DRIVES),
            "noise": quantity("noise", runs[0].noise, about="standard deviation per unit"),
            "step": runs[0].steps,
        },
        attrs={"local_m": runs[0].local_m, "manifold_states": runs[0].manifold_states},
    )  # fmt: skip
    summary: dict[str, Any] = {
        drive: {
            "noise": dataset["noise"].values.tolist(),
            "recovered": dataset["recovered"].values[index, :, -1].tolist(),
            "remaining": [number(value) for value in dataset["remaining"].values[index, :, -1]],
        }
        for index, drive in enumerate(DRIVES)
    }
    return Result(dataset, summary)


def _stacked(runs: list[IntrinsicCorrection], name: str) -> np.ndarray:
    return np.stack([getattr(run, name) for run in runs])


def _settings(part: str, config: RunConfig) -> dict[str, object]:
    chosen: dict[str, object] = getattr(config.analysis, part).model_dump(mode="json")
    return chosen | {"seed": config.seed}


PARTS = (
    Part(
        UNIQUE_RANGE, 1, _unique_range, lambda config: _settings(UNIQUE_RANGE, config), (UNITS, MODULES),
        recordings="all",
    ),
    Part(
        "error_correction", 1, _error_correction, lambda config: _settings("error_correction", config),
        (UNITS, MODULES),
    ),
    Part(
        "intrinsic_correction", 1, _intrinsic, lambda config: _settings("intrinsic_correction", config),
        (UNITS, MODULES), recordings="main", network=True,
    ),
)  # fmt: skip
