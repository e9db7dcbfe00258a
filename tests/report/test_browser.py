"""The page in a real browser: no error, nothing loaded, sorting, filtering and the enlarged unit work."""

import math

import pytest

from sicgrid.report._cards import unit_cards
from written_pages import browse, needs_browser

pytestmark = needs_browser

ACT = """
const get = (id) => document.getElementById(id);
const cards = () => [...document.querySelectorAll("#gallery > li:not([hidden])")];
const units = () => cards().map((card) => Number(card.dataset.unit));
const sort = (key) => { get("sort").value = key; get("sort").dispatchEvent(new Event("change")); return units(); };
const show = (kind) => { document.querySelector(`input[value=${kind}]`).click(); return units(); };
const seen = { first: units() };
for (const key of ["score", "spacing", "orientation", "information", "unit"]) seen[key] = sort(key);
get("direction").click();
seen.unit_down = units();
seen.grid = show("grid");
seen.said = get("shown").textContent;
seen.active = show("active");
seen.all = show("all");
sort("unit");
document.querySelectorAll("#gallery .open")[2].click();
seen.opened = [get("unit").open, get("unit-title").textContent, get("unit-body").querySelectorAll("img").length];
get("next").click();
seen.next = get("unit-title").textContent;
get("close").click();
seen.closed = !get("unit").open;
const blocks = () => [...document.querySelectorAll("[data-scale]")].map((block) => block.hidden);
seen.linear = blocks();
document.querySelector("#scales [value=log]").click();
seen.log = blocks();
const keys = () => [...document.querySelectorAll(".keys .of-cards")].map((key) => key.offsetParent !== null);
const second = () => document.querySelector("#gallery .second").offsetParent !== null;
const compact = () => [get("gallery").classList.contains("compact"), second(), ...keys()];
seen.compact = [compact()];
get("compact").click();
seen.compact.push(compact());
const look = (label) => [getComputedStyle(label).color, getComputedStyle(label).backgroundColor];
seen.labels = [...document.querySelectorAll("#controls label")].map(look);
const folded = () => document.querySelector("#waves > details").open;
seen.folded = [folded()];
location.hash = "#waves";
dispatchEvent(new Event("hashchange"));
seen.folded.push(folded());
say(seen);
"""


TURN = """
(async () => {
  const get = (id) => document.getElementById(id);
  const view = get("torus-view"), seen = {};
  const rest = (time) => new Promise((go) => setTimeout(go, time));
  const wait = async (done) => { for (let k = 0; k < 400 && !done(); k++) await rest(50); };
  const eye = () => { const { x, y, z } = view._fullLayout.scene._scene.getCamera().eye; return [x, y, z]; };
  const units = () => document.querySelectorAll("#gallery > li:not([hidden])").length;
  const select = (value) => {
    get("module").value = value;
    get("module").dispatchEvent(new Event("change"));
    return units();
  };
  seen.modules = ["all", "0", "1", "-1"].map(select);
  document.querySelector("input[value=active]").click();
  seen.none_active = [units(), get("none").hidden];
  select("all");
  view.scrollIntoView({ behavior: "instant", block: "center" });
  view.focus();
  await wait(() => view.dataset.state === "ready" || view.dataset.state === "unavailable");
  seen.state = view.dataset.state;
  if (seen.state === "ready") {
    seen.first = eye();
    const canvas = view.querySelector("canvas"), box = canvas.getBoundingClientRect();
    const [middle, height] = [box.x + box.width / 2, box.y + box.height / 2];
    const at = (dx) => ({ clientX: middle + dx, clientY: height, bubbles: true, buttons: 1 });
    const target = document.elementFromPoint(at(0).clientX, at(0).clientY);
    target.dispatchEvent(new MouseEvent("mousedown", at(0)));
    for (let dx = 0; dx <= 120; dx += 10) {
      target.dispatchEvent(new MouseEvent("mousemove", at(dx)));
      await rest(20);
    }
    target.dispatchEvent(new MouseEvent("mouseup", { ...at(120), buttons: 0 }));
    await rest(300);
    seen.dragged = eye();
    view.dispatchEvent(new KeyboardEvent("keydown", { key: "ArrowLeft" }));
    await rest(300);
    seen.keyed = eye();
    const shown = () => view.data[0];
    seen.points = [shown().x.length, shown().marker.color[0]];
    document.querySelector("#torus-tools [data-wave='1']").click();
    document.querySelector("#torus-tools [data-module='1']").click();
    await rest(300);
    seen.other = [shown().x.length, shown().marker.color[0]];
    seen.kept = eye();
    const pressed = document.querySelectorAll("#torus-tools [aria-pressed=true]");
    seen.pressed = [...pressed].map((button) => button.textContent);
  }
  say(seen);
})();
"""


def ordered(cards, column, falling=False):
    """Active units by a number, those without it last and in the order of their cards."""
    shown = [card for card in cards if card.active]
    number = {card.unit: getattr(card, column) for card in shown}
    last = [card.unit for card in shown if math.isnan(number[card.unit])]
    return sorted(set(number) - set(last), key=number.get, reverse=falling) + last


def test_the_page_works(rendered, results, tmp_path):
    seen = browse(rendered, tmp_path, ACT)
    assert seen["problems"] == []
    assert seen["pictures"]
    assert not seen["wider"]
    # Active units alone, as the page opens.
    cards = unit_cards(results)
    assert seen["first"] == [card.unit for card in cards if card.active]
    assert seen["score"] == ordered(cards, "score", falling=True)
    assert seen["spacing"] == ordered(cards, "spacing_m")
    assert set(seen["spacing"][:3]) == {0, 1, 2}
    assert seen["orientation"] == ordered(cards, "orientation_deg")
    assert seen["information"] == ordered(cards, "information", falling=True)
    assert seen["unit"] == list(range(8))
    assert seen["unit_down"] == list(range(8))[::-1]
    assert seen["grid"] == [5, 4, 3, 2, 1, 0]
    assert seen["said"] == "6 of 9 units"
    assert seen["active"] == list(range(8))[::-1]
    assert seen["all"] == list(range(9))[::-1]
    assert seen["opened"] == [True, "Unit 2", 2]
    assert seen["next"] == "Unit 3"
    assert seen["closed"]
    assert seen["linear"] == [False, True]
    assert seen["log"] == [True, False]
    # Keys to what is shown only: without the autocorrelogram and the bar of length none of theirs.
    assert seen["compact"] == [[True, False, False, False], [False, True, True, True]]
    assert all(look == seen["labels"][0] for look in seen["labels"])  # "maps only" once looked like a warning
    assert seen["folded"] == [False, True]


def test_the_torus_turns_and_the_gallery_shows_one_module(analyzed_page, analyzed, tmp_path):
    software = ("use-angle=swiftshader", "enable-unsafe-swiftshader")  # WebGL drawn by the processor
    seen = browse(analyzed_page, tmp_path, TURN, *software)
    assert seen["problems"] == []
    assert seen["modules"] == [70, 40, 30, 0]
    assert seen["none_active"] == [0, False]
    assert seen["state"] == "ready"
    assert math.dist(seen["first"], seen["dragged"]) > 0.1
    assert math.dist(seen["dragged"], seen["keyed"]) > 0.05
    assert math.hypot(*seen["keyed"]) == pytest.approx(math.hypot(*seen["dragged"]))  # turned, not moved away
    phases = analyzed.parts["state_space"]["point_phase"].values
    points = phases.shape[1]
    assert seen["points"] == [points, pytest.approx(phases[0, 0, 0], abs=0.01)]
    assert seen["other"] == [points, pytest.approx(phases[1, 0, 1], abs=0.01)]
    assert seen["kept"] == pytest.approx(seen["keyed"])
    assert seen["pressed"] == ["module 2 · 0.80 m", "color φ2"]


def test_without_webgl_the_page_says_so(analyzed_page, tmp_path):
    seen = browse(analyzed_page, tmp_path, TURN, "disable-gpu", "disable-3d-apis")
    assert seen["problems"] == []
    assert seen["state"] == "unavailable"
