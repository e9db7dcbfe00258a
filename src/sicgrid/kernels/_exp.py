"""exp for the inner loops: plain arithmetic that the compiler turns into vector instructions."""

import math
from typing import Any

import numpy as np
from llvmlite import ir
from numba import types
from numba.extending import intrinsic, overload

# Numba's types are called like functions in compiled code, which their annotations do not know.
float32: Any = types.float32
float64: Any = types.float64

# Minimax polynomial of 2^f on [-1/2, 1/2]: 1 + C1 f + ... + C6 f^6, relative error 2e-9 before rounding (Lawson's
# iteration on Chebyshev points, fitted by us; tests/kernels/test_exp.py measures what comes out).
_C1, _C2, _C3, _C4, _C5, _C6 = (
    6.931472029e-01,
    2.402264791e-01,
    5.550332471e-02,
    9.618437358e-03,
    1.339887446e-03,
    1.535336201e-04,
)


def _generate_power_of_two(typing_context: Any, exponent: Any) -> Any:
    """2^n of an integral float32 n, written straight into the exponent bits."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        word = ir.IntType(32)
        biased = builder.add(builder.fptosi(arguments[0], word), ir.Constant(word, 127))
        return builder.bitcast(builder.shl(biased, ir.Constant(word, 23)), ir.FloatType())

    return float32(exponent), generate


_power_of_two: Any = intrinsic(_generate_power_of_two)


def exp_negative(x: float) -> float:
    """exp(x) for x <= 0 (larger x is taken as 0); float32 to a relative 2e-7 (1 + |x|), float64 as math.exp."""
    raise NotImplementedError("only within compiled code")


@overload(exp_negative, inline="always")
def _exp_negative(x: Any) -> Any:
    if x == float32:

        def single(x: Any) -> Any:
            # 2^-127 has no bits set: everything below the normal numbers becomes 0.
            # Comparisons are written so that not-a-number passes through.
            t = (float32(0.0) if x > float32(0.0) else x) * float32(1.442695041)
            t = float32(-127.0) if t < float32(-127.0) else t
            whole = np.floor(t + float32(0.5))
            f = t - float32(whole)
            p = float32(_C6)
            p = p * f + float32(_C5)
            p = p * f + float32(_C4)
            p = p * f + float32(_C3)
            p = p * f + float32(_C2)
            p = p * f + float32(_C1)
            p = p * f + float32(1.0)
            return p * _power_of_two(float32(whole))

        return single

    def double(x: Any) -> Any:
        return math.exp(float64(0.0) if x > 0 else x)

    return double
