"""The analyses of a run as labelled Datasets, read from its ``results`` folder."""

import numpy as np
import xarray as xr

from ..storage import RunDirectory, read_dataset

PART_NAMES = (
    "units",
    "modules",
    "fourier",
    "phases",
    "fields",
    "state_space",
    "topology",
    "generalisation",
    "geometry",
    "unique_range",
    "error_correction",
    "intrinsic_correction",
)


def read_parts(run: RunDirectory) -> dict[str, xr.Dataset]:
    """Every part that has been computed, by name; those by module know the modules' spacings.

    Raises
    ------
    UserError
        If a file is damaged.

    """
    return with_spacings({name: read_dataset(run.result(name)) for name in PART_NAMES if run.result(name).is_file()})


def with_spacings(parts: dict[str, xr.Dataset]) -> dict[str, xr.Dataset]:
    """The same parts, those by module with the modules' ``spacing_m``, by which figures name a module."""
    modules = parts.get("modules")
    if modules is None or "spacing_m" not in modules:
        return parts
    spacing = np.asarray(modules["spacing_m"].values)
    return {
        name: part.assign(spacing_m=("module", spacing))
        if part.sizes.get("module") == len(spacing) and "spacing_m" not in part
        else part
        for name, part in parts.items()
    }
