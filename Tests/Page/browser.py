"""A browser to be driven: chromedriver spoken to in plain WebDriver, with nothing but the standard library.

https://www.w3.org/TR/webdriver2/
"""
import base64
import json
import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.request

ELEMENT = "element-6066-11e4-a52e-4f735466cecf"
KEYS = {"enter": "\ue007", "escape": "\ue00c", "left": "\ue012", "right": "\ue014", "down": "\ue015"}


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for(condition, what, seconds=15):
    """Asks again until the answer is something; a test that waits for nothing says for what."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        result = condition()
        if result:
            return result
        time.sleep(0.05)
    raise AssertionError(f"waited {seconds} s for {what}")


class Browser:
    def __init__(self, width=1280, height=860, dark=False):
        driver = shutil.which("chromedriver")
        assert driver, "chromedriver is missing: apt-get install chromium chromium-driver"
        port = free_port()
        self.process = subprocess.Popen(
            [driver, f"--port={port}"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.base = f"http://127.0.0.1:{port}"
        wait_for(self._is_ready, "chromedriver")
        session = self._call("POST", "/session", {"capabilities": {"alwaysMatch": {
            "goog:chromeOptions": {"args": [
                "--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--disable-dev-shm-usage",
                "--force-device-scale-factor=1", f"--window-size={width},{height}"]},
            "goog:loggingPrefs": {"browser": "ALL"}}}})
        self.base += f"/session/{session['sessionId']}"
        self.resize(width, height)
        self.devtools("Emulation.setEmulatedMedia", {
            "features": [{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}]})

    def close(self):
        try:
            self._call("DELETE", "")
        finally:
            self.process.terminate()
            self.process.wait()

    def _is_ready(self):
        try:
            return self._call("GET", "/status")["ready"]
        except OSError:
            return False

    def _call(self, method, path, body=None):
        data = None if body is None and method != "POST" else json.dumps(body or {}).encode()
        request = urllib.request.Request(
            self.base + path, data=data, method=method, headers={"Content-Type": "application/json"})
        try:
            with urllib.request.urlopen(request, timeout=60) as response:
                return json.load(response)["value"]
        except urllib.error.HTTPError as error:
            raise AssertionError(json.load(error)["value"]["message"].splitlines()[0]) from None

    def devtools(self, command, parameters):
        return self._call("POST", "/goog/cdp/execute", {"cmd": command, "params": parameters})

    def resize(self, width, height):
        self.devtools("Emulation.setDeviceMetricsOverride", {
            "width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 500})

    def open(self, url):
        self._call("POST", "/url", {"url": url})

    def run(self, script, *arguments):
        return self._call("POST", "/execute/sync", {"script": script, "args": list(arguments)})

    def all(self, selector):
        found = self._call("POST", "/elements", {"using": "css selector", "value": selector})
        return [Element(self, each[ELEMENT]) for each in found]

    def one(self, selector, seconds=15):
        return wait_for(lambda: self.all(selector), selector, seconds)[0]

    def shown(self, selector, seconds=15):
        return wait_for(
            lambda: [each for each in self.all(selector) if each.is_shown], f"{selector} to be seen", seconds)[0]

    def text(self, selector):
        return self.run("return document.querySelector(arguments[0])?.textContent ?? ''", selector)

    def press(self, *keys):
        actions = [action for key in keys for action in (
            {"type": "keyDown", "value": KEYS.get(key, key)}, {"type": "keyUp", "value": KEYS.get(key, key)})]
        self._call("POST", "/actions", {"actions": [{"type": "key", "id": "keyboard", "actions": actions}]})

    def picture(self, path):
        with open(path, "wb") as file:
            file.write(base64.b64decode(self._call("GET", "/screenshot")))

    def console(self):
        return self._call("POST", "/se/log", {"type": "browser"})


class Element:
    def __init__(self, browser, identifier):
        self.browser = browser
        self.path = f"/element/{identifier}"
        self.reference = {ELEMENT: identifier}

    @property
    def text(self):
        return self.browser._call("GET", self.path + "/text")

    @property
    def is_shown(self):
        return self.browser._call("GET", self.path + "/displayed")

    def click(self):
        self.browser.run("arguments[0].scrollIntoView({block: 'center'})", self.reference)
        self.browser._call("POST", self.path + "/click")

    def type(self, text):
        self.browser._call("POST", self.path + "/value", {"text": text})
