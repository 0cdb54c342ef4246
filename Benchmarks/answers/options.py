#!/usr/bin/env python3
"""What the options that ask a model give: one `footnote eval` each, beside asking nothing of it, one line an option.

With a second set, of follow-ups whose lines carry the earlier turns, rewriting by rules and by the model are held side
by side, too (corpus/conversations.jsonl is such a set).

The model is the one that is configured (FOOTNOTE_LLM_URL, FOOTNOTE_LLM_MODEL, FOOTNOTE_LLM_KEY, or the file of settings);
a rerank service is measured where FOOTNOTE_RERANK_URL names one, in the form that FORM says (cohere or tei).
'in top' is how often an expected answer stands in the first passage and in the first five, 'first' in the first cited
sentence, 'failed' how often a model gave nothing. A model's figures are its own: measure with the one that you mean to
use.
Usage: options.py FOOTNOTE LIBRARY QUESTIONS.jsonl [FORM] [FOLLOW_UPS.jsonl]
"""
import json
import os
import subprocess
import sys


def main():
    program, library, questions, *more = sys.argv[1:]
    follow_ups = [name for name in more if name.endswith(".jsonl")]
    form = [name for name in more if not name.endswith(".jsonl")]
    options = [
        ("extracted, no model", questions, ["--no-llm"]),
        ("model writes", questions, []),
        ("expansion: queries", questions, ["--set", "answers.expansion=queries"]),
        ("expansion: hypothetical", questions, ["--set", "answers.expansion=hypothetical"]),
        ("rerank: model", questions, ["--set", "answers.rerank=model"]),
    ]
    if form and os.environ.get("FOOTNOTE_RERANK_URL"):
        options.append((f"rerank: {form[0]}", questions, ["--set", f"answers.rerank={form[0]}"]))
    for name in follow_ups:
        options += [
            ("follow-ups: no model", name, ["--no-llm"]), ("follow-ups: rules", name, []),
            ("follow-ups: model", name, ["--set", "answers.rewrite=model"]),
        ]
    print(
        f"{'option':26}{'top 1':>8}{'top 5':>8}{'MRR':>8}{'first':>8}{'whole':>8}{'refused':>9}{'failed':>8}{'ms':>9}")
    figure = lambda value: "–" if value is None else f"{value:.3f}"
    for name, asked, flags in options:
        reply = subprocess.run(
            [program, "eval", asked, "--data", library, "--json", *flags], stdout=subprocess.PIPE, check=True)
        report = json.loads(reply.stdout)
        answer, top = report["answer"], report["answer_in_top"]
        print(
            f"{name:26}{figure(top['1']):>8}{figure(top['5']):>8}{figure(report['mrr10']):>8}"
            f"{figure(answer['in_first_sentence']):>8}{figure(answer['contains']):>8}"
            f"{figure(report['refusal']['false_refusals']):>9}{report['failures']['count']:8}{report['latency_ms']['p50']:9.1f}", flush=True)


main()
