#!/usr/bin/env python3
"""Proves that the sample library and its questions fit together.

    python3 corpus/check_questions.py

Needs only Python and `pdftotext` (poppler-utils). It reads every document as plain
text, checks that each answer stands word for word (without regard to case or line
breaks) in the document named, and that names, ids and counts are right. It prints a
summary and ends with status 1 if anything is wrong.
"""

import collections
import json
import re
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
import zipfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
SMALLEST = {".pdf": 6, ".docx": 6, ".md": 6, ".txt": 4}
QUESTIONS, UNANSWERABLE, MOST_BYTES = 80, 15, 2_000_000
ASKED_WORD_FOR_WORD = [
    "What is the remote work policy?",
    "How many vacation days do employees get?",
    "What equipment is provided to remote workers?",
    "How does the 401(k) match work?",
    "What does a home office need?",
    "Which health plans are offered?",
]


def docx_text(path):
    """The text of the body and the footnotes, one line for each paragraph."""
    lines = []
    with zipfile.ZipFile(path) as archive:
        for name in ("word/document.xml", "word/footnotes.xml"):
            if name not in archive.namelist():
                continue
            for paragraph in ElementTree.fromstring(archive.read(name)).iter(f"{W}p"):
                lines.append("".join(node.text or "" for node in paragraph.iter(f"{W}t")))
    return "\n".join(lines)


def text_of(path):
    if path.suffix == ".pdf":
        return subprocess.run(["pdftotext", "-enc", "UTF-8", str(path), "-"], check=True, capture_output=True).stdout.decode()
    if path.suffix == ".docx":
        return docx_text(path)
    return path.read_text(encoding="utf-8")


def folded(text):
    return re.sub(r"\s+", " ", text).casefold()


def main():
    problems = []
    paths = sorted(path for path in (HERE / "documents").rglob("*") if path.is_file())
    kinds = collections.Counter(path.suffix for path in paths)
    names = collections.Counter(path.name for path in paths)
    problems += [f"two documents are called {name}" for name, count in names.items() if count > 1]
    problems += [f"{path.name}: unknown kind of file" for path in paths if path.suffix not in SMALLEST]
    problems += [f"only {kinds[kind]} {kind} files" for kind, least in SMALLEST.items() if kinds[kind] < least]
    if not 24 <= len(paths) <= 30:
        problems.append(f"{len(paths)} documents")
    size = sum(path.stat().st_size for path in HERE.rglob("*") if path.is_file())
    if size > MOST_BYTES:
        problems.append(f"the library takes {size:,} bytes")

    texts = {path.name: folded(text_of(path)) for path in paths}
    problems += [f"{name}: hardly any text" for name, text in texts.items() if len(text) < 1000]

    with open(HERE / "questions.jsonl", encoding="utf-8") as lines:
        questions = [json.loads(line) for line in lines]
    for what in ("id", "question"):
        seen = collections.Counter(question[what] for question in questions)
        problems += [f"{what} {value!r} stands {count} times" for value, count in seen.items() if count > 1]
    asked = {question["question"] for question in questions}
    problems += [f"missing: {question}" for question in ASKED_WORD_FOR_WORD if question not in asked]
    with open(HERE / "conversations.jsonl", encoding="utf-8") as lines:
        follow_ups = [json.loads(line) for line in lines]
    problems += [f"{follow_up['id']}: nothing was asked before" for follow_up in follow_ups if not follow_up["history"]]
    problems += [f"{follow_up['id']}: no question of the set: {before}" for follow_up in follow_ups
                 for before in follow_up["history"] if before not in asked]
    unanswerable = [question for question in questions if question["unanswerable"]]
    if len(questions) < QUESTIONS or len(unanswerable) < UNANSWERABLE:
        problems.append(f"{len(questions)} questions, of which {len(unanswerable)} have no answer")

    for question in questions + [{"unanswerable": False, **follow_up} for follow_up in follow_ups]:
        where = f"{question['id']} ({question['question']})"
        if question["unanswerable"]:
            if question["answers"] or "document" in question:
                problems.append(f"{where}: is called unanswerable and has an answer")
        elif not question["answers"]:
            problems.append(f"{where}: no answer")
        elif question["document"] not in texts:
            problems.append(f"{where}: no document {question['document']}")
        else:
            text = texts[question["document"]]
            problems += [f"{where}: {answer!r} is not in {question['document']}"
                         for answer in question["answers"] if folded(answer) not in text]
    without = sorted(set(texts) - {question.get("document") for question in questions})
    problems += [f"no question about {name}" for name in without]

    for problem in problems:
        print("WRONG", problem)
    counts = ", ".join(f"{count} {kind}" for kind, count in sorted(kinds.items()))
    print(f"{len(paths)} documents ({counts}), {size:,} bytes; {len(questions)} questions, "
          f"{len(unanswerable)} without an answer; {len(problems)} problems")
    sys.exit(1 if problems else 0)


if __name__ == "__main__":
    main()
