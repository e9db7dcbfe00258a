"""How far the state moves in each step, and the sums over all points, on a GPU: the states are read once."""

from typing import NamedTuple

import triton
import triton.language as tl
from torch import Tensor

from ._triton_compile import kernel

ROWS = 32  # states of a program


class Moves(NamedTuple):
    """How far states move by how far the animal does, and what the sums over all points are made of."""

    ratios: Tensor
    """Of a step, (networks, batch, time); 0 where it does not count."""
    slopes: Tensor
    """Twice what the ratio changes by with the square of the state's move; 0 where it does not."""
    moments: Tensor
    """Of each program's ratios: how many count, their mean, the sum of squares about it; (networks, 3, programs)."""
    sums: Tensor
    """Of each program's states, (networks, programs, units)."""


def moves_of(states: Tensor, initial_state: Tensor, velocities: Tensor, threshold: Tensor) -> Moves:
    """For states (networks, batch, time, units); `threshold` is sigma_x squared, (networks,)."""
    networks, batch, time, units = states.shape
    programs = triton.cdiv(batch * time, ROWS)
    ratios, slopes = states.new_empty(2, networks, batch, time)
    moves = Moves(ratios, slopes, states.new_empty(networks, 3, programs), states.new_empty(networks, programs, units))
    _moves[(programs, networks)](
        states,
        initial_state,
        velocities,
        threshold,
        *moves,
        batch * time,
        time,
        units,
        ROWS=ROWS,
        UNITS=triton.next_power_of_2(units),
        num_warps=8,
        enable_fp_fusion=False,  # else a speed would be compared otherwise than the reference's
    )
    return moves


@kernel
def steps_at(states, initial_state, network, i, steps, time, units, UNITS: tl.constexpr):  # type: ignore[no-untyped-def]
    """Of steps i: where their states lie, which of these there are, the states and those before."""
    unit = tl.arange(0, UNITS)
    used = unit < units
    mask = (i < steps)[:, None] & used[None, :]
    place = (network * steps + i)[:, None] * units + unit[None, :]
    start = tl.load(initial_state + network * units + unit, mask=used, other=0.0)
    first = (i % time == 0)[:, None]
    earlier = tl.load(states + place - units, mask=mask & (first == 0), other=0.0)
    return place, mask, tl.load(states + place, mask=mask, other=0.0), tl.where(first, start[None, :], earlier)


@kernel
def _moves(  # type: ignore[no-untyped-def]
    states,
    initial_state,
    velocities,
    thresholds,
    ratios,
    slopes,
    moments,
    sums,
    steps,
    time,
    units,
    ROWS: tl.constexpr,
    UNITS: tl.constexpr,
):
    """As `sicgrid.losses.variance_of_ratio` has it, of the steps of a program."""
    block, blocks, network = tl.program_id(0), tl.num_programs(0), tl.program_id(1).to(tl.int64)
    i, unit = block * ROWS + tl.arange(0, ROWS), tl.arange(0, UNITS)
    here = i < steps
    _, _, state, before = steps_at(states, initial_state, network, i, steps, time, units, UNITS)
    moved = state - before
    squared = tl.sum(moved * moved, axis=1)
    at = network * steps + i
    vx = tl.load(velocities + 2 * at, mask=here, other=0.0)
    vy = tl.load(velocities + 2 * at + 1, mask=here, other=0.0)
    speed_squared = vx * vx + vy * vy
    counts = here & (speed_squared > 0.0) & (speed_squared < tl.load(thresholds + network))
    moving = counts & (squared > 0.0)
    length = tl.sqrt(tl.where(moving, squared, 1.0))
    speed = tl.sqrt(tl.where(counts, speed_squared, 1.0))
    ratio = tl.where(moving, length / speed, 0.0)
    tl.store(ratios + at, ratio, mask=here)
    tl.store(slopes + at, tl.where(moving, 1.0 / (length * speed), 0.0), mask=here)
    number = tl.sum(counts.to(ratio.dtype), axis=0)
    mean = tl.sum(ratio, axis=0) / tl.maximum(number, 1.0)
    off = tl.where(counts, ratio - mean, 0.0)
    moment = moments + network * 3 * blocks + block
    tl.store(moment, number)
    tl.store(moment + blocks, mean)
    tl.store(moment + 2 * blocks, tl.sum(off * off, axis=0))
    tl.store(sums + (network * blocks + block) * units + unit, tl.sum(state, axis=0), mask=unit < units)
