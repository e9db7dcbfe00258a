"""What each part measured, in a sentence or two."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import xarray as xr

from ._results import RunResults


def module_number(results: RunResults) -> str:
    """What was found of modules, in a sentence."""
    part = results.parts.get("modules")
    if part is None:
        return ""
    verdict = str(part.attrs.get("verdict") or results.summary.get("modules_verdict") or "")
    ratios = results.summary.get("scale_ratios") or []
    more = f"Each spacing over the next smaller one: {', '.join(f'{ratio:.2f}' for ratio in ratios)}." if ratios else ""
    return " ".join(filter(None, [_sentence(verdict), more]))


def _fourier(part: xr.Dataset) -> str:
    if "angles_deg" not in part:
        return ""
    turns = np.sort(np.mod(np.asarray(part["angles_deg"].transpose("module", "wave").values, dtype=float), 180), axis=1)
    between = np.diff(np.concatenate([turns, turns[:, :1] + 180], axis=1), axis=1)
    off = np.nanmax(np.abs(between - 60)) if np.isfinite(between).any() else np.nan
    return f"Angles between neighboring waves differ from 60° by at most {off:.1f}°." if np.isfinite(off) else ""


def _phases(part: xr.Dataset) -> str:
    said = []
    if "p_value" in part:
        said.append(f"Against as many random phases: p = {_list(part['p_value'], 2)} (small: they cluster).")
    if "phase_sum_spread" in part:
        spread = part["phase_sum_spread"]
        unit = {"degrees": "°", "rad": " rad"}.get(str(spread.attrs.get("units", "")), "")
        said.append(f"Spread of φ1 + φ2 + φ3 over units: {_list(spread, 2)}{unit}.")
    return " ".join(said)


def _state_space(part: xr.Dataset) -> str:
    if "coherence" not in part:
        return ""
    values = part["coherence"].transpose("module", "wave").values
    return f"Coherence of the rings’ angles with the phases: {'; '.join(_list(row, 2) for row in values)}."


def _topology(part: xr.Dataset) -> str:
    if "betti" not in part or "verdict" not in part:
        return ""
    rows = part["betti"].transpose("module", "degree").values
    shapes = [str(word) for word in part["verdict"].values]
    said = [f"({', '.join(f'{n:.0f}' for n in row)}), {shape}" for row, shape in zip(rows, shapes, strict=True)]
    error = ""
    if "decoded_error" in part:
        unit = part["decoded_error"].attrs.get("units", "")
        measured = f"{_list(part['decoded_error'], 2)} {unit}".rstrip()
        error = f" Place modulo the lattice, read off the two loops alone: error {measured}."
    return f"Betti numbers by module: {'; '.join(said)}.{error}"


def _generalisation(part: xr.Dataset) -> str:
    if "median" not in part:
        return ""
    median = part["median"].transpose("arena", "distance").values[-1].astype(float)
    distance = part["distance"].values.astype(float)
    far = median[np.isfinite(median) & (distance > 0.3)]
    return (
        f"Beyond 0.3 m the median distance between states is {np.median(far):.2f} (from {far.min():.2f} to "
        f"{far.max():.2f}), out to {distance[np.isfinite(median)].max():.1f} m."
        if far.size
        else ""
    )


def _unique_range(part: xr.Dataset) -> str:
    if "range_m" not in part:
        return ""
    noise, found = part["noise"].values.astype(float), part["range_m"].values.astype(float)
    beyond = part["at_least"].values.astype(bool) if "at_least" in part else np.zeros(len(found), bool)
    known = np.flatnonzero(np.isfinite(found))
    if not known.size:
        return "At every level of noise some place cannot be told from its neighbors."
    best = known[np.argmax(found[known])]
    said = f"{'At least ' if beyond[best] else ''}{found[best]:.2f} m at noise {noise[best]:g} per unit"
    if "largest_spacing_m" in part:
        said += f"; the largest spacing is {float(part['largest_spacing_m']):.2f} m"
    return _sentence(said)


def _error_correction(part: xr.Dataset) -> str:
    if "error_m" not in part or "code" not in part.coords:
        return ""
    error = part["error_m"].transpose("code", "channel", "level").values.astype(float)
    codes, channels = ([str(name) for name in part[axis].values] for axis in ("code", "channel"))
    level = next((part[name] for name in ("levels", "level") if name in part and "channel" in part[name].dims), None)
    if "gaussian" not in channels or level is None:
        return ""
    at = level.transpose("channel", "level").values[channels.index("gaussian")].astype(float)
    k = int(np.nanargmin(np.abs(at - 0.1)))
    said = [f"{code} {error[i, channels.index('gaussian'), k]:.2f} m" for i, code in enumerate(codes)]
    text = f"Median error at noise {at[k]:g} per unit: {', '.join(said)}."
    if "local_error_m" in part:
        local = part["local_error_m"].transpose("code", "channel", "level").values[:, channels.index("gaussian"), k]
        near = ", ".join(f"{code} {value:.2f} m" for code, value in zip(codes, local, strict=True))
        text += f" With the place known to half a spacing: {near}."
    return text


def _intrinsic(part: xr.Dataset) -> str:
    names = {"zero": "standing still", "walk": "walking on"}
    if "recovered" in part:
        shares = part["recovered"].transpose("drive", "noise", "step").values[:, :, -1]
        drives, noise = [str(name) for name in part["drive"].values], part["noise"].values
        told = [f"{names.get(drive, drive)} {_shares(row)}" for drive, row in zip(drives, shares, strict=True)]
        levels = ", ".join(f"{level:g}" for level in noise)
        return (
            f"States that have come back, after {int(part['step'].values[-1])} steps (95 % would be as good as "
            f"undisturbed), for disturbances of {levels} per unit: {'; '.join(told)}."
        )
    if not {"to_manifold", "floor"} <= set(part.variables):
        return ""
    distance = part["to_manifold"].transpose("drive", "noise", "step").values
    floor = part["floor"].transpose("drive", "step").values
    excess = distance - floor[:, None]
    left = [
        float(np.nanmedian(run[:, -1] / np.where(run[:, 0] > 0, run[:, 0], np.nan)))
        if (run[:, 0] > 0).any()
        else np.nan
        for run in excess
    ]
    said = [
        f"{100 * share:.0f} % {names.get(str(drive), str(drive))}"
        for share, drive in zip(left, part["drive"].values, strict=True)
        if np.isfinite(share)
    ]
    return f"Left of the disturbance’s distance from the manifold at the end: {', '.join(said)}." if said else ""


def _geometry(part: xr.Dataset) -> str:
    trace, anisotropy = (np.asarray(part[name].values, dtype=float) for name in ("trace", "anisotropy"))
    trace, anisotropy = trace[np.isfinite(trace)], anisotropy[np.isfinite(anisotropy)]
    if not (trace.size and anisotropy.size):
        return ""
    return (
        f"Over space the trace varies by {100 * trace.std() / trace.mean():.0f} % (standard deviation over mean); the "
        f"median anisotropy is {np.median(anisotropy):.2f}. A conformal isometry has 0 % and 1."
    )


def _fields(part: xr.Dataset) -> str:
    count = np.asarray(part["field_count"].values, dtype=float)
    count = count[np.isfinite(count)]
    single = int(part["single"].values.sum()) if "single" in part else int((count == 1).sum())
    return f"{single} of {count.size} active units have a single field." if count.size else ""


NUMBERS: Mapping[str, Callable[[xr.Dataset], str]] = {
    "fourier": _fourier,
    "phases": _phases,
    "state_space": _state_space,
    "topology": _topology,
    "generalisation": _generalisation,
    "unique_range": _unique_range,
    "error_correction": _error_correction,
    "intrinsic_correction": _intrinsic,
    "geometry": _geometry,
    "fields": _fields,
}


def _shares(values: np.ndarray) -> str:
    return ", ".join(f"{100 * value:.0f} %" for value in values)


def _list(values: Any, digits: int) -> str:
    found = np.atleast_1d(np.asarray(values, dtype=float))
    return ", ".join(f"{value:.{digits}g}" if np.isfinite(value) else "–" for value in found)


def _sentence(text: str) -> str:
    text = text.strip()
    return text[:1].upper() + text[1:] + ("" if not text or text.endswith(".") else ".")
