"""Every control of the page does what it says, in a real browser."""

import json

import numpy as np
import pytest

from sicgrid.analysis import autocorrelogram, grid_score
from sicgrid.explorer import render_explorer

WORLD = "const { world } = explorer, [brain] = world.brains, get = (id) => document.getElementById(id);"
SET = "const set = (id, value, kind = 'input') => { get(id).value = value; get(id).dispatchEvent(new Event(kind)); };"


def asked(page, script):
    return page.run(f"(() => {{ {WORLD} {SET} {script} }})()")


def test_it_opens_without_a_complaint(page):
    asked(page, "for (let k = 0; k < 30; k++) world.step(); world.draw(performance.now());")
    assert page.problems() == []


@pytest.mark.parametrize("width", [1400, 420])
def test_it_fits_the_screen(page, width):
    page.size(width, 900)
    wider = asked(page, "return document.documentElement.scrollWidth - document.documentElement.clientWidth;")
    page.size(1400, 1000)
    assert wider <= 0


def test_scores_are_those_of_the_package(page, survey):
    for unit in (3, 100):
        ragged = survey.maps[unit].astype(float)
        ragged[5:9, 30:] = np.nan
        for rate_map in (ragged, survey.maps[unit].astype(float)):
            values = json.dumps([None if np.isnan(value) else value for value in rate_map.ravel().tolist()])
            correlogram, score = asked(
                page,
                f"const map = Float64Array.from({values}, (value) => value ?? NaN);"
                "const found = explorer.autocorrelogram(map, 40);"
                "return [[...found], explorer.gridScore(found, 40).score];",
            )
            expected = autocorrelogram(rate_map)
            found = np.array(correlogram, dtype=float).reshape(expected.shape)
            np.testing.assert_allclose(found, expected, atol=1e-6)
            assert score == pytest.approx(grid_score(rate_map).score, abs=1e-3)


def test_a_recorded_state_is_decoded_to_its_place(page):
    """In the recorded box, and in one of twice its side, where lattices stand in for what was not recorded."""
    script = (
        "const at = (x, y) => { brain.state.set(brain.code.state(x, y)); brain.see(x, y);"
        " return brain.decoded.error; };"
        "const small = at(0.5, -0.3); world.resize(4); const large = at(-1.5, 0.9), phases = [...brain.modulo];"
        "world.resize(2); brain.home(); return [small, large, ...phases];"
    )
    assert max(asked(page, script)) < 0.08


def test_what_one_module_confuses_two_tell_apart(page):
    """Places that look alike to the first module alone, and to both."""
    script = (
        "brain.state.set(brain.code.state(0.1, 0.1)); brain.see(0.1, 0.1); const both = brain.decoded.alike;"
        "for (const unit of brain.code.modules[1].members) brain.state[unit] = 0;"
        "brain.see(0.1, 0.1); const one = brain.decoded.alike; brain.home(); return [one, both];"
    )
    one, both = asked(page, script)
    assert one >= 4 > both >= 1


def test_mouse_and_keys_steer(page):
    box = asked(
        page, "world.home(); const { x, y, width } = get('arena').getBoundingClientRect(); return [x, y, width];"
    )
    x, y, width = box
    spot = {"x": x + 0.8 * width, "y": y + 0.25 * width, "button": "left", "buttons": 1}
    page.call("Input.dispatchMouseEvent", type="mousePressed", clickCount=1, **spot)
    led = asked(
        page, "world.play(false); for (let k = 0; k < 40; k++) world.step(); return [world.walk.x, world.walk.y];"
    )
    page.call("Input.dispatchMouseEvent", type="mouseReleased", clickCount=1, **spot)
    assert led[0] > 0.4
    assert led[1] > 0.3
    asked(page, "get('arena').focus(); world.play(false);")
    page.call("Input.dispatchKeyEvent", type="keyDown", key="ArrowLeft")
    keyed = asked(page, "world.play(false); for (let k = 0; k < 8; k++) world.step(); return world.walk.x;")
    page.call("Input.dispatchKeyEvent", type="keyUp", key="ArrowLeft")
    assert keyed < led[0] - 0.4
    assert asked(page, "return world.walk.keys.size") == 0


def test_the_box_is_dragged_by_its_corner(page):
    x, y = asked(
        page,
        "world.still = true; world.draw(0); const box = get('arena').getBoundingClientRect();"
        "const [px, py] = world.arena.toScreen(world.box / 2, -world.box / 2); return [box.x + px, box.y + py];",
    )
    page.call("Input.dispatchMouseEvent", type="mousePressed", x=x, y=y, button="left", buttons=1, clickCount=1)
    page.call("Input.dispatchMouseEvent", type="mouseMoved", x=x + 60, y=y + 60, button="left", buttons=1)
    page.call("Input.dispatchMouseEvent", type="mouseReleased", x=x + 60, y=y + 60, button="left", clickCount=1)
    assert asked(page, "return world.box") > 2.4
    assert asked(page, "set('box', 20); return [world.box, brain.code.box, brain.live.box]") == [0.95] * 3
    asked(page, "world.resize(2)")


def test_a_click_chooses_a_unit_and_shift_adds_one(page):
    places = asked(
        page,
        "const panel = world.panels[0], box = panel.units.canvas.getBoundingClientRect(); panel.units.draw(1);"
        "return [7, 30].map((k) => { const { x, y, unit } = panel.units.cells[k];"
        " return [box.x + x + 5, box.y + y + 5, unit]; });",
    )
    for (x, y, _), modifiers in zip(places, (0, 8), strict=True):
        for kind in ("mousePressed", "mouseReleased"):
            page.call("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1, modifiers=modifiers)
    assert asked(page, "return brain.chosen") == [unit for *_, unit in places]
    said = asked(page, "world.draw(performance.now() + 1e6); return document.querySelector('.unit-title').textContent;")
    assert said == " + ".join(f"Unit {unit}" for *_, unit in places)
    asked(page, "document.querySelector('.units').focus()")
    page.call("Input.dispatchKeyEvent", type="keyDown", key="ArrowRight")
    assert len(asked(page, "return brain.chosen")) == 1


def test_maps_build_up_as_the_animal_walks(page):
    script = (
        "world.resize(2); world.walk.alone = true; for (let k = 0; k < 300; k++) world.step();"
        "const { live } = brain, unit = brain.chosen[0], bin = live.bin(world.walk.x, world.walk.y);"
        "return [live.samples, live.covered, live.visits[bin] > 0, [...live.map(unit)].some((value) => value > 0)];"
    )
    samples, covered, here, _ = asked(page, script)
    assert samples == 300
    assert 0.05 < covered < 1
    assert here


def test_experiments_do_what_they_say(page):
    found = asked(
        page,
        "const out = {}; get('mend').click(); set('silence', 50); out.silenced = brain.silencedCount;"
        "world.step();"
        " out.activity = [...brain.state].filter((rate, unit) => brain.isSilenced(unit) && rate > 0).length;"
        "get('mend').click(); out.mended = brain.silencedCount;"
        "set('gain', 150); out.gain = world.trial.gain; set('noise', 40); out.noise = world.trial.noise;"
        "get('mend').click(); get('blind').click();"
        "const other = Float32Array.from(brain.state); brain.network.step(other, 0, 0, other.slice());"
        "const still = brain.network.step(brain.state, 0, 0, new Float32Array(brain.state.length));"
        "world.landmarks = 'none'; world.step();"
        " out.blind = Math.max(...still.map((rate, k) => Math.abs(rate - brain.state[k])));"
        "get('mend').click(); const before = Float32Array.from(brain.state); get('kick').click();"
        "out.kick = Math.hypot(...before.map((rate, k) => rate - brain.state[k]));"
        "out.length = Math.hypot(...brain.state); out.noted = brain.history.place.length;"
        " world.landmarks = 'walls'; return out;",
    )
    assert found["silenced"] == 64
    assert found["activity"] == found["mended"] == 0
    assert found["gain"] == 1.5
    assert found["noise"] == 0.4
    assert found["blind"] < 1e-6
    assert found["kick"] > 0.2
    assert found["length"] == pytest.approx(1, abs=1e-5)
    assert found["noted"] > 100


def test_the_torus_is_turned_by_hand_and_by_keys(page):
    before = asked(page, "const { torus } = world.panels[0]; torus.canvas.focus(); return [torus.yaw, torus.pitch];")
    page.call("Input.dispatchKeyEvent", type="keyDown", key="ArrowRight")
    page.call("Input.dispatchKeyEvent", type="keyDown", key="ArrowUp")
    after = asked(page, "const { torus } = world.panels[0]; return [torus.yaw, torus.pitch];")
    assert after == pytest.approx([before[0] + 0.12, before[1] - 0.12])


def test_the_address_brings_the_page_back(page, browser, file):
    address = asked(
        page,
        "world.resize(3.5); brain.chosen = [9, 12]; set('noise', 20); get('layer-alike').click();"
        "set('landmarks', 'none', 'change'); world.tour.go(4); return location.hash;",
    )
    other = browser.open(file, address=address)
    again = asked(
        other,
        "return [world.box, brain.chosen, world.trial.noise, world.layers.alike, world.landmarks,"
        " get('tour-title').textContent];",
    )
    assert again == [3.5, [9, 12], 0.2, True, "none", "Aliasing"]
    assert other.problems() == []
    other.close()
    asked(page, "world.resize(2); get('mend').click(); get('layer-alike').click(); world.tour.end();")


def test_the_tour_has_six_stops_and_each_button_works(page):
    seen = asked(
        page,
        "const seen = []; get('tour-start').click(); for (let k = 0; k < 6; k++) {"
        "seen.push(get('tour-title').textContent); get('tour-act').click(); world.step(); get('tour-next').click(); }"
        "seen.push(get('tour').hidden); world.resize(2); get('mend').click(); world.landmarks = 'walls'; return seen;",
    )
    assert len(set(seen[:6])) == 6
    assert seen[6] is True
    assert page.problems() == []


def test_a_picture_and_a_clip_are_saved(page):
    script = (
        "HTMLAnchorElement.prototype.click = function () { (window.saved ??= []).push(this.download); };"
        "await 0; get('save-picture').click(); get('save-clip').textContent;"
    )
    page.run(f"(async () => {{ {WORLD} {script} }})()")
    page.run(
        "new Promise((done) => { const look = () => (window.saved?.length ? done() : setTimeout(look, 20)); look(); })"
    )
    assert page.run("window.saved[0]").endswith(".png")


def test_two_networks_walk_the_same_path(browser, subject, tmp_path):
    file = tmp_path / "two.html"
    file.write_text(render_explorer([subject, subject]), encoding="utf-8")
    two = browser.open(file)
    found = two.run(
        "(() => { const { world } = explorer; world.play(false); for (let k = 0; k < 20; k++) world.step();"
        "world.draw(0); const [one, other] = world.brains; return [document.querySelectorAll('.brain').length,"
        "Math.max(...one.state.map((rate, k) => Math.abs(rate - other.state[k])))]; })()"
    )
    assert found == [2, 0]
    assert two.problems() == []
    two.close()
