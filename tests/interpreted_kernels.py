"""The GPU kernels as Triton's interpreter runs them on the CPU, to be imported from here.

Triton reads the variable when it is imported, so it is set before, by whoever imports this first.
"""

import os

os.environ["TRITON_INTERPRET"] = "1"

from sicgrid.kernels import _triton_far as far  # noqa: F401
from sicgrid.kernels import _triton_pairs as pairs  # noqa: F401
from sicgrid.kernels import _triton_rollout as rollout  # noqa: F401
