"""What the products of the pair terms are made of: states in the points' order, as the tensor cores take them."""

import math
from typing import NamedTuple

import torch
import triton
import triton.language as tl
from torch import Tensor

from ._triton_compile import kernel
from ._triton_order import Ordered

LOG2_E = math.log2(math.e)


class Scales(NamedTuple):
    """The lengths of the pair terms as the kernels want them, (networks,); a loss makes them once."""

    sigma_x: Tensor
    """Meters."""
    threshold: Tensor
    """Its square."""
    overlap: Tensor
    """sqrt(log2 e) / sigma_g, by which states are multiplied."""
    slope: Tensor
    """2 / (sigma_g sqrt(log2 e)): that of an overlap's exponent in natural units, 2 / sigma_g^2, by that factor."""

    @classmethod
    def of(cls, sigma_x: Tensor, sigma_g: Tensor) -> "Scales":
        """From the lengths themselves."""
        return cls(sigma_x, sigma_x * sigma_x, math.sqrt(LOG2_E) / sigma_g, 2 / math.sqrt(LOG2_E) / sigma_g)


class Factors(NamedTuple):
    """Of the overlaps, and of the near sum; float16 or full; points and units filled up with zeros."""

    u: Tensor
    """g sqrt(log2 e) / sigma_g, (networks, points, width): two states overlap by 2^(u.u' - |u|^2/2 - |u'|^2/2)."""
    halves: Tensor
    """|u|^2 / 2, (networks, points); infinite where there is no point, so that it overlaps with none."""
    g: Tensor
    """(networks, points, width)."""
    units: int
    """Of the network; the rest of the width is zeros."""
    rest: Tensor
    """What `g` as float16 leaves of the states, as float16 again; `g` once more where nothing is left."""

    @property
    def is_half(self) -> bool:
        """Whether they are float16."""
        return self.u.dtype == torch.float16

    @property
    def width(self) -> int:
        """Units that a tile holds, a power of two."""
        return self.u.shape[-1]


def factors(states: Tensor, points: Ordered, scales: Scales, precision: str) -> Factors:
    """Of states (networks, n, units), brought into the points' order; `precision` is "fp16" or "ieee"."""
    networks, n, units = states.shape
    half = precision == "fp16"
    padded, width = points.x.shape[1], max(16, triton.next_power_of_2(units))
    kind = torch.float16 if half else states.dtype
    u, g, rest = torch.empty(3, networks, padded, width, dtype=kind, device=states.device)
    made = Factors(u, states.new_empty(networks, padded), g, units, rest if half else g)
    _factors[(padded // 16, networks)](
        states,
        points.order,
        u,
        made.halves,
        scales.overlap,
        g,
        rest,
        n,
        units,
        ROWS=16,
        UNITS=width,
        HALF=half,
        enable_fp_fusion=True,
    )
    return made


@kernel
def _factors(  # type: ignore[no-untyped-def]
    states,
    order,
    scaled,
    halves,
    scales,
    unscaled,
    rest,
    n,
    units,
    ROWS: tl.constexpr,
    UNITS: tl.constexpr,
    HALF: tl.constexpr,
):
    network = tl.program_id(1).to(tl.int64)
    i, unit = tl.program_id(0) * ROWS + tl.arange(0, ROWS), tl.arange(0, UNITS)
    here = i < n
    mask = here[:, None] & (unit < units)[None, :]
    point = tl.load(order + network * n + i, mask=here, other=0)
    g = tl.load(states + (network * n + point)[:, None] * units + unit[None, :], mask=mask, other=0.0)
    place = network * tl.num_programs(0) * ROWS + i
    written = place[:, None] * UNITS + unit[None, :]
    u = (g * tl.load(scales + network)).to(scaled.dtype.element_ty)
    tl.store(scaled + written, u)
    large = g.to(unscaled.dtype.element_ty)
    tl.store(unscaled + written, large)
    if HALF:
        tl.store(rest + written, (g - large.to(tl.float32)).to(tl.float16))
    u = u.to(g.dtype)
    tl.store(halves + place, tl.where(here, 0.5 * tl.sum(u * u, axis=1), float("inf")))
