"""The analyses of a run as labelled Datasets, read from its ``results`` folder."""

from pathlib import Path

import numpy as np
import xarray as xr

from ..storage import UserError

FOLDER = "results"
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


def read_parts(run_dir: Path) -> dict[str, xr.Dataset]:
    """Every part that has been computed, by name; those by module know the modules' spacings.

    Raises
    ------
    UserError
        If a file is damaged.

    """
    parts = {}
    for name in PART_NAMES:
        file = run_dir / FOLDER / f"{name}.nc"
        if file.is_file():
            parts[name] = _read(file, run_dir)
    return with_spacings(parts)


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


def _read(file: Path, run_dir: Path) -> xr.Dataset:
    try:
        with xr.open_dataset(file, engine="h5netcdf") as found:
            return found.load()
    except (OSError, ValueError, KeyError):
        raise UserError(f"{file} is damaged; make it anew with `sicgrid analyze {run_dir}`") from None
