import json

import pytest
import torch

from sicgrid.training import TrainConfig, TrainState, train

SCHEDULES = ["constant", "cosine", "plateau"]


def config_of(**settings):
    return TrainConfig(
        **{"steps": 14, "learning_rate": 5e-3, "accumulate": 2, "log_every": 1, "plateau_window": 3}
        | {"plateau_patience": 0, "plateau_factor": 0.5, "warmup_steps": 2, **settings}
    )


def saved(state):
    """What a checkpoint keeps: copies of the tensors, and numbers that have been through JSON."""
    return {name: tensor.clone() for name, tensor in state.arrays().items()}, json.loads(json.dumps(state.meta()))


def numbers(record):
    return record.step, record.terms, record.learning_rate, record.gradient_norm


def run(parts, config, stop=None, checkpoint=None, seed=5, kept=None):
    """Records up to the end or a stop, and the checkpoint there; one of each step goes into `kept`."""
    state = None
    if checkpoint is not None:
        state = TrainState.start(parts[0], config, seed=123)  # another seed: loading must bring back the first
        state.load(*checkpoint)
    records = []
    for record in train(*parts, config, seed=seed, state=state):
        records.append(numbers(record))
        if kept is not None:
            kept[record.step] = saved(record.state)
        if record.step == stop:
            break
    return records, saved(record.state)


def check_resumed(make, config, stops):
    """From each checkpoint, loaded into a network of other weights, it goes on as if never stopped, bit for bit."""
    checkpoints = {}
    whole, (arrays, meta) = run(make(), config, kept=checkpoints)
    for stop in stops:
        parts = make()
        with torch.no_grad():
            for parameter in parts[0].parameters():
                parameter.add_(1.0)
        after, (resumed_arrays, resumed_meta) = run(parts, config, checkpoint=checkpoints[stop])
        assert after == whole[stop:], stop
        assert arrays.keys() == resumed_arrays.keys()
        for name, tensor in arrays.items():
            assert torch.equal(tensor, resumed_arrays[name]), (name, stop)
        assert meta == resumed_meta


@pytest.mark.parametrize("kernels", ["reference", "numba"])
@pytest.mark.parametrize("schedule", SCHEDULES)
def test_resumed_run_equals_the_uninterrupted_one_bit_for_bit(make_parts, kernels, schedule):
    check_resumed(lambda: make_parts(kernels, train_initial_state=True), config_of(schedule=schedule), (1, 2, 6, 7, 13))


@pytest.mark.parametrize("schedule", SCHEDULES)
def test_resumed_across_the_end_of_learning_apart_it_is_the_uninterrupted_run(make_parts, schedule):
    check_resumed(lambda: make_parts(populations=3), config_of(schedule=schedule, apart_steps=6), (1, 5, 6, 7, 13))


@pytest.mark.parametrize("kernels", ["reference", "numba"])
def test_resumed_within_and_after_the_windows_it_is_the_uninterrupted_run(make_parts, kernels):
    """The places of the windows are random; they come from the generator, which is saved."""
    config = config_of(schedule="cosine", window=4, window_share=0.45)
    check_resumed(lambda: make_parts(kernels, coupling_range=2, norm_range=1.5), config, (1, 5, 6, 7, 13))


def test_resumed_while_trajectories_grow_it_is_the_uninterrupted_run(make_parts):
    check_resumed(make_parts, config_of(schedule="cosine", first_length=2, growth_share=0.4), (1, 5, 6))


def test_resumed_before_and_after_invariance_weighs_more_it_is_the_uninterrupted_run(make_parts):
    check_resumed(make_parts, config_of(schedule="plateau", late_invariance=2.0, late_share=0.4), (3, 7, 8, 9))


def test_resumed_before_and_after_the_end_was_brought_nearer_it_is_the_uninterrupted_run(make_parts):
    config = config_of(schedule="cosine", stop=10.0, stop_window=2)  # decided after 4 steps, to end with 6
    check_resumed(make_parts, config, (1, 3, 4, 5))


def test_a_state_of_before_there_was_an_early_end_still_loads(make_parts):
    config = config_of(schedule="cosine")
    _, (arrays, meta) = run(make_parts(), config, stop=4)
    older = {name: value for name, value in meta.items() if name not in ("ends_at", "last_reading")}
    resumed = [run(make_parts(), config, checkpoint=(arrays, one))[0] for one in (older, meta)]
    assert resumed[0] == resumed[1]
    assert len(resumed[0]) == config.steps - 4


def test_a_run_that_is_looked_at_and_stopped_is_the_one_that_is_left_alone(make_parts):
    config, checkpoints = config_of(schedule="plateau"), {}
    whole, _ = run(make_parts(), config)
    assert run(make_parts(), config, kept=checkpoints)[0] == whole
    before, (arrays, meta) = run(make_parts(), config, stop=7)
    assert before == whole[:7]
    assert meta == checkpoints[7][1]
    assert all(torch.equal(tensor, checkpoints[7][0][name]) for name, tensor in arrays.items())


def test_initial_state_that_is_not_trained_is_saved_too(make_parts):
    config = config_of(schedule="constant")
    whole, _ = run(make_parts(), config)
    before, checkpoint = run(make_parts(), config, stop=4)
    parts = make_parts()
    torch.manual_seed(99)
    stranger = type(parts[0])(units=12, hidden=8, initialization="identity", velocity_scale=0.15, kernels="reference")
    after, _ = run((stranger, *parts[1:]), config, checkpoint=checkpoint)
    assert before + after == whole


def test_state_that_is_kept_is_the_one_that_goes_on(make_parts):
    config = config_of(schedule="constant")
    parts = make_parts()
    whole, _ = run(make_parts(), config)
    iterator = train(*parts, config, seed=5)
    first = next(iterator)
    iterator.close()
    rest = [numbers(record) for record in train(*parts, config, state=first.state)]
    assert [numbers(first), *rest] == whole


def test_finished_state_has_nothing_left_to_do(make_parts):
    config, parts = config_of(schedule="constant"), make_parts()
    _, checkpoint = run(parts, config)
    state = TrainState.start(parts[0], config, seed=5)
    state.load(*checkpoint)
    assert state.step == 14
    assert list(train(*parts, config, state=state)) == []


@pytest.mark.parametrize("schedule", SCHEDULES)
def test_arrays_are_tensors_and_meta_is_json(make_parts, schedule):
    state = next(train(*make_parts(), config_of(schedule=schedule))).state
    assert all(isinstance(name, str) and isinstance(value, torch.Tensor) for name, value in state.arrays().items())
    meta = state.meta()
    assert meta["step"] == state.step == 1
    assert json.loads(json.dumps(meta)) == meta


@pytest.mark.parametrize("change", ["missing", "unknown", "shape"])
def test_checkpoint_of_another_network_is_refused_and_changes_nothing(make_parts, change):
    config, parts = config_of(schedule="constant"), make_parts()
    _, (arrays, meta) = run(make_parts(), config, stop=3)
    name = next(name for name in arrays if name.startswith("rnn.transition"))
    if change == "missing":
        del arrays[name]
    elif change == "unknown":
        arrays["rnn.readout.weight"] = torch.zeros(3)
    else:
        arrays[name] = torch.zeros(3, 3)
    state = TrainState.start(parts[0], config, seed=5)
    before = saved(state)
    with pytest.raises(ValueError, match="not of this network"):
        state.load(arrays, meta)
    now = saved(state)
    assert now[1] == before[1]
    assert now[0].keys() == before[0].keys()
    assert all(torch.equal(now[0][name], tensor) for name, tensor in before[0].items())


@pytest.mark.parametrize("change", ["missing moment", "unknown moment", "moment's shape"])
def test_checkpoint_with_another_optimizer_is_refused(make_parts, change):
    config, parts = config_of(schedule="constant"), make_parts()
    _, (arrays, meta) = run(make_parts(), config, stop=3)
    name = next(name for name in arrays if name.endswith("exp_avg"))
    if change == "missing moment":
        del arrays[name]
    elif change == "unknown moment":
        arrays[name.replace("exp_avg", "velocity")] = arrays.pop(name)
    else:
        arrays[name] = torch.zeros(3, 3)
    state = TrainState.start(parts[0], config, seed=5)
    with pytest.raises(ValueError, match=r"optimi[sz]er"):
        state.load(arrays, meta)
