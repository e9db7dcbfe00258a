"""A recorded animal in the page: its path, and every spike where it fell."""

from dataclasses import replace

import numpy as np
import pytest
import scipy.sparse

from known_code import known_survey
from sicgrid.evaluation import Recording
from sicgrid.explorer import Subject, _recording, network_subject, render_explorer
from sicgrid.explorer._recording import replay
from sicgrid.explorer._subject import describe_survey
from sicgrid.storage import UserError

UNITS, SAMPLES = 128, 600


def recording(spikes):
    generator = np.random.default_rng(0)
    turn = np.cumsum(generator.normal(0, 0.2, SAMPLES))
    positions = (0.7 * np.stack([np.sin(turn), np.cos(1.3 * turn)], axis=1)).astype(np.float32)[None]
    counts = generator.poisson(0.1, (SAMPLES, UNITS)).astype(np.float32)
    seconds = np.full(SAMPLES, 0.02)
    states = scipy.sparse.csr_array(counts / 0.02) if spikes else counts[None]
    kept = seconds if spikes else None
    return Recording(positions, np.zeros_like(positions), states, np.zeros(UNITS, np.float32), 2.0, kept), counts


def test_no_spike_is_lost():
    made, counts = recording(True)
    about, arrays = replay(made)
    assert (about["step_s"], about["spikes"]) == (0.1, True)
    back = np.zeros((SAMPLES // 5, UNITS))
    np.add.at(back, (arrays["spike_step"], arrays["spike_unit"]), arrays["spike_count"])
    np.testing.assert_array_equal(back, counts.reshape(-1, 5, UNITS).sum(axis=1))
    places = made.positions[0].reshape(-1, 5, 2).mean(axis=1)
    np.testing.assert_allclose(arrays["path"] / 32767, places, atol=2e-5)


def test_activities_are_means():
    made, counts = recording(False)
    about, arrays = replay(made)
    assert not about["spikes"]
    back = arrays["activity"] / 255 * arrays["largest"]
    assert np.abs(back - counts).max() <= counts.max() / 255


def walks(count, samples=50, units=6):
    """Walks of a network of one's own: no clock, and each from the middle."""
    generator = np.random.default_rng(1)
    steps = generator.uniform(-0.05, 0.05, (count, samples, 2)).astype(np.float32)
    positions = np.clip(np.cumsum(steps, axis=1), -1, 1)
    return Recording(positions, steps, generator.random((count, samples, units), np.float32), np.zeros(units), 2.0)


def test_of_several_walks_all_that_fit_are_replayed(monkeypatch):
    about, arrays = replay(walks(4))
    assert (about["walks"], about["of_walks"], about["walk_steps"], about["step_s"]) == (4, 4, 50, None)
    np.testing.assert_allclose(arrays["path"].reshape(4, 50, 2) / 32767, walks(4).positions, atol=2e-5)
    back = (arrays["activity"] / 255 * arrays["largest"]).reshape(4, 50, 6)
    np.testing.assert_allclose(back, walks(4).activity, atol=3e-3)
    monkeypatch.setattr(_recording, "MOST_NUMBERS", 3 * 50 * 6)
    about, arrays = replay(walks(4))
    assert (about["walks"], about["of_walks"], len(arrays["path"])) == (3, 4, 150)


@pytest.mark.parametrize(
    ("made_by", "said"),
    [
        ("network", "the network itself does not run in this page"),
        ("code", "the code itself does not run in this page"),
    ],
)
def test_a_network_or_code_of_ones_own_is_not_called_an_animal(browser, tmp_path, made_by, said):
    survey = known_survey(units=6)
    path, replayed = replay(walks(3))
    known, measured = describe_survey(survey)
    about = {"name": "mine", "kind": "recording", "of": made_by, "shows": "", **known, **path}
    file = tmp_path / "mine.html"
    file.write_text(render_explorer([Subject("mine", about, measured | replayed)]), encoding="utf-8")
    page = browser.open(file)
    words, jumps = page.run(
        "(() => { const { world } = explorer; world.play(false); world.home(); const jumps = [];"
        "for (let k = 0; k < 150; k++) { world.step(); if (world.replay.jumped) jumps.push(k); }"
        "return [document.querySelector('.top').innerText + document.getElementById('arena-hint').innerText"
        " + document.getElementById('about').innerText + document.getElementById('trial-title').innerText, jumps];"
        "})()"
    )
    assert said in words
    assert "All 3 of its 3 walks" in words
    for wrong in ("animal", "cells", " s.", "spike"):
        assert wrong not in words.replace("grid cells", ""), wrong
    assert jumps == [0, 50, 100]
    assert page.problems() == []
    page.close()


def test_negative_activity_and_two_animals_are_refused():
    made, counts = recording(False)
    with pytest.raises(UserError, match="not negative"):
        replay(replace(made, activity=counts[None] - 1))
    animal = Subject("rat", {"name": "rat", "kind": "recording"}, {})
    with pytest.raises(UserError, match="one recording"):
        render_explorer([animal, animal])


@pytest.mark.parametrize("beside", [False, True])
def test_the_page_replays_it(browser, tmp_path, quick, beside):
    made, counts = recording(True)
    survey = known_survey()
    path, replayed = replay(made)
    known, measured = describe_survey(survey)
    subjects = [Subject("rat", {"name": "rat", "kind": "recording", "shows": "", **known, **path}, measured | replayed)]
    subjects += [network_subject("quick", *quick, survey)] * beside
    file = tmp_path / "rat.html"
    file.write_text(render_explorer(subjects[::-1]), encoding="utf-8")  # the animal leads in either order
    page = browser.open(file)
    found = page.run(
        "(() => { const { world } = explorer, [brain] = world.brains; world.play(false); world.home(); world.forget();"
        "for (let k = 0; k < 121; k++) world.step(); world.draw(performance.now());"
        "const { live } = brain;"
        "const all = live.sums.reduce((a, b) => a + b, 0);"
        "return [world.walk.x, world.walk.y, brain.index_in_path, live.samples, all]; })()"
    )
    keys = page.run(
        "(() => { const arena = document.getElementById('arena'), down = new KeyboardEvent('keydown',"
        " { key: 'ArrowDown', cancelable: true }); arena.dispatchEvent(down); const plot ="
        " document.getElementById('errors').clientWidth / document.querySelector('.trial').clientWidth;"
        " return [down.defaultPrevented, arena.hasAttribute('tabindex'), arena.ariaLabel, plot]; })()"
    )
    assert keys[:3] == [False, False, "The arena with the animal on its recorded path"]
    assert (keys[3] > 0.9) is not beside  # alone it has the room of the experiments
    assert found[:2] == pytest.approx(made.positions[0, :5].mean(axis=0), abs=1e-4)  # round once, and at the start
    assert found[2:4] == [0, 121]
    assert found[4] == pytest.approx((counts.sum() + counts[:5].sum()) / 0.1, rel=1e-4)
    assert page.problems() == []
    page.close()
