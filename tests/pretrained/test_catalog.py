"""Networks by name: the weights that the file holds, the nearest name for an unknown one, cards that belong to them."""

import shutil

import numpy as np
import pytest
import torch

from sicgrid.pretrained import load_pretrained, pretrained_names, read_card
from sicgrid.pretrained._catalog import weights_of
from sicgrid.storage import UserError


def test_the_package_has_networks_under_their_public_name():
    import sicgrid

    assert sicgrid.load_pretrained is load_pretrained
    assert "quick" in pretrained_names()


def test_a_loaded_network_has_the_stored_weights_and_walks(exported):
    assert pretrained_names(exported) == ["small"]
    before = torch.random.get_rng_state()
    rnn = load_pretrained("small", exported)
    assert torch.equal(torch.random.get_rng_state(), before)
    stored = weights_of("small", exported).arrays
    assert rnn.state_dict().keys() == stored.keys()
    for name, tensor in rnn.state_dict().items():
        np.testing.assert_array_equal(tensor.numpy(), stored[name])
    states = rnn(torch.zeros(1, 3, 2)).states
    assert torch.allclose(states.norm(dim=-1), torch.ones(1, 3))


def test_an_unknown_name_meets_the_nearest(exported):
    for ask in (load_pretrained, read_card):
        with pytest.raises(UserError, match=r"no pretrained network 'smal' in .*did you mean 'small'\?"):
            ask("smal", exported)
    with pytest.raises(UserError, match=r"no pretrained network 'quik'; did you mean 'quick'\?"):
        load_pretrained("quik")


def test_a_card_of_another_network_is_refused(exported, tmp_path):
    folder = tmp_path / "networks"
    shutil.copytree(exported, folder)
    card = folder / "small.card.json"
    card.write_text(card.read_text().replace(weights_of("small", exported).sha256, "0" * 64))
    with pytest.raises(UserError, match="not the card of the network beside it"):
        read_card("small", folder)
    card.unlink()
    with pytest.raises(UserError, match="has no card"):
        read_card("small", folder)
