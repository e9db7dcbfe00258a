"""A network led along displacements of any length."""

import numpy as np
import pytest
import torch

from sicgrid.bridges._follower import Follower
from sicgrid.model import Network
from sicgrid.storage import UserError


class Odometer(Network):
    """Two units that add up the way to the right and up, from 1; a third counts steps."""

    initial_state = torch.tensor([1.0, 1.0, 0.0])

    def step(self, state, velocity):
        return state + torch.cat([velocity.abs(), torch.ones(len(velocity), 1)], dim=1)


def test_no_way_is_lost_and_no_step_too_many_taken():
    follower = Follower(Odometer(), step_m=0.1)
    for _ in range(95):
        follower.move((0.0101, 0.0))
    x, y, steps = follower.activity
    assert x == pytest.approx(1 + 95 * 0.0101, abs=1e-5)
    assert (y, steps) == (1.0, 10.0)  # 9 whole ones, and what is left over
    np.testing.assert_array_equal(follower.activity, follower.activity)  # looking does not move it


def test_rounding_is_no_way():
    follower = Follower(Odometer(), step_m=0.1)
    for _ in range(10):
        follower.move((0.03, 0.0))
    assert follower.activity[2] == 3
    follower.move((0.0, 1e-9))
    assert follower.activity[2] == 3


def test_a_long_way_is_cut_into_steps_and_restarting_forgets_it():
    follower = Follower(Odometer(), step_m=0.1)
    follower.move((0.3, 0.4))
    np.testing.assert_allclose(follower.activity, [1.3, 1.4, 5], atol=1e-5)
    follower.restart((0.05, 0.0))
    np.testing.assert_allclose(follower.activity, [1.05, 1.0, 1], atol=1e-5)


@pytest.mark.parametrize("displacement", [(1.0,), (0.0, np.nan), (0, 0, 0)])
def test_a_displacement_is_two_numbers(displacement):
    with pytest.raises(UserError, match="displacement must be a place, two finite numbers"):
        Follower(Odometer()).move(displacement)
