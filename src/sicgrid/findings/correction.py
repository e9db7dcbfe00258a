"""Does the code correct errors? Places read off damaged states, and what the network makes of a disturbance."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Literal

import numpy as np
import xarray as xr

from .. import evaluation
from ..analysis import ErrorCorrectionConfig, decoding_curves, reference_codes
from ..evaluation import IntrinsicCorrectionConfig
from ._finding import ComparedNumber, Drawing, Finding, Record, View
from ._names import ERROR_CORRECTION, INTRINSIC_CORRECTION, MODULES, UNITS
from ._part import Part, Progress, Result, json_number, own_settings, quantity, stack_padded
from ._results import RunResults
from ._sources import Sources
from ._wording import listed, meters
from .modules import lattice_bases

CHANNELS: tuple[Literal["gaussian", "loss", "quantization"], ...] = ("gaussian", "loss", "quantization")
DRIVES: tuple[Literal["zero", "walk"], ...] = ("zero", "walk")
_TOLD_NOISE = 0.1  # per unit: that of the summary, the sentences and comparisons


def _error_correction(sources: Sources, progress: Progress) -> Result:
    samples, seed = sources.config.analysis.error_correction.samples, sources.seed
    bases = lattice_bases(sources)
    codes, notes = reference_codes(sources.maps(), bases)
    # Half of the smallest spacing: there a periodic code names each place once.
    within = None if bases is None else float(np.min(sources.part(MODULES)["spacing_m"].values)) / 2
    curves, local = [], []
    for code in codes.values():
        by_channel = [
            decoding_curves(code, channel, (None,) if within is None else (None, within), samples=samples, seed=seed)
            for channel in CHANNELS
        ]
        curves.append([by_prior[0] for by_prior in by_channel])
        local.append([by_prior[-1] for by_prior in by_channel])
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
    level_count = variables["levels"].shape[1]
    dataset = xr.Dataset(
        variables,
        coords={"code": list(codes), "channel": list(CHANNELS), "level": np.arange(level_count)},
        attrs={"arena_m": sources.main, "note": " ".join(notes)},
    )
    levels = dataset["levels"].values[0]
    level = _level(levels)
    error = {name: json_number(dataset["error_m"].values[index, 0, level]) for index, name in enumerate(codes)}
    return Result(dataset, {"noise": float(levels[level]), "error_m": error, "chance_m": curves[0][0].chance_m})


def _level(noise: np.ndarray) -> int:
    """Index of the level of noise that numbers are told at."""
    return int(np.nanargmin(np.abs(noise - _TOLD_NOISE)))


def _table(curves: list[list[Any]], name: str) -> np.ndarray:
    """(code, channel, level), NaN beyond a channel's last level."""
    return stack_padded(stack_padded(getattr(curve, name) for curve in row) for row in curves)


def _intrinsic(sources: Sources, progress: Progress) -> Result:
    settings = sources.config.analysis.intrinsic_correction
    network, recording = sources.network(), sources.recording(sources.main)
    bases = lattice_bases(sources)
    spacing = None if bases is None else float(np.min(sources.part(MODULES)["spacing_m"].values))
    # Decoding among places nearer than half of the spacing: there a periodic code names each place once.
    local_m = 0.3 if spacing is None else min(0.3, 0.45 * spacing)
    length = sources.length(sources.maps())
    runs = []
    for drive in DRIVES:
        steps = min(settings.steps, recording.shape[1] - 1)
        runs.append(
            evaluation.intrinsic_correction(
                network,
                recording,
                drive=drive,
                steps=steps,
                samples=settings.samples,
                manifold_states=settings.manifold_states,
                seed=sources.seed,
                local_m=local_m,
                noise=[length * level for level in evaluation.DEFAULT_NOISE],
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
            "noise": quantity(
                "noise", np.array(evaluation.DEFAULT_NOISE), about="standard deviation per unit, of states of length 1"
            ),
            "step": runs[0].steps,
        },
        attrs={"local_m": runs[0].local_m, "manifold_states": runs[0].manifold_states},
    )  # fmt: skip
    summary: dict[str, Any] = {
        drive: {
            "noise": dataset["noise"].values.tolist(),
            "recovered": dataset["recovered"].values[index, :, -1].tolist(),
            "remaining": [json_number(value) for value in dataset["remaining"].values[index, :, -1]],
        }
        for index, drive in enumerate(DRIVES)
    }
    return Result(dataset, summary)


def _stacked(runs: list[evaluation.IntrinsicCorrection], name: str) -> np.ndarray:
    return np.stack([getattr(run, name) for run in runs])


def _say_decoded(part: xr.Dataset) -> str:
    if "error_m" not in part or "code" not in part.coords:
        return ""
    error = part["error_m"].transpose("code", "channel", "level").values.astype(float)
    codes, channels = ([str(name) for name in part[axis].values] for axis in ("code", "channel"))
    noise = part["levels"].transpose("channel", "level").values[channels.index("gaussian")].astype(float)
    level = _level(noise)
    errors = [f"{code} {error[i, channels.index('gaussian'), level]:.2f} m" for i, code in enumerate(codes)]
    text = f"Median error at noise {noise[level]:g} per unit: {', '.join(errors)}."
    if "local_error_m" in part:
        local = part["local_error_m"].transpose("code", "channel", "level").values[:, channels.index("gaussian"), level]
        near = ", ".join(f"{code} {value:.2f} m" for code, value in zip(codes, local, strict=True))
        text += f" With the place known to half a spacing: {near}."
    return text


def _say_corrected(part: xr.Dataset) -> str:
    names = {"zero": "standing still", "walk": "walking on"}
    shares = part["recovered"].transpose("drive", "noise", "step").values[:, :, -1]
    drives, noise = [str(name) for name in part["drive"].values], part["noise"].values
    by_drive = [f"{names.get(drive, drive)} {_shares(row)}" for drive, row in zip(drives, shares, strict=True)]
    levels = ", ".join(f"{level:g}" for level in noise)
    text = (
        f"Back among the states that the network visits after {int(part['step'].values[-1])} steps (95 % would be as "
        f"good as undisturbed), for disturbances of {levels} per unit: {'; '.join(by_drive)}."
    )
    if "to_twin" in part:
        # Among them is not at its own place: a network that drifts visits many states at each.
        away = part["to_twin"].transpose("drive", "noise", "step").values[-1, :, -1]
        last = names.get(drives[-1], drives[-1])
        text += f" From where they would be undisturbed, {last}, they are then {listed(away, 2)} away."
    return text


def _shares(values: np.ndarray) -> str:
    return ", ".join(f"{100 * value:.0f} %" for value in values)


def _draw_decoded(results: RunResults) -> Iterator[Drawing]:
    """Decoding errors under damage."""
    from .. import figures

    part = results.parts[ERROR_CORRECTION]
    yield Drawing(
        "error-correction",
        lambda: figures.error_correction_curves(part),
        "Decoding error against noise, lost units and coarse values",
        "Median error of the place read off a damaged state. All codes have as many units and the same mean overlap. "
        "Below: the place known to half a spacing beforehand, so that a periodic code has no aliases.",
    )


def _draw_corrected(results: RunResults) -> Iterator[Drawing]:
    """The network's own correction."""
    from .. import figures

    part = results.parts[INTRINSIC_CORRECTION]
    yield Drawing(
        "intrinsic-correction",
        lambda: figures.intrinsic_correction_curves(part),
        "Distance to the manifold and error of the place after a disturbance",
        "Disturbed states while the network runs on. Dashed: undisturbed ones. Above a curve must come down to the "
        "dashed line for the state to be corrected; what has moved along the manifold, below, cannot be.",
    )


def _decoded(code: str) -> Callable[[Record], float | None]:
    def read(record: Record) -> float | None:
        part = record.part(ERROR_CORRECTION)
        value = (part.get("error_m") or {}).get(code)
        return None if value is None else float(value)

    return read


def _compared_text(value: Any, numbers: Mapping[str, Any]) -> str:
    if value is None:
        return "–"
    ideal = numbers["decoding_ideal_m"]
    return meters([value]) + (f"|ideal {meters([ideal])}" if ideal is not None else "")


FINDING = Finding(
    name="correction",
    short="Correction",
    question="Does the code correct errors?",
    lead="States that no place has are left to tell that something went wrong. A decoder that knows all states "
    "finds the nearest one; the network itself may pull a disturbed state back while it runs on.",
    place=1000,
    advanced=True,
    parts=(
        Part(
            ERROR_CORRECTION,
            1,
            _error_correction,
            own_settings(ERROR_CORRECTION),
            model=ErrorCorrectionConfig,
            reads=(UNITS, MODULES),
            usual_s=3,
        ),
        Part(
            INTRINSIC_CORRECTION,
            1,
            _intrinsic,
            own_settings(INTRINSIC_CORRECTION),
            model=IntrinsicCorrectionConfig,
            reads=(UNITS, MODULES),
            recordings="main",
            network=True,
            usual_s=11,
        ),
    ),
    views=(
        View(ERROR_CORRECTION, _say_decoded, _draw_decoded),
        View(INTRINSIC_CORRECTION, _say_corrected, _draw_corrected),
    ),
    compared=(
        ComparedNumber(
            "decoding_error_m",
            place=800,
            read=_decoded("learned"),
            part=ERROR_CORRECTION,
            head="error under noise",
            about=f"Median error of the place read off states with noise of {_TOLD_NOISE:g} a unit; below it that of "
            "an ideal code of the same lattices and size, or of place cells where there is no lattice. Places are "
            "known to a bin of the box, so that less than one between the two says nothing.",
            text=_compared_text,
        ),
        ComparedNumber(
            "decoding_ideal_m",
            place=960,
            read=lambda record: _decoded("grid")(record) or _decoded("place")(record),
            part=ERROR_CORRECTION,
        ),
    ),
)
