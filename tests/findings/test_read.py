import numpy as np
import pytest
import xarray as xr

from figure_words import NOTHING
from sicgrid.findings._read import read_parts, with_spacings
from sicgrid.storage import RunDirectory, UserError


def write(folder, **parts):
    (folder / "results").mkdir()
    for name, part in parts.items():
        part.to_netcdf(folder / "results" / f"{name}.nc", engine="h5netcdf")


def test_parts_come_back_as_written(tmp_path, analyzed):
    write(tmp_path, modules=analyzed.parts["modules"], geometry=analyzed.parts["geometry"], topology=NOTHING)
    found = read_parts(RunDirectory(tmp_path))
    assert set(found) == {"modules", "geometry", "topology"}
    xr.testing.assert_equal(found["geometry"], analyzed.parts["geometry"])
    assert found["topology"].attrs["reason"] == NOTHING.attrs["reason"]


def test_no_results_are_no_parts(tmp_path):
    assert read_parts(RunDirectory(tmp_path)) == {}


def test_parts_by_module_know_its_spacing(analyzed):
    parts = {name: part.drop_vars("spacing_m", errors="ignore") for name, part in analyzed.parts.items()}
    found = with_spacings(parts | {"modules": analyzed.parts["modules"]})
    assert np.array_equal(found["topology"]["spacing_m"], analyzed.module_spacings())
    assert "spacing_m" not in found["geometry"]


def test_a_damaged_file_is_named(tmp_path, analyzed):
    write(tmp_path, modules=analyzed.parts["modules"])
    file = tmp_path / "results" / "modules.nc"
    file.write_bytes(file.read_bytes()[:100])
    with pytest.raises(UserError, match=r"modules\.nc is damaged"):
        read_parts(RunDirectory(tmp_path))
