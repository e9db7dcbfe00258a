"""A real browser, driven over its debugging pipe: one launch for many pages, scripts and pictures."""

import base64
import json
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
QUIET = (
    "headless=new", "no-sandbox", "no-first-run", "disable-background-networking",
    "disable-component-update", "disable-sync", "disable-quic", "remote-debugging-pipe", "mute-audio",
)  # fmt: skip


class Browser:
    """Chromium without a window; `open` gives a page. ``flags`` say what draws: by default no WebGL."""

    def __init__(self, *flags):
        self.folder = tempfile.TemporaryDirectory(prefix="browser-", ignore_cleanup_errors=True)
        to_browser, self.writer = os.pipe()
        self.reader, from_browser = os.pipe()

        def as_three_and_four():
            # Far away first: one of the two may itself be 3 or 4.
            near, far = os.dup2(to_browser, 60), os.dup2(from_browser, 61)
            os.dup2(near, 3)
            os.dup2(far, 4)

        self.process = subprocess.Popen(
            [
                BROWSER, *(f"--{name}" for name in (*QUIET, *(flags or ("disable-gpu",)))),
                f"--user-data-dir={self.folder.name}", "about:blank",
            ],
            preexec_fn=as_three_and_four, close_fds=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        os.close(to_browser)
        os.close(from_browser)
        self.count, self.rest, self.events = 0, b"", []

    def call(self, method, session=None, **parameters):
        """The browser's answer to one command of its protocol; events on the way are kept."""
        self.count += 1
        number = self.count
        message = {"id": number, "method": method, "params": parameters}
        if session:
            message["sessionId"] = session
        os.write(self.writer, json.dumps(message).encode() + b"\0")
        while True:
            answer = self.receive()
            if answer.get("id") == number:
                assert "error" not in answer, answer
                return answer["result"]
            self.events.append(answer)

    def receive(self):
        while b"\0" not in self.rest:
            some = os.read(self.reader, 1 << 20)
            assert some, "the browser has gone"
            self.rest += some
        first, self.rest = self.rest.split(b"\0", 1)
        return json.loads(first)

    def open(self, path, width=1400, height=1000, dark=False, address="", ready=True):
        """A page of a file, once its script says that it is ready, where it says so."""
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        page = Page(self, session, target)
        for domain in ("Page", "Runtime", "Log", "Network"):
            page.call(f"{domain}.enable")
        page.size(width, height)
        page.dark(dark)
        page.call("Page.navigate", url=Path(path).as_uri() + address)
        if not ready:
            return page
        page.run(
            "new Promise((done, failed) => { const look = () => ({ ready: done, failed })[document.body?.dataset.state]"
            "?.() ?? setTimeout(look, 20); look(); })"
        )
        return page

    def close(self):
        self.process.terminate()
        self.process.wait(timeout=20)
        os.close(self.writer)
        os.close(self.reader)
        self.folder.cleanup()


class Page:
    """One page in it."""

    def __init__(self, browser, session, target):
        self.browser, self.session, self.target = browser, session, target

    def call(self, method, **parameters):
        return self.browser.call(method, self.session, **parameters)

    def run(self, script):
        """What a script comes to, awaited, as JSON."""
        answer = self.call("Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True)
        assert "exceptionDetails" not in answer, answer["exceptionDetails"]
        return answer["result"].get("value")

    def problems(self):
        """Errors, warnings and violations that the page caused so far, and all that it asked the network for."""
        self.run("0")
        told = []
        for event in self.browser.events:
            if event.get("sessionId") != self.session:
                continue
            what, about = event["method"], event["params"]
            if what == "Runtime.exceptionThrown":
                told.append(about["exceptionDetails"])
            elif what == "Runtime.consoleAPICalled" and about["type"] in ("error", "warning"):
                told.append(about["args"])
            elif what == "Log.entryAdded" and about["entry"]["level"] in ("error", "warning"):
                if about["entry"]["source"] != "rendering":  # advice on speed, to a library that draws
                    told.append(about["entry"])
            elif what == "Network.requestWillBeSent":
                url = about["request"]["url"]
                if not url.startswith(("data:", "blob:")) and about["type"] != "Document":
                    told.append(url)
        return told

    def size(self, width, height):
        mobile = width < 600
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=mobile)

    def dark(self, yes):
        features = [{"name": "prefers-color-scheme", "value": "dark" if yes else "light"}]
        self.call("Emulation.setEmulatedMedia", features=features)

    def picture(self, file, whole=False):
        """A screenshot, of what is in sight or of the whole page."""
        shot = self.call("Page.captureScreenshot", format="png", captureBeyondViewport=whole)
        Path(file).write_bytes(base64.b64decode(shot["data"]))

    def close(self):
        self.browser.call("Target.closeTarget", targetId=self.target)
