"""A network without what trains it is the one that training has, and asks for less."""

import subprocess
import sys

import numpy as np
import pytest
import torch

from sicgrid.evaluation import held_out_loss
from sicgrid.experiment import build, load_checkpoint, trained, with_weights
from sicgrid.experiment._train import start_run, train_run
from sicgrid.storage import UserError


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory):
    from small_runs import small_config

    config = small_config()
    run = start_run(config, tmp_path_factory.mktemp("built") / "run")
    train_run(run, config, lambda first, changed: None, lambda record: None)
    return config, load_checkpoint(run, config)


def test_it_is_the_network_of_the_checkpoint(checkpoint):
    whole, walking = build(*checkpoint), trained(*checkpoint)
    assert walking.loss.config == whole.loss.config
    assert walking.sampler.config == whole.sampler.config
    there = whole.rnn.state_dict()
    assert list(walking.rnn.state_dict()) == list(there)
    for name, tensor in walking.rnn.state_dict().items():
        torch.testing.assert_close(tensor, there[name], rtol=0, atol=0)


def test_it_asks_for_no_optimizer():
    """Which would bring torch's compiler along, a second of imports."""
    code = (
        "import sys; from sicgrid.experiment import load_config, with_weights; from sicgrid.model import make_network\n"
        "config = load_config('smoke')\n"
        "weights = {name: tensor.numpy() for name, tensor in make_network(config.model).state_dict().items()}\n"
        "with_weights(config, weights, 'these'); print('torch._dynamo' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"


def test_a_network_of_the_gpus_kernels_walks_and_is_judged_where_there_is_no_gpu(checkpoint):
    config, state = checkpoint
    there = replace_kernels(config, "triton")
    elsewhere, here = trained(there, state), trained(config, state)
    # Those of this test are the reference, and the fastest of this machine are not.
    equal = pytest.approx(held_out_loss(*here, batches=1, seed=0), rel=1e-5)
    assert held_out_loss(*elsewhere, batches=1, seed=0) == equal


def test_it_is_not_trained_further_there(checkpoint):
    config, state = checkpoint
    with pytest.raises(UserError, match=r"^kernels='triton' runs on cuda, the tensors are on cpu; use 'auto'"):
        build(replace_kernels(config, "triton"), state, "cpu")


def replace_kernels(config, kernels):
    return config.model_copy(update={"kernels": kernels})


def test_weights_of_another_network_are_refused_by_whose_they_are(checkpoint):
    config, _ = checkpoint
    with pytest.raises(
        UserError, match=r"the weights of step 3 are not of this run's settings: start, tran.* do not fit$"
    ):
        with_weights(config, {"start": np.zeros(3, np.float32)}, "the weights of step 3")


@pytest.mark.parametrize("units", [10**8, 10**10])
def test_a_network_without_room_is_told_in_own_words(make_config, units):
    """More weights than there is memory for, and than torch can count."""
    with pytest.raises(UserError, match=rf"network of {units:,} units do not fit into memory; take fewer model.units$"):
        build(make_config(model__units=units), None)
