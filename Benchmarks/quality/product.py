#!/usr/bin/env python3
"""Retrieval quality of the product as a user meets it: files are added, questions asked over HTTP, and the passages
that come back are judged by the rules of prepare.py. Its chunks are the product's own, so figures compare between
versions of the product, and with plain stacks only as far as the size of passages allows.
Usage: product.py DATA [SET...]   (FOOTNOTE names another binary)
"""
import glob
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request

from prepare import asked, lines, plain

SETS = {
    "xquad_en": ("xquad", "docs/en/*.txt"),
    "policyqa": ("policyqa", "docs/*.txt"),
    "insurellm": ("insurellm", "docs/*/*.md"),
    "tatqa": ("tatqa", "docs/*.html"),
    "contracts_cuad": ("contracts_cuad", "pdfs/*.pdf"),
    "financebench": ("financebench", "pdfs/*.pdf"),
    "handbook_basecamp": ("handbook_basecamp", "docs/**/*.md"),
    "inazuma": ("inazuma", "policies/*.pdf"),
}
MODES = ("hybrid", "ranks", "semantic", "keyword")


def questions_of(name, base):
    questions = [q for q in lines(base + "/questions.jsonl") if q.get("answerable") is not False]
    if name == "xquad_en":
        questions = [q for q in questions if q["lang"] == "en"]
    questions = asked(questions)
    if name == "policyqa":
        questions = [dict(q, question=f"For {q['site']}: {q['question']}") for q in questions]
    return questions


def judge(question, hits, sums):
    def count(measure, value):
        total, number = sums.get(measure, (0, 0))
        sums[measure] = (total + value, number + 1)

    texts = [plain(hit["text"]) for hit in hits]
    if "keywords" in question:
        for word in question["keywords"]:
            rank = next((i for i, hit in enumerate(hits) if word.lower() in hit["text"].lower()), None)
            count("keywordMRR@10", 0 if rank is None else 1 / (rank + 1))
            count("coverage@10", rank is not None)
    if "doc" not in question:
        return
    name = os.path.basename(question["doc"])
    own = [os.path.basename(hit["filename"]) == name for hit in hits]
    count("doc@1", bool(own) and own[0])
    count("doc@10", any(own))
    pages = question.get("evidence_pages") or [e["page"] for e in question.get("evidence", []) if e.get("page")]
    if pages:
        for k in (1, 5):
            count(f"page@{k}", any(o and hit["page"] in pages for o, hit in list(zip(own, hits))[:k]))
        return
    answers = [plain(a) for a in question.get("answers", []) if isinstance(a, str) and plain(a)]
    for k in (1, 5, 10):
        count(f"passage@{k}", any(o and any(a in t for a in answers) for o, t in list(zip(own, texts))[:k]))


def ask(port, body):
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}/search", json.dumps(body).encode(), {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=60) as reply:
        return json.load(reply)["results"]


def measure(binary, data, name):
    folder, pattern = SETS[name]
    base = os.path.join(data, folder)
    files = sorted(glob.glob(os.path.join(base, pattern), recursive=True))
    with tempfile.TemporaryDirectory() as library, socket.socket() as probe:
        subprocess.run([binary, "add", *files, "--data", library, "--quiet"], check=True, stdout=subprocess.DEVNULL)
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
        probe.close()
        server = subprocess.Popen(
            [binary, "serve", "--port", str(port), "--data", library],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            for _ in range(100):
                time.sleep(0.1)
                try:
                    urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=5).close()
                    break
                except OSError:
                    continue
            report = {}
            for mode in MODES:
                sums = {}
                for question in questions_of(name, base):
                    judge(question, ask(port, {"query": question["question"], "n_results": 10, "mode": mode}), sums)
                report[mode] = {measure: round(total / number, 4) for measure, (total, number) in sums.items()}
            return report
        finally:
            server.terminate()
            server.wait()


def main(data, wanted):
    here = os.path.dirname(os.path.abspath(__file__))
    binary = os.environ.get("FOOTNOTE", os.path.join(here, "../../.build/release/footnote"))
    for name in wanted or SETS:
        print(json.dumps({"set": name, **measure(binary, data, name)}), flush=True)


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    main(sys.argv[1], sys.argv[2:])
