"""Weights on the way of a training, kept to watch it learn: small files that nothing resumes from."""

import re
from collections.abc import Iterator, Mapping

import numpy as np
import safetensors.numpy
from jaxtyping import Float, Shaped
from safetensors import SafetensorError

from ._atomic import write_atomically
from ._errors import UserError
from ._run_directory import RunDirectory

LARGE = 2**16  # numbers; larger tensors are kept as float16, which halves a file and rounds by 2e-4 of a weight
_NAME = re.compile(r"step-(\d{8,})")


def save_snapshot(run: RunDirectory, step: int, arrays: Mapping[str, Shaped[np.ndarray, "..."]]) -> None:
    """Write the weights of one step, atomically; a snapshot of the same step is replaced."""
    run.snapshots.mkdir(exist_ok=True)
    stored = {name: shortened(array) for name, array in arrays.items()}
    write_atomically(run.snapshots / f"step-{step:08d}.safetensors", safetensors.numpy.save(stored))


def shortened(array: Shaped[np.ndarray, "..."]) -> Float[np.ndarray, "..."]:
    """Weights as a file keeps them that nothing resumes from: float32, a large tensor as float16.

    >>> shortened(np.zeros(3)).dtype, shortened(np.zeros((300, 300))).dtype
    (dtype('float32'), dtype('float16'))
    """
    return np.asarray(array, dtype=np.float16 if np.size(array) > LARGE else np.float32, order="C")


def load_snapshots(
    run: RunDirectory, up_to: int, most: int
) -> Iterator[tuple[int, dict[str, Shaped[np.ndarray, "..."]]]]:
    """Step and weights (float32) of at most so many snapshots, evenly spread over those up to a step, ascending.

    Raises
    ------
    UserError
        For a file that is damaged.

    """
    named = [(_NAME.fullmatch(path.stem), path) for path in sorted(run.snapshots.glob("step-*.safetensors"))]
    steps = [(int(name[1]), path) for name, path in named if name and int(name[1]) <= up_to]
    if len(steps) > most:
        steps = [steps[index] for index in np.linspace(0, len(steps) - 1, most).round().astype(int)]
    for step, path in steps:
        try:
            stored = safetensors.numpy.load_file(path)
        except SafetensorError:
            raise UserError(f"the snapshot {path} is damaged; delete it") from None
        yield step, {name: array.astype(np.float32) for name, array in stored.items()}
