"""How well documents are read: text, tables and Word files against ground truth, and robustness, beside other readers.

  ingest_quality.py DATA FOOTNOTE [SET…]

DATA is the folder of the shared data sets, FOOTNOTE the binary. pdftotext, pypdf, PyMuPDF and pdfplumber are measured
where they are installed. Prints one JSON object: word F1 and order of pdf_text; of pdf_tables the adjacency relations
(each cell with its neighbours, as ICDAR 2013 defines them) and the cells, precision and recall; rows of the invoices of
inazuma kept whole; words found and words right of docx_golden; and what became of every file of the robustness sets.
"""
import collections, difflib, json, pathlib, re, shutil, subprocess, sys


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
    """Reads files through the binary's own workers, in batches; nothing is added to any library."""

    def __init__(self, binary):
        self.binary = binary

    def documents(self, paths):
        found, paths = {}, [str(path) for path in paths]
        for start in range(0, len(paths), 50):
            read = subprocess.run(
                [self.binary, "extract", "--json", *paths[start:start + 50]], capture_output=True, timeout=3600)
            for shape in json.loads(read.stdout)["documents"]:
                found[shape["path"]] = shape
        return found

    def read(self, paths):
        texts, failed = {}, {}
        for path, shape in self.documents(paths).items():
            if "error" in shape:
                failed[pathlib.Path(path)] = shape["error"]["code"]
            else:
                texts[pathlib.Path(path)] = shape["text"]
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


def squeeze(text):
    return re.sub(r"\s+", "", text)


def relations(cells):
    """Every filled cell with the nearest filled one to its right and below it, as ICDAR 2013 counts them: pairs of
    texts with a direction. Cells are (first row, last row, first column, last column, text)."""
    at = {}
    for cell in cells:
        if squeeze(cell[4]):
            for row in range(cell[0], cell[1] + 1):
                for column in range(cell[2], cell[3] + 1):
                    at[row, column] = cell
    rows, columns = 1 + max((key[0] for key in at), default=-1), 1 + max((key[1] for key in at), default=-1)
    found = set()
    for (row, column), cell in at.items():
        right = next((at[row, next_] for next_ in range(cell[3] + 1, columns) if (row, next_) in at), None)
        below = next((at[next_, column] for next_ in range(cell[1] + 1, rows) if (next_, column) in at), None)
        found |= {(cell, other, way) for other, way in ((right, "right"), (below, "below")) if other}
    return collections.Counter((squeeze(one[4]), squeeze(two[4]), way) for one, two, way in found)


def grid(rows):
    return [(row, row, column, column, text or "") for row, cells in enumerate(rows) for column, text in enumerate(cells)]


def footnote_tables(shape):
    text, tables = shape.get("text", ""), []
    for block in shape.get("blocks", []):
        if block["kind"] == "table":
            tables.append([])
        elif block["kind"] == "table_row" and tables:
            line = text[block["start"]:block["end"]]
            tables[-1].append(re.split(r" \|(?: |$)", " " + line if line.startswith("| ") else line))
    return [grid(rows) for rows in tables]


def table_readers(footnote, paths):
    shapes = footnote.documents(paths)
    readers = {"footnote": lambda path: footnote_tables(shapes.get(str(path), {}))}
    try:
        import pymupdf
        readers["pymupdf"] = lambda path: [
            grid(table.extract()) for page in pymupdf.open(str(path)) for table in page.find_tables().tables]
    except ImportError:
        pass
    try:
        import pdfplumber
        readers["pdfplumber"] = lambda path: [
            grid(table) for page in pdfplumber.open(str(path)).pages for table in page.extract_tables()]
    except ImportError:
        pass
    return readers


def rates(counts):
    common, found, truth = counts
    return {"precision": common / max(found, 1), "recall": common / max(truth, 1),
            "f1": 2 * common / max(found + truth, 1)}


def table_quality(folder, footnote):
    """icdar names every table of its files, so precision counts; csv names one of several, so only recall tells."""
    sets = {"icdar": {}, "csv": {}}
    for row in lines(folder / "tables.jsonl"):
        if "tables" in row:
            sets["icdar"][row["doc"]] = [[
                (cell["row"], cell["end_row"], cell["col"], cell["end_col"], cell["text"]) for cell in table
            ] for table in row["tables"]]
        else:
            sets["csv"].setdefault(row["doc"], []).append(grid(row["rows"]))
    result = {}
    readers = table_readers(footnote, sorted({folder / doc for truth in sets.values() for doc in truth}))
    for name, reader in readers.items():
        for kind, truths in sets.items():
            pairs, cells = [0, 0, 0], [0, 0, 0]
            for doc, truth in truths.items():
                try:
                    found = reader(folder / doc)
                except Exception:
                    found = []
                for sums, count in ((pairs, relations), (cells, lambda table: collections.Counter(
                        squeeze(cell[4]) for cell in table if squeeze(cell[4])))):
                    one = sum((count(table) for table in found), collections.Counter())
                    two = sum((count(table) for table in truth), collections.Counter())
                    for index, value in enumerate(((one & two).total(), one.total(), two.total())):
                        sums[index] += value
            result.setdefault(kind, {})[name] = {"adjacency": rates(pairs), "cells": rates(cells)}
    return result


def invoice_rows(folder, footnote):
    """Of each row of the invoices: its id, the words of its name and both prices in one row of the text."""
    rows = lines(folder / "invoices_expected.jsonl")
    texts, _ = footnote.read([folder / row["doc"] for row in rows])
    whole = total = shares = 0
    for row in rows:
        text = texts.get(folder / row["doc"], "").split("\n")
        for item in row["rows"]:
            total += 1
            line = squeeze(next((line for line in text if item["product_id"] in squeeze(line)), ""))
            wanted = [word for word in re.findall(r"[A-Za-z0-9]+", item["product_name"])]
            share = sum(word in line for word in wanted) / max(len(wanted), 1)
            prices = all(item[key].strip("₹") in line for key in ("discounted_price", "actual_price"))
            shares += share if prices else 0
            whole += prices and share > 0.9
    return {"rows": total, "whole": whole / max(total, 1), "name_words_beside_prices": shares / max(total, 1)}


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
    outcome, scores, low = collections.Counter(), [], []
    for row in rows:
        expected = row.get("class") or row.get("expect")
        path = folder / row["doc"]
        outcome[f"{expected}: {'read' if path in texts else failed.get(path, 'silence')}"] += 1
        if row.get("silver"):
            truth = words((folder / row["silver"]).read_text("utf-8", "replace"))
            score = f1(words(texts.get(path, "").replace(" | ", " ")), truth)
            scores.append(score)
            if score < 0.8:
                low.append(f"{row['doc']} {score:.2f}")
    result = dict(sorted(outcome.items()))
    return result | ({"silver_f1": sum(scores) / len(scores), "to_look_at": low} if scores else {})


def main():
    data, footnote = pathlib.Path(sys.argv[1]), Footnote(sys.argv[2])
    chosen = set(sys.argv[3:])
    parts = {
        "pdf_text": text_quality, "pdf_tables": table_quality, "inazuma": invoice_rows, "docx_golden": word_quality,
        "docx_robustness": robustness, "pdf_robustness": robustness, "evil_made": robustness,
    }
    result = {name: part(data / name, footnote) for name, part in parts.items() if not chosen or name in chosen}
    print(json.dumps(result, indent=2, ensure_ascii=False))


if __name__ == "__main__":
    main()
