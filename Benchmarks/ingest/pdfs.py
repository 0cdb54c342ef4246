"""PDF: words and order against golden texts, tables against their annotation, rows of invoices, pages a second."""
import collections, difflib, json, pathlib, re, resource, shutil, statistics, subprocess, tempfile

from .reading import f1, lines, squeeze, words


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
        # Of a few ids the source tells nothing but the id.
        for item in (item for item in row["rows"] if "product_name" in item):
            total += 1
            line = squeeze(next((line for line in text if item["product_id"] in squeeze(line)), ""))
            wanted = [word for word in re.findall(r"[A-Za-z0-9]+", item["product_name"])]
            share = sum(word in line for word in wanted) / max(len(wanted), 1)
            prices = all(item[key].strip("₹") in line for key in ("discounted_price", "actual_price"))
            shares += share if prices else 0
            whole += prices and share > 0.9
    return {"rows": total, "whole": whole / max(total, 1), "name_words_beside_prices": shares / max(total, 1)}




def speed(folder, footnote, rounds=3):
    """Pages a second of processor time over the text and table sets, taking turns with pdftotext; ratios of medians.
    One process each, so that the start counts on both sides; only files that both read."""
    data = folder.parent
    paths = sorted((data / "pdf_text" / "pdfs").glob("*.pdf")) + sorted((data / "pdf_tables").rglob("*.pdf"))
    paths += sorted((data / "inazuma").rglob("*.pdf")) + sorted((data / "financebench").rglob("*.pdf"))
    if not shutil.which("pdftotext"):
        return "pdftotext is not installed"
    with tempfile.TemporaryDirectory() as place:
        (pathlib.Path(place) / "pdfs").mkdir()
        for number, path in enumerate(paths):
            (pathlib.Path(place) / "pdfs" / f"{number}.pdf").symlink_to(path)
        links = sorted((pathlib.Path(place) / "pdfs").iterdir())
        ours, theirs, pages = [], [], 0
        for _ in range(rounds):
            run = subprocess.run([footnote.binary, "bench", "pdf", "--data", place, "--threads", "1"], capture_output=True)
            report = json.loads(run.stdout.strip().split(b"\n")[-1])
            pages = report["pages"]
            ours.append(report["pages_per_cpu_s"])
            before = resource.getrusage(resource.RUSAGE_CHILDREN)
            for link in links:
                subprocess.run(["pdftotext", "-enc", "UTF-8", str(link), "/dev/null"], capture_output=True)
            after = resource.getrusage(resource.RUSAGE_CHILDREN)
            spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
            theirs.append(pages / spent)
    ratio = statistics.median(ours) / statistics.median(theirs)
    return {"files": len(paths), "pages": pages, "footnote": statistics.median(ours),
            "pdftotext": statistics.median(theirs), "ratio": ratio}
