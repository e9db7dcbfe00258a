"""External networks and codes that are plain functions: a step, or activity as a function of place."""

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from jaxtyping import Float, Shaped
from torch import Tensor

from .._masked import filled, is_masked
from .._numbers import shown
from .._single import LARGEST, beyond_single, why_beyond
from ..model import Network
from ..trajectories import WalkConfig
from ._recording import record

FEWEST_UNITS, MOST_UNITS = 2, 10_000
PROBE_ANIMALS, PROBE_STEPS = 8, 25
SAME = 1e-3  # of the largest state: more than rounding, in half precision too
FEW = 3  # positions in a small call of a code, which must give what the large call gives
ROUNDED = 4  # times a dtype's precision: by so much the rounding of sums may differ between small and large calls
CODE_ROWS = 8192  # positions in one call of a code


class OwnNetwork(Network):
    """A network that is a function ``step(states, displacements) -> states``.

    States are (batch, n), displacements (batch, 2) in meters.

    Arrays reach ``step`` as ``initial_state`` is one: numpy's, or torch's of its device and dtype. It may change them;
    they are its own. Complex states are kept as their real parts followed by their imaginary ones, 2 n numbers: the
    modulus alone would lose the phase, which in codes of complex numbers is the place. The lengths and distances
    of states stay what they are.

    Raises
    ------
    ValueError
        If ``initial_state`` is not a list of 2 to 10,000 finite numbers; at a step, if what is returned has another
        shape, is not finite, or is complex where the initial state is not.

    """

    def __init__(self, step: Callable[[Any, Any], Any], initial_state: Any) -> None:
        super().__init__()
        self._step = step
        self._torch = isinstance(initial_state, Tensor)
        start = initial_state.detach() if self._torch else torch.from_numpy(_numbers(initial_state, "initial_state"))
        if start.ndim != 1 or not FEWEST_UNITS <= len(start) <= MOST_UNITS:
            raise ValueError(
                f"initial_state must have shape (n,), the {FEWEST_UNITS} to {MOST_UNITS:,} units at the start, got "
                f"{tuple(start.shape)}"
            )
        if not (start.is_floating_point() or start.is_complex()):
            start = start.to(torch.get_default_dtype())
        self.complex = start.is_complex()
        self.units = len(start)
        real = torch.cat([start.real, start.imag]) if self.complex else start
        numbers = real.double().cpu().numpy()
        if beyond_single(numbers):
            raise ValueError(f"initial_state must be finite, got {why_beyond(numbers)}")
        self.register_buffer("_start", real.clone(), persistent=False)

    @property
    def device(self) -> torch.device:
        """Where the initial state is."""
        return self.initial_state.device

    @property
    def dtype(self) -> torch.dtype:
        """Of the initial state, or of its real parts."""
        return self.initial_state.dtype

    @property
    def initial_state(self) -> Float[Tensor, " units"]:
        """The state at the start of every walk."""
        start: Tensor = self._start  # type: ignore[assignment]
        return start

    @property
    def step_bytes(self) -> int:
        """Bytes of eight copies of the state: what else `step` allocates is not known."""
        return 8 * len(self.initial_state) * self.dtype.itemsize

    def labels(self) -> list[str]:
        """What the units are called: by their index, of complex ones with the part."""
        return part_labels(self.units, self.complex)

    def step(
        self, state: Float[Tensor, "*many batch units"], velocity: Float[Tensor, "batch 2"]
    ) -> Float[Tensor, "*many batch units"]:
        """One call of the function for all states at once."""
        moves = velocity.expand(*state.shape[:-1], 2).reshape(-1, 2)
        rows = state.reshape(-1, state.shape[-1])
        returned = self._step(self._as_given(rows), moves.clone() if self._torch else moves.numpy().copy())
        return self._checked(returned, len(rows)).reshape(state.shape)

    def _as_given(self, rows: Tensor) -> Any:
        """States as `step` takes them: complex if it is, numpy's or torch's, a copy."""
        if self.complex:
            rows = torch.complex(rows[:, : self.units].contiguous(), rows[:, self.units :].contiguous())
        return rows.clone() if self._torch else rows.numpy().copy()

    def _checked(self, returned: Any, batch: int) -> Tensor:
        """What `step` returned as real states of this device and dtype; ValueError where it does not fit."""
        states = returned.detach() if isinstance(returned, Tensor) else torch.from_numpy(_numbers(returned, "step"))
        if states.shape != (batch, self.units):
            raise ValueError(
                f"step must return the next states, (batch, n) = ({batch}, {self.units}), got {tuple(states.shape)}"
            )
        if states.is_complex() and not self.complex:
            raise ValueError("step returned complex states, and initial_state is real; give a complex initial_state")
        if self.complex:
            states = torch.cat([states.real, states.imag if states.is_complex() else torch.zeros_like(states)], dim=1)
        stored = states.to(self.device, self.dtype)
        unstorable = int((~torch.isfinite(stored.float()).all(dim=1)).sum())  # after the cast
        if unstorable:
            largest = min(LARGEST, torch.finfo(self.dtype).max)
            why = why_beyond(states.double().cpu().numpy(), largest)
            raise ValueError(f"step returned {why} for {unstorable} of {batch} states")
        return stored


def check_repeats(network: Network, arena: float, walk: WalkConfig, seed: int) -> None:
    """Check that a network walked twice along one path has the same states, and each animal its own.

    A state kept between calls, noise, or anything else beside states and displacements makes the two differ, and what
    is taken over the batch (a mean, batch normalization) makes a step of some animals differ from theirs among all.

    Raises
    ------
    ValueError
        If the states differ, or a step of one animal alone differs from its step among others.

    """
    short = walk.model_copy(update={"animals": PROBE_ANIMALS, "steps": min(PROBE_STEPS, walk.steps)})
    # In a box of at most 2 m: in a larger one `animals_in` would walk more animals than the probe needs.
    recording = record(network, min(arena, 2.0), short, seed)
    first, second = recording.activity, record(network, min(arena, 2.0), short, seed).activity
    difference, largest = float(np.abs(first - second).max()), float(np.abs(first).max())
    if difference > SAME * largest:
        raise ValueError(
            f"walked twice along one path, its states differ by up to {difference:.3g} (the largest is {largest:.3g}): "
            "step keeps something between walks or draws noise; it may depend on states and displacements alone"
        )
    states = torch.from_numpy(np.ascontiguousarray(first[:, -1])).to(network.device, network.dtype)
    moves = torch.from_numpy(np.ascontiguousarray(recording.velocities[:, -1])).to(network.device, network.dtype)
    with torch.no_grad():
        together, alone = network.step(states, moves)[:1], network.step(states[:1], moves[:1])
    rounding = max(SAME, ROUNDED * torch.finfo(network.dtype).eps) * max(largest, float(together.abs().max()))
    if float((together - alone).abs().max()) > rounding:
        raise ValueError(
            "a step of one animal differs from its step among others: each row of the states must be stepped by itself "
            "(of batch normalization, as eval() leaves it)"
        )


def code_activity(
    code: Callable[[Any], Any], positions: Float[np.ndarray, "animals time 2"]
) -> tuple[Float[np.ndarray, "animals time units"], list[str]]:
    """What a code ``code(positions (k, 2) in meters) -> activity (k, n)`` has at each position; names of its units.

    Positions reach a `torch.nn.Module`, or a method of one, as torch's, of the device and dtype of its first floating
    parameter or buffer; all else as numpy's float64. Where that raises TypeError or RuntimeError, as functions of
    torch do, they are tried as torch's of the default dtype, then of float64. Of complex activity the real parts come
    first, then the imaginary ones.

    Raises
    ------
    ValueError
        If what is returned has another shape, is not finite, or changes from one call to the next.

    """
    places = positions.reshape(-1, 2).astype(np.float64)
    first = _code_rows(code, places[:CODE_ROWS])
    largest = float(np.abs(first).max())
    if not np.allclose(_code_rows(code, places[:CODE_ROWS]), first, rtol=SAME, atol=SAME * largest):
        raise ValueError("code gave two activities for one list of positions: it keeps something, or draws noise")
    rounding = ROUNDED * float(torch.finfo(torch.bfloat16).eps)  # of which nothing is known here
    if np.abs(_code_rows(code, places[:FEW]) - first[:FEW]).max() > rounding * largest:
        raise ValueError("code gave a position another activity among others: each row must be a place by itself")
    units = first.shape[1]
    width = 2 * units if np.iscomplexobj(first) else units
    activity = np.empty((len(places), width), dtype=np.float32)
    for begin in range(0, len(places), CODE_ROWS):
        rows = _code_rows(code, places[begin : begin + CODE_ROWS])
        if rows.shape[1] != units:
            raise ValueError(f"code gave {units} units at first and {rows.shape[1]} later")
        if width == units and np.iscomplexobj(rows):
            raise ValueError("code gave real activity at first and complex activity later; give complex numbers always")
        activity[begin : begin + CODE_ROWS] = _real_parts(rows, width)
    return activity.reshape(*positions.shape[:-1], width), part_labels(units, width > units)


def part_labels(units: int, is_complex: bool) -> list[str]:
    """Names of units by their index; of complex ones first the real parts, then the imaginary ones."""
    if not is_complex:
        return [str(unit) for unit in range(units)]
    return [f"{unit} {part}" for part in ("re", "im") for unit in range(units)]


def _code_rows(code: Callable[[Any], Any], places: Float[np.ndarray, "places 2"]) -> Shaped[np.ndarray, "places units"]:
    rows = _numbers(_call_code(code, places), "code")
    if rows.ndim != 2 or len(rows) != len(places) or not FEWEST_UNITS <= rows.shape[1] <= MOST_UNITS:
        raise ValueError(
            f"code must return (k, n) = ({len(places)}, {FEWEST_UNITS} to {MOST_UNITS:,} units), got {rows.shape}"
        )
    bad = int(beyond_single(rows).sum())
    if bad:
        raise ValueError(f"code returned {why_beyond(rows)} at {bad} of {len(places)} positions")
    return rows


def _call_code(code: Callable[[Any], Any], places: Float[np.ndarray, "places 2"]) -> Any:
    """What the code returns for the first kind of array that it takes; raises its first error if it takes none."""
    module = code if isinstance(code, torch.nn.Module) else getattr(code, "__self__", None)
    kinds: list[Tensor | None] = [None, torch.empty(0), torch.empty(0, dtype=torch.float64)]  # None is numpy's
    if isinstance(module, torch.nn.Module):
        tensors = (*module.parameters(), *module.buffers())
        kinds = [next((tensor for tensor in tensors if tensor.is_floating_point()), torch.empty(0)), None]
    first_error = None
    for kind in kinds:
        argument: Any = places.copy() if kind is None else torch.from_numpy(places.copy()).to(kind.device, kind.dtype)
        try:
            with torch.no_grad():
                return code(argument)
        except (TypeError, RuntimeError) as error:
            first_error = first_error or error
    assert first_error is not None
    raise first_error


def _real_parts(rows: Shaped[np.ndarray, "places units"], width: int) -> Float[np.ndarray, "places width"]:
    if width == rows.shape[1]:
        return np.asarray(rows.real)
    return np.concatenate([rows.real, rows.imag], axis=1)


def _numbers(values: Any, whose: str) -> Shaped[np.ndarray, "..."]:
    """As an array of numbers that torch knows; ValueError for anything else."""
    verb = "must be" if whose == "initial_state" else "must return"
    if is_masked(values):
        raise ValueError(f"{whose} {verb} an array of numbers, got a masked array in which some are missing")
    try:
        array = filled(values)
    except ValueError:  # rows of several lengths, or a tuple of an array and more
        raise ValueError(f"{whose} {verb} an array of numbers, got {shown(values)}") from None
    if array.dtype.kind in "iub":
        return array.astype(np.float64)
    if array.dtype.kind == "f":
        return array.astype(
            np.float32 if array.dtype.itemsize < 4 else np.float64 if array.dtype.itemsize > 8 else array.dtype
        )
    if array.dtype.kind == "c":
        return array.astype(np.complex128) if array.dtype.itemsize > 16 else array
    raise ValueError(f"{whose} {verb} an array of numbers, got {type(values).__name__} of {array.dtype}")
