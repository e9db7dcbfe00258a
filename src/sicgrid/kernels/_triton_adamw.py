"""Clipping, AdamW and the account of a step of many networks on a GPU, all decided there: the host is not asked."""

from collections.abc import Sequence

import triton
import triton.language as tl
from torch import Tensor

from ._ledger import Ledger, Update
from ._triton_compile import kernel
from ._triton_sums import sum_of

SIZE = 4096  # numbers of a program


def account(terms: Tensor, gradients: Sequence[Tensor], ledger: Ledger, update: Update) -> None:
    """Enter a step into the ledger, and prepare its update.

    `terms` (terms, batches of all networks), the total last; the mean over a network's batches counts. `gradients` are
    (networks, ...), contiguous, before clipping. What `sicgrid.training.ManySteps` does by PyTorch's operators.
    """
    networks = len(ledger.at)
    programs = [triton.cdiv(gradient[0].numel(), SIZE) for gradient in gradients]
    squares = gradients[0].new_empty(networks, sum(programs))
    first = 0
    for gradient, count in zip(gradients, programs, strict=True):
        _squares[(count, networks)](
            gradient,
            squares,
            gradient[0].numel(),
            first,
            squares.shape[1],
            SIZE=SIZE,
            num_warps=8,
            enable_fp_fusion=True,
        )
        first += count
    _account[(networks,)](
        terms,
        squares,
        *ledger,
        *update,
        terms.shape[1] // networks,
        squares.shape[1],
        TERMS=len(terms),
        CHUNK=512,
        enable_fp_fusion=True,
    )


def adamw(weights: Tensor, gradient: Tensor, moments: tuple[Tensor, Tensor], update: Update, stopped: Tensor) -> None:
    """The update of one parameter of all networks, (networks, ...), in place; of none that has stopped.

    As `torch.optim.AdamW`: w <- (1 - lr decay) w - lr / (1 - beta1^t) m / (sqrt(v / (1 - beta2^t)) + epsilon), with m
    and v the running means of the clipped gradient and of its square.
    """
    size = weights[0].numel()
    _adamw[(triton.cdiv(size, SIZE), len(weights))](
        weights,
        gradient,
        *moments,
        update.settings,
        update.numbers,
        stopped,
        size,
        SIZE=SIZE,
        num_warps=8,
        enable_fp_fusion=True,
    )


@kernel
def _squares(gradient, squares, size, first, parts, SIZE: tl.constexpr):  # type: ignore[no-untyped-def]
    network = tl.program_id(1).to(tl.int64)
    i = tl.program_id(0) * SIZE + tl.arange(0, SIZE)
    value = tl.load(gradient + network * size + i, mask=i < size, other=0.0)
    tl.store(squares + network * parts + first + tl.program_id(0), tl.sum(value * value, axis=0))


@kernel
def _account(  # type: ignore[no-untyped-def]
    terms,
    squares,
    rates,
    at,
    stopped,
    made,
    loss_sums,
    table,
    settings,
    counts,
    numbers,
    batches,
    parts,
    TERMS: tl.constexpr,
    CHUNK: tl.constexpr,
):
    network, networks = tl.program_id(0), tl.num_programs(0)
    norm = tl.sqrt(sum_of(squares + network * parts, parts, CHUNK, tl.float64))
    before = tl.load(stopped + network)
    for term in tl.static_range(TERMS):
        first = terms + (term * networks + network) * batches
        value = tl.load(first).to(tl.float64)
        for batch in range(1, batches):
            value += tl.load(first + batch).to(tl.float64)
        value = value / batches
        # What a stopped network goes on computing is not looked at.
        if before == 0.0:
            tl.store(table + term * networks + network, value)
        loss = value
    if before == 0.0:
        tl.store(table + TERMS * networks + network, norm)
    # The difference is not a number where the sum is not finite.
    finite = (loss + norm) - (loss + norm) == 0.0
    going = (before == 0.0) & finite
    tl.store(stopped + network, tl.where(going, 0.0, 1.0))
    step = tl.load(at + network)
    rate = tl.load(rates + step * networks + network)
    tl.store(at + network, step + 1)
    count = tl.load(counts + network) + tl.where(going, 1.0, 0.0)
    if going:
        tl.store(loss_sums + network, tl.load(loss_sums + network) + loss)
        tl.store(made + network, tl.load(made + network) + 1.0)
        tl.store(counts + network, count)
    _prepare(settings + network, numbers + network, networks, tl.maximum(count, 1.0), rate, norm)


@kernel
def _prepare(settings, numbers, networks, count, rate, norm):  # type: ignore[no-untyped-def]
    """What the update multiplies by: decided once, in double precision."""
    beta1, beta2 = tl.load(settings), tl.load(settings + networks)
    bias1 = 1.0 - tl.exp2(count.to(tl.float64) * tl.log2(beta1))
    bias2 = 1.0 - tl.exp2(count.to(tl.float64) * tl.log2(beta2))
    bound = tl.load(settings + 4 * networks)
    tl.store(numbers, tl.minimum(bound / (norm + 1e-6), 1.0))  # 1e-6 as in torch
    tl.store(numbers + networks, rate / bias1)
    tl.store(numbers + 2 * networks, 1.0 / tl.sqrt(bias2))
    tl.store(numbers + 3 * networks, 1.0 - rate * tl.load(settings + 3 * networks))
    tl.store(numbers + 4 * networks, beta1)
    tl.store(numbers + 5 * networks, 1.0 - beta1)
    tl.store(numbers + 6 * networks, beta2)
    tl.store(numbers + 7 * networks, 1.0 - beta2)


@kernel
def _adamw(  # type: ignore[no-untyped-def]
    weights, gradient, mean, square, settings, numbers, stopped, size, SIZE: tl.constexpr
):
    network, networks = tl.program_id(1).to(tl.int64), tl.num_programs(1)
    i = tl.program_id(0) * SIZE + tl.arange(0, SIZE)
    here = i < tl.where(tl.load(stopped + network) == 0.0, size, 0)
    place = network * size + i
    numbers += network
    w = tl.load(weights + place, mask=here, other=0.0)
    g = tl.load(gradient + place, mask=here, other=0.0) * tl.load(numbers)
    m = tl.load(mean + place, mask=here, other=0.0)
    v = tl.load(square + place, mask=here, other=0.0)
    m = tl.load(numbers + 4 * networks) * m + tl.load(numbers + 5 * networks) * g
    v = tl.load(numbers + 6 * networks) * v + tl.load(numbers + 7 * networks) * g * g
    denominator = tl.sqrt(v) * tl.load(numbers + 2 * networks) + tl.load(settings + 2 * networks + network).to(w.dtype)
    w = tl.load(numbers + 3 * networks) * w - tl.load(numbers + networks) * m / denominator
    tl.store(weights + place, w, mask=here)
    tl.store(mean + place, m, mask=here)
    tl.store(square + place, v, mask=here)
