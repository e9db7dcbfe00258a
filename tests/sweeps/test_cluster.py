"""What is said where Ray is missing or cannot be joined; what nodes have room for."""

import importlib.util
from types import SimpleNamespace

import pytest

from sicgrid.storage import UserError
from sicgrid.sweeps._cluster import (
    Joined,
    Needs,
    check_request,
    check_room,
    cluster,
    most_cores,
    passed_on,
    require,
    slots,
)

GIB = 2**30


@pytest.fixture
def without(monkeypatch):
    """Makes packages missing."""
    find = importlib.util.find_spec

    def remove(*names):
        monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name in names else find(name))

    return remove


def test_a_missing_extra_is_told_with_the_command_that_installs_it(without):
    without("ray", "optuna")
    with pytest.raises(
        UserError,
        match=r"sweeps need ray and optuna, not installed here; install them with `.* -m pip install 'sicgrid\[sweep",
    ):
        require("ray", "optuna")
    with pytest.raises(UserError, match="pip install"), cluster():
        pass


def test_a_missing_dashboard_is_told(without):
    pytest.importorskip("ray")
    without("aiohttp_cors")
    with pytest.raises(UserError, match=r"pip install 'ray\[default\]'"), cluster(dashboard=True):
        pass


def test_cores_are_not_asked_of_a_cluster_that_has_its_own():
    pytest.importorskip("ray")
    check_request(None, 2, False)
    with pytest.raises(UserError, match="cpus=2 sizes a Ray of this machine, and an address joins another"):
        check_request("auto", 2, False)


def test_what_this_machine_will_never_have_room_for_is_refused_and_not_waited_for():
    ray = SimpleNamespace(nodes=lambda: [node(alive=False), node(CPU=2.0, memory=4.0 * GIB)])
    check_room(Joined(ray, "", grows=False), Needs(2, 0.0, 4 * GIB))
    for needs in (Needs(3, 0.0, GIB), Needs(1, 0.5, GIB), Needs(1, 0.0, 5 * GIB)):
        check_room(Joined(ray, "", grows=True), needs)
        with pytest.raises(UserError, match=r"no room here .* Ray has 2 cores, 0 GPUs and 4 GiB; ask for less"):
            check_room(Joined(ray, "", grows=False), needs)


def test_a_cluster_that_is_not_to_be_had_is_told_with_the_token_it_may_ask_for(monkeypatch):
    def init(**options):
        raise ConnectionError("Failed to connect\nto Ray cluster")

    ray = SimpleNamespace(is_initialized=lambda: False, init=init)
    monkeypatch.setattr("sicgrid.sweeps._cluster._import_ray", lambda: ray)
    monkeypatch.setattr("sicgrid.sweeps._cluster.require", lambda *packages: None)
    hint = r"joined at here:1: Failed to connect to Ray cluster; .* set RAY_AUTH_MODE and"
    with pytest.raises(UserError, match=hint), cluster("here:1"):
        pass
    with pytest.raises(UserError, match=r"started on this machine: Failed to connect to Ray cluster$"), cluster():
        pass


def test_what_stays_offline_here_stays_so_on_a_cluster(monkeypatch):
    monkeypatch.delenv("WANDB_MODE", raising=False)
    assert passed_on() == {"OMP_WAIT_POLICY": "PASSIVE"}
    monkeypatch.setenv("WANDB_MODE", "offline")
    assert passed_on()["WANDB_MODE"] == "offline"


def node(alive=True, **resources):
    return {"Alive": alive, "Resources": resources}


def test_workers_are_placed_on_whole_nodes_that_are_alive():
    nodes = [
        node(CPU=3.0, memory=10.0 * GIB),
        node(CPU=8.0, memory=2.5 * GIB),
        node(CPU=64.0, memory=100.0 * GIB, alive=False),
        node(memory=100.0 * GIB),
    ]
    ray = SimpleNamespace(nodes=lambda: nodes)
    assert slots(ray, Needs(1, 0.0, GIB)) == 3 + 2
    assert slots(ray, Needs(2, 0.0, GIB)) == 1 + 2
    assert slots(ray, Needs(1, 0.25, GIB)) == 0
    nodes[0]["Resources"]["GPU"] = 1.0
    assert slots(ray, Needs(1, 0.25, GIB)) == 3
    assert most_cores(ray) == 8
