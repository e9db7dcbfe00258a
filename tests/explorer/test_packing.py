"""Arrays in a page: every one comes out again as it went in, and large weights within half a step of eight bits."""

import base64
import json
import zlib

import numpy as np
import pytest

from sicgrid.explorer._packing import fitted, packed, rounded

ARRAYS = {
    "a": np.arange(-3, 4, dtype=np.int8),
    "b": np.array([[0, 255], [7, 8]], dtype=np.uint8),
    "c": np.linspace(-1, 1, 6, dtype=np.float32).reshape(2, 3),
    "d": np.array([-300, 300], dtype=np.int16),
}


def unpacked(text):
    head, content = zlib.decompress(base64.b64decode(text)).split(b"\n", 1)
    return {
        one["name"]: np.frombuffer(content, one["kind"], int(np.prod(one["shape"])), one["start"]).reshape(one["shape"])
        for one in json.loads(head)
    }, len(head) + 1


def widened(whole):
    """The matrix that the page calculates with, float32."""
    return whole.scale[:, None] * whole.values.astype(np.float32)


def test_arrays_come_out_as_they_went_in():
    found, head = unpacked(packed(ARRAYS))
    assert head % 4 == 0  # the page looks at numbers where they lie
    for name, array in ARRAYS.items():
        np.testing.assert_array_equal(found[name], array)
    assert packed(ARRAYS) == packed(dict(ARRAYS))


@pytest.mark.parametrize("kind", ["float64", "int64", "bool"])
def test_what_the_page_cannot_read_is_refused(kind):
    with pytest.raises(ValueError, match=f"arrays must be of int8, .*, got {kind} for 'wide'"):
        packed({"wide": np.zeros(3, dtype=kind)})


def test_a_rounded_row_is_off_by_half_a_step_at_most():
    matrix = np.random.default_rng(0).standard_normal((20, 30)).astype(np.float32) * np.logspace(-3, 3, 20)[:, None]
    matrix[4] = 0
    whole = rounded(matrix)
    step = np.abs(matrix).max(axis=1, keepdims=True) / 127
    assert (np.abs(widened(whole) - matrix) <= 0.5001 * step).all()
    assert (widened(whole)[4] == 0).all()


def test_a_fitted_layer_gives_what_it_gave_where_it_is_used():
    """Inputs on a surface of two dimensions, a third of plain rounding's error or less."""
    generator = np.random.default_rng(0)
    inputs = np.tanh(generator.uniform(-1, 1, (500, 2)) @ generator.standard_normal((2, 24)))
    matrix, bias = generator.standard_normal((50, 24)).astype(np.float32), np.zeros(50, dtype=np.float32)
    whole, shifted = fitted(matrix, bias, inputs)
    before = np.abs(inputs @ (widened(rounded(matrix)) - matrix).T).max()
    after = np.abs(inputs @ (widened(whole) - matrix).T + shifted).max()
    assert after < before / 3
