"""Bars of a cloud's persistent homology, and which of them are features."""

from typing import Any

import numpy as np
from jaxtyping import Float

# Integer classes are computed modulo a prime; 47 is that of Gardner et al. 2022. Any prime above 2 without torsion
# does.
PRIME = 47


def barcode(
    points: Float[np.ndarray, "point axis"],
) -> tuple[Float[np.ndarray, "bar0 2"], Float[np.ndarray, "bar1 2"], Float[np.ndarray, "bar2 2"]]:
    """Birth and death of the classes of H0, H1 and H2 of a cloud (Vietoris-Rips, Euclidean), longest first."""
    # Imported here: ripser loads scikit-learn, over a second, which `import sicgrid.analysis` should not.
    from ripser import ripser

    found: Any = ripser(points, maxdim=2, coeff=PRIME)
    h0, h1, h2 = (each[np.argsort(each[:, 0] - each[:, 1], kind="stable")].astype(np.float64) for each in found["dgms"])
    return h0, h1, h2


def finite_lengths(bars: Float[np.ndarray, "bar 2"]) -> Float[np.ndarray, " finite"]:
    """Lengths of the bars that die, descending."""
    lengths = bars[:, 1] - bars[:, 0]
    return np.asarray(-np.sort(-lengths[np.isfinite(lengths)]))


def count_features(lengths: Float[np.ndarray, " bar"], threshold: float) -> int:
    """How many bars are features: longer than `threshold`, and before the largest ratio of a length to the next.

    lengths : descending. After the last bar there is one of the threshold's length, if nothing shorter is left.
    """
    beyond = int((lengths > threshold).sum())
    if beyond == 0:
        return 0
    after = lengths[beyond] if beyond < len(lengths) else threshold
    row = np.append(lengths[:beyond], max(float(after), np.finfo(float).tiny))
    return int((row[:-1] / row[1:]).argmax()) + 1
