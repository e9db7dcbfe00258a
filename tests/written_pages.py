"""Written pages: parsed, and acted on in a real browser by a script that says what it has seen."""

from contextlib import closing
from html.parser import HTMLParser

import pytest

from browser import BROWSER, Browser

needs_browser = pytest.mark.skipif(BROWSER is None, reason="no chromium installed (apt-get install chromium)")

VOID = {"meta", "link", "img", "input", "br", "hr"}
LOADED = "new Promise((done) => document.readyState === 'complete' ? done() : addEventListener('load', done))"
ALL_IN_ALL = """(async () => {
  for (const image of document.images) image.loading = "eager"; // also those that nobody has scrolled to
  const drawn = [...document.images].map((image) => image.decode().then(() => true, () => false));
  const { scrollWidth, clientWidth } = document.documentElement;
  return { pictures: (await Promise.all(drawn)).every(Boolean), wider: scrollWidth > clientWidth };
})()"""


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


def browse(text, folder, act, *flags):
    """What the script ``act`` gives to ``say``, with what was loaded, broken or wider than the window."""
    page = folder / "page.html"
    page.write_text(text, encoding="utf-8")
    with closing(Browser(*flags)) as browser:
        opened = browser.open(page, width=1300, ready=False)
        opened.run(LOADED)
        late = "setTimeout(() => failed('it said nothing for a minute'), 60000);"
        seen = opened.run(f"new Promise((say, failed) => {{ {late} {act} }})")
        return seen | opened.run(ALL_IN_ALL) | {"problems": opened.problems()}
