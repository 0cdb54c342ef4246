#!/usr/bin/env python3
"""Extracted answers and refusals over question sets, by the product itself: one line a set.

A set is a folder of documents and a JSONL of {"question","answers","document","unanswerable"[,"keywords"]}. Each is
added to a library of its own and asked with `footnote eval --beside-plain`, which answers every question twice: as the
product does, and the plain way (of the best passage, the sentence nearest to the question by the same embedder).
'chosen' is how often an expected answer stands in the sentence that was chosen first, answered or not; 'first' in the
first cited sentence and 'whole' in the whole answer, a refusal counting as a miss. A row with "all_of" holds an answer where all of those words are there (reference answers in prose).
Usage: measure.py FOOTNOTE WORK NAME=QUESTIONS.jsonl[=DOCUMENTS]...
"""
import json
import os
import re
import statistics
import subprocess
import sys

from expected import holds


def main():
    program, work, *sets = sys.argv[1:]
    print(f"{'set':22}{'n':>5}{'chosen':>8}{'first':>8}{'whole':>8}{'plain':>8}{'words':>7}{'answered':>10}{'false':>7}{'n':>5}{'least':>7}{'ms':>7}")
    pooled = []
    for entry in sets:
        name, questions, *documents = entry.split("=")
        library = os.path.join(work, "lib-" + (documents[0].strip("/").replace("/", "_")[-60:] if documents else name))
        if documents and not os.path.exists(library):
            subprocess.run([program, "add", *documents[0].split(","), "--data", library, "--quiet"], check=False)
        if not documents:
            library = os.path.join(work, name)
        outcomes = os.path.join(work, f"out.{name}.jsonl")
        reply = subprocess.run(
            [program, "eval", questions, "--data", library, "--json", "--beside-plain", "--candidates", "--outcomes", outcomes],
            stdout=subprocess.PIPE, check=True)
        report = json.loads(reply.stdout)
        rows = [json.loads(line) for line in open(questions, encoding="utf-8") if line.strip()]
        seen = [json.loads(line) for line in open(outcomes, encoding="utf-8")]
        chosen, first, whole, plain, words, answered, false = [], [], [], [], [], [], []
        for row, outcome in zip(rows, seen):
            if outcome["unanswerable"]:
                false.append(not outcome["refused"])
                continue
            answered.append(not outcome["refused"])
            if not (row.get("answers") or row.get("all_of")):
                continue
            said = "" if outcome["refused"] else re.sub(r" ?\[\d+\]", "", outcome["answer"])
            best = outcome.get("candidates", [{"text": ""}])[0]["text"]
            chosen.append(holds(row, best))
            first.append(holds(row, outcome["first_quote"]))
            whole.append(holds(row, said))
            plain.append(holds(row, outcome["plain"] or ""))
            if said:
                words.append(len(said.split()))
        mean = lambda values: f"{sum(values) / len(values):.3f}" if values else "–"
        pooled += list(zip(chosen, first, whole, plain))
        print(
            f"{name:22}{len(first):5}{mean(chosen):>8}{mean(first):>8}{mean(whole):>8}{mean(plain):>8}"
            f"{statistics.median(words) if words else 0:7.0f}{mean(answered):>10}{mean(false):>7}{len(false):5}"
            f"{report['refusal']['confidence_min']:7.2f}{report['latency_ms']['p50']:7.1f}", flush=True)
    if pooled:
        share = lambda at: sum(p[at] for p in pooled) / len(pooled)
        print(f"{'all':22}{len(pooled):5}{share(0):8.3f}{share(1):8.3f}{share(2):8.3f}{share(3):8.3f}")


main()
