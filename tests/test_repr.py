"""Objects print themselves in ten lines at most, none too wide, whatever they hold."""

import importlib
import pkgutil
from dataclasses import dataclass, fields, is_dataclass

import numpy as np
import pytest
import torch
from pydantic import BaseModel
from torch import nn

import sicgrid
from sicgrid import PermutedVelocities, TrainConfig, TrainState, VelocityRNN
from sicgrid._repr import BriefDict, first_lines, short_repr
from sicgrid.analysis import synthetic_cells
from sicgrid.analysis.maps._rate_maps import rate_maps
from sicgrid.baselines import BASELINES
from sicgrid.bridges import path_models
from sicgrid.evaluation import OwnNetwork
from sicgrid.experiment import RunConfig, load_config, preset_names
from sicgrid.losses import SICLoss, SICLossStack
from sicgrid.model import ModelConfig, RNNStack, TransitionMLP, make_network
from sicgrid.pretrained import read_card

LARGE = {
    "array": np.zeros((50, 40)),
    "text": "a word " * 100,
    "list": list(range(1000)),
    "dict": {f"name {number}": [number] * 9 for number in range(1000)},
    "config": RunConfig(seed=3, model=ModelConfig(units=64)),
    "function": rate_maps,
}


def public_classes():
    """Every class that a room's door lists."""
    rooms = [room.name for room in pkgutil.iter_modules(sicgrid.__path__, "sicgrid.") if "._" not in room.name]
    found = {}
    for room in ["sicgrid", *rooms, *(f"sicgrid.analysis.{wing}" for wing in ("lattices", "maps", "states", "codes"))]:
        door = importlib.import_module(room)
        for name in dir(door):
            kind = getattr(door, name)
            if isinstance(kind, type) and kind.__module__.startswith("sicgrid.") and not name.startswith("_"):
                found.setdefault(kind, f"{room}.{name}")
    return found


def records():
    """Those that are dataclasses or named tuples."""
    for kind, name in public_classes().items():
        if is_dataclass(kind) or hasattr(kind, "_fields"):
            yield pytest.param(kind, id=name)


def assert_short(said):
    lines = said.splitlines()
    assert 1 <= len(lines) <= 10, said
    assert max(map(len, lines)) <= 120, said


@pytest.mark.parametrize("value", LARGE.values(), ids=LARGE.keys())
@pytest.mark.parametrize("kind", list(records()))
def test_every_record_has_a_short_one(kind, value):
    names = [field.name for field in fields(kind)] if is_dataclass(kind) else kind._fields
    made = object.__new__(kind) if is_dataclass(kind) else kind(*[value] * len(names))
    if is_dataclass(kind):
        for name in names:
            object.__setattr__(made, name, value)
    assert_short(repr(made))
    assert repr(made).startswith(f"{kind.__name__}(")


@pytest.mark.parametrize("kind", [kind for kind in public_classes() if issubclass(kind, BaseModel)])
def test_settings_tell_what_differs_from_their_defaults(kind):
    if all(not field.is_required() for field in kind.model_fields.values()):
        assert repr(kind()) == f"{kind.__name__}()"
    other = kind.model_construct(**dict.fromkeys(kind.model_fields, LARGE["text"]))
    assert_short(repr(other))
    assert_short(str(other))


def test_settings_are_the_call_that_makes_them():
    config = RunConfig(seed=3, model={"units": 64, "hidden": 8}, analysis={"topology": {"shuffles": 50}})
    assert repr(config) == (
        "RunConfig(seed=3, model=ModelConfig(units=64, hidden=8),\n"
        "    analysis=RunAnalysisConfig(topology=TopologyConfig(shuffles=50)))"
    )
    for name in preset_names():
        assert_short(repr(load_config(name)))


class Deep(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(*[nn.Linear(2, 2) for _ in range(30)])


class DeepNetwork(sicgrid.Network):
    initial_state = torch.zeros(3)

    def __init__(self):
        super().__init__()
        self.deep = Deep()

    def step(self, state, velocity):
        return state


SMALL = ModelConfig(units=8, hidden=4, layers=12)
OBJECTS = {  # what is no record, as a user meets it
    "VelocityRNN": lambda: make_network(SMALL),
    "PopulationRNN": lambda: make_network(SMALL.model_copy(update={"populations": 2})),
    "RNNStack": lambda: RNNStack([VelocityRNN(units=8, hidden=4, layers=12)]),
    "DeepNetwork": DeepNetwork,
    "OwnNetwork": lambda: OwnNetwork(np.add, np.zeros(99)),
    "TransitionMLP": lambda: TransitionMLP(units=8, layers=12),
    "SICLoss": lambda: SICLoss(capacity=0.1),
    "SICLossStack": lambda: SICLossStack([SICLoss()]),
    "PermutedVelocities": lambda: PermutedVelocities(length=3),
    "TrainState": lambda: TrainState.start(make_network(SMALL), TrainConfig()),
    "PathModel": lambda: path_models("quick")[0],
    "Card": lambda: read_card("quick"),
    "Code": lambda: BASELINES["residue"].make(),
    "Network": lambda: BASELINES["twisted-torus"].make(),
}


@pytest.mark.parametrize("kind", OBJECTS)
def test_every_object_has_a_short_one(kind):
    said = repr(OBJECTS[kind]())
    assert_short(said)
    assert kind in said


@pytest.mark.parametrize("name", BASELINES)
def test_baselines_have_a_short_one(name):
    assert_short(repr(BASELINES[name]))


def test_what_it_says():
    points = np.random.default_rng(0).uniform(-1, 1, (500, 2))
    cells = synthetic_cells.grid_cells(points, synthetic_cells.lattice_basis(0.5, 0), np.zeros((2, 2)), 0.1)
    said = repr(rate_maps(points, cells, np.linspace(-1, 1, 11)))
    assert said.startswith("RateMaps(maps=float64 (2, 10, 10)")
    assert said.endswith(")")
    assert repr(VelocityRNN(units=8, hidden=4)) == "VelocityRNN(units=8, hidden=4)"
    assert "config=ResidueConfig," in repr(BASELINES["residue"])


def test_more_fields_than_lines_are_counted():
    @dataclass(repr=False)
    class Many:
        text: str
        others: tuple

        def __repr__(self):
            return short_repr(self)

    assert "tuple of 99" in repr(Many("x" * 500, tuple(range(99))))
    assert len(repr(Many("x" * 500, ()))) < 200


def test_a_dict_prints_its_beginning_and_stays_one():
    summary = BriefDict({f"number {number}": float(number) for number in range(99)} | {"boxes": {"2": {}}})
    assert_short(repr(summary))
    assert repr(summary).endswith("... 100 in all}")
    assert summary == dict(summary)


def test_of_other_texts_the_first_lines():
    assert first_lines("a\nb") == "a\nb"
    said = first_lines("\n".join(["wide " * 50] * 30))
    assert_short(said)
    assert said.endswith("... 21 lines more")
