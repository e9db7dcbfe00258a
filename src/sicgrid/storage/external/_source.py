"""Where activity that no network trained here has made is from."""

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from .._provenance import read_provenance
from .._run_directory import RunDirectory
from ._arrays import StoredRecording

WRITTEN_HERE = "Written by sicgrid"
"""How the experiment's description begins in the NWB files of `export_nwb`."""


def external_source(run: RunDirectory) -> dict[str, Any] | None:
    """What a run says of activity that was not made by a network trained here; None for a run that trained one.

    ``kind``: "recording"; "network", an external one that walked; or "code", a function of place. ``name``, of a
    network or a code. ``files`` (name and sha256 of each), ``sha256`` (of the recording as a whole), ``units`` (their
    names), ``notes``.
    """
    source = read_provenance(run).get("recording")
    return {"kind": "recording", "name": "", **source} if isinstance(source, dict) else None


def activity_kind(provenance: Mapping[str, Any]) -> str:
    """Who made a run's activity, by its provenance: "trained", a network of the run; or as `external_source` says.

    >>> activity_kind({"run": "4f6c"}), activity_kind({"recording": {"kind": "code"}})
    ('trained', 'code')
    """
    source = provenance.get("recording")
    return str(source.get("kind", "recording")) if isinstance(source, dict) else "trained"


def identity(path: Path) -> dict[str, str]:
    """The name of a file, without its folder, and its SHA-256."""
    with path.open("rb") as file:
        return {"name": path.name, "sha256": hashlib.file_digest(file, "sha256").hexdigest()}


def identity_of_arrays(stored: StoredRecording, name: str) -> dict[str, str]:
    """The same for arrays at hand, which have no file: a name for them and the SHA-256 of all of them."""
    digest = hashlib.sha256()
    for array in (stored.positions, stored.times, stored.activity, stored.activity_times, stored.spike_times,
                  stored.spike_units):  # fmt: skip
        digest.update(b"none" if array is None else np.ascontiguousarray(array).tobytes())
    return {"name": name, "sha256": digest.hexdigest()}
