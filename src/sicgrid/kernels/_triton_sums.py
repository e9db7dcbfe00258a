"""Adding up what the programs of a kernel have left, in another one."""

import triton.language as tl

from ._triton_compile import kernel


@kernel
def sum_of(parts, count, CHUNK: tl.constexpr, KIND: tl.constexpr):  # type: ignore[no-untyped-def]
    """Of so many numbers in a row, as another type; always in the same order."""
    total = tl.zeros((CHUNK,), KIND)
    for first in range(0, count, CHUNK):
        index = first + tl.arange(0, CHUNK)
        total += tl.load(parts + index, mask=index < count, other=0).to(KIND)
    return tl.sum(total, axis=0)
