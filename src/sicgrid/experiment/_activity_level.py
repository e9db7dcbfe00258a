"""From what level on a unit of an external population, of unknown scale, counts as active."""

import numpy as np
from jaxtyping import Float

from ..storage import UserError
from ._config import RunConfig

SHARE = 0.02  # of the peak that a tenth of the units exceed; ours: what is below is not seen on a page either
_LEVEL = 90  # percentile of the peaks: one loud unit does not make all others silent


def with_active_level(config: RunConfig, activity: Float[np.ndarray, "*samples units"], notes: list[str]) -> RunConfig:
    """The settings with an ``analysis.active_threshold`` in the activity's own units, unless they set one.

    It is 2 % of the 90th percentile over units of the largest magnitude that each reaches; the default, 0.02, is meant
    for states of length 1. `UserError` if the activity is not finite: then there is no level.
    """
    analysis = config.analysis
    if "active_threshold" in analysis.model_fields_set:
        return config
    # Not by np.abs of all of it: a copy of a recording may not fit beside it.
    flat = activity.reshape(-1, activity.shape[-1])
    peaks = np.maximum(flat.max(axis=0), -flat.min(axis=0)) + 0.0  # no level of -0
    if not np.isfinite(peaks).all():
        raise UserError("activity must be finite, it holds NaN or infinity")
    level = float(f"{SHARE * np.percentile(peaks, _LEVEL):.3g}")
    notes.append(
        f"a unit counts as active if its map exceeds {level:g}, 2 % of the peaks of the loudest tenth of the units"
    )
    return config.model_copy(update={"analysis": analysis.model_copy(update={"active_threshold": level})})
