"""The paper's claims on one network, judged from its results."""

from collections.abc import Mapping
from typing import Any

import xarray as xr

from ._registry import CLAIMS
from ._verdict import judged


def claims(results: Mapping[str, xr.Dataset], sigma_x: float = 0.05) -> dict[str, dict[str, Any]]:
    """Judge C1a to C7 of Schaeffer et al. 2023 from the Datasets of the parts, by name; parts may be missing.

    Each entry has ``verdict`` ("holds", "does not hold", "not testable here"), ``number``, ``null`` and ``sentence``.
    The rules are in the docstrings of the functions that judge, each in the file of its question. Where the paper gives
    no criterion the rule is ours and takes its bounds from a null, from a symmetry, or from the literature; none was
    chosen by looking at a network's results. With m modules a test is made at 0.05 / m (Bonferroni).

    Parameters
    ----------
    results
        Part -> Dataset, as in a run's ``results`` folder; one with ``reason`` in its attributes counts as missing.
    sigma_x
        Of the network's loss, meters (C4).

    """
    return {claim.id: judged(claim, results, sigma_x)._asdict() for claim in CLAIMS}


def stored_claims(summary: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """The judged claims of a summary or a card by today's ids; those that it does not hold are left out.

    Earlier versions judged C1, several modules, where C1a and C1b stand today: it is C1b, by the same rule.
    """
    stored = summary.get("claims")
    stored = stored if isinstance(stored, Mapping) else {}
    entries = {claim.id: stored.get(claim.id, stored.get(claim.formerly)) for claim in CLAIMS}
    return {name: entry for name, entry in entries.items() if isinstance(entry, Mapping)}
