"""From what level on a unit of an external population, of unknown scale, counts as active."""

import numpy as np
from jaxtyping import Float

from ..analysis import rate_maps, smooth_maps
from ..storage import UserError, require_memory_of_maps
from ._config import RunConfig

SHARE = 0.02  # of the peak that a tenth of the units exceed; ours: what is below is not seen on a page either
_LEVEL = 90  # percentile of the peaks: one loud unit does not make all others silent


def with_active_level(
    config: RunConfig,
    positions: Float[np.ndarray, "*samples 2"],
    activity: Float[np.ndarray, "*samples units"],
    arena: float,
    notes: list[str],
    seconds: Float[np.ndarray, "*samples"] | None = None,
) -> RunConfig:
    """The settings with an ``analysis.active_threshold`` in the activity's own units, unless they set one.

    It is 2 % of the 90th percentile over units of the largest magnitude of each one's rate map, as `analyze_units`
    makes it in a box of ``arena`` meters around the origin: of rare events, as imaging has them, a single sample can be
    hundreds of times as large. The default, 0.02, is meant for states of length 1.

    `UserError` if the activity is not finite, or its maps would want more memory than there is.
    """
    analysis = config.analysis
    if "active_threshold" in analysis.model_fields_set:
        return config
    # Not by np.isfinite of all of it: a copy of a recording may not fit beside it.
    flat = activity.reshape(-1, activity.shape[-1])
    if not np.isfinite([flat.max(axis=0), flat.min(axis=0)]).all():
        raise UserError("activity must be finite, it holds NaN or infinity")
    bins = analysis.bins_across(arena)
    require_memory_of_maps(activity.shape[-1], bins)
    raw = rate_maps(positions, activity, np.linspace(-arena / 2, arena / 2, bins + 1), seconds)
    maps = smooth_maps(raw.maps, analysis.smoothing_m * bins / arena, raw.occupancy)
    peaks = np.nanmax(np.abs(maps), axis=(1, 2))
    level = float(f"{SHARE * np.percentile(peaks, _LEVEL):.3g}")
    notes.append(
        f"a unit counts as active if its rate map exceeds {level:g} (analysis.active_threshold), 2 % of what the maps "
        "of the loudest tenth of the units reach"
    )
    return config.model_copy(update={"analysis": analysis.model_copy(update={"active_threshold": level})})
