"""A Ray of our own on this machine, or one that is there."""

import contextlib
import importlib
import importlib.util
import os
from collections.abc import Iterator
from typing import Any, NamedTuple

from ..storage import UserError, install_command

EXTRA = f"install them with {install_command('sicgrid[sweep]')}"
OBJECT_STORE = 80 * 2**20  # bytes, about the least that Ray takes: what travels is settings and a few numbers
LOOPBACK = "127.0.0.1"


class Needs(NamedTuple):
    """What a worker is given."""

    cpus: int
    gpus: float
    memory: int
    """Bytes."""


def require(*packages: str) -> None:
    """`UserError` with the command that installs them if one of these packages is not there."""
    missing = [name for name in packages if importlib.util.find_spec(name) is None]
    if missing:
        raise UserError(f"sweeps need {' and '.join(missing)}, not installed here; {EXTRA}")


def check_request(address: str | None, cpus: int | None, dashboard: bool) -> None:
    """`UserError` if Ray or its dashboard are missing, or a size is asked of a cluster that has its own."""
    require("ray")
    if dashboard and importlib.util.find_spec("aiohttp_cors") is None:
        raise UserError(f"the dashboard needs more of Ray than is installed: {install_command('ray[default]')}")
    if address is not None and cpus is not None:
        raise UserError(f"cpus={cpus} sizes a Ray of this machine, and an address joins another; leave one out")


class Joined(NamedTuple):
    """A cluster that is connected."""

    ray: Any
    """The module."""
    dashboard: str
    """Where the dashboard is to be seen; empty if nowhere."""
    grows: bool = True
    """Whether nodes may come that are not there yet; not to a Ray that was started here."""


@contextlib.contextmanager
def cluster(address: str | None = None, cpus: int | None = None, dashboard: bool = False) -> Iterator[Joined]:
    """Ray, connected, until the block is left.

    Without ``address`` a Ray is started here and ended afterward: of ``cpus`` cores (default: all) and this machine's
    memory and GPUs, on the loopback address, and without its usage statistics, the one thing it would send elsewhere.
    One that is already connected, as a test has it, is used and left as it is.

    Raises
    ------
    UserError
        For anything that `check_request` refuses, or if there is no cluster at ``address``.

    """
    check_request(address, cpus, dashboard)
    ray = _import_ray()
    if ray.is_initialized():
        yield Joined(ray, "")
        return
    quiet: dict[str, Any] = {"log_to_driver": False, "configure_logging": False}
    try:
        if address is not None:
            context = ray.init(address=address, runtime_env={"env_vars": passed_on()}, **quiet)
        else:
            context = ray.init(
                # Otherwise RAY_ADDRESS, or a Ray that happens to run here, would be joined.
                address="local",
                num_cpus=cpus,
                object_store_memory=OBJECT_STORE,
                include_dashboard=dashboard,
                _node_ip_address=LOOPBACK,
                **quiet,
            )
    except (ConnectionError, ValueError, RuntimeError) as error:
        if address is None:
            failed_to, hint = "started on this machine", ""
        else:  # Ray's own message says nothing of the token that a cluster started by `ray start` asks for
            failed_to, hint = (
                f"joined at {address}",
                "; does it ask for a token? set RAY_AUTH_MODE and RAY_AUTH_TOKEN_PATH",
            )
        raise UserError(f"Ray could not be {failed_to}: {' '.join(str(error).split())}{hint}") from None
    try:
        yield Joined(ray, f"http://{context.dashboard_url}" if context.dashboard_url else "", address is not None)
    finally:
        ray.shutdown()


def check_room(joined: Joined, needs: Needs) -> None:
    """`UserError` if such a worker will never have a place; a cluster that may grow is waited for."""
    if joined.grows or slots(joined.ray, needs):
        return
    there = next(node["Resources"] for node in joined.ray.nodes() if node["Alive"])
    raise UserError(
        f"no room here for a worker of {needs.cpus} cores, {needs.gpus:g} GPUs and {needs.memory / 2**30:g} GiB "
        f"(threads, gpus, memory_gb): Ray has {there.get('CPU', 0):g} cores, {there.get('GPU', 0):g} GPUs and "
        f"{there.get('memory', 0) / 2**30:.3g} GiB; ask for less, or join a cluster by its address"
    )


def passed_on() -> dict[str, str]:
    """Environment for the workers of a cluster that is joined, which do not inherit this process's own.

    Threads that wait by spinning, OpenMP's default, make steps many times slower where cores are shared. And what is to
    stay offline here stays so there.
    """
    return {"OMP_WAIT_POLICY": "PASSIVE"} | {name: os.environ[name] for name in ("WANDB_MODE",) if name in os.environ}


def slots(ray: Any, needs: Needs) -> int:
    """How many workers with these needs the cluster's nodes have room for now."""
    return sum(_fit(node["Resources"], needs) for node in ray.nodes() if node["Alive"])


def most_cores(ray: Any) -> int:
    """Cores of the cluster's largest node."""
    return max((int(node["Resources"].get("CPU", 0)) for node in ray.nodes() if node["Alive"]), default=0)


def _fit(resources: dict[str, float], needs: Needs) -> int:
    needed = {"CPU": needs.cpus, "GPU": needs.gpus, "memory": needs.memory}
    return min(int(resources.get(name, 0.0) / amount) for name, amount in needed.items() if amount)


def _import_ray() -> Any:
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    # Ray will stop hiding the GPUs from workers that ask for none, and warns so unless told what to do.
    os.environ.setdefault("RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "0")
    return importlib.import_module("ray")
