"""What is said where Ray is missing or cannot be joined; what nodes have room for."""

import importlib.util
from types import SimpleNamespace

import pytest

from sicgrid.storage import UserError
from sicgrid.sweeps._cluster import Needs, cluster, most_cores, require, slots

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
    with pytest.raises(UserError, match=r"sweeps need ray and optuna, not installed here: pip install 'sicgrid\[sweep"):
        require("ray", "optuna")
    with pytest.raises(UserError, match="pip install"), cluster():
        pass


def test_a_missing_dashboard_is_told(without):
    pytest.importorskip("ray")
    without("aiohttp_cors")
    with pytest.raises(UserError, match=r"pip install 'ray\[default\]'"), cluster(dashboard=True):
        pass


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
