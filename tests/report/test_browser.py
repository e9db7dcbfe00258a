"""The page in a real browser: no error, nothing loaded, sorting, filtering and the enlarged unit work."""

import html
import json
import re
import shutil
import subprocess

import pytest

BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)

pytestmark = pytest.mark.skipif(BROWSER is None, reason="no chromium installed (apt-get install chromium)")

LISTEN = """
<script>
window.problems = [];
addEventListener("error", (event) => problems.push(event.message));
addEventListener("securitypolicyviolation", (event) => problems.push(event.violatedDirective));
console.error = (text) => problems.push(text);
</script>
"""

ACT = """
<script>
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
get("compact").click();
seen.compact = get("gallery").classList.contains("compact");
seen.pictures = [...document.images].every((image) => image.complete && image.naturalWidth > 0);
seen.wider = document.documentElement.scrollWidth > document.documentElement.clientWidth;
const names = performance.getEntriesByType("resource").map((entry) => entry.name);
seen.loaded = names.filter((name) => !name.startsWith("data:"));
seen.problems = problems;
const out = document.createElement("pre");
out.id = "seen";
out.textContent = JSON.stringify(seen);
document.body.append(out);
</script>
"""


def browse(text, folder):
    page = folder / "page.html"
    page.write_text(text.replace("<head>", "<head>" + LISTEN, 1).replace("</body>", ACT + "</body>"), encoding="utf-8")
    quiet = [
        "no-first-run",
        "disable-background-networking",
        "disable-component-update",
        "disable-sync",
        "disable-quic",
    ]
    command = [
        BROWSER, "--headless", "--no-sandbox", "--disable-gpu", *(f"--{name}" for name in quiet),
        f"--user-data-dir={folder / 'profile'}", "--window-size=1300,1000", "--dump-dom", page.as_uri(),
    ]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    return json.loads(html.unescape(re.search(r'<pre id="seen">(.*?)</pre>', done.stdout, re.DOTALL)[1]))


def test_the_page_works(rendered, tmp_path):
    seen = browse(rendered, tmp_path)
    assert seen["problems"] == []
    assert seen["loaded"] == []
    assert seen["pictures"]
    assert not seen["wider"]
    assert seen["first"] == [2, 1, 0, 4, 5, 3, 6, 7, 8]
    assert seen["score"] == [4, 2, 1, 0, 5, 3, 6, 7, 8]
    assert seen["spacing"] == [2, 1, 0, 4, 5, 3, 6, 7, 8]
    assert seen["orientation"] == [2, 0, 1, 5, 3, 4, 6, 7, 8]
    assert seen["information"] == [1, 2, 0, 4, 3, 5, 6, 7, 8]
    assert seen["unit"] == list(range(9))
    assert seen["unit_down"] == list(range(9))[::-1]
    assert seen["grid"] == [5, 4, 3, 2, 1, 0]
    assert seen["said"] == "6 of 9 units"
    assert seen["active"] == list(range(8))[::-1]
    assert seen["all"] == seen["unit_down"]
    assert seen["opened"] == [True, "Unit 2", 2]
    assert seen["next"] == "Unit 3"
    assert seen["closed"]
    assert seen["linear"] == [False, True]
    assert seen["log"] == [True, False]
    assert seen["compact"]
