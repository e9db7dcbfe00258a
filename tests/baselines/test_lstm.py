"""The LSTM: its cell is torch's, and its training goes down."""

import numpy as np
import torch

from sicgrid.baselines import LstmConfig, baseline

TOY = LstmConfig(units=16, time=5, batch=20, steps=150, learning_rate=1e-2)


def test_training_lowers_the_error_and_the_cell_is_torchs() -> None:
    losses: list[float] = []
    weights = baseline("lstm").fit(TOY, 0, lambda done, total, loss: losses.append(loss))
    assert losses[-1] < 0.5 * losses[0]
    lstm = torch.nn.LSTM(2, 16, batch_first=True)
    lstm.load_state_dict({name[5:]: torch.from_numpy(array) for name, array in weights.items() if name[:5] == "lstm."})
    displacements = np.random.default_rng(0).uniform(-0.15, 0.15, (3, 6, 2)).astype(np.float32)
    with torch.no_grad():
        expected, _ = lstm(torch.from_numpy(displacements) / 0.15)
    states = baseline("lstm").build(TOY, weights).walk(displacements)
    assert states.shape == (3, 6, 32)
    np.testing.assert_allclose(states[..., :16], expected.numpy(), atol=1e-6)
