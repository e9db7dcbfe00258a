"""Two networks on one page, in a real browser."""

import pytest

from sicgrid.explorer import render_explorer

WORLD = "const { world } = explorer, get = (id) => document.getElementById(id);"
TRIAL = ["silence", "noise", "gain", "blind", "kick", "mend"]


@pytest.fixture(scope="module")
def two(browser, subject, tmp_path_factory):
    file = tmp_path_factory.mktemp("two") / "two.html"
    file.write_text(render_explorer([subject, subject]), encoding="utf-8")
    opened = browser.open(file)
    opened.run("explorer.world.play(false); explorer.world.still = true;")
    yield opened
    opened.close()


def asked(page, script):
    return page.run(f"(async () => {{ {WORLD} {script} }})()")


def test_they_walk_the_same_path(two):
    found = asked(
        two,
        "for (let k = 0; k < 20; k++) world.step(); world.draw(0); const [one, other] = world.brains;"
        "return [document.querySelectorAll('.brain').length,"
        " Math.max(...one.state.map((rate, k) => Math.abs(rate - other.state[k])))];",
    )
    assert found == [2, 0]
    assert two.problems() == []


@pytest.mark.parametrize("size", [(1400, 900), (1100, 800), (420, 860)])
@pytest.mark.parametrize("toured", [False, True])
def test_nothing_lies_over_the_experiments(two, size, toured):
    """The arena sticks to the window beside the networks; it once went on over the controls below them."""
    two.size(*size)
    met = asked(
        two,
        f"if ({str(toured).lower()}) {{ world.tour.go(6); get('tour-act').click(); }}"
        "else get('trial').scrollIntoView({ block: 'center' });"
        "await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));"
        f"const met = {TRIAL}.map((id) => {{ const one = get(id);"
        " if (scrollY && innerWidth < 600) one.scrollIntoView({ block: 'start' });"
        " const { x, y, width, height } = one.getBoundingClientRect();"
        " return document.elementFromPoint(x + width / 2, y + height / 2)?.id; });"
        "get('mend').click(); world.tour.end(); scrollTo(0, 0); return met;",
    )
    two.size(1400, 1000)
    assert met == TRIAL


def test_the_arena_stays_in_sight_beside_the_networks(two):
    two.size(1400, 900)
    assert asked(two, "scrollTo(0, 500); return get('arena').getBoundingClientRect().top > 0") is True
    two.size(1400, 1000)


def test_the_network_in_the_arena_is_chosen_by_keyboard_too(two):
    found = asked(
        two,
        "const shown = () => world.shownBrain.index, told = [];"
        "const [one, other] = document.querySelectorAll('.units');"
        "one.focus(); told.push(shown()); other.focus(); told.push(shown());"
        "told.push([...document.querySelectorAll('.brain')].map((root) => root.classList.contains('shown')));"
        "one.focus(); return [...told, shown()];",
    )
    assert found == [0, 1, [False, True], 0]


def test_the_pictures_of_a_unit_stand_in_line(two):
    tops = asked(
        two, "return [...document.querySelectorAll('.detail canvas')].map((one) => one.getBoundingClientRect().top);"
    )
    assert max(tops) - min(tops) < 1
