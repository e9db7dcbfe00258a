"""Our networks as RatInABox neurons, and its histories as our recordings."""

import sys
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
import torch

from sicgrid.experiment import RunConfig, import_recording, load_run_recording
from sicgrid.model import ModelConfig, make_network
from sicgrid.storage import UserError, read_external_path

if find_spec("ratinabox") is None:
    pytest.skip("ratinabox is not installed (sicgrid[ratinabox])", allow_module_level=True)

pytestmark = pytest.mark.filterwarnings("ignore")  # ratinabox's own


@pytest.fixture(scope="module")
def network():
    with torch.random.fork_rng():
        torch.manual_seed(0)
        return make_network(ModelConfig(units=12, hidden=8, layers=2))


@pytest.fixture
def agent():
    from ratinabox import Agent, Environment

    np.random.seed(0)  # noqa: NPY002 # which ratinabox draws from
    return Agent(Environment(), params={"dt": 0.1})


def neurons(agent, network, **params):
    from sicgrid.bridges import SICNeurons

    return SICNeurons(agent, params={"network": network, **params})


def walked(network, *steps):
    """Activity after these steps from the initial state."""
    state = network.initial_state[None]
    with torch.no_grad():
        for step in steps:
            state = network.step(state, torch.tensor([step], dtype=torch.float32))
    return state[0].detach().numpy()


def go(agent, cells, *places):
    for place in places:
        agent.update(forced_next_position=np.array(place, dtype=float))
        cells.update()


def test_it_is_a_population_like_any_other(agent, network):
    cells = neurons(agent, network, max_fr=8, name="mec")
    for _ in range(5):
        agent.update()
        cells.update()
    assert (cells.n, cells.name, cells.firingrate.shape) == (12, "mec", (12,))
    assert cells in agent.Neurons
    assert cells.get_all_default_params()["min_fr"] == 0.0  # those of Neurons are inherited
    history = cells.get_history_arrays()
    assert history["firingrate"].shape == history["spikes"].shape == (5, 12)
    np.testing.assert_array_equal(history["t"], agent.get_history_arrays()["t"])
    assert (cells.firingrate >= 0).all()
    np.testing.assert_array_equal(cells.get_state(evaluate_at="last")[:, 0], cells.firingrate)


def test_a_bundled_network_is_found_by_name(agent):
    from sicgrid.bridges import SICNeurons

    cells = SICNeurons(agent, params={"network": "modules"})
    assert (cells.n, cells.path.follower.step_m) == (128, 0.15)


def test_plots_work_by_history(agent, network, monkeypatch):
    import matplotlib.pyplot as plt

    monkeypatch.setattr("matplotlib.pyplot.show", lambda: None)
    cells = neurons(agent, network)
    for _ in range(30):
        agent.update()
        cells.update()
    figure, axes = cells.plot_rate_map(chosen_neurons=[0, 3])
    assert len(np.ravel(axes)) == 2
    timeseries, _ = cells.plot_rate_timeseries(chosen_neurons=[0])
    plt.close(figure)
    plt.close(timeseries)


def test_small_displacements_add_up_to_steps_of_the_networks_own_length(agent, network):
    agent.pos = np.array([0.5, 0.5])
    cells = neurons(agent, network, step_m=0.1)
    go(agent, cells, *[(0.5 + 0.03 * k, 0.5) for k in range(1, 11)])
    np.testing.assert_allclose(cells.path.follower.activity, walked(network, *[[0.1, 0]] * 3), atol=1e-5)
    go(agent, cells, (0.8, 0.55))  # what is left over shows at once
    expected = walked(network, *[[0.1, 0]] * 3, [0, 0.05])
    np.testing.assert_allclose(cells.path.follower.activity, expected, atol=1e-5)
    rates = cells.max_fr * expected / cells.path.follower.peak
    np.testing.assert_allclose(cells.firingrate, rates, atol=1e-4)


def test_scale_makes_the_way_longer_and_long_ways_are_many_steps(agent, network):
    agent.pos = np.array([0.5, 0.5])
    cells = neurons(agent, network, step_m=0.1, scale=2.0)
    go(agent, cells, (0.5, 0.649))
    expected = walked(network, *[[0, 0.1]] * 2, [0, 0.098])
    np.testing.assert_allclose(cells.path.follower.activity, expected, atol=1e-5)


def test_noise_stays_out_of_the_network(agent, network):
    quiet, noisy = neurons(agent, network), neurons(agent, network, noise_std=3.0)
    for _ in range(20):
        agent.update()
        quiet.update()
        noisy.update()
    np.testing.assert_array_equal(quiet.path.follower.activity, noisy.path.follower.activity)
    assert np.abs(quiet.firingrate - noisy.firingrate).max() > 0.1


def test_reset_leads_the_network_to_where_a_teleport_put_the_agent(agent, network):
    agent.pos = np.array([0.5, 0.5])
    cells = neurons(agent, network, step_m=0.5)
    np.testing.assert_allclose(cells.path.follower.activity, walked(network), atol=1e-6)
    agent.pos = np.array([0.8, 0.4])
    cells.reset()
    np.testing.assert_allclose(cells.path.follower.activity, walked(network, [0.3, -0.1]), atol=1e-5)
    agent.pos = np.full(2, np.nan)
    go(agent, cells, (np.nan, np.nan))
    assert (cells.firingrate == 0).all()
    go(agent, cells, (0.6, 0.6))
    np.testing.assert_allclose(cells.path.follower.activity, walked(network, [0.1, 0.1]), atol=1e-5)


def test_an_update_too_many_moves_nothing_and_one_too_few_loses_nothing(agent, network):
    agent.pos = np.array([0.5, 0.5])
    cells = neurons(agent, network, step_m=0.5)
    go(agent, cells, (0.6, 0.5))
    cells.update()
    np.testing.assert_allclose(cells.path.follower.activity, walked(network, [0.1, 0]), atol=1e-5)
    agent.update(forced_next_position=np.array([0.6, 0.6]))
    go(agent, cells, (0.7, 0.6))
    np.testing.assert_allclose(cells.path.follower.activity, walked(network, [0.2, 0.1]), atol=1e-5)


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"network": "moduls"}, "no pretrained network 'moduls'"),
        ({"network": 3}, "a sicgrid Network or the name of a bundled one, got 3"),
        ({"n": 5}, "n is the network's, 12, got 5"),
        ({"scale": 0}, "scale must be a positive finite number, got 0"),
        ({"step_m": float("nan")}, "step_m must be a positive finite number, got nan"),
        ({"origin": (1, 2, 3)}, r"origin must be a place, .* got \(1, 2, 3\)"),
        ({"min_fr": 2, "max_fr": 1}, "min_fr must be below max_fr, got 2 and 1"),
        ({"max_fr": "x"}, "max_fr must be a finite number, got 'x'"),
        ({"min_fr": None}, "min_fr must be a finite number, got None"),
        ({"origin": "middle"}, "origin must be a place, two finite numbers, got 'middle'"),
        ({"n": np.arange(3)}, "n is the network's, 12, got "),
    ],
)
def test_what_it_refuses(agent, network, params, message):
    with pytest.raises(UserError, match=message):
        neurons(agent, **{"network": network} | params)
    assert agent.Neurons == []


def test_it_needs_two_dimensions_and_a_way(agent, network):
    from ratinabox import Agent, Environment

    from sicgrid.bridges import SICNeurons

    with pytest.raises(UserError, match="Agent must be a RatInABox Agent, got None"):
        SICNeurons(None)
    with pytest.raises(UserError, match="params must be a dict of parameters by their names, got 'quick'"):
        SICNeurons(agent, "quick")

    with pytest.raises(UserError, match="two dimensions, got 1D"):
        neurons(Agent(Environment({"dimensionality": "1D"})), network)
    with pytest.raises(UserError, match="only where the Agent is"):
        neurons(agent, network).get_state(evaluate_at="all")


def test_activity_below_zero_is_refused(agent):
    from sicgrid.model import Network

    class Signed(Network):
        initial_state = torch.tensor([1.0, -1.0])

        def step(self, state, velocity):
            return state

    with pytest.raises(UserError, match="not negative, and the network's is from -1 to 1"):
        neurons(agent, Signed())


def test_without_ratinabox_the_extra_is_named(monkeypatch):
    from sicgrid.bridges import ratinabox

    monkeypatch.setitem(sys.modules, "ratinabox", None)
    monkeypatch.setitem(sys.modules, "ratinabox.Neurons", None)
    ratinabox._sic_neurons.cache_clear()
    with pytest.raises(
        UserError, match=r"this needs ratinabox; install it with `.* -m pip install 'sicgrid\[ratinabox\]'`"
    ):
        _ = ratinabox.SICNeurons


@pytest.fixture
def simulated(agent):
    """Five grid cells and three place cells along 150 updates."""
    from ratinabox.Neurons import GridCells, PlaceCells

    grids, places = GridCells(agent, params={"n": 5}), PlaceCells(agent, params={"n": 3, "max_fr": 8})
    for _ in range(150):
        agent.update()
        grids.update()
        places.update()
    return agent, grids, places


def test_a_population_becomes_a_run(simulated, tmp_path):
    from sicgrid.bridges import from_ratinabox

    agent, grids, places = simulated
    np.savez(tmp_path / "a.npz", **from_ratinabox(grids, places))
    made = import_recording(tmp_path / "a.npz", tmp_path / "run", RunConfig(), box=agent.Environment.extent)
    recording = load_run_recording(made.run, 1.0)
    np.testing.assert_allclose(recording.positions[0], np.array(agent.history["pos"]) - 0.5, atol=1e-6)
    np.testing.assert_allclose(recording.states[0][:, :5], grids.history["firingrate"], atol=1e-6)
    np.testing.assert_allclose(recording.states[0][:, 5:], places.history["firingrate"], atol=1e-6)


def test_spikes_and_paths_are_kept_as_such(simulated, tmp_path):
    from sicgrid.bridges import from_ratinabox

    agent, _, places = simulated
    arrays = from_ratinabox(places, spikes=True)
    fired = np.array(places.history["spikes"])
    counts = [(arrays["spike_units"] == name).sum() for name in arrays["units"]]
    assert counts == fired.sum(axis=0).tolist()
    assert set(arrays["spike_times"]) <= set(agent.history["t"])
    np.savez(tmp_path / "path.npz", **from_ratinabox(agent))
    path = read_external_path(Path(tmp_path / "path.npz"))
    np.testing.assert_array_equal(path.positions, agent.history["pos"])


def test_what_is_no_history_is_refused(simulated):
    from ratinabox import Agent, Environment
    from ratinabox.Neurons import PlaceCells

    from sicgrid.bridges import from_ratinabox

    agent, grids, places = simulated
    other = PlaceCells(Agent(Environment()))
    for sources, message in {
        (): "give one Agent, or populations",
        (agent, grids): "give one Agent, or populations",
        ("x",): "Agent or Neurons is needed, got str",
        (grids, other): "several Agents",
        (other,): "history of agent_0 is empty",
    }.items():
        with pytest.raises(UserError, match=message):
            from_ratinabox(*sources)
    places.reset_history()
    with pytest.raises(UserError, match="history of PlaceCells is empty"):
        from_ratinabox(places)
    agent.reset_history()
    agent.update()
    with pytest.raises(UserError, match="other times"):
        from_ratinabox(grids)
