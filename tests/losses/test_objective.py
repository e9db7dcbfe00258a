import pytest
import torch
from torch import nn

from own_terms import Sparse
from sicgrid.losses import TERMS, Objective, SICLoss, as_objective, call_by_name


class Readout(Objective):
    """A supervised one: positions are read out of the states."""

    def __init__(self, units=7):
        super().__init__()
        self.readout = nn.Linear(units, 2, dtype=torch.float64)

    def terms(self, positions, states):
        return {"readout": (self.readout(states) - positions).square().mean(), "size": self.readout.weight.abs().sum()}

    weights = {"size": 0.01}


def test_total_is_the_weighted_sum_and_a_term_without_a_weight_counts_once(make_points):
    objective, points = Readout(), make_points()
    terms = objective(**points._asdict())
    assert terms._fields == ("total", "readout", "size")
    assert terms.total.item() == pytest.approx(terms.readout.item() + 0.01 * terms.size.item(), rel=1e-12)


def test_a_weight_of_no_term_is_refused(make_points):
    class Misspelt(Readout):
        weights = {"sizze": 0.01}

    with pytest.raises(ValueError, match="weights names 'sizze', which is no term; terms are readout, size"):
        Misspelt()(**make_points()._asdict())


def test_a_term_of_ones_own_stands_beside_ours(make_points):
    points = make_points()
    ours, terms = SICLoss()(**points._asdict()), Sparse()(**points._asdict())
    assert terms._fields == ("total", *TERMS, "sparsity")
    assert all(torch.equal(getattr(terms, name), getattr(ours, name)) for name in TERMS)
    assert terms.total.item() == pytest.approx(ours.total.item() + 0.5 * points.states.mean().item(), rel=1e-12)


def test_an_objective_is_called_with_what_it_names(make_points):
    offered = {**make_points()._asdict(), "head_direction": torch.ones(3)}
    assert call_by_name(lambda states, head_direction: (states.shape, len(head_direction)), offered) == ((4, 6, 7), 3)
    assert call_by_name(lambda states, targets=None: targets, offered) is None
    assert call_by_name(lambda **tensors: sorted(tensors), offered) == sorted(offered)
    with pytest.raises(ValueError, match="asks for targets, and there is positions, "):
        call_by_name(lambda states, targets: 0, offered)


@pytest.mark.parametrize(
    ("loss", "fields", "factor"),
    [
        (lambda states: states.mean(), ("total",), 1),
        (lambda states: {"mean": states.mean()}, ("total", "mean"), 1),
        (lambda states: {"mean": states.mean(), "total": 3 * states.mean()}, ("total", "mean"), 3),
    ],
)
def test_any_callable_is_an_objective(make_points, loss, fields, factor):
    points = make_points()
    terms = as_objective(loss)(**points._asdict())
    assert terms._fields == fields
    assert terms.total.item() == pytest.approx(factor * points.states.mean().item(), rel=1e-12)


def test_a_callable_that_returns_what_ours_does_is_ours(make_points):
    points, loss = make_points(), SICLoss()
    terms = as_objective(lambda **tensors: loss(**tensors))(**points._asdict())
    assert terms._asdict() == loss(**points._asdict())._asdict()


def test_a_module_that_is_no_objective_keeps_its_parameters():
    module = nn.Linear(7, 2)
    assert list(as_objective(module).parameters()) == list(module.parameters())
    assert as_objective(objective := Readout()) is objective


@pytest.mark.parametrize(
    ("loss", "complaint"),
    [
        (dict, "at least one term"),
        (lambda: {"step": torch.ones(())}, "other names than total, step"),
        (lambda: {"size": 0.5}, "must be tensors, got size of type float"),
        (lambda: 0.5, "must return a tensor or a mapping of tensors by name, got float"),
        (lambda: {"my term": torch.ones(())}, "valid identifiers"),
    ],
)
@pytest.mark.usefixtures("unchecked")
def test_terms_that_cannot_be_recorded_are_refused(loss, complaint):
    with pytest.raises(ValueError, match=complaint):
        as_objective(lambda: loss())()


@pytest.mark.usefixtures("unchecked")
def test_what_cannot_be_called_is_refused():
    with pytest.raises(ValueError, match="objective must be an Objective or callable, got dict"):
        as_objective({})
    with pytest.raises(ValueError, match="got the class SICLoss; make one of it"):
        as_objective(SICLoss)
