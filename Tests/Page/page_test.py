"""The web page in a real browser against the real server, from an empty library to a removed document.

    page_test.py FOOTNOTE_BINARY CORPUS_FOLDER [--pictures FOLDER]

Starts the server on a free port with a library of its own. Ends with status 0 and a line that says so.
"""
import json
import os
import subprocess
import sys
import tempfile
import traceback
import threading
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from browser import Browser, free_port, wait_for

HOSTILE_NAME = "<img src=x onerror=globalThis.pwned=1>.md"
HOSTILE_TEXT = """# <script>globalThis.pwned = 2</script> Zebra catering policy

The zebra catering allowance is 41 dollars <img src=x onerror="globalThis.pwned=3"> for each visiting zebra.
[press](javascript:globalThis.pwned=4) ![picture](http://127.0.0.1:1/exfiltrate.png)
"""


class Server:
    def __init__(self, binary, data, environment=None):
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.process = subprocess.Popen(
            [binary, "serve", "--data", data, "--port", str(self.port)], stdout=subprocess.DEVNULL,
            env={**os.environ, **(environment or {})})
        wait_for(self._answers, "the server")

    def _answers(self):
        assert self.process.poll() is None, "the server ended at once"
        try:
            with urllib.request.urlopen(self.url + "/health", timeout=2) as response:
                return response.status == 200
        except OSError:
            return False

    def close(self):
        self.process.terminate()
        self.process.wait(20)


class Shop:
    """A feed of bargains and its pages, on a port of its own."""

    def __init__(self, path):
        with open(path, "rb") as file:
            feed = file.read()

        class Answers(BaseHTTPRequestHandler):
            def do_GET(self):
                is_feed = self.path == "/feed"
                self.send_response(200 if is_feed else 404)
                self.send_header("Content-Length", str(len(feed) if is_feed else 0))
                self.end_headers()
                if is_feed:
                    self.wfile.write(feed)

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()


class Page:
    """What a person does with the page."""

    def __init__(self, browser, url):
        self.browser = browser
        self.url = url

    def view(self, name):
        self.browser.open(f"{self.url}/#{name}")
        self.browser.shown(f"#view-{name}")

    def ask(self, question):
        field = self.browser.shown("#question")
        turns = len(self.browser.all(".turn"))
        field.type(question + "\n")
        wait_for(lambda: len(self.browser.all(".turn")) == turns + 1, "the turn")
        self.browser.one(".turn:first-child .colophon")

    def add(self, *paths):
        before = len(self.browser.all("#uploads li"))
        self.browser.one("#picker").type("\n".join(paths))
        wait_for(
            lambda: len(self.browser.all("#uploads li.done, #uploads li.failed")) == before + len(paths),
            "the files to be taken", 60)


def test_teaches_when_empty(page, _):
    page.browser.open(page.url)
    page.browser.shown("#ask-empty")
    assert "documents" in page.browser.text("#ask-empty h2")


def test_adds_files(page, corpus):
    page.view("library")
    names = [os.path.join(folder, name) for folder, _, names in os.walk(corpus) for name in sorted(names)]
    page.add(*names)
    failed = [each.text for each in page.browser.all("#uploads li.failed")]
    assert not failed, failed
    wait_for(lambda: len(page.browser.all("#library-table tbody tr")) == len(names), "every document in the table")


def test_says_why_a_file_is_refused(page, _):
    page.view("library")
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "picture.bin")
        with open(path, "wb") as file:
            file.write(bytes(range(256)))
        page.add(path)
    assert "not added" in page.browser.one("#uploads li.failed").text
    assert len(page.browser.text("#uploads li.failed .reason")) > 10


def test_answers_with_footnotes(page, _):
    page.view("ask")
    page.ask("How many vacation days do employees get?")
    assert "15" in page.browser.text(".turn:first-child .answer")
    page.browser.shown(".turn:first-child .mark button").click()
    page.browser.shown("#panel")
    quote = page.browser.text("#panel blockquote")
    assert quote, "the panel shows what is quoted"
    page.browser.press("escape")
    wait_for(lambda: not page.browser.one("#panel").is_shown, "the panel to close")
    assert page.browser.run("return document.activeElement.matches('.mark button')"), "the focus comes back"


def test_shows_the_page_of_a_pdf(page, _):
    page.view("library")
    page.browser.run(
        "[...document.querySelectorAll('#library-table .origin')].find(b => b.textContent.includes('.pdf')).click()")
    wait_for(lambda: page.browser.run("return document.querySelector('#panel img')?.naturalWidth > 300"), "the page")
    page.browser.press("escape")


def test_marks_the_passage_in_a_text(page, _):
    page.view("search")
    page.browser.shown("#search-query").type("remote work after 90 days\n")
    page.browser.one("#results .origin")
    page.browser.run(
        "[...document.querySelectorAll('#results > li')].find(l => !/page \\d/.test(l.querySelector('.place').textContent))"
        ".querySelector('.origin').click()")
    page.browser.one("#panel mark")
    marked, passage = page.browser.run(
        "const found = document.querySelector('#panel mark'); return [found.textContent, getComputedStyle(found).backgroundColor]")
    assert len(marked) > 20 and passage != "rgba(0, 0, 0, 0)"
    page.browser.press("escape")


def test_explains_results(page, _):
    page.view("search")
    page.browser.shown("#results .why summary").click()
    assert "rank" in page.browser.text("#results .why dl")
    assert len(page.browser.all("#results li:first-child .score")) == 3


def test_says_why_a_document_is_missing(page, _):
    page.view("search")
    page.browser.shown("#missing-document").type("warranty-and-returns.docx\n")
    wait_for(lambda: page.browser.text("#missing-answer"), "the reason")
    assert not page.browser.run("return document.querySelectorAll('#missing-answer .problem').length")


def test_refuses_what_it_cannot_know(page, _):
    page.view("ask")
    page.ask("What is the airspeed velocity of an unladen swallow in Jupiter's atmosphere?")
    assert page.browser.text(".turn:first-child .verdict") == "Not in your library"
    assert not page.browser.all(".turn:first-child .answer .mark")


def test_row_18_runs_nothing_from_a_document(page, _):
    page.view("library")
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, HOSTILE_NAME)
        with open(path, "w", encoding="utf-8") as file:
            file.write(HOSTILE_TEXT)
        page.add(path)
    wait_for(lambda: "onerror" in page.browser.text("#library-table"), "the document")
    page.view("ask")
    page.ask("What is the zebra catering allowance?")
    assert "41" in page.browser.text(".turn:first-child")
    page.browser.shown(".turn:first-child .origin").click()
    page.browser.one("#panel mark")
    page.view("search")
    page.browser.run("document.getElementById('search-query').value = 'zebra <b>catering</b>'")
    page.browser.run("document.getElementById('search-form').requestSubmit()")
    wait_for(lambda: "onerror" in page.browser.text("#results"), "the result")
    assert page.browser.run("return globalThis.pwned ?? null") is None
    assert page.browser.run("return document.querySelectorAll('img[onerror], main script, a[href^=javascript]').length") == 0


def test_shows_the_board(page, corpus):
    samples = os.path.dirname(corpus)
    page.command("products", "import", os.path.join(samples, "products.jsonl"))
    page.command("deals", "train")
    page.command("deals", "run", "--feed", os.path.join(samples, "deals", "sample-feed.xml"))
    page.view("deals")
    wait_for(lambda: page.browser.run("return document.querySelectorAll('#deals-table tbody tr').length") >= 4, "deals")
    wait_for(lambda: "Drag to turn" in page.browser.text("#map-note"), "the map", 60)
    colours = """const c = document.getElementById('map'), p = c.getContext('2d').getImageData(0, 0, c.width, c.height).data;
        const seen = new Set(); let sum = 0;
        for (let i = 0; i < p.length; i += 4) if (p[i + 3] > 60) { seen.add((p[i] >> 5) + ',' + (p[i + 1] >> 5) + ',' + (p[i + 2] >> 5)); sum = (sum * 31 + i) >>> 0; }
        return [seen.size, sum]"""
    before = page.browser.run(colours)
    assert before[0] >= 5, "a colour a category"
    page.browser.run("""const c = document.getElementById('map');
        c.dispatchEvent(new PointerEvent('pointermove', {buttons: 1, movementX: 80, bubbles: true}));""")
    wait_for(lambda: page.browser.run(colours)[1] != before[1], "the map to turn")
    page.browser.run("document.querySelector('#deals-table tbody button.plain').click()")
    wait_for(lambda: len(page.browser.all("#deal-details li")) == 5, "what the deal was compared with")
    page.browser.run("document.querySelector('#deals-table tbody tr td:last-child button').click()")
    wait_for(lambda: "Sent" in page.browser.text("#deals-table tbody tr td:last-child button"), "the alert sent again")
    wait_for(lambda: len(page.browser.all("#deals-log p.agent-messaging-agent")) >= 1, "the log, live")
    page.browser.run("document.querySelector('#map').focus()")
    before = page.browser.run(colours)
    page.browser.press("left")
    wait_for(lambda: page.browser.run(colours)[1] != before[1], "the map to turn by a key")


def log_of(page):
    return page.browser.run("return [...document.querySelectorAll('#deals-log p')].map(p => p.textContent)")


def has_run(url):
    with urllib.request.urlopen(url + "/deals") as response:
        board = json.load(response)
    return not board["running"] and (board["last_run"] or {}).get("run")


def test_watches_on_the_board(page, corpus):
    """A server that watches by itself: what it said before the page came, when it runs again, a run now; a restart."""
    samples = os.path.dirname(corpus)
    home = page.url
    shop = Shop(os.path.join(samples, "deals", "sample-feed.xml"))
    environment = {
        "FOOTNOTE_DEALS_FEEDS": f'["{shop.url}/feed"]', "FOOTNOTE_DEALS_ALLOWED_ORIGINS": f'["{shop.url}"]',
        "FOOTNOTE_DEALS_EVERY_SECONDS": "3600", "FOOTNOTE_DEALS_WATCH": "true"}
    with tempfile.TemporaryDirectory() as data:
        server = Server(page.binary, data, environment)
        try:
            page.url = server.url
            # The sample's pages lie on hosts that do not exist: that costs each deal its page, not the run.
            wait_for(lambda: has_run(server.url), "the first run", 90)
            page.view("deals")
            wait_for(lambda: any("run 1 begins" in line for line in log_of(page)), "the lines from before the page")
            assert sum("run 1 begins" in line for line in log_of(page)) == 1, "the lines twice"
            wait_for(lambda: page.browser.text("#deals-next").startswith("Next run in "), "when it runs again")
            seconds = int(page.browser.text("#deals-next").split()[3])
            assert 3000 < seconds <= 3960, seconds
            page.browser.shown("#deals-run").click()
            wait_for(lambda: any("run 2:" in line for line in log_of(page)), "a run now, live", 60)
            assert sum("run 1 begins" in line for line in log_of(page)) == 1
        finally:
            server.close()
        server = Server(page.binary, data, {**environment, "FOOTNOTE_DEALS_WATCH": "false"})
        try:
            page.url = server.url
            page.view("deals")
            wait_for(lambda: any("run 2:" in line for line in log_of(page)), "the lines from before the restart")
            assert page.browser.text("#deals-next") == "Runs when asked to"
        finally:
            server.close()
            shop.close()
            page.url = home
            page.view("library")
            wait_for(lambda: page.browser.all("#library-table tbody tr"), "the library, after another page")


def test_removes_a_document(page, _):
    page.view("library")
    page.browser.run(
        "[...document.querySelectorAll('td.act button')].find(b => b.ariaLabel.includes('onerror')).click()")
    page.browser.shown("#confirm-ok").click()
    wait_for(lambda: "onerror" not in page.browser.text("#library-table"), "the document to go")


def test_works_by_keyboard(page, _):
    page.view("ask")
    page.browser.run("document.activeElement.blur()")
    page.browser.press("/")
    assert page.browser.run("return document.activeElement.id") == "question"


def test_every_control_has_a_name(page, _):
    for name in ("ask", "search", "library", "figures"):
        page.view(name)
        nameless = page.browser.run(
            "return [...document.querySelectorAll('button, input, select, textarea, a[href]')]"
            ".filter(e => !(e.ariaLabel || e.labels?.length || e.textContent.trim() || e.title)).map(e => e.outerHTML)")
        assert not nameless, nameless


def test_fits_a_phone(page, _):
    page.browser.resize(390, 844)
    for name in ("ask", "search", "library", "figures"):
        page.view(name)
        width = page.browser.run("return document.documentElement.scrollWidth")
        assert width <= 390, f"{name} is {width} wide"
    page.browser.resize(1280, 860)


def test_shows_sources_that_disagree(page, _):
    for name, text in (("allowance-2023.md", "Effective 2023-01-01. The yak grooming allowance is 310 dollars a year."),
                       ("allowance-2024.md", "Effective 2024-01-01. The yak grooming allowance is 450 dollars a year.")):
        path = os.path.join(tempfile.mkdtemp(), name)
        with open(path, "w", encoding="utf-8") as file:
            file.write(f"# Yak grooming\n\n{text}\n")
        page.add(path)
    page.view("ask")
    page.ask("How much is the yak grooming allowance?")
    told = page.browser.shown(".turn:first-child .disagreement").text
    assert "310" in told and "450" in told, told


def test_draws_the_day(page, _):
    page.view("figures")
    wait_for(lambda: page.browser.run("return document.querySelectorAll('.plot').length >= 2"), "the plots")
    told = page.browser.run("return document.querySelector('.plot').getAttribute('aria-label')")
    assert told.startswith("Requests: at most "), told
    drawn = page.browser.run("return [...document.querySelectorAll('.plot rect.good')].some(r => +r.getAttribute('height') > 0)")
    assert drawn, "no bar is drawn"


def test_breaks_no_policy(page, _):
    # A missing route or a refused file is a failed load, not an error of the page.
    errors = [each["message"] for each in page.browser.console()
              if each["level"] == "SEVERE" and "Failed to load resource" not in each["message"]]
    assert not errors, errors


TESTS = [value for name, value in list(globals().items()) if name.startswith("test_")]


def take_pictures(url, folder):
    for name, width, height, dark in (
            ("page", 1280, 800, False), ("page-dark", 1280, 800, True), ("page-phone", 390, 780, False)):
        browser = Browser(width, height, dark)
        try:
            page = Page(browser, url)
            page.view("ask")
            page.ask("How does the 401(k) match work?")
            browser.shown(".turn:first-child .mark button").click() if width > 1000 else None
            wait_for(lambda b=browser: b.run("return [...document.images].every(i => i.complete) && !document.querySelector('.loading')"), "pictures")
            browser.picture(os.path.join(folder, f"{name}.png"))
            if name == "page":
                page.view("figures")
                wait_for(lambda b=browser: b.run("return document.querySelector('.plot')"), "the plots")
                browser.picture(os.path.join(folder, "page-figures.png"))
                page.view("deals")
                wait_for(lambda b=browser: "Drag to turn" in b.text("#map-note"), "the map", 60)
                browser.picture(os.path.join(folder, "page-deals.png"))
        finally:
            browser.close()


def main():
    binary, corpus = (os.path.abspath(argument) for argument in sys.argv[1:3])
    failures = 0
    with tempfile.TemporaryDirectory() as data:
        server = Server(binary, data)
        browser = Browser()
        try:
            page = Page(browser, server.url)
            page.binary = binary
            page.command = lambda *words: subprocess.run(
                [binary, *words, "--data", data, "--quiet"], check=True, stdout=subprocess.DEVNULL)
            for test in TESTS:
                name = test.__name__.removeprefix("test_").replace("_", " ")
                try:
                    test(page, corpus)
                    print(f"ok      {name}", flush=True)
                except Exception:
                    failures += 1
                    print(f"FAILED  {name}\n{traceback.format_exc()}", flush=True)
            if "--pictures" in sys.argv:
                take_pictures(server.url, sys.argv[sys.argv.index("--pictures") + 1])
        finally:
            browser.close()
            server.close()
    print(f"page: {len(TESTS) - failures} of {len(TESTS)} passed")
    return 1 if failures else 0


sys.exit(main())
