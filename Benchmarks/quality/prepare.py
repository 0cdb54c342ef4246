#!/usr/bin/env python3
"""Turns sets with ground truth into what `footnote bench quality` reads: one JSON file a set, passages and questions.

Passages as in the plain reference figures: text of at most 180 words whole, else windows of 150 words with 30 overlap;
PDFs by pdftotext, each page apart; Markdown without link targets, table bars, rules and emphasis; HTML table rows as
lines 'a | b'; languages that put no spaces between words by their paragraphs. Which passage holds an answer or a
keyword is decided here, so that the program that is measured never sees the answers. Needs Python 3 and pdftotext
(poppler-utils). Usage: prepare.py DATA OUT [SET...]
"""
import glob
import html
import json
import os
import random
import re
import subprocess
import sys
import unicodedata

QUESTIONS_MAX = 400
SEED = 7
OTHER_LANGUAGES = ("ar", "de", "el", "es", "hi", "ro", "ru", "th", "tr", "vi", "zh")
UNSPACED = ("th", "zh")


def windows(text):
    words = text.split()
    if len(words) <= 180:
        return [" ".join(words)] if words else []
    found, start = [], 0
    while True:
        found.append(" ".join(words[start : start + 150]))
        if start + 150 >= len(words):
            return found
        start += 120


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def lines(path):
    return [json.loads(line) for line in read(path).splitlines() if line.strip()]


def asked(questions):
    questions = list(questions)
    random.Random(SEED).shuffle(questions)
    return questions[:QUESTIONS_MAX]


def markdown(text):
    text = re.sub(r"\]\([^)]*\)", "]", text)
    text = re.sub(r"^\s*\|?[\s:|-]+\|?\s*$", "", text, flags=re.M)
    return re.sub(r"[*_`#]", "", text.replace("|", " "))


def page_text(text):
    text = re.sub(r"<head>.*?</head>", "", text, flags=re.S)

    def row(match):
        cells = re.findall(r"<t[dh][^>]*>(.*?)</t[dh]>", match.group(0), flags=re.S)
        return " | ".join(re.sub("<[^>]+>", "", cell).strip() for cell in cells) + "\n"

    text = re.sub(r"<tr>.*?</tr>", row, text, flags=re.S)
    return html.unescape(re.sub("<[^>]+>", "\n", text))


def stem_of(path):
    return os.path.splitext(os.path.basename(path))[0]


def files(base, pattern, convert=str):
    for path in sorted(glob.glob(os.path.join(base, pattern), recursive=True)):
        for window in windows(convert(read(path))):
            yield {"doc": os.path.relpath(path, base), "page": 0, "name": stem_of(path), "text": window}


def paragraphs(base, pattern):
    for path in sorted(glob.glob(os.path.join(base, pattern))):
        for text in re.split(r"\n\s*\n", read(path)):
            if text.strip():
                yield {"doc": os.path.relpath(path, base), "page": 0, "name": stem_of(path), "text": text.strip()}


def pdfs(base, pattern):
    for path in sorted(glob.glob(os.path.join(base, pattern))):
        run = subprocess.run(["pdftotext", "-enc", "UTF-8", path, "-"], capture_output=True, check=True)
        for page, text in enumerate(run.stdout.decode("utf-8", "replace").split("\f"), 1):
            for window in windows(text):
                yield {"doc": os.path.relpath(path, base), "page": page, "name": stem_of(path), "text": window}


def collection(base, with_title):
    for entry in lines(base + "/corpus.jsonl"):
        text = entry["title"] + "\n" + entry["text"] if with_title else entry["text"]
        for window in windows(text):
            yield {"doc": entry["doc"], "page": 0, "name": "", "text": window}


def plain(text):
    text = unicodedata.normalize("NFKC", text).lower()
    text = "".join(" " if unicodedata.category(c)[0] == "P" else c for c in text)
    return " ".join(word for word in text.split() if word not in ("a", "an", "the"))


def judged(passages, question, want_answers):
    """The question with its truth as places of passages and documents."""
    kept = {"id": question["id"], "question": question["question"]}
    if "relevant" in question:
        kept["relevant"] = question["relevant"]
    if "doc" in question:
        kept["relevant"] = {question["doc"]: 1}
        own = [i for i, passage in enumerate(passages) if passage["doc"] == question["doc"]]
        pages = question.get("evidence_pages")
        if pages is None and "evidence" in question:
            pages = [e["page"] for e in question["evidence"] if e["page"]]
        if pages is not None:
            kept["on_page"] = [i for i in own if passages[i]["page"] in pages]
            if not kept["on_page"]:
                return None
        elif want_answers:
            answers = [plain(a) for a in question.get("answers", []) if isinstance(a, str) and plain(a)]
            kept["holding"] = [i for i in own if any(a in passages[i]["plain"] for a in answers)]
    if "keywords" in question:
        kept["keywords"] = [
            [i for i, passage in enumerate(passages) if word.lower() in passage["text"].lower()]
            for word in question["keywords"]
        ]
    return kept


def sets(data):
    def base(name):
        return os.path.join(data, name)

    def questions(name, file="questions.jsonl"):
        return lines(os.path.join(base(name), file))

    def sited(question):
        return dict(question, question=f"For {question['site']}: {question['question']}")

    def snippets(file):
        passages, asked_for = [], []
        for entry in questions("rgb", file):
            relevant = {}
            for kind in ("positive", "negative"):
                for number, text in enumerate(entry[kind]):
                    doc = f"{entry['id']}/{kind}{number}"
                    if kind == "positive":
                        relevant[doc] = 1
                    passages += [{"doc": doc, "page": 0, "name": "", "text": w} for w in windows(text)]
            asked_for.append({"id": entry["id"], "question": entry["question"], "relevant": relevant})
        return passages, asked_for

    def xquad(language):
        passages = paragraphs if language in UNSPACED else files
        return passages(base("xquad"), f"docs/{language}/*.txt"), [
            q for q in questions("xquad") if q["lang"] == language
        ]

    return {
        "xquad_en": lambda: xquad("en"),
        "insurellm": lambda: (files(base("insurellm"), "docs/*/*.md", markdown), questions("insurellm")),
        "cranfield": lambda: (collection(base("cranfield"), False), questions("cranfield", "queries.jsonl")),
        "policyqa": lambda: (files(base("policyqa"), "docs/*.txt"), map(sited, asked(questions("policyqa")))),
        "tatqa": lambda: (files(base("tatqa"), "docs/*.html", page_text), questions("tatqa")),
        "contracts_cuad": lambda: (pdfs(base("contracts_cuad"), "pdfs/*.pdf"), questions("contracts_cuad")),
        "cisi": lambda: (collection(base("cisi"), True), questions("cisi", "queries.jsonl")),
        "financebench": lambda: (pdfs(base("financebench"), "pdfs/*.pdf"), questions("financebench")),
        "rgb": lambda: snippets("en_counterfactual.jsonl"),
        "rgb_zh": lambda: snippets("zh_counterfactual.jsonl"),
        "rgb_zh_noise": lambda: snippets("zh_noise.jsonl"),
        "adi": lambda: (collection(base("adi"), True), questions("adi", "queries.jsonl")),
        "handbook_basecamp": lambda: (
            files(base("handbook_basecamp"), "docs/**/*.md", markdown), questions("handbook_basecamp")),
        "inazuma": lambda: (pdfs(base("inazuma"), "policies/*.pdf"), questions("inazuma")),
    } | {f"xquad_{language}": (lambda language=language: xquad(language)) for language in OTHER_LANGUAGES}


def main(data, out, wanted):
    os.makedirs(out, exist_ok=True)
    for name, make in sets(data).items():
        if wanted and name not in wanted:
            continue
        passages, questions = make()
        passages = list(passages)
        for passage in passages:
            passage["plain"] = plain(passage["text"])
        questions = list(questions) if name == "policyqa" else asked(questions)
        questions = [
            judged(passages, question, want_answers=name != "tatqa")
            for question in questions
            if question.get("answerable") is not False
        ]
        for passage in passages:
            del passage["plain"]
        with open(os.path.join(out, name + ".json"), "w", encoding="utf-8") as file:
            json.dump({"set": name, "passages": passages, "questions": [q for q in questions if q]}, file)
        print(f"{name}: {len(passages)} passages", file=sys.stderr)


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    main(sys.argv[1], sys.argv[2], sys.argv[3:])
