import numpy as np
import pytest
import xarray as xr

import ideal_results as ideal
from sicgrid.findings._read import read_parts, with_spacings
from sicgrid.storage import RunDirectory, UserError


def write(folder, **parts):
    (folder / "results").mkdir()
    for name, part in parts.items():
        part.to_netcdf(folder / "results" / f"{name}.nc", engine="h5netcdf")


def test_parts_come_back_as_written(tmp_path):
    write(tmp_path, modules=ideal.modules(), geometry=ideal.geometry(), topology=ideal.empty())
    found = read_parts(RunDirectory(tmp_path))
    assert set(found) == {"modules", "geometry", "topology"}
    xr.testing.assert_equal(found["geometry"], ideal.geometry())
    assert found["topology"].attrs["reason"] == ideal.REASON


def test_no_results_are_no_parts(tmp_path):
    assert read_parts(RunDirectory(tmp_path)) == {}


def test_parts_by_module_know_its_spacing():
    found = with_spacings({"modules": ideal.modules(), "topology": ideal.barcode(), "geometry": ideal.geometry()})
    assert np.array_equal(found["topology"]["spacing_m"], ideal.SPACINGS)
    assert "spacing_m" not in found["geometry"]


def test_a_damaged_file_is_named(tmp_path):
    write(tmp_path, modules=ideal.modules())
    file = tmp_path / "results" / "modules.nc"
    file.write_bytes(file.read_bytes()[:100])
    with pytest.raises(UserError, match=r"modules\.nc is damaged"):
        read_parts(RunDirectory(tmp_path))
