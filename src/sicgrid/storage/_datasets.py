"""Labeled results: one netCDF file for each part of an analysis, readable without this package."""

import hashlib
import json
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ._atomic import write_atomically
from ._errors import UserError

if TYPE_CHECKING:
    import xarray as xr

COMPRESSED_ABOVE = 4096  # values; compression of less costs more than it saves


def write_dataset(path: Path, dataset: "xr.Dataset") -> None:
    """Write a Dataset as netCDF4, atomically; the folder must exist."""
    encoding = {
        str(name): {"zlib": True, "complevel": 4}
        for name, variable in dataset.variables.items()
        if variable.size > COMPRESSED_ABOVE and variable.dtype.kind in "fiub"
    }
    # HDF5 writes only into files, and not from front to end: the file is completed elsewhere and then moved.
    with tempfile.TemporaryDirectory() as folder:
        temporary = Path(folder) / "dataset.nc"
        dataset.to_netcdf(temporary, engine="h5netcdf", encoding=encoding)
        write_atomically(path, temporary.read_bytes())


def read_dataset(path: Path) -> "xr.Dataset":
    """A Dataset written by `write_dataset`, in memory.

    Raises
    ------
    UserError
        If the file is missing or damaged.

    """
    # Imported here: it loads pandas, half a second that `sicgrid --help` should not wait for.
    import xarray as xr

    try:
        with xr.open_dataset(path, engine="h5netcdf") as dataset:
            return dataset.load()
    except FileNotFoundError:
        raise UserError(f"no result {path}; make it with analyze") from None
    except (OSError, ValueError, KeyError):
        raise UserError(f"{path} is damaged; delete it and make it anew with analyze") from None


def dataset_digest(dataset: "xr.Dataset") -> str:
    """SHA-256 of names, axes, values and attributes: equal results have equal digests, whatever their files' bytes."""
    digest = hashlib.sha256(_text(dataset.attrs))
    for name in sorted(map(str, dataset.variables)):
        variable = dataset.variables[name]
        values = np.asarray(variable.values)
        digest.update(_text([name, list(map(str, variable.dims)), list(values.shape), variable.attrs]))
        digest.update(_text(values.tolist()) if values.dtype.kind in "OU" else np.ascontiguousarray(values).tobytes())
    return digest.hexdigest()


def _text(value: object) -> bytes:
    return json.dumps(value, sort_keys=True, default=str).encode()
