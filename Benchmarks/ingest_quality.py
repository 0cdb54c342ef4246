"""How well documents are read: text, tables and Word files against ground truth, and robustness, beside other readers.

  ingest_quality.py DATA FOOTNOTE [SET…]

DATA is the folder of the shared data sets, FOOTNOTE the binary. pdftotext, pypdf and PyMuPDF are measured where they are
installed. Prints one JSON object: word F1 and order of pdf_text, cells and neighbouring pairs found of pdf_tables, words
found and words right of docx_golden, and what became of every file of the robustness sets.
"""
import collections, difflib, json, pathlib, re, shutil, subprocess, sys, tempfile


def lines(path):
    return [json.loads(line) for line in open(path, encoding="utf-8") if line.strip()]


def words(text):
    return text.lstrip("\ufeff").split()


def overlap(found, truth):
    found, truth = collections.Counter(found), collections.Counter(truth)
    return sum((found & truth).values()), sum(found.values()), sum(truth.values())


def f1(found, truth):
    common, n_found, n_truth = overlap(found, truth)
    return 2 * common / (n_found + n_truth) if n_found + n_truth else 1.0


class Footnote:
    """Adds files to a library of its own, then shows their text."""

    def __init__(self, binary):
        self.binary = binary

    def read(self, paths):
        texts, failed = {}, {}
        for path in paths:
            with tempfile.TemporaryDirectory() as data:
                added = subprocess.run(
                    [self.binary, "add", str(path), "--data", data, "--json"], capture_output=True, timeout=300)
                report = json.loads(added.stdout)
                for row in report["failed"]:
                    failed[path] = row["code"]
                for row in report["added"]:
                    shown = subprocess.run(
                        [self.binary, "show", row["document_id"], "--text", "--data", data], capture_output=True)
                    texts[path] = shown.stdout.decode("utf-8", "replace")
        return texts, failed


def others():
    tools = {}
    if shutil.which("pdftotext"):
        tools["pdftotext"] = lambda path: subprocess.run(
            ["pdftotext", "-enc", "UTF-8", str(path), "-"], capture_output=True).stdout.decode("utf-8", "replace")
    try:
        import pypdf
        tools["pypdf"] = lambda path: "\n".join(page.extract_text() or "" for page in pypdf.PdfReader(str(path)).pages)
    except ImportError:
        pass
    try:
        import pymupdf
        tools["pymupdf"] = lambda path: "\n".join(page.get_text() for page in pymupdf.open(str(path)))
    except ImportError:
        pass
    return tools


def text_quality(folder, footnote):
    rows = lines(folder / "index.jsonl")
    ours, _ = footnote.read([folder / row["doc"] for row in rows])
    # The bars between cells are ours, not the page's.
    readers = {"footnote": lambda path: ours.get(path, "").replace(" | ", " ")} | others()
    result = {}
    for name, reader in readers.items():
        scores, orders = [], []
        for row in rows:
            truth = words((folder / row["expected"]).read_text("utf-8", "replace"))
            try:
                found = words(reader(folder / row["doc"]))
            except Exception:
                found = []
            scores.append(f1(found, truth))
            if len(found) * len(truth) < 4e7:
                orders.append(difflib.SequenceMatcher(None, found, truth, autojunk=False).ratio())
        result[name] = {"f1": sum(scores) / len(scores), "order": sum(orders) / max(len(orders), 1)}
    return result


def table_quality(folder, footnote):
    rows = lines(folder / "tables.jsonl")
    texts, _ = footnote.read(sorted({folder / row["doc"] for row in rows}))
    squeeze = lambda text: re.sub(r"\s+", "", text)
    cells = cells_found = pairs = pairs_found = 0
    for row in rows:
        text = texts.get(folder / row["doc"], "")
        flat, beside = squeeze(text), set()
        for line in text.split("\n"):
            found = [squeeze(cell).strip("|") for cell in re.split(r"(?:^| )\| ", line)]
            found = [cell for cell in found if cell]
            beside.update(zip(found, found[1:]))
        truth = row.get("rows")
        if truth is None:
            places = collections.defaultdict(list)
            for index, table in enumerate(row["tables"]):
                for cell in table:
                    places[index, cell["page"], cell["row"]].append((cell["col"], cell["text"]))
            truth = [[text for _, text in sorted(place)] for place in places.values()]
        for cell_row in truth:
            wanted = [squeeze(cell) for cell in cell_row if squeeze(cell)]
            cells += len(wanted)
            cells_found += sum(cell in flat for cell in wanted)
            pairs += max(len(wanted) - 1, 0)
            pairs_found += sum(pair in beside for pair in zip(wanted, wanted[1:]))
    return {"cells": cells_found / max(cells, 1), "neighbours": pairs_found / max(pairs, 1)}


def word_quality(folder, footnote):
    rows = lines(folder / "index.jsonl")
    texts, _ = footnote.read([folder / row["doc"] for row in rows])
    bag = lambda text: re.findall(r"\w+", text.lower())
    common = found = truth = 0
    for row in rows:
        counts = overlap(bag(texts.get(folder / row["doc"], "")), bag((folder / row["expected"]).read_text("utf-8")))
        common, found, truth = common + counts[0], found + counts[1], truth + counts[2]
    return {"recall": common / truth, "precision": common / max(found, 1)}


def robustness(folder, footnote):
    rows = lines(folder / "index.jsonl")
    texts, failed = footnote.read([folder / row["doc"] for row in rows])
    outcome = collections.Counter()
    for row in rows:
        expected = row.get("class") or row.get("expect")
        path = folder / row["doc"]
        outcome[f"{expected}: {'read' if path in texts else failed.get(path, 'silence')}"] += 1
    return dict(sorted(outcome.items()))


def main():
    data, footnote = pathlib.Path(sys.argv[1]), Footnote(sys.argv[2])
    chosen = set(sys.argv[3:])
    parts = {
        "pdf_text": text_quality, "pdf_tables": table_quality, "docx_golden": word_quality,
        "docx_robustness": robustness, "pdf_robustness": robustness, "evil_made": robustness,
    }
    result = {name: part(data / name, footnote) for name, part in parts.items() if not chosen or name in chosen}
    print(json.dumps(result, indent=2, ensure_ascii=False))


if __name__ == "__main__":
    main()
