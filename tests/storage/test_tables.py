"""Tables and JSON read back as written."""

import json

import numpy as np
import pytest

from sicgrid.storage import RateMaps, UserError, read_json, read_maps, read_units, write_json, write_maps, write_units


def test_columns_keep_kind_and_every_digit(tmp_path):
    columns = {
        "unit": np.arange(3),
        "active": np.array([True, False, True]),
        "grid_score": np.array([0.1 + 0.2, np.nan, -1e-300]),
        "scorer": np.array(["langston", "a,b", 'say "x"']),
    }
    path = tmp_path / "units.csv"
    write_units(path, columns)
    found = read_units(str(path))
    assert list(found) == list(columns)
    assert found["unit"].dtype.kind == "i"
    assert found["active"].dtype == bool
    for name, column in columns.items():
        np.testing.assert_array_equal(found[name], column)
    assert path.read_text().splitlines()[2].split(",")[2] == ""


def test_float32_keeps_its_value(tmp_path):
    column = np.array([0.1, 1 / 3], dtype=np.float32)
    write_units(tmp_path / "units.csv", {"x": column})
    np.testing.assert_array_equal(read_units(tmp_path / "units.csv")["x"].astype(np.float32), column)


def test_columns_of_unequal_length_are_refused(tmp_path):
    with pytest.raises(ValueError, match="shorter"):
        write_units(tmp_path / "units.csv", {"a": np.arange(3), "b": np.arange(2)})
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("content", [b"a,b\n1,2\n3", b"", b"unit\n\xff\xfe\n1\n", b'unit\n"' + b"1" * 200_000])
def test_a_damaged_table(tmp_path, content):
    (tmp_path / "units.csv").write_bytes(content)
    with pytest.raises(UserError, match="damaged"):
        read_units(tmp_path / "units.csv")


def test_maps_come_back_with_their_edges(tmp_path):
    maps = RateMaps(
        np.random.default_rng(0).random((2, 3, 4), dtype=np.float32), np.ones((3, 4)), np.arange(4.0), np.arange(5.0)
    )
    maps.maps[0, 0, 0] = np.nan
    write_maps(tmp_path / "maps.npz", maps)
    for found, given in zip(read_maps(str(tmp_path / "maps.npz")), maps, strict=True):
        np.testing.assert_array_equal(found, given)


@pytest.mark.parametrize("names", [["007", "7"], ["1_12", "11_2"], ["True", "False"], ["1e3", "nan"], ["", "a,b"]])
def test_names_that_look_like_numbers_stay_text(tmp_path, names):
    write_units(tmp_path / "units.csv", {"unit": np.arange(2), "name": np.array(names)})
    assert read_units(tmp_path / "units.csv")["name"].tolist() == names
    maps = RateMaps(np.ones((2, 3, 4)), np.ones((3, 4)), np.arange(4.0), np.arange(5.0), names=np.array(names))
    write_maps(tmp_path / "maps.npz", maps)
    assert read_maps(tmp_path / "maps.npz").names.tolist() == names


def test_maps_of_version_0_1_have_no_names(tmp_path):
    write_maps(tmp_path / "maps.npz", RateMaps(np.ones((2, 3, 4)), np.ones((3, 4)), np.arange(4.0), np.arange(5.0)))
    with np.load(tmp_path / "maps.npz") as stored:
        assert "names" not in stored
    assert read_maps(tmp_path / "maps.npz").names is None


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04half", b"\x80\x04pickle"])
def test_damaged_maps(tmp_path, content):
    (tmp_path / "maps.npz").write_bytes(content)
    with pytest.raises(UserError, match="damaged"):
        read_maps(tmp_path / "maps.npz")


@pytest.mark.parametrize("place", [0.1, 0.3, 0.5, 0.7, 0.9])
def test_maps_with_bytes_overwritten(tmp_path, place):
    file, maps = tmp_path / "maps.npz", np.random.default_rng(0).random((20, 40, 40))
    write_maps(file, RateMaps(maps, np.ones((40, 40)), np.arange(41.0), np.arange(41.0)))
    content = bytearray(file.read_bytes())
    first = int(place * len(content))
    content[first : first + 400] = b"\xa5" * 400
    file.write_bytes(content)
    with pytest.raises(UserError, match="damaged"):
        read_maps(file)


def test_json_takes_numpys_numbers_and_has_no_nan(tmp_path):
    path = tmp_path / "summary.json"
    write_json(
        path, {"a": np.float32(0.5), "b": [np.int64(3), np.nan], "c": {"d": np.array([1.0, np.inf])}, "e": (True,)}
    )
    assert json.loads(path.read_text()) == {"a": 0.5, "b": [3, None], "c": {"d": [1.0, None]}, "e": [True]}
    assert read_json(path)["a"] == 0.5


@pytest.mark.parametrize("content", ["", "[1]", "{half"])
def test_damaged_json(tmp_path, content):
    (tmp_path / "summary.json").write_text(content)
    with pytest.raises(UserError, match="damaged"):
        read_json(tmp_path / "summary.json")
