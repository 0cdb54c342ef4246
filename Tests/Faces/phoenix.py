#!/usr/bin/env python3
"""A question's way as Arize Phoenix shows it. Usage: phoenix.py BINARY DOCUMENTS

Starts Phoenix, a chat endpoint that says one sentence, and the binary on a library of its own; asks a question with a
trace of its own; then asks Phoenix what it knows. Exit status 1 names what failed."""
import http.server, json, os, subprocess, sys, tempfile, threading, time, urllib.request

binary, documents = os.path.abspath(sys.argv[1]), sys.argv[2]
question = "How many vacation days do full-time staff get?"
trace = "4bf92f3577b34da6a3ce929d0e0e4736"
failed = []


def check(name, holds, detail=""):
    print(("ok    " if holds else "FAILED"), name, "" if holds else detail, flush=True)
    if not holds:
        failed.append(name)


def get(url):
    with urllib.request.urlopen(url, timeout=10) as reply:
        return json.load(reply)


def wait(url, seconds=120):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            return urllib.request.urlopen(url, timeout=5).status
        except OSError:
            time.sleep(0.3)
    sys.exit(f"{url} does not answer")


class Model(http.server.BaseHTTPRequestHandler):
    seen = []

    def do_POST(self):
        Model.seen.append(self.headers.get("traceparent", ""))
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        message = {"content": "Full-time staff get 15 vacation days a year [1]."}
        reply = {"model": "scripted", "choices": [{"message": message, "finish_reason": "stop"}],
                 "usage": {"prompt_tokens": 200, "completion_tokens": 20, "total_tokens": 220}}
        self.wfile.write(json.dumps(reply).encode())

    def log_message(self, *_):
        pass


with tempfile.TemporaryDirectory() as folder:
    model = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Model)
    threading.Thread(target=model.serve_forever, daemon=True).start()
    port = int(os.environ.get("PORT", "16006"))
    phoenix = f"http://127.0.0.1:{port}"
    environment = dict(
        os.environ, PHOENIX_WORKING_DIR=f"{folder}/phoenix", PHOENIX_PORT=str(port), PHOENIX_HOST="127.0.0.1",
        PHOENIX_GRPC_PORT=str(port + 1), FOOTNOTE_DATA=f"{folder}/data", FOOTNOTE_TRACES_URL=phoenix,
        FOOTNOTE_TRACES_CONTENT="true", FOOTNOTE_LLM_URL=f"http://127.0.0.1:{model.server_port}",
        FOOTNOTE_LLM_MODEL="m", FOOTNOTE_LLM_PRICES='{"models":{"m":{"input":1000000,"output":1000000}}}')
    os.mkdir(f"{folder}/phoenix")
    log = open(f"{folder}/log", "w")
    collector = subprocess.Popen([os.path.join(os.path.dirname(sys.executable), "phoenix"), "serve"], env=environment,
                                 stdout=log, stderr=log)
    server = None
    try:
        subprocess.run([binary, "add", documents, "--quiet"], env=environment, check=True, stdout=log)
        server = subprocess.Popen([binary, "serve", "--port", "0"], env=environment, stderr=subprocess.PIPE, text=True)
        url = ""
        while "Footnote is at " not in url:
            url = server.stderr.readline() or sys.exit("the server ended")
        url = url.split("Footnote is at ")[1].strip()
        wait(f"{phoenix}/healthz")
        request = urllib.request.Request(
            url + "/query", json.dumps({"question": question}).encode(),
            {"Content-Type": "application/json", "traceparent": f"00-{trace}-00f067aa0ba902b7-01"})
        with urllib.request.urlopen(request, timeout=60) as reply:
            answer = json.load(reply)
        spans, end = [], time.monotonic() + 30
        while not spans and time.monotonic() < end:
            time.sleep(1)
            try:
                spans = get(f"{phoenix}/v1/projects/footnote/spans?limit=100")["data"]
            except OSError:
                pass
        by_name = {span["name"]: span for span in spans}
        kinds = {name: span["span_kind"] for name, span in by_name.items()}
        check("the project is there", bool(spans), open(f"{folder}/log").read()[-2000:])
        for name, kind in {
            "POST /query": "CHAIN", "retrieval library": "RETRIEVER", "search vector": "RETRIEVER",
            "search keyword": "RETRIEVER", "search fusion": "RETRIEVER", "gate": "GUARDRAIL", "chat m": "LLM",
        }.items():
            check(f"{name} is a {kind}", kinds.get(name) == kind, kinds)
        check("the question is embedded", any(k == "EMBEDDING" for k in kinds.values()), kinds)
        check("one trace, the caller's", {span["context"]["trace_id"] for span in spans} == {trace}, spans[:1])
        root, chat = by_name.get("POST /query", {}), by_name.get("chat m", {})
        attributes = chat.get("attributes", {})
        check("tokens", attributes.get("llm.token_count.prompt") == 200
              and attributes.get("llm.token_count.completion") == 20, attributes)
        check("cost", attributes.get("llm.cost.total") == 220, attributes)
        check("the question", root.get("attributes", {}).get("input.value") == question, root)
        check("the answer", root.get("attributes", {}).get("output.value") == answer["answer"], root)
        found = by_name.get("retrieval library", {}).get("attributes", {})
        check("the passages", any(str(k).startswith("retrieval.documents") for k in found), list(found))
        check("the model was handed the trace", Model.seen and Model.seen[0].startswith(f"00-{trace}-"), Model.seen)
        ids = {span["context"]["span_id"] for span in spans}
        check("every span hangs in the tree", all(
            span["parent_id"] in ids or span["name"] == "POST /query" for span in spans), spans)
    finally:
        for process in (server, collector):
            if process:
                process.terminate()
                process.wait()
sys.exit(1 if failed else 0)
