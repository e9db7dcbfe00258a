"""Labeled results on disk: as they were, whole, and told apart by what they hold."""

import numpy as np
import pytest
import xarray as xr

from sicgrid.storage import UserError, dataset_digest, read_dataset, write_dataset


def example(**attrs):
    return xr.Dataset(
        {
            "maps": (("unit", "x"), np.linspace(0, 1, 6000).reshape(3, 2000), {"units": "1"}),
            "verdict": ("unit", np.array(["torus", "", "größer"], dtype=object)),
            "active": ("unit", np.array([True, False, True])),
            "bars": (("unit", "bar"), np.array([[0.5, np.nan], [1.0, np.inf], [0.1, 0.2]])),
        },
        coords={"x": ("x", np.arange(2000.0), {"units": "m"})},
        attrs=attrs,
    )


def test_round_trip(tmp_path):
    file = tmp_path / "part.nc"
    write_dataset(file, example(method="spectral"))
    found = read_dataset(file)
    xr.testing.assert_identical(found, example(method="spectral"))
    assert found["active"].dtype == bool
    assert [path.name for path in tmp_path.iterdir()] == ["part.nc"]


def test_only_a_reason(tmp_path):
    write_dataset(tmp_path / "part.nc", xr.Dataset(attrs={"reason": "No module."}))
    assert read_dataset(tmp_path / "part.nc").attrs == {"reason": "No module."}


def test_missing_and_damaged_files_are_told_in_one_line(tmp_path):
    file = tmp_path / "part.nc"
    with pytest.raises(UserError, match=r"no result .*part\.nc"):
        read_dataset(file)
    write_dataset(file, example())
    file.write_bytes(file.read_bytes()[:1000])
    with pytest.raises(UserError, match="damaged"):
        read_dataset(file)


def test_the_digest_is_of_the_content(tmp_path):
    write_dataset(tmp_path / "part.nc", example(a=1.5))
    assert dataset_digest(read_dataset(tmp_path / "part.nc")) == dataset_digest(example(a=1.5))
    other = example(a=1.5)
    other["maps"].values[0, 0] += 1e-12
    renamed = example(a=1.5).rename(bars="stripes")
    word = example(a=1.5)
    word["verdict"].values[1] = "x"
    digests = {dataset_digest(each) for each in (example(a=1.5), example(a=2), other, renamed, word)}
    assert len(digests) == 5
