"""One thing to look at in the page: a network that runs there, or a recording that is replayed."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from jaxtyping import Shaped

from .._repr import brief
from ..experiment import RunConfig
from ..figures import module_color
from ..model import Network
from ._network import describe_network
from ._survey import Survey, phase_readout

LEVELS = 255  # of a rate map


@brief
@dataclass(frozen=True)
class Subject:
    """What the page holds of one network or recording: JSON, and arrays by name."""

    name: str
    about: Mapping[str, Any]
    arrays: Mapping[str, Shaped[np.ndarray, "..."]] = field(repr=False)


def network_subject(name: str, network: Network, config: RunConfig, survey: Survey, shows: str = "") -> Subject:
    """A network with what is known of its code.

    Raises
    ------
    UserError
        For a network that the page cannot run.

    """
    described, arrays = describe_network(network, config.trajectories.max_speed)
    walk = config.evaluation.walk
    surveyed, measured = describe_survey(survey)
    about = {
        "name": name,
        "kind": "network",
        "shows": shows,
        "network": described,
        "walk": {name: getattr(walk, name) for name in ("max_speed", "speed_time", "turning", "turning_time")},
        "steps": walk.steps,
        "trained": _trained(config),
        **surveyed,
    }
    return Subject(name, about, arrays | measured)


def describe_survey(survey: Survey) -> tuple[dict[str, Any], dict[str, Shaped[np.ndarray, "..."]]]:
    """A survey as JSON and arrays: maps in eight bits from 0 to each unit's peak, 0 where nothing walked."""
    visited = np.isfinite(survey.maps).all(axis=0)
    peak = np.where(np.isfinite(survey.maps), survey.maps, 0).max(axis=(1, 2))
    levels = np.nan_to_num(survey.maps / np.where(peak > 0, peak, 1)[:, None, None])
    arrays: dict[str, Shaped[np.ndarray, ...]] = {
        "maps": np.rint(LEVELS * np.clip(levels, 0, 1)).astype(np.uint8),
        "visited": visited.astype(np.uint8),
        "peak": peak.astype(np.float32),
    }
    modules = []
    for module, spacing in enumerate(survey.module_spacing_m):
        weights, offset = phase_readout(survey, module)
        arrays[f"readout{module}"] = weights.astype(np.float32)
        modules.append(
            {
                "spacing": round(float(spacing), 4),
                "waves": survey.waves[module].tolist(),
                "offset": offset.tolist(),
                "color": module_color(module),
            }
        )
    surveyed = {
        "x": [float(survey.x_edges[0]), float(survey.x_edges[-1])],
        "y": [float(survey.y_edges[0]), float(survey.y_edges[-1])],
        "modules": modules,
        "units": [
            {
                "name": survey.names[unit],
                "module": int(survey.module[unit]),
                "phase": _rounded(survey.phases[unit], 4),
                "score": _rounded(survey.score[unit], 3),
                "spacing": _rounded(survey.spacing_m[unit], 3),
                "active": bool(survey.active[unit]),
            }
            for unit in range(len(survey.maps))
        ],
        "scorer": survey.scorer,
        "source": survey.source,
    }
    return surveyed, arrays


def _trained(config: RunConfig) -> dict[str, float]:
    """How far training's paths led from their start at most, and their steps."""
    reach = config.trajectories.length * config.trajectories.max_speed
    return {"length": config.trajectories.length, "max_speed": config.trajectories.max_speed, "reach": reach}


def _rounded(value: Any, digits: int) -> Any:
    """Rounded, as JSON has it: None for NaN."""
    array = np.asarray(value, dtype=float)
    if not np.isfinite(array).all():
        return None
    return round(float(array), digits) if array.ndim == 0 else [round(float(number), digits) for number in array]
