"""Does the network by itself pull a disturbed state back to its manifold, the states that belong to places?"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import scipy
import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from .._repr import brief
from ..model import Network
from ._recording import Recording

DEFAULT_NOISE = (0.02, 0.05, 0.1, 0.2)
_CHUNK_PAIRS = 2**10  # of states measured at once in double precision: what the cache holds


@brief
@dataclass(frozen=True)
class IntrinsicCorrection:
    """What becomes of disturbed states while the network runs on. Medians over samples; step 0 is the disturbance.

    Distances between states are Euclidean. The manifold is a finite sample of undisturbed states, so that even an
    undisturbed state lies `floor` away from it.
    """

    drive: Literal["zero", "walk"]
    noise: Float[np.ndarray, " levels"]  # standard deviation per unit
    steps: Int[np.ndarray, " steps"]
    to_manifold: Float[np.ndarray, "levels steps"]  # from the disturbed state to the nearest state of the manifold
    floor: Float[np.ndarray, " steps"]  # the same for the undisturbed twin
    to_twin: Float[np.ndarray, "levels steps"]  # from the disturbed state to its undisturbed twin
    position_error: Float[np.ndarray, "levels steps"]  # m, from the decoded to the true place
    position_floor: Float[np.ndarray, " steps"]  # m, the same for the undisturbed twin
    local_error: Float[np.ndarray, "levels steps"]  # m, decoded among places within local_m of the true one
    local_floor: Float[np.ndarray, " steps"]  # m, the same for the undisturbed twin
    local_m: float
    recovered: Float[np.ndarray, "levels steps"]  # share no further from the manifold than 95 % of the twins
    remaining: Float[np.ndarray, "levels steps"]  # (to_manifold - floor) over its value at step 0; NaN if that is 0
    manifold_states: int


@torch.no_grad()
def intrinsic_correction(
    rnn: Network,
    recording: Recording,
    *,
    drive: Literal["zero", "walk"] = "zero",
    noise: Sequence[float] = DEFAULT_NOISE,
    steps: int = 20,
    samples: int = 200,
    manifold_states: int = 5000,
    local_m: float = 0.3,
    seed: int = 0,
) -> IntrinsicCorrection:
    """Disturb states, let the network run, and follow their distance to the manifold and the error of their place.

    A recorded state g of an animal at x becomes ``p_0 = P(g + s xi)``, xi standard normal in every unit and P the
    network's own way back to its states (`Network.project`; for ours NormReLU). Then the network makes steps,
    ``p_k = NormReLU(W(v_k) p_{k-1})`` for ours, with v_k = 0 (``zero``) or the velocities that the animal walked next
    (``walk``). The undisturbed twin starts from g and is driven alike. After each step, with M the manifold's states
    m at places x(m):

    - ``to_manifold = min_m |p_k - m|``; ``floor`` the same for the twin;
    - ``position_error = |x(argmin_m |p_k - m|) - x_k|``, x_k the true place: x, or where the walk has led;
    - ``recovered``: share of the p_k no further from M than 95 % of the twins, so that 0.95 is as good as undisturbed;
    - ``remaining = (to_manifold - floor)_k / (to_manifold - floor)_0``: 1 nothing corrected, 0 all of it, above 1
      amplified.

    A network that corrects brings `recovered` to 0.95, `remaining` toward 0 and leaves `position_error` where the
    disturbance put it: what lies along the manifold cannot be corrected, because it is the state of another place.

    Parameters
    ----------
    rnn
        The network.
    recording
        Its states along walks: half of the animals give the manifold, the other half the states to disturb.
    drive
        Zero velocity, or the animal's own.
    noise
        Standard deviations s per unit, positive; states have norm 1.
    steps
        Steps to follow, at least 1.
    samples
        Number of states to disturb; each is disturbed at every level.
    manifold_states
        At most so many states stand for the manifold, drawn at random.
    local_m
        A periodic code names many places alike. ``local_error`` decodes among manifold states whose places are so
        near to the true one (meters; less than half the spacing), and thus sees the shift along the manifold alone. A
        decoder that knows nothing has a median error of local_m / sqrt(2).
    seed
        Determines samples and noise.

    Raises
    ------
    ValueError
        If an argument is out of range, the recording is not of this network's size or has fewer than two animals, or
        its walks are too short for ``walk``.

    Notes
    -----
    Where P is NormReLU, it already takes away the part of the noise that would make a unit negative: what is measured
    here is what the recurrence adds to that. Distances below `floor` cannot be seen. On long walks the recorded states
    themselves drift (see :func:`path_consistency`); the manifold then is as thick as the drift, and so is the floor.

    `remaining` between 0 and 1 alone is no correction: a state may have fallen into an attractor of its own, off the
    manifold; `recovered` and `to_twin` then stay as bad as they were.

    Source: ours; the paper's theory promises error correction and does not measure it.

    """
    _check(rnn, recording, drive, noise, steps, samples, manifold_states, local_m)
    generator = np.random.default_rng(seed)
    animals, time, units = recording.shape
    half = animals // 2
    manifold_samples = generator.choice(
        (animals - half) * time, min(manifold_states, (animals - half) * time), replace=False
    )
    manifold = recording.activity[half:].reshape(-1, units)[manifold_samples].astype(np.float64)
    places = recording.positions[half:].reshape(-1, 2)[manifold_samples].astype(np.float64)

    animal = generator.integers(half, size=samples)
    start = generator.integers(time - steps if drive == "walk" else time, size=samples)
    twin = torch.from_numpy(recording.activity[animal, start]).to(rnn.device, rnn.dtype)
    disturbance = torch.from_numpy(generator.standard_normal((len(noise), samples, units))).to(rnn.device, rnn.dtype)
    levels = torch.as_tensor(list(noise), dtype=rnn.dtype, device=rnn.device)[:, None, None]
    # The twin runs along as one more level, so that each W(v) is made once.
    states = torch.cat([rnn.project(twin + levels * disturbance), twin[None]])
    times = start[:, None] + (np.arange(steps + 1) if drive == "walk" else np.zeros(steps + 1, dtype=np.int64))
    velocities = recording.velocities[animal[:, None], times] if drive == "walk" else None
    true = recording.positions[animal[:, None], times].astype(np.float64)
    followed = _follow(rnn, states, velocities, true, manifold, places, local_m)
    distance = followed["distance"]
    excess = distance[:-1] - distance[-1]
    remaining = np.full_like(excess, np.nan)
    np.divide(excess, excess[:, :1], out=remaining, where=excess[:, :1] > 0)
    return IntrinsicCorrection(
        drive=drive,
        noise=np.asarray(noise, dtype=np.float64),
        steps=np.arange(steps + 1),
        to_manifold=distance[:-1],
        floor=distance[-1],
        to_twin=followed["twin"][:-1],
        position_error=followed["error"][:-1],
        position_floor=followed["error"][-1],
        local_error=followed["local"][:-1],
        local_floor=followed["local"][-1],
        local_m=local_m,
        recovered=followed["recovered"][:-1],
        remaining=remaining,
        manifold_states=len(manifold),
    )


def _follow(
    rnn: Network,
    states: Float[Tensor, "levels samples units"],
    velocities: Float[np.ndarray, "samples steps 2"] | None,
    true: Float[np.ndarray, "samples steps 2"],
    manifold: Float[np.ndarray, "manifold units"],
    places: Float[np.ndarray, "manifold 2"],
    local_m: float,
) -> dict[str, Float[np.ndarray, "levels steps"]]:
    """Medians and shares of `IntrinsicCorrection` for each level of noise, the undisturbed twins last, at each step.

    ``velocities[:, k]`` leads to step k; None for zero velocity. ``true`` are the true places.
    """
    names = ("distance", "recovered", "twin", "error", "local")
    followed = {name: np.empty((len(states), true.shape[1])) for name in names}
    search = NearestState(manifold)
    not_local = np.zeros((len(true), len(places)), dtype=bool)
    for k in range(true.shape[1]):
        if k > 0:
            states = _next(rnn, states, None if velocities is None else velocities[:, k])
        if k == 0 or velocities is not None:
            not_local = scipy.spatial.distance.cdist(true[:, k], places) > local_m
        state_array = states.double().cpu().numpy()
        (near, nearest), (_, nearest_local) = search(state_array, (None, not_local))
        followed["distance"][:, k] = np.median(near, axis=1)
        followed["recovered"][:, k] = (near <= np.percentile(near[-1], 95)).mean(axis=1)
        followed["twin"][:, k] = np.median((states - states[-1]).norm(dim=-1).double().cpu().numpy(), axis=1)
        followed["error"][:, k] = _position_error(places[nearest], true[:, k], np.ones(len(true), dtype=bool))
        followed["local"][:, k] = _position_error(
            places[nearest_local], true[:, k], np.logical_not(not_local.all(axis=1))
        )
    return followed


class NearestState:
    """Finds the nearest of the manifold's states, and how far it is.

    Scalar products in single precision, of states less the manifold's mean, give the candidates: all that may be the
    nearest within their rounding. The candidates' distances are then measured in double precision, from differences: a
    scalar product of nearly equal states would lose them.
    """

    def __init__(self, manifold: Float[np.ndarray, "manifold units"]) -> None:
        self.manifold, self.middle = manifold, manifold.mean(axis=0)
        centered = (manifold - self.middle).astype(np.float32)
        self.columns = np.ascontiguousarray(-2 * centered.T)
        self.squared = np.einsum("mu,mu->m", centered, centered)

    def __call__(
        self,
        states: Float[np.ndarray, "levels samples units"],
        left_out: Sequence[Bool[np.ndarray, "samples manifold"] | None],
    ) -> list[tuple[Float[np.ndarray, "levels samples"], Int[np.ndarray, "levels samples"]]]:
        """Distance and index of each state's nearest manifold state, once for each entry of `left_out`.

        An entry marks the manifold states that are left out for each sample, in addition to those of earlier entries;
        None marks no further ones. Infinity and 0 for a sample for which all are left out.
        """
        from ..kernels.arrays import nearly_lowest  # here, since it loads numba

        levels, samples, units = states.shape
        rows = (states - self.middle).astype(np.float32)
        largest = float(np.einsum("lsu,lsu->ls", rows, rows).max() + self.squared.max())
        slack = float(8 * np.sqrt(units) * np.finfo(np.float32).eps * largest)
        exclusions = [np.zeros((samples, len(self.manifold)), dtype=bool)]
        for mask in left_out:
            exclusions.append(exclusions[-1] if mask is None else exclusions[-1] | mask)
        distance = np.full((len(left_out), levels, samples), np.inf)
        nearest = np.zeros(distance.shape, dtype=np.intp)
        cost = np.empty((samples, len(self.manifold)), dtype=np.float32)  # of one level, since new pages take long
        for level in range(levels):
            # |g - m|^2 less |g|^2, which is the same for all m, without |m|^2.
            np.matmul(rows[level], self.columns, out=cost)
            for entry, excluded in enumerate(exclusions[1:]):
                row, index = nearly_lowest(cost, self.squared, excluded, slack)
                exact = np.empty(len(row))
                for start in range(0, len(row), _CHUNK_PAIRS):  # states that hardly differ may all be the nearest
                    chunk = slice(start, start + _CHUNK_PAIRS)
                    exact[chunk] = np.linalg.norm(states[level, row[chunk]] - self.manifold[index[chunk]], axis=1)
                order = np.lexsort((exact, row))
                sample, first = np.unique(row[order], return_index=True)
                distance[entry, level, sample] = exact[order[first]]
                nearest[entry, level, sample] = index[order[first]]
        return list(zip(distance, nearest, strict=True))


def _position_error(
    decoded: Float[np.ndarray, "levels samples 2"],
    true: Float[np.ndarray, "samples 2"],
    decodable: Bool[np.ndarray, " samples"],
) -> Float[np.ndarray, " levels"]:
    """Median distance from the true place to that of the nearest state, of samples that have a candidate."""
    errors = np.linalg.norm(decoded - true, axis=-1)
    return np.asarray(np.median(errors[:, decodable], axis=1)) if decodable.any() else np.full(len(errors), np.nan)


def _next(rnn: Network, states: Tensor, velocities: Float[np.ndarray, "samples 2"] | None) -> Tensor:
    """One step of all levels at once: states (levels, samples, units), one velocity for each sample."""
    if velocities is None:  # one W(0) for all of them
        return rnn.step(states[..., None, :], states.new_zeros(1, 2))[..., 0, :]
    return rnn.step(states, torch.from_numpy(velocities).to(states))


def _check(
    rnn: Network,
    recording: Recording,
    drive: str,
    noise: Sequence[float],
    steps: int,
    samples: int,
    manifold_states: int,
    local_m: float,
) -> None:
    animals, time, units = recording.shape
    network_units = rnn.initial_state.shape[-1]
    if units != network_units:
        raise ValueError(f"recording must be of this network with {network_units} units, got {units} units")
    if animals < 2:
        raise ValueError(f"recording must hold at least 2 animals, one of them for the manifold, got {animals}")
    if drive not in ("zero", "walk"):
        raise ValueError(f"drive must be zero or walk, got {drive!r}")
    levels = np.asarray(noise, dtype=np.float64)
    if levels.ndim != 1 or len(levels) == 0 or not np.isfinite(levels).all() or not (levels > 0).all():
        raise ValueError(f"noise must be positive standard deviations per unit, at least one, got {list(noise)}")
    if steps < 1 or (drive == "walk" and steps >= time):
        raise ValueError(f"steps must be 1 or more, and fewer than the walk's {time} for walk, got {steps}")
    if not local_m > 0:
        raise ValueError(f"local_m must be positive (meters), got {local_m}")
    if samples < 1 or manifold_states < 1:
        raise ValueError(f"samples and manifold_states must be 1 or more, got {samples} and {manifold_states}")
