"""Arrays as text that a page can hold: weights in eight bits, all of it deflated, then base64."""

import base64
import json
import zlib
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from jaxtyping import Float, Int8, Shaped

DAMPING = 1e-7  # of the features' mean square, added to the diagonal of their Gram matrix so that it can be inverted
KINDS = ("int8", "uint8", "int16", "uint16", "float32")  # those that page/data.js reads


class Rounded(NamedTuple):
    """A matrix in eight bits: row r is ``scale[r] * values[r]``, which the page calculates with in float32."""

    values: Int8[np.ndarray, "rows columns"]
    scale: Float[np.ndarray, " rows"]


def rounded(matrix: Float[np.ndarray, "rows columns"]) -> Rounded:
    """A matrix rounded to multiples of 1/127 of the largest entry of each row.

    >>> import numpy as np
    >>> rounded(np.array([[1.27, -0.5], [0.0, 0.0]])).values.tolist()
    [[127, -50], [0, 0]]
    """
    scale = (np.abs(matrix).max(axis=1) / 127).astype(np.float32)
    steps = matrix / np.where(scale > 0, scale, 1)[:, None]
    return Rounded(np.clip(np.rint(steps), -127, 127).astype(np.int8), scale)


def fitted(
    matrix: Float[np.ndarray, "rows columns"], bias: Float[np.ndarray, " rows"], inputs: Float[np.ndarray, "n columns"]
) -> tuple[Rounded, Float[np.ndarray, " rows"]]:
    """A layer in eight bits whose outputs for these inputs are close to those of the exact weights; and its new bias.

    Columns are rounded one after the other. The later columns, and at last the bias, which stays float32, are changed
    to compensate the error of each, in least squares over the inputs: optimal brain surgeon (Hassibi and Stork 1993),
    as in GPTQ (Frantar et al. 2023). This works the better, the fewer dimensions the inputs have: here they are the
    hidden layer's values at all velocities, a surface of two dimensions.
    """
    features = np.column_stack([inputs, np.ones(len(inputs))]).astype(np.float64)
    gram = features.T @ features / len(features)
    gram += DAMPING * np.trace(gram) / len(gram) * np.eye(len(gram))
    spread = np.linalg.cholesky(np.linalg.inv(gram)).T  # row k: how an error of column k is spread over later columns
    weights = np.column_stack([matrix, bias]).astype(np.float64)
    scale = rounded(matrix).scale
    step = np.where(scale > 0, scale, 1).astype(np.float64)
    values = np.zeros(matrix.shape, dtype=np.int8)
    for column in range(matrix.shape[1]):
        values[:, column] = np.clip(np.rint(weights[:, column] / step), -127, 127)
        error = (weights[:, column] - scale * values[:, column]) / spread[column, column]
        weights[:, column + 1 :] -= np.outer(error, spread[column, column + 1 :])
    return Rounded(values, scale), weights[:, -1].astype(np.float32)


def packed(arrays: Mapping[str, Shaped[np.ndarray, "..."]]) -> str:
    """Named arrays as one text: base64 of a deflated block, a line of JSON and then the arrays end to end.

    The line lists name, kind, shape and first byte of each; every array begins at a multiple of four bytes, so that
    the page reads it without a copy. Little-endian. The same arrays give the same text.

    Raises
    ------
    ValueError
        For an array of a kind that the page cannot read.

    """
    entries: list[dict[str, Any]] = []
    content = bytearray()
    for name, array in arrays.items():
        kind = array.dtype.name
        if kind not in KINDS:
            raise ValueError(f"arrays must be of {', '.join(KINDS)}, got {kind} for {name!r}; convert it with astype")
        entries.append({"name": name, "kind": kind, "shape": list(array.shape), "start": len(content)})
        content += np.ascontiguousarray(array).astype(array.dtype.newbyteorder("<")).tobytes()
        content += bytes(-len(content) % 4)
    head = json.dumps(entries, separators=(",", ":")).encode()
    head += b" " * (-(len(head) + 1) % 4) + b"\n"
    return base64.b64encode(zlib.compress(head + bytes(content), 9)).decode()
