#!/usr/bin/env python3
"""How long an extracted answer takes over a library of many passages: the whole answer and its first streamed event.

Adds PASSAGES.jsonl ({"text"}) to a library in WORK, each passage a file's section of its own, serves it, and asks the
first COUNT of QUESTIONS.jsonl ({"text"} or {"question"}) one after the other as streamed questions, once to warm up and
once timed. A library that is there already is used as it is. One JSON object on stdout; times are a client's, in ms.
Usage: latency.py FOOTNOTE WORK PASSAGES.jsonl QUESTIONS.jsonl [COUNT]
"""
import http.client
import json
import os
import statistics
import subprocess
import sys
import time

SECTIONS_A_FILE = 500
PORT = 18190


def lines(path):
    with open(path, encoding="utf-8") as file:
        return [json.loads(line) for line in file if line.strip()]


def build(program, work, passages):
    folder = os.path.join(work, "documents")
    os.makedirs(folder, exist_ok=True)
    for first in range(0, len(passages), SECTIONS_A_FILE):
        with open(os.path.join(folder, f"part-{first:06}.txt"), "w", encoding="utf-8") as file:
            for row in passages[first : first + SECTIONS_A_FILE]:
                # A form feed ends a page, and a passage never crosses one.
                file.write(" ".join(row["text"].split()) + "\n\f\n")
    subprocess.run([program, "add", folder, "--data", os.path.join(work, "data"), "--quiet"], check=True)


def ask(question):
    """Milliseconds to the first event and to the whole answer, and the answer."""
    connection = http.client.HTTPConnection("127.0.0.1", PORT, timeout=60)
    body = json.dumps({"question": question, "stream": True})
    started = time.perf_counter()
    connection.request("POST", "/query", body, {"Content-Type": "application/json"})
    reply = connection.getresponse()
    first = None
    event = ""
    answer = None
    while line := reply.readline():
        text = line.decode().rstrip("\n")
        if text.startswith("event: "):
            event = text[7:]
        if text.startswith("data: ") and event:
            first = first or (time.perf_counter() - started) * 1e3
            if event == "done":
                answer = json.loads(text[6:])
                break
    whole = (time.perf_counter() - started) * 1e3
    connection.close()
    return first, whole, answer


def main():
    program, work, passages, questions, *count = sys.argv[1:]
    if not os.path.exists(os.path.join(work, "data")):
        build(program, work, lines(passages))
    asked = [row.get("question") or row["text"] for row in lines(questions)][: int(count[0]) if count else 200]
    log = open(os.path.join(work, "serve.log"), "w")
    server = subprocess.Popen(
        [program, "serve", "--data", os.path.join(work, "data"), "--port", str(PORT)], stdout=log, stderr=log)
    try:
        for _ in range(600):
            try:
                ask("ready?")
                break
            except OSError:
                time.sleep(0.2)
        for question in asked[:20]:
            ask(question)
        seen = [ask(question) for question in asked]
        stats = http.client.HTTPConnection("127.0.0.1", PORT)
        stats.request("GET", "/stats")
        chunks = json.loads(stats.getresponse().read())["total_chunks"]
    finally:
        server.terminate()
        server.wait()
    stages = {}
    for _, _, answer in seen:
        for name, value in answer["stages_ms"].items():
            stages.setdefault(name, []).append(value)
    figure = lambda values, share: round(sorted(values)[min(len(values) - 1, int(len(values) * share))], 2)
    print(json.dumps({
        "passages": chunks, "questions": len(seen), "refused": sum(a["refused"] for _, _, a in seen),
        "first_event_ms": {"p50": figure([f for f, _, _ in seen], 0.5), "p95": figure([f for f, _, _ in seen], 0.95)},
        "answer_ms": {"p50": figure([w for _, w, _ in seen], 0.5), "p95": figure([w for _, w, _ in seen], 0.95)},
        "server_ms_p50": round(statistics.median(a["elapsed_ms"] for _, _, a in seen), 2),
        "stages_ms_p50": {name: round(statistics.median(values), 2) for name, values in stages.items()},
    }))


main()
