"""Both pair terms of the loss on a GPU, value and gradient, in tiles: no array over all pairs is ever held."""

from collections.abc import Sequence

import torch
import triton
import triton.language as tl
from jaxtyping import Float
from torch import Tensor
from torch.autograd.function import once_differentiable

from ._pairs import PairSums
from ._triton_compile import kernel
from ._triton_factors import Scales, factors
from ._triton_far import far_sums
from ._triton_near import near_sums, rows_of
from ._triton_order import by_place

PRECISIONS = ("ieee", "fp16")
MAX_UNITS = 256  # more do not fit into shared memory with a tile's other factors


def pair_sums(
    positions: Float[Tensor, "*networks batch time 2"],
    states: Float[Tensor, "*networks batch time units"],
    sigma_x: float | Sequence[float] | Float[Tensor, " networks"],
    sigma_g: float | Sequence[float] | Float[Tensor, " networks"],
    part: tuple[int, int] = (0, 1),
    precision: str = "fp16",
) -> PairSums:
    r"""Sum of exp(-||g-g'||^2 / (2 sigma_g^2)) over ||x-x'|| > sigma_x, and of ||g-g'||^2 over ||x-x'|| < sigma_x.

    The GPU's twin of `sicgrid.kernels.pair_sums`, with the same meaning. With E the matrix of overlaps and r its row
    sums, d far / dg_i = -(2 / sigma_g^2) (r_i g_i - (E g)_i): two matrix products of full size, a tile of one feeding
    the other. E is symmetric; to use that, a tile would have to add to the rows of its mirror image too, which takes
    atomics (another sum in every run) or a second pass over n^2 numbers, and would save a quarter. The near sum is
    2 sum_i g_i . s_i and its gradient 4 s_i, with s_i = c_i g_i - sum of near g_j; points are first sorted by place, so
    that whole tiles hold no near pair and are left out.

    `precision` is that of the far sum's factors, float32 given. Relative errors of values and gradients, against all
    pairs in float64, for two batches at paper scale (7,800 states of 128 units, sigma_g = 0.4; of a network as it
    starts and of a trained one, the worse of the two), on an H200 by `benchmarks/gpu_kernels.py accuracy`:

    | precision | factors | far | its gradient | near | its gradient |
    |---|---|---|---|---|---|
    | "fp16" | float16, on tensor cores | 2e-6 | 1e-3 | 4e-6 | 2e-6 |
    | "ieee" | float32 | 8e-8 | 6e-6 | 1e-7 | 5e-7 |

    Two parts to a factor and three products brought no more than a third of that error on the tensor cores, whose own
    sums round too, and took 1.6 times as long; TF32 has the bits of float16 and took 2.3 times as long. The far sum and
    its gradient are those of the rounded states; states of a size beyond 65,504 sigma_g are too large for float16 and
    give not-a-number. The near sum's factors are float16 in two parts, made for states of order 1.

    Positions are compared as in the reference, without fused multiply-add. ``part=(i, m)`` is the i-th of m shares of
    the work: over i the sums, their gradients and the counts add up to the whole (one share's alone mean nothing).
    No host synchronization if the scales are tensors on the device; the same input gives the same bits. CUDA (or CPU,
    in Triton's interpreter), float32 or float64, at most 256 units. ValueError for another precision, share, number
    of scales or of units. Positions must be finite, which is not checked.
    """
    check_fits(states, precision)
    if not 0 <= part[0] < part[1]:
        raise ValueError(f"part must be (i, m) with 0 <= i < m, got {part}")
    alone = states.ndim == 3
    if alone:
        positions, states = positions[None], states[None]
    scales = [_of_each(name, value, states) for name, value in (("sigma_x", sigma_x), ("sigma_g", sigma_g))]
    x = positions.detach().flatten(1, 2).contiguous()
    exactly = "ieee" if states.dtype == torch.float64 else precision
    sums = _PairSums.apply(states.flatten(1, 2), x, *scales, part, exactly)  # type: ignore[no-untyped-call]
    return PairSums(*(values.squeeze(0) for values in sums) if alone else sums)


def check_fits(states: Tensor, precision: str) -> None:
    """ValueError for more units than a tile holds, or for a precision that there is not."""
    if precision not in PRECISIONS:
        raise ValueError(f"precision must be one of {', '.join(PRECISIONS)}, got {precision!r}")
    if states.shape[-1] > MAX_UNITS:
        raise ValueError(f"states may have at most {MAX_UNITS} units here, got {states.shape[-1]}; use 'reference'")


def _of_each(name: str, value: float | Sequence[float] | Tensor, states: Tensor) -> Tensor:
    values = torch.as_tensor(value, dtype=states.dtype, device=states.device)
    if values.ndim > 1 or values.numel() not in ((1,) if values.ndim == 0 else (len(states),)):
        raise ValueError(
            f"{name} must be one number or one for each of the {len(states)} networks, got {tuple(values.shape)}"
        )
    return values.expand(len(states)).contiguous()


class _PairSums(torch.autograd.Function):
    @staticmethod
    def forward(ctx, states, x, sigma_x, sigma_g, part, precision):  # type: ignore[no-untyped-def]
        scales = Scales.of(sigma_x, sigma_g)
        points = by_place(x, sigma_x)
        made_of = factors(states.detach().contiguous(), points, scales, precision)
        far_parts, far_gradients = far_sums(made_of, points, scales, part)
        near_parts, near_gradients, counts = near_sums(made_of, points, scales, part)
        ctx.save_for_backward(far_gradients, near_gradients)
        n = states.shape[1]
        far, near = (parts.sum(dim=1, dtype=torch.float64).to(states.dtype) for parts in (far_parts, near_parts))
        not_far, near_count = counts.sum(dim=2)
        far_count = rows_of(part, n) * (n - 1) - not_far
        ctx.mark_non_differentiable(far_count, near_count)
        return far, near, far_count, near_count

    @staticmethod
    @once_differentiable
    def backward(ctx, d_far, d_near, *_):  # type: ignore[no-untyped-def]
        far_gradients, near_gradients = ctx.saved_tensors
        networks, far_parts, n, units = far_gradients.shape
        gradient = far_gradients.new_empty(networks, n, units)
        _add_up[(triton.cdiv(n * units, 1024), networks)](
            far_gradients,
            near_gradients,
            d_far.contiguous(),
            d_near.contiguous(),
            gradient,
            n * units,
            FAR=far_parts,
            NEAR=near_gradients.shape[1],
            SIZE=1024,
            enable_fp_fusion=True,
        )
        return gradient, None, None, None, None, None


@kernel
def _add_up(  # type: ignore[no-untyped-def]
    far, near, d_far, d_near, gradient, count, FAR: tl.constexpr, NEAR: tl.constexpr, SIZE: tl.constexpr
):
    """All parts of both gradients, each by what comes from above: one pass over them."""
    network = tl.program_id(1).to(tl.int64)
    i = tl.program_id(0) * SIZE + tl.arange(0, SIZE)
    here = i < count
    summed = tl.zeros((SIZE,), gradient.dtype.element_ty)
    other = tl.zeros((SIZE,), gradient.dtype.element_ty)
    for part in range(FAR):
        summed += tl.load(far + (network * FAR + part) * count + i, mask=here, other=0.0)
    for part in range(NEAR):
        other += tl.load(near + (network * NEAR + part) * count + i, mask=here, other=0.0)
    total = tl.load(d_far + network) * summed + tl.load(d_near + network) * other
    tl.store(gradient + network * count + i, total, mask=here)
