"""A network's file: large tensors as float16, the rest exact, and nothing altered passes for it."""

import json

import numpy as np
import pytest
import safetensors.numpy

from sicgrid.pretrained._weights import pack, read_weights, write_weights
from sicgrid.storage import UserError, _snapshots

SETTINGS = {"seed": 3, "loss": {"sigma_g": 0.4, "betas": [0.9, 0.999]}}


@pytest.fixture
def arrays(monkeypatch):
    monkeypatch.setattr(_snapshots, "LARGE", 50)
    generator = np.random.default_rng(0)
    small, large = (generator.standard_normal(shape).astype(np.float32) for shape in [(7,), (9, 8)])
    return {"small": small, "large": large}


def test_what_is_read_is_what_was_packed(tmp_path, arrays):
    weights, content = pack("net", SETTINGS, 12, arrays)
    write_weights(tmp_path / "net.safetensors", content)
    read = read_weights(tmp_path / "net.safetensors")
    assert (read.name, read.settings, read.step, read.sha256) == ("net", SETTINGS, 12, weights.sha256)
    assert read.arrays.keys() == arrays.keys()
    for name in arrays:
        assert read.arrays[name].dtype == np.float32
        np.testing.assert_array_equal(read.arrays[name], weights.arrays[name])
    np.testing.assert_array_equal(read.arrays["small"], arrays["small"])
    np.testing.assert_array_equal(read.arrays["large"], arrays["large"].astype(np.float16).astype(np.float32))
    assert (read.arrays["large"] != arrays["large"]).any()
    assert safetensors.numpy.load(content)["large"].nbytes == arrays["large"].nbytes / 2


def test_rounding_twice_is_rounding_once(arrays):
    once, _ = pack("net", SETTINGS, 12, arrays)
    twice, _ = pack("net", SETTINGS, 12, once.arrays)
    assert twice.sha256 == once.sha256


def test_the_same_network_gives_the_same_bytes_and_another_another_hash(arrays):
    weights, content = pack("net", SETTINGS, 12, arrays)
    assert pack("net", SETTINGS, 12, dict(reversed(arrays.items())))[1] == content
    others = [
        pack("other", SETTINGS, 12, arrays),
        pack("net", SETTINGS | {"seed": 4}, 12, arrays),
        pack("net", SETTINGS, 13, arrays),
        pack("net", SETTINGS, 12, arrays | {"small": arrays["small"] + 1}),
        pack("net", SETTINGS, 12, {"small": arrays["large"], "large": arrays["small"]}),
    ]
    hashes = {other.sha256 for other, _ in others} | {weights.sha256}
    assert len(hashes) == len(others) + 1


@pytest.mark.parametrize("value", [np.nan, np.inf, 1e5])
def test_weights_that_cannot_be_stored_are_refused(arrays, value):
    arrays["large"][0, 0] = value
    with pytest.raises(UserError, match="large"), np.errstate(over="ignore"):
        pack("net", SETTINGS, 12, arrays)


def altered_value(content):
    return content[:-1] + bytes([content[-1] ^ 1])


def altered_setting(content):
    return content.replace(b'sigma_g\\": 0.4', b'sigma_g\\": 0.3')


@pytest.mark.parametrize("harm", [altered_value, altered_setting, lambda content: content[:-5], lambda content: b""])
def test_a_damaged_file_is_refused(tmp_path, arrays, harm):
    _, content = pack("net", SETTINGS, 12, arrays)
    assert harm(content) != content
    (tmp_path / "net.safetensors").write_bytes(harm(content))
    with pytest.raises(UserError, match="is damaged"):
        read_weights(tmp_path / "net.safetensors")


@pytest.mark.parametrize("metadata", [None, {"sicgrid": json.dumps({"format": "sicgrid checkpoint 1"})}])
def test_other_safetensors_files_are_refused(tmp_path, arrays, metadata):
    (tmp_path / "net.safetensors").write_bytes(safetensors.numpy.save(arrays, metadata))
    with pytest.raises(UserError, match="is not a network that sicgrid exported"):
        read_weights(tmp_path / "net.safetensors")
