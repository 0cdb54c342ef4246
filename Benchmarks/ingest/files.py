"""Word files and web pages against their golden texts, JSON against its suite, and what becomes of difficult files."""
import collections, pathlib, re

from .reading import bag, f1, lines, overlap, words


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


def web_quality(folder, footnote):
    """Words of the article found, words read that are not the article's, titles, pages whose article is whole."""
    rows = lines(folder / "index.jsonl")
    shapes = footnote.documents([folder / row["doc"] for row in rows])
    readers = {"footnote": lambda row: shapes[str(folder / row["doc"])].get("text", "")} | other_web_readers(folder)
    line = lambda text: " ".join((text or "").split())
    titles = [line(shapes[str(folder / row["doc"])].get("title")) == line(row["title"]) for row in rows]
    result = {"titles": sum(titles), "pages": len(rows)}
    for name, reader in readers.items():
        recalls, besides = [], []
        for row in rows:
            common, found, truth = overlap(bag(reader(row)), bag((folder / row["expected"]).read_text("utf-8")))
            recalls.append(common / max(truth, 1))
            besides.append(1 - common / found if found else 0)
        result[name] = {"recall": sum(recalls) / len(rows), "boilerplate": sum(besides) / len(rows),
                        "pages_with_98_percent": sum(recall >= 0.98 for recall in recalls)}
    return result


def other_web_readers(folder):
    readers = {}
    content = lambda row: (folder / row["doc"]).read_bytes()
    try:
        import trafilatura
        readers["trafilatura"] = lambda row: trafilatura.extract(content(row)) or ""
        readers["trafilatura_for_recall"] = lambda row: trafilatura.extract(content(row), favor_recall=True) or ""
    except ImportError:
        pass
    try:
        import lxml.html, readability
        readers["readability-lxml"] = lambda row: lxml.html.document_fromstring(
            readability.Document(content(row).decode("utf-8", "replace")).summary() or "<p>").text_content()
    except ImportError:
        pass
    return readers


def json_suite(folder, footnote):
    """y_ must be read, n_ refused, i_ may be either; a value without text is 'empty' and no refusal."""
    outcome, wrong = collections.Counter(), []
    for path, shape in footnote.documents(sorted((folder / "files").iterdir())).items():
        name = pathlib.Path(path).name
        code = shape["error"]["code"] if "error" in shape else "read"
        is_refused = code != "read"
        # A value without text, such as [], is sound and empty.
        kind = "empty" if code == "empty_document" else "refused" if is_refused else "read"
        outcome[f"{name[0]}: {kind}"] += 1
        if name[0] == "y" and kind == "refused" or name[0] == "n" and not is_refused:
            wrong.append(f"{name} {code}")
    return dict(sorted(outcome.items())) | {"wrong": wrong}
