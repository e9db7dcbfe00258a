"""Activities of an external recording: a row for each frame, a column for each unit, none of them negative."""

from pathlib import Path
from typing import Literal, NamedTuple

import numpy as np
from jaxtyping import Bool, Float, Shaped

from .._errors import UserError
from ._arrays import StoredRecording, blocks, distinct_labels


class Extremes(NamedTuple):
    """Of each unit: whether all values are finite, the least one, how many are negative."""

    finite: Bool[np.ndarray, " units"]
    least: Float[np.ndarray, " units"]
    negative: Shaped[np.ndarray, " units"]


def dense_activity(
    stored: StoredRecording, path: Path, frames: int
) -> tuple[Shaped[np.ndarray, "time units"], list[str]]:
    """The activity as floats with a row for each of ``frames``, not copied if float32 or float64, and the labels.

    Names that several units share get the unit's column, and a note says so.

    Raises
    ------
    UserError
        If the shape is another, it holds no real numbers, or the number of names is not that of columns.

    """
    activity = stored.activity
    assert activity is not None
    if activity.dtype.kind not in "fiub":
        raise UserError(f"{path}: activity must be real numbers, found an array of type {activity.dtype}")
    if activity.ndim != 2 or len(activity) != frames or activity.shape[1] == 0:
        whose = "activity_times" if stored.activity_times is not None else "positions"
        clock = "" if stored.activity_times is not None else "; activities on another clock need activity_times"
        raise UserError(
            f"{path}: activity must have shape ({frames}, units), a row for each of {whose}, got {activity.shape}"
            f"{clock}"
        )
    if activity.dtype not in (np.float32, np.float64):
        small = activity.dtype.itemsize <= 2  # whole numbers that float32 holds
        activity = activity.astype(np.float32 if small else np.float64)
    units = activity.shape[1]
    names = [str(unit) for unit in range(units)] if stored.labels is None else stored.labels
    if len(names) != units:
        raise UserError(f"{path}: units names {len(names)} units, activity has {units} columns")
    labels, shared = distinct_labels(names, "column")
    if shared:
        stored.notes.append(f"{shared} units share their names with others and are told apart by their columns")
    return activity, labels


def without_negatives(
    activity: Float[np.ndarray, "time units"],
    labels: list[str],
    path: Path,
    offset: float | Literal["auto"] | None,
    rectify: bool,
) -> list[str]:
    """Make negative values (dF/F) serve as asked, in place; the notes say what was done to how many.

    ``offset`` is added to every value, "auto" the amount that makes the least value of each unit 0; ``rectify`` sets
    negative values to 0.

    Raises
    ------
    UserError
        If values are not finite, or negative and neither way was asked for, or still negative after the offset.

    """
    extremes = _extremes(activity)
    bad = np.flatnonzero(~extremes.finite)
    if len(bad):
        names = ", ".join(labels[unit] for unit in bad[:5])
        raise UserError(f"{path}: activity must be finite, units {names} ({len(bad)} in all) hold NaN or infinity")
    least, negative = extremes.least, int(extremes.negative.sum())
    units = int((extremes.negative > 0).sum())
    touched = f"{negative:,} negative values of {units} of {len(labels)} units"
    if rectify:
        for rows in blocks(*activity.shape):
            np.maximum(activity[rows], 0, out=activity[rows])
        return [f"{touched} were set to 0"]
    if offset is not None:
        added = 0 - least if offset == "auto" else np.full(len(least), offset, dtype=activity.dtype)
        if offset != "auto" and (least + added).min() < 0:
            raise UserError(
                f"{path}: activity_offset {offset:g} leaves negative values, the least is {least.min()}; take at least "
                f"{-least.min()}, or 'auto'"
            )
        for rows in blocks(*activity.shape):
            activity[rows] += added.astype(activity.dtype)
            np.maximum(activity[rows], 0, out=activity[rows])  # what rounding left below 0
        amount = f"{offset:g}" if offset != "auto" else f"{float(added.min()):.3g} to {float(added.max()):.3g}"
        purpose = "" if offset != "auto" else ", so that the least value of each unit is 0"
        return [f"{amount} was added to the activity of all {len(labels)} units{purpose} ({touched})"]
    if negative:
        raise UserError(
            f"{path}: activity must not be negative (rates or counts), but {touched} are, the least is "
            f"{float(least.min()):g}; if it is dF/F, add a constant (activity_offset, a number or 'auto'; as an option "
            "`--activity-offset auto`) or set negative values to 0 (rectify, `--rectify`)"
        )
    return []


def _extremes(activity: Float[np.ndarray, "time units"]) -> Extremes:
    units = activity.shape[1]
    finite = np.ones(units, dtype=bool)
    least = np.full(units, np.inf, dtype=activity.dtype)
    negative = np.zeros(units, dtype=np.int64)
    for rows in blocks(*activity.shape):
        finite &= np.isfinite(activity[rows]).all(axis=0)
        np.fmin(least, activity[rows].min(axis=0), out=least)
        negative += (activity[rows] < 0).sum(axis=0)
    return Extremes(finite, least, negative)
