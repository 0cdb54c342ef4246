"""How well documents are read: every measure of ingest over the shared data sets, beside other readers, by one command.

  ingest_quality.py DATA FOOTNOTE [SET…]

DATA is the folder of the shared data sets, FOOTNOTE the binary. pdftotext, pypdf, PyMuPDF, pdfplumber, trafilatura,
readability-lxml and uchardet are measured where they are installed. Prints one JSON object: word F1 and order of
pdf_text; of pdf_tables the adjacency relations (each cell with its neighbours, as ICDAR 2013 defines them) and the cells,
precision and recall; rows of the invoices of inazuma kept whole; words found and words right of docx_golden; of
html_articles the article's words found, words that are not its own, and titles; texts of udhr read back from every
encoding that holds them; what became of json_suite and of every file of the robustness sets; pages a second of PDFs.
"""
import json, pathlib, sys

from ingest import encodings, files, pdfs
from ingest.reading import Footnote

PARTS = {
    "pdf_text": pdfs.text_quality, "pdf_tables": pdfs.table_quality, "inazuma": pdfs.invoice_rows,
    "docx_golden": files.word_quality, "html_articles": files.web_quality, "udhr": encodings.quality,
    "json_suite": files.json_suite, "docx_robustness": files.robustness, "pdf_robustness": files.robustness,
    "evil_made": files.robustness, "speed": pdfs.speed,
}


def main():
    data, footnote = pathlib.Path(sys.argv[1]), Footnote(sys.argv[2])
    chosen = set(sys.argv[3:])
    if unknown := chosen - set(PARTS):
        sys.exit(f"no such set: {', '.join(sorted(unknown))}; there are {', '.join(PARTS)}")
    result = {}
    try:
        for name, part in PARTS.items():
            if not chosen or name in chosen:
                print(f"measuring {name}", file=sys.stderr, flush=True)
                result[name] = part(data / name, footnote)
    finally:
        # What was measured is told even if a later set fails.
        print(json.dumps(result, indent=2, ensure_ascii=False))


if __name__ == "__main__":
    main()
