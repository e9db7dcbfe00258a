"""Every control of the page does what it says, in a real browser."""

import json
from dataclasses import replace

import numpy as np
import pytest

from sicgrid.analysis import autocorrelogram, grid_score
from sicgrid.explorer import network_subject, render_explorer

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


def test_in_a_frame_of_the_site_the_units_stand_beside_the_arena(page):
    """The front page's frame is some 890 px wide, and whoever looks into it sees the first screen."""
    page.size(890, 900)
    script = "const [arena, units] = ['.arena-card', '.units-card'].map((one) => document.querySelector(one)"
    script += ".getBoundingClientRect()); return [units.left > arena.right, Math.abs(units.top - arena.top) < 2,"
    script += " document.documentElement.scrollWidth <= document.documentElement.clientWidth];"
    seen = asked(page, script)
    page.size(1400, 1000)
    assert seen == [True, True, True]


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


LINK = "#box=3.50&units0=9.12&module0=1&turn0=0.20,-0.40&landmarks=none&noise=20&silenced0=4&alike=1&play=0&stop=4"
SHOWN = (
    "[world.box, brain.chosen, brain.module, world.panels[0].torus.held, world.landmarks, world.trial.noise,"
    " [...brain.network.silenced.keys()].filter((unit) => brain.isSilenced(unit)), world.layers.alike, world.playing,"
    " get('tour').hidden || get('tour-title').textContent]"
)
FOLLOWED = (
    "const follow = (link) => new Promise((done) => { addEventListener('hashchange', () => setTimeout(done),"
    " { once: true }); location.hash = link; });"
)


def test_a_link_pasted_into_the_open_page_shows_what_it_shows_anew(page, browser, file):
    """And one that names nothing brings the page back to how it opens."""
    first = asked(page, "get('mend').click(); world.resize(2); world.play(true); return location.hash;")
    fresh = asked(page, f"return {SHOWN};")
    found = page.run(
        f"(async () => {{ {WORLD} {FOLLOWED} const told = []; await follow('{LINK}');"
        f" told.push({SHOWN}, location.hash); get('kick').click(); told.push(location.hash);"
        f" await follow('{first or '#'}'); told.push({SHOWN}); return told; }})()"
    )
    assert found[0] == [3.5, [9, 12], 1, True, "none", 0.2, [4], True, False, "Aliasing"]
    assert found[3] == fresh
    other = browser.open(file, address=LINK)
    assert asked(other, f"return [{SHOWN}, location.hash];") == found[:2] == [found[0], found[2]]
    other.close()
    asked(page, "world.play(false);")


def test_a_unit_that_an_address_names_twice_is_chosen_once(browser, file):
    other = browser.open(file, address="#units0=3.3")
    assert asked(other, "return brain.chosen;") == [3]
    other.close()


def test_numbers_that_never_rest_are_not_read_out(page):
    live = "[...document.querySelectorAll('output, [aria-live], [role=status]')].filter((one) => {"
    live += " while (one && !one.getAttribute('aria-live')) one = one.parentElement;"
    live += " return one?.getAttribute('aria-live') !== 'off'; })"
    script = (
        f"const told = []; const seen = new MutationObserver((list) => told.push(...list)); {live}.forEach((one) =>"
        " seen.observe(one, { childList: true, characterData: true, subtree: true }));"
        " for (let k = 0; k < 20; k++) { world.step(); world.saidAt = 0; world.draw(performance.now()); }"
        " return [get('place-now').textContent !== '', seen.takeRecords().length];"
    )
    assert asked(page, script) == [True, 0]


def test_words_at_marks_do_not_run_into_each_other(page):
    found = asked(
        page,
        "const drawn = [], real = CanvasRenderingContext2D.prototype.fillText; world.marks = [];"
        "CanvasRenderingContext2D.prototype.fillText = function (words, x, y) {"
        " drawn.push([words, x, y, this.measureText(words).width]); return real.call(this, words, x, y); };"
        "for (const words of ['kick', 'kick', 'silenced']) world.mark(words); world.step(); world.mark('mended');"
        "world.errors.draw(Infinity); CanvasRenderingContext2D.prototype.fillText = real; world.errors.due = 0;"
        "return [drawn.filter(([words]) => ['kick', 'silenced', 'mended'].includes(words)),"
        " world.errors.canvas.clientWidth];",
    )
    words, width = found
    assert [word for word, *_ in words] == ["kick", "silenced", "mended"]
    for _, x, y, wide in words:
        assert 0 < x < x + wide <= width
        assert sum(abs(y - row) < 11 and x < start + long and start < x + wide for _, start, row, long in words) == 1


def test_the_dots_of_the_rings_stay_in_their_canvas(page):
    """Also those of a state that is off its torus."""
    script = (
        "const { torus } = world.panels[0], arcs = [], real = CanvasRenderingContext2D.prototype.arc;"
        "const phases = brain.phases; CanvasRenderingContext2D.prototype.arc = function (x, y, radius, ...more) {"
        " if (this.canvas === torus.rings && radius === 6) arcs.push([x, y]);"
        " return real.call(this, x, y, radius, ...more); };"
        "for (const turn of [0, 0.25, 0.5, 0.75]) { brain.phases = brain.phases.map(() => ({ turns: [turn, turn],"
        " raw: [turn, turn, turn], lengths: [2, 2, 2] })); torus.drawRings(); }"
        "CanvasRenderingContext2D.prototype.arc = real; brain.phases = phases;"
        "return [arcs, torus.rings.clientWidth, torus.rings.clientHeight];"
    )
    for size in ((1400, 1000), (420, 900)):
        page.size(*size)
        arcs, width, height = asked(page, script)
        assert len(arcs) == 12
        assert all(6.9 <= x <= width - 6.9 and 6.9 <= y <= height - 22 for x, y in arcs), (size, arcs)
    page.size(1400, 1000)


def test_what_is_chosen_is_said(page):
    """A click and a key change the name of the canvas, and a key is told to whoever does not see it."""
    told = asked(
        page,
        "const { units } = world.panels[0], label = () => units.canvas.getAttribute('aria-label'); units.choose(5);"
        "const clicked = label(); units.canvas.focus();"
        "units.canvas.dispatchEvent(new KeyboardEvent('keydown', { key: 'ArrowRight' }));"
        "return [clicked, label(), get('status').textContent, brain.about.units[brain.chosen[0]].name];",
    )
    assert "Unit 5, module 1, grid score 1.20" in told[0]
    assert told[2].startswith(f"Unit {told[3]}, module ")
    assert told[1].endswith(told[2])


def test_what_takes_keys_is_no_picture_and_sliders_speak_their_units(page):
    roles = asked(
        page, "return [...document.querySelectorAll('canvas[tabindex]')].map((one) => one.getAttribute('role'));"
    )
    assert set(roles) == {"application"}
    told = asked(
        page,
        "set('noise', 20); const told = [...document.querySelectorAll('input[type=range]')].map((one) =>"
        " one.getAttribute('aria-valuetext')); set('noise', 0); return told;",
    )
    assert None not in told
    assert {"2.0 m a side", "20 % of length", "× 1.00", "0 units"} <= set(told)


def test_play_of_the_snapshots_stands_clear_of_their_maps(page):
    script = "return ['learn-play', 'learn-maps'].map((id) => get(id).getBoundingClientRect());"
    button, maps = asked(page, script.replace("getBoundingClientRect()", "getBoundingClientRect().toJSON()"))
    assert maps["top"] - button["bottom"] >= 8


def test_a_unit_cell_without_phases_says_so(page):
    told = asked(
        page,
        "const words = () => { world.changed(); return document.querySelector('.cell-words').textContent; };"
        "const before = words(), { units } = brain.about;"
        "brain.about.units = units.map((one) => ({ ...one, phase: null }));"
        "const after = words(); brain.about.units = units; world.changed(); return [before, after];",
    )
    assert told == ["unit cell: units where they fire", "unit cell: where the state is; no phase of a unit is known"]


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


SAVED = """
const saved = []; const real = HTMLAnchorElement.prototype.click;
HTMLAnchorElement.prototype.click = function () { saved.push([this.download, this.href]); };
const shown = async (button) => {
  get(button).click();
  while (!saved.length) await new Promise((done) => setTimeout(done, 20));
  HTMLAnchorElement.prototype.click = real;
  const [[name, address]] = saved;
  return name;
};
"""


def test_a_picture_is_saved(page):
    assert page.run(f"(async () => {{ {WORLD} {SAVED} return shown('save-picture'); }})()").endswith(".png")


def test_a_clip_is_saved(page):
    """Half a second of film: a file that begins as WebM does, holds pictures, and leaves the button as it was."""
    script = (
        "const whole = URL.createObjectURL; let blob;"
        "URL.createObjectURL = (one) => { blob = one; return whole(one); };"
        "world.clip = 500; const name = shown('save-clip'), disabled = get('save-clip').disabled;"
        "const saved_as = await name, bytes = new Uint8Array(await blob.arrayBuffer());"
        "URL.createObjectURL = whole;"
        "return { saved_as, disabled, after: get('save-clip').disabled, words: get('save-clip').textContent,"
        " kind: blob.type, size: bytes.length, first: [...bytes.slice(0, 4)], filming: Boolean(world.onFrame) };"
    )
    found = page.run(f"(async () => {{ {WORLD} {SAVED} {script} }})()")
    assert found["saved_as"].endswith(".webm")
    assert found["kind"].startswith("video/webm")
    assert found["first"] == [0x1A, 0x45, 0xDF, 0xA3]  # the mark of its container
    assert found["size"] > 2000
    assert (found["disabled"], found["after"], found["words"], found["filming"]) == (True, False, "Save clip", False)
    assert page.problems() == []


CONTROLS = "[...document.querySelectorAll('input, select, button')]"
NAME = "(one.id || one.className.split(' ')[0])"
# Of each control what it does: a script that is true where it did.
WORKS = {
    "tour-start": "get('tour-start').click(); const shown = !get('tour').hidden; world.tour.end(); return shown;",
    "tour-act": "world.tour.go(4); get('tour-act').click(); const big = world.box > 4; world.tour.end();"
    " world.resize(2); return big && world.layers.alike;",
    "tour-next": "world.tour.go(1); get('tour-next').click(); const at = world.tour.at; world.tour.end();"
    " return at === 2;",
    "tour-back": "world.tour.go(2); get('tour-back').click(); const at = world.tour.at; world.tour.end();"
    " return at === 1;",
    "tour-end": "world.tour.go(1); get('tour-end').click(); return get('tour').hidden && !world.tourStop;",
    "save-picture": "",  # a test of its own, as the next
    "save-clip": "",
    "copy-link": "let sent; Object.defineProperty(navigator, 'clipboard', { configurable: true,"
    " value: { writeText: async (text) => { sent = text; } } }); get('copy-link').click();"
    " return sent === location.href;",
    "play": "get('play').click(); const ran = world.playing; get('play').click(); return ran && !world.playing;",
    "home": "world.walk.x = 0.5; get('home').click(); const first = brain.network.initialState();"
    " return world.walk.x === 0 && brain.state.every((rate, k) => rate === first[k]);",
    "alone": "get('alone').click(); world.walk.keys.clear(); const still = world.walk.next(); get('alone').click();"
    " return still[0] === 0 && still[1] === 0 && world.walk.next().some((by) => by !== 0);",
    "speed": "set('speed', 0); const slow = world.stepsASecond; set('speed', 100);"
    " const fast = world.stepsASecond; set('speed', 45); return slow === 1 && fast === Infinity;",
    "box": "set('box', 80); const large = world.box; world.resize(2); return large > 5 && brain.code.box === 2;",
    "landmarks": "set('landmarks', 'start', 'change'); world.walk.x = 0.4; world.steps = 399; world.step();"
    " const home = world.walk.x === 0; set('landmarks', 'none', 'change'); world.walk.x = 0.99; world.walk.y = 0;"
    " brain.state.set(brain.code.state(-0.4, 0.3)); world.advance([0, 0]); const lost = brain.decoded.error;"
    " set('landmarks', 'walls', 'change'); world.advance([0, 0]);"
    " return home && lost > 0.2 && brain.decoded.error < 0.1;",
    "layer-trace": "const pixels = () => world.arena.canvas.toDataURL(); world.still = true;"
    " for (let k = 0; k < 50; k++) world.step(); world.draw(0); const before = pixels(); get('layer-trace').click();"
    " world.draw(0); const after = pixels(); get('layer-trace').click(); return before !== after;",
    "layer-decoded": "const pixels = () => world.arena.canvas.toDataURL(); world.draw(0); const before = pixels();"
    " get('layer-decoded').click(); world.draw(0); const after = pixels(); get('layer-decoded').click();"
    " return before !== after;",
    "layer-alike": "const pixels = () => world.arena.canvas.toDataURL(); const was = world.layers.alike;"
    " world.draw(0); const before = pixels(); get('layer-alike').click(); world.draw(0); const after = pixels();"
    " get('layer-alike').click(); return before !== after && world.layers.alike === was;",
    "silence": "set('silence', 50); const half = brain.silencedCount; set('silence', 0);"
    " return half === 64 && brain.silencedCount === 0;",
    "noise": "set('noise', 40); const much = world.trial.noise; set('noise', 0); return much === 0.4;",
    "gain": "set('gain', 120); const more = world.trial.gain; set('gain', 100); return more === 1.2;",
    "blind": "get('blind').click(); const shut = world.trial.blind; get('blind').click();"
    " return shut && !world.trial.blind;",
    "kick": "const was = Float32Array.from(brain.state); get('kick').click();"
    " return Math.hypot(...was.map((rate, k) => rate - brain.state[k])) > 0.1;",
    "mend": "set('silence', 30); set('noise', 30); set('gain', 80); get('blind').click(); get('mend').click();"
    " return brain.silencedCount === 0 && !world.trial.noise && world.trial.gain === 1 && !world.trial.blind;",
    "learn-step": "set('learn-step', 1); const words = get('learn-now').textContent; set('learn-step', 2);"
    " return words.startsWith('step 10 of 20, loss -0.100');",
    "learn-play": "get('learn-play').click(); const runs = Boolean(world.learn.timer); set('learn-step', 2);"
    " return runs;",
    "overlay": "const box = document.querySelector('.overlay'); box.click(); const [panel] = world.panels;"
    " brain.chosen = [3]; panel.units.choose(4, world.overlay); const both = String(brain.chosen); box.click();"
    " return both === '3,4' && !world.overlay;",
    "module": "const choice = document.querySelector('.module'); choice.value = '1';"
    " choice.dispatchEvent(new Event('change')); const other = brain.module; brain.module = 0; world.changed();"
    " return other === 1 && choice.value === '0';",
    "silence-unit": "brain.chosen = [5]; const button = document.querySelector('.silence-unit'); button.click();"
    " const dead = brain.isSilenced(5); button.click(); return dead && !brain.isSilenced(5);",
}


def test_every_control_is_tried(page):
    assert set(asked(page, f"return {CONTROLS}.map((one) => {NAME});")) == set(WORKS)


@pytest.mark.parametrize("name", [name for name, script in WORKS.items() if script])
def test_it_does_what_it_says(page, name):
    assert asked(page, WORKS[name]) is True


def test_the_address_holds_every_setting(page, browser, file):
    """Each control that can be set is set to something else, and the address brings all of them back at once."""
    asked(page, "get('mend').click(); world.resize(2); world.play(true);")
    states = f"Object.fromEntries({CONTROLS}.filter((one) => one.value !== undefined && one.tagName !== 'BUTTON')"
    states += f".map((one) => [{NAME}, one.type === 'checkbox' ? one.checked : one.value]))"
    before = asked(page, f"return {states};")
    told = asked(
        page,
        "const told = {};"
        f"for (const one of {CONTROLS}.filter((one) => one.tagName !== 'BUTTON')) {{ const was = location.hash;"
        "if (one.type === 'checkbox') one.click(); else {"
        " if (one.tagName === 'SELECT') one.selectedIndex = 1;"
        " else one.value = one.value === one.max ? one.min : String((Number(one.value) + Number(one.max)) / 2);"
        " one.dispatchEvent(new Event(one.tagName === 'SELECT' ? 'change' : 'input')); }"
        f" told[{NAME}] = location.hash !== was; }}"
        "brain.chosen = [9, 12]; world.toggleSilence(brain); world.play(false);"
        "world.panels[0].torus.canvas.dispatchEvent(new KeyboardEvent('keydown', { key: 'ArrowUp' }));"
        "return told;",
    )
    assert all(told.values()), told
    rest = "[brain.chosen, brain.module, world.playing, [...brain.network.silenced], world.panels[0].torus.held, "
    rest += "world.panels[0].torus.pitch.toFixed(2)]"
    after, more, address = asked(page, f"return [{states}, {rest}, location.hash];")
    assert all(after[name] != before[name] for name in before), (before, after)
    other = browser.open(file, address=address)
    assert asked(other, f"return [{states}, {rest}];") == [after, more]
    assert other.problems() == []
    other.close()
    asked(page, "location.hash = ''; get('mend').click(); world.resize(2);")


@pytest.fixture(scope="module")
def none(browser, quick, survey, tmp_path_factory):
    """The page of a network in whose code no module was found."""
    without = replace(
        survey, module=np.full_like(survey.module, -1), waves=np.empty((0, 2, 2)), module_spacing_m=np.empty(0)
    )
    file = tmp_path_factory.mktemp("none") / "none.html"
    file.write_text(render_explorer([network_subject("none", *quick, without)]), encoding="utf-8")
    opened = browser.open(file)
    yield opened
    opened.close()


def test_where_no_module_repeats_the_place_cannot_be_told_beyond_the_recorded_box(none):
    """It used to be decoded to a corner."""
    script = (
        "world.play(false); const at = (x, y) => { brain.state.set(brain.code.state(x, y)); brain.see(x, y); };"
        "at(0.3, 0.2); const inside = [brain.decoded.told, brain.decoded.error];"
        "world.resize(4); at(0.3, 0.2); brain.note(); world.saidAt = 0; world.draw(1e6);"
        "const beyond = [brain.decoded.told, brain.decoded.alike, Number.isNaN(brain.history.place.at(-1))];"
        "const words = get('place-now').textContent; world.resize(2); brain.state.fill(0); brain.see(0, 0);"
        "world.saidAt = 0; world.draw(2e6); return [inside, beyond, words, brain.decoded.told,"
        " get('place-now').textContent];"
    )
    inside, beyond, words, silent, why = asked(none, script)
    assert inside[0] is True
    assert inside[1] < 0.08
    assert beyond == [False, 0, True]
    assert words == "its place cannot be told: no module repeats beyond the recorded box"
    assert silent is False
    assert "no unit that tells places apart is active" in why
    assert none.problems() == []


def told_on_the_tour(page):
    return asked(
        page,
        "const told = [1, 2, 3, 4, 5, 6].map((at) => { world.tour.go(at);"
        " return get('tour-title').textContent + ': ' + get('tour-text').textContent; });"
        "world.tour.end(); return told;",
    )


def test_the_tour_promises_no_lattice_where_there_is_none(page, none):
    asked(page, "brain.chosen = [3];")
    with_modules, without = told_on_the_tour(page), told_on_the_tour(none)
    assert "a lattice of triangles" in with_modules[0]
    assert "onto its torus" in with_modules[5]
    assert without[0].startswith("Where a unit fires: ")
    assert "No module was found here" in without[4]
    for words in without:
        for wrong in ("make a lattice", "its torus", "has one module", "comes back"):
            assert wrong not in words, words


def test_of_the_recorded_map_it_says_how_much_of_the_box_was_seen(page):
    script = "const { visited } = brain.code, kept = visited.slice(), { detail } = world.panels[0];"
    script += " const n = 2 * brain.live.n - 1;"
    script += " const seen = () => { detail.measure(3, new Float64Array(n * n));"
    script += " return document.querySelector('.unit-numbers tr:last-child td:last-child').textContent; };"
    script += " visited.fill(1); const all = seen(); visited.fill(0, 0, visited.length / 2); const half = seen();"
    script += " visited.set(kept); seen(); return [all, half];"
    assert asked(page, script) == ["100 %", "50 %"]


def test_a_button_of_the_tour_offers_only_what_the_code_has(page, none):
    script = "const told = [3, 5].map((at) => { world.tour.go(at); const act = get('tour-act');"
    script += " return act.hidden ? null : act.textContent; }); world.resize(4); get('tour-act').click();"
    script += " const side = world.box; world.resize(2); world.tour.end(); return [told, side];"
    assert asked(page, script) == [["Turn it", "Count the look-alikes"], 4]
    told, side = asked(none, script)
    assert told == [None, "Back to its own box"]
    assert side == asked(none, "return brain.code.recorded;")


def test_the_tour_tells_of_the_unit_that_is_chosen_on_the_way(page):
    script = "brain.chosen = [3]; world.tour.go(1); const first = get('tour-title').textContent;"
    script += " world.panels[0].units.choose(125); const then = get('tour-title').textContent; world.tour.end();"
    script += " brain.chosen = [3]; return [first, then];"
    assert asked(page, script) == ["What a grid cell is", "Where a unit fires"]


def test_the_tour_breaks_what_it_says_and_mend_all_mends_it(page):
    """Landmarks too: without them the error would stay."""
    states = "[brain.silencedCount > 0, world.landmarks, world.trial.blind, world.marks.at(-1).words]"
    script = f"world.tour.go(6); get('tour-act').click(); const broken = {states}; get('mend').click();"
    script += f" world.tour.end(); return [broken, {states}, get('landmarks').value];"
    broken, mended, shown = asked(page, script)
    assert broken == [True, "none", False, "kick"]
    assert mended == [False, "walls", False, "mended"]
    assert shown == "walls"
