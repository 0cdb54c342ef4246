#!/usr/bin/env python3
"""What the options that ask a model give: one `footnote eval` each, beside asking nothing of it, one line an option.

The model is the one that is configured (FOOTNOTE_LLM_URL, FOOTNOTE_LLM_MODEL, FOOTNOTE_LLM_KEY, or the file of settings);
a rerank service is measured where FOOTNOTE_RERANK_URL names one, in the form that FORM says (cohere or tei).
'in top' is how often an expected answer stands in the first passage and in the first five, 'first' in the first cited
sentence. Rewriting concerns follow-ups, which a set of single questions has none of.
Usage: options.py FOOTNOTE LIBRARY QUESTIONS.jsonl [FORM]
"""
import json
import os
import subprocess
import sys


def main():
    program, library, questions, *form = sys.argv[1:]
    options = [
        ("extracted, no model", ["--no-llm"]),
        ("model writes", []),
        ("expansion: queries", ["--set", "answers.expansion=queries"]),
        ("expansion: hypothetical", ["--set", "answers.expansion=hypothetical"]),
        ("rerank: model", ["--set", "answers.rerank=model"]),
    ]
    if form and os.environ.get("FOOTNOTE_RERANK_URL"):
        options.append((f"rerank: {form[0]}", ["--set", f"answers.rerank={form[0]}"]))
    print(f"{'option':26}{'top 1':>8}{'top 5':>8}{'MRR':>8}{'first':>8}{'whole':>8}{'refused':>9}{'ms':>9}")
    figure = lambda value: "–" if value is None else f"{value:.3f}"
    for name, flags in options:
        reply = subprocess.run(
            [program, "eval", questions, "--data", library, "--json", *flags], stdout=subprocess.PIPE, check=True)
        report = json.loads(reply.stdout)
        answer, top = report["answer"], report["answer_in_top"]
        print(
            f"{name:26}{figure(top['1']):>8}{figure(top['5']):>8}{figure(report['mrr10']):>8}"
            f"{figure(answer['in_first_sentence']):>8}{figure(answer['contains']):>8}"
            f"{figure(report['refusal']['false_refusals']):>9}{report['latency_ms']['p50']:9.1f}", flush=True)


main()
