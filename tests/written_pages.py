"""Written pages: parsed, and acted on in a real browser by a script that says what it has seen."""

import html
import json
import re
import subprocess
from html.parser import HTMLParser

import pytest

from browser import BROWSER

needs_browser = pytest.mark.skipif(BROWSER is None, reason="no chromium installed (apt-get install chromium)")

VOID = {"meta", "link", "img", "input", "br", "hr"}
QUIET = (
    "no-first-run", "disable-background-networking", "disable-component-update", "disable-sync", "disable-quic",
)  # fmt: skip
LISTEN = """
<script>
window.problems = [];
addEventListener("error", (event) => problems.push(event.message));
addEventListener("securitypolicyviolation", (event) => problems.push(event.violatedDirective));
console.error = (text) => problems.push(text);
window.say = (seen) => {
  const names = performance.getEntriesByType("resource").map((entry) => entry.name);
  seen.loaded = names.filter((name) => !name.startsWith("data:"));
  seen.pictures = [...document.images].every((image) => image.complete && image.naturalWidth > 0);
  seen.wider = document.documentElement.scrollWidth > document.documentElement.clientWidth;
  seen.problems = problems;
  const out = document.createElement("pre");
  out.id = "seen";
  out.textContent = JSON.stringify(seen);
  document.body.append(out);
};
</script>
"""


class Page(HTMLParser):
    """Elements as (tag, attributes), with a check that every one is closed in order."""

    def __init__(self, text):
        super().__init__()
        self.elements, self.open, self.text = [], [], []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attributes):
        self.elements.append((tag, dict(attributes)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.elements.append((tag, dict(attributes)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text.append(data)

    def all(self, tag, **wanted):
        return [found for name, found in self.elements if name == tag and wanted.items() <= found.items()]


def browse(text, folder, act, *more):
    """What the script ``act`` gives to ``say``, with what was loaded, broken or wider than the window."""
    page = folder / "page.html"
    script = f"<script>{act}</script></body>"
    page.write_text(text.replace("<head>", "<head>" + LISTEN, 1).replace("</body>", script), encoding="utf-8")
    command = [
        BROWSER, "--headless", "--no-sandbox", *(more or ("--disable-gpu",)), *(f"--{name}" for name in QUIET),
        f"--user-data-dir={folder / 'profile'}", "--window-size=1300,1000", "--dump-dom", page.as_uri(),
    ]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    return json.loads(html.unescape(re.search(r'<pre id="seen">(.*?)</pre>', done.stdout, re.DOTALL)[1]))
