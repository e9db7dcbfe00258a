"""How the GPU's programs are compiled: once for all of them."""

from collections.abc import Callable
from typing import Any

import triton

kernel: Callable[[Callable[..., Any]], Any] = triton.jit
"""Compiled at the first call with arguments of a kind; if TRITON_INTERPRET is 1 at import, run line by line instead."""
