"""Whether a quantity rises along a line in steps or smoothly."""

import numpy as np


def slope_within(place: np.ndarray, value: np.ndarray, group: np.ndarray) -> float:
    """Least-squares slope of value over place within the groups, all of them together, against that without groups."""
    centered = [
        (place[group == label] - place[group == label].mean(), value[group == label] - value[group == label].mean())
        for label in np.unique(group)
    ]
    within = sum(float(x @ y) for x, y in centered) / max(sum(float(x @ x) for x, _ in centered), 1e-12)
    along = float((place - place.mean()) @ (value - value.mean())) / float(np.square(place - place.mean()).sum())
    return within / along
