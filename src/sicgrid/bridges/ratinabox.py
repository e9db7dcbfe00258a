"""RatInABox (George et al. 2024): our networks as its neurons, and its histories as our recordings.

>>> from ratinabox import Agent, Environment
>>> from sicgrid.bridges import SICNeurons
>>> cells = SICNeurons(Agent(Environment()), params={"network": "quick", "max_fr": 8})
>>> cells.n, cells.firingrate.shape
(128, (128,))
"""

from collections.abc import Mapping
from functools import cache
from typing import Any

import numpy as np
from jaxtyping import Float, Shaped

from .._numbers import shown
from ..storage import UserError
from ._arguments import finite, place, positive
from ._extras import other_package
from ._follower import Follower

_PARAMS: dict[str, Any] = {
    "n": None,  # of the network
    "name": "SICNeurons",
    "network": "quick",  # a bundled network's name, or a Network
    "scale": 1.0,  # the network's meters per meter of the Environment: 2 makes lattices half as wide
    "step_m": None,  # the network's step, in its meters; None: the training's max_speed
    "origin": None,  # the place of the network's initial state; None: the middle of the Environment
}

_ABOUT = """A network of sicgrid as RatInABox neurons: path integrators, moved by velocities alone.

Made as any `Neurons`, ``SICNeurons(Agent, params={"network": "modules", "max_fr": 8})``, updated by ``update()`` after
each ``Agent.update()``. The network never reads the Agent's position: each update moves it by ``measured_velocity *
dt`` (times ``scale``), in steps of its own length (``step_m``), see `Follower`. Its state is kept apart from
``firingrate``, which has noise. ``firingrate = min_fr + (max_fr - min_fr) * activity / peak``, with peak the largest
activity of any unit on some walks, so that rates stay in proportion.

The Agent starts somewhere: the network is led there straight from ``origin``, where its initial state belongs. After a
teleport (``Agent.pos`` set by hand) call ``reset()``, which does that anew; an Agent that was nowhere (NaN) and is back
is led there by itself. Path integrators have no rate at a place without a way there: rate maps are those of the
history, the default of ``plot_rate_map`` here.

Params beside those of `Neurons`: network (name of a bundled one, or a `Network` whose activity is not negative), scale,
step_m, origin. ``n`` is the network's. `UserError` for anything else: an unknown name, an Environment of one dimension,
numbers out of range.
"""


class _Path:
    """Keeps a network in step with an Agent: the Agent's last time and place, and the network's `Follower`."""

    def __init__(self, Agent: Any, params: Mapping[str, Any]) -> None:
        if not hasattr(Agent, "Environment"):
            raise UserError(f"Agent must be a RatInABox Agent, got {shown(Agent)}")
        environment = Agent.Environment
        if environment.dimensionality != "2D":
            raise UserError(f"grid cells need an Environment of two dimensions, got {environment.dimensionality}")
        self.agent, self.scale = Agent, positive("scale", params["scale"])
        x0, x1, y0, y1 = environment.extent
        origin = ((x0 + x1) / 2, (y0 + y1) / 2) if params["origin"] is None else params["origin"]
        self.origin = place("origin", origin)
        low, high = finite("min_fr", params.get("min_fr", 0.0)), finite("max_fr", params.get("max_fr", 1.0))
        if low >= high:
            raise UserError(f"min_fr must be below max_fr, got {low:g} and {high:g}")
        self.follower = Follower(params["network"], params["step_m"])
        if params["n"] is not None and not np.array_equal(params["n"], self.follower.units):
            raise UserError(f"n is the network's, {self.follower.units}, got {shown(params['n'])}; leave it out")
        self.reset()

    def reset(self) -> None:
        """Restart the network at its origin and move it straight to where the Agent is."""
        self.time, self.place = self.agent.t, np.array(self.agent.pos, dtype=np.float64)
        self.lost = not np.isfinite(self.place).all()
        if not self.lost:
            self.follower.restart(self.scale * (self.place - self.origin))

    def follow(self) -> None:
        """Move the network by the Agent's last step or, if it made several since the last call, straight to it."""
        agent, elapsed = self.agent, self.agent.t - self.time
        if elapsed <= 0:
            return  # called twice at one time
        moved = np.asarray(agent.measured_velocity, dtype=np.float64) * agent.dt
        if self.lost or not np.isfinite(moved).all():
            self.reset()
            return
        if elapsed > 1.5 * agent.dt:
            between = agent.Environment.get_vectors_between___accounting_for_environment
            moved = between(pos1=np.array(agent.pos), pos2=self.place).reshape(2)
        self.time, self.place = agent.t, np.array(agent.pos, dtype=np.float64)
        self.follower.move(self.scale * moved)


@cache
def _sic_neurons() -> type:
    """The class `SICNeurons`, made once RatInABox is there to be its base."""
    Neurons = other_package("ratinabox.Neurons", "ratinabox").Neurons

    class SICNeurons(Neurons):  # type: ignore[misc, valid-type] # a base known only here
        __doc__ = _ABOUT
        __module__ = __name__
        default_params = dict(_PARAMS)

        def __init__(self, Agent: Any, params: Mapping[str, Any] | None = None) -> None:
            if not isinstance(params, Mapping | None):
                raise UserError(f"params must be a dict of parameters by their names, got {shown(params)}")
            self.params = _PARAMS | dict(params or {})
            self.path = _Path(
                Agent, self.params
            )  # before the base class, since it may raise: the Agent must not change
            self.params["n"] = self.path.follower.units
            super().__init__(Agent, self.params)

        def update(self, **kwargs: Any) -> None:
            """Move the network by what the Agent moved, then the rates, noise and history as of any `Neurons`."""
            self.path.follow()
            super().update(**kwargs)

        def get_state(self, evaluate_at: str = "agent", **kwargs: Any) -> Float[np.ndarray, "n 1"]:
            """Rates (Hz) where the Agent is ("agent"), or those of the last update, with noise ("last")."""
            if evaluate_at == "last":
                return np.asarray(self.firingrate)[:, None]
            if evaluate_at != "agent":
                raise UserError("a path integrator has rates only where the Agent is: evaluate_at='agent'")
            share = self.path.follower.activity / self.path.follower.peak
            return np.asarray(self.min_fr + (self.max_fr - self.min_fr) * share)[:, None]

        def reset(self) -> None:
            """After a teleport: the network is led anew, straight from its origin to where the Agent is."""
            self.path.reset()

        def plot_rate_map(self, chosen_neurons: Any = "all", method: str = "history", **kwargs: Any) -> Any:
            """As of any `Neurons`, by history where no method is named."""
            return super().plot_rate_map(chosen_neurons, method, **kwargs)

    SICNeurons.__qualname__ = "SICNeurons"
    return SICNeurons


def __getattr__(name: str) -> Any:
    """`SICNeurons`, at its first use; `UserError` names the extra if RatInABox is not there."""
    if name == "SICNeurons":
        return _sic_neurons()
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def from_ratinabox(*sources: Any, spikes: bool = False) -> dict[str, Shaped[np.ndarray, "..."]]:
    """The history of an Agent, or of populations of one Agent, under the names of an npz recording's arrays.

    ``positions`` (time, 2) meters and ``times`` (time,) seconds; of populations also ``activity`` (time, units), the
    rates in Hz, and ``units``, names as "PlaceCells_0"; with ``spikes`` in its place ``spike_times`` and
    ``spike_units``. ``numpy.savez(FILE, **arrays)`` is what `import_recording` and ``sicgrid analyze --recording FILE``
    read, an Agent alone what ``sicgrid evaluate --path FILE`` does. The Environment's ``extent`` is the box.

    Raises
    ------
    UserError
        If a source is neither, the history is empty, the Environment is not two-dimensional, populations have several
        Agents or other times than each other, or a time is not in the Agent's history.

    """
    if not sources or (hasattr(sources[0], "Environment") and len(sources) > 1):
        raise UserError("give one Agent, or populations of one Agent")
    for source in sources:
        if not (hasattr(source, "history") and (hasattr(source, "Environment") or hasattr(source, "Agent"))):
            raise UserError(f"a RatInABox Agent or Neurons is needed, got {type(source).__name__}")
    agents = [source if hasattr(source, "Environment") else source.Agent for source in sources]
    agent = agents[0]
    if any(other is not agent for other in agents):
        raise UserError("populations of several Agents are several recordings; give those of one Agent")
    clock = _clock(agent)
    positions = np.asarray(agent.history["pos"], dtype=np.float64)
    if positions.ndim != 2 or positions.shape[1] != 2:
        raise UserError(f"positions must be of two dimensions, the Agent's history has the shape {positions.shape}")
    if sources[0] is agent:
        return {"positions": positions, "times": clock}
    times = _clock(sources[0])
    rows = np.searchsorted(clock, times).clip(max=len(clock) - 1)
    if any(not np.array_equal(_clock(other), times) for other in sources) or (clock[rows] != times).any():
        raise UserError("the histories of the populations and of their Agent have other times; reset them together")
    arrays = {"positions": positions[rows], "times": times}
    names = np.array([f"{source.name}_{unit}" for source in sources for unit in range(source.n)])
    kind = "spikes" if spikes else "firingrate"
    values = np.hstack([np.asarray(source.history[kind]).reshape(len(times), source.n) for source in sources])
    if not spikes:
        return arrays | {"activity": values.astype(np.float64), "units": names}
    units, samples = np.nonzero(values.T)
    return arrays | {"spike_times": times[samples], "spike_units": names[units], "units": names}


def _clock(source: Any) -> Float[np.ndarray, " time"]:
    times = np.asarray(source.history["t"], dtype=np.float64)
    if times.ndim != 1 or len(times) == 0:
        raise UserError(f"the history of {getattr(source, 'name', type(source).__name__)} is empty; update it first")
    return times
