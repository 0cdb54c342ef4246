#!/usr/bin/env python3
"""Turns corpus/sources/**/*.md into the PDF and DOCX files of the sample library.

This is a tool for people who edit the sample library; nothing else needs it, since
the files it makes are committed. To run it:

    python3 -m venv /tmp/corpus-venv
    /tmp/corpus-venv/bin/pip install reportlab==5.1.0 python-docx==1.2.0
    /tmp/corpus-venv/bin/python corpus/make_documents.py            # all documents
    /tmp/corpus-venv/bin/python corpus/make_documents.py handbook   # names holding "handbook"

The same sources and the same library versions give the same bytes: there is no clock,
no random number and no machine name in the output.

A source is a small subset of Markdown under a header of `key: value` lines:

    output    path below corpus/documents; the ending (.pdf or .docx) picks the writer
    title, number, revision, date (YYYY-MM-DD), owner      shown and kept as metadata
    cover: yes    PDF only: a cover page and a table of contents
    font: serif   PDF only: Times in place of Helvetica

Blocks: `#` to `###` headings, paragraphs, `- ` bullets, `1. ` numbered steps (each list
starts again at 1), `> ` notes, `| a | b |` tables whose first row is the head, and
`---` for a page break. A table may follow `<!-- caption: ... -->` and
`<!-- widths: 2 5 3 -->`. Inline: **bold**, *italic*, and `[^1]` for a footnote whose
text is a `[^1]: ...` line (DOCX only).
"""

import datetime
import io
import re
import sys
import zipfile
from dataclasses import dataclass, field
from pathlib import Path
from xml.sax.saxutils import escape

HERE = Path(__file__).resolve().parent
SOURCES = HERE / "sources"
DOCUMENTS = HERE / "documents"
COMPANY = "Fernhollow Systems, Inc."
ADDRESS = "410 Millrace Road, Duluth, MN 55802"
GREEN = "1F5F4A"
PALE = "E8F1EC"
RULE = "A9BFB4"


# --- The source format ---------------------------------------------------------------


@dataclass
class Block:
    kind: str  # heading, text, bullets, steps, note, table, break
    text: str = ""
    level: int = 0
    items: list = field(default_factory=list)  # list items, or table rows
    caption: str = ""
    widths: list = field(default_factory=list)


@dataclass
class Source:
    path: Path
    header: dict
    blocks: list
    footnotes: dict

    @property
    def output(self):
        return DOCUMENTS / self.header["output"]

    @property
    def date(self):
        return datetime.datetime.strptime(self.header["date"], "%Y-%m-%d")

    @property
    def long_date(self):
        return f"{self.date:%B} {self.date.day}, {self.date.year}"


def read_source(path):
    lines = path.read_text(encoding="utf-8").splitlines()
    if lines[0] != "---":
        raise SystemExit(f"{path}: no header")
    end = lines.index("---", 1)
    header = dict(re.split(r":\s*", line, maxsplit=1) for line in lines[1:end])
    blocks, footnotes = [], {}
    caption, widths = "", []
    paragraph = []

    def close():
        if paragraph:
            blocks.append(Block("text", " ".join(paragraph)))
            paragraph.clear()

    def add_item(kind, text):
        close()
        if not blocks or blocks[-1].kind != kind:
            blocks.append(Block(kind))
        blocks[-1].items.append(text)

    after_blank = True
    for line in lines[end + 1:]:
        stripped = line.strip()
        note = re.match(r"\[\^(\d+)\]:\s*(.*)", stripped)
        directive = re.match(r"<!--\s*(caption|widths):\s*(.*?)\s*-->", stripped)
        if not stripped:
            close()
            # A blank line ends a list or a table, so that the next one is its own.
            if blocks and blocks[-1].kind in ("bullets", "steps", "table"):
                blocks.append(Block("end"))
        elif note:
            footnotes[note.group(1)] = note.group(2)
        elif directive and directive.group(1) == "caption":
            caption = directive.group(2)
        elif directive:
            widths = [float(w) for w in directive.group(2).split()]
        elif stripped == "---":
            close()
            blocks.append(Block("break"))
        elif match := re.match(r"(#{1,3})\s+(.*)", stripped):
            close()
            blocks.append(Block("heading", match.group(2), level=len(match.group(1))))
        elif stripped.startswith("- "):
            add_item("bullets", stripped[2:])
        elif match := re.match(r"\d+\.\s+(.*)", stripped):
            add_item("steps", match.group(1))
        elif stripped.startswith("> "):
            close()
            blocks.append(Block("note", stripped[2:]))
        elif stripped.startswith("|"):
            cells = [cell.strip() for cell in stripped.strip("|").split("|")]
            add_item("table", cells)
            if caption or widths:
                blocks[-1].caption, blocks[-1].widths = caption, widths
                caption, widths = "", []
        elif line.startswith("  ") and blocks and blocks[-1].kind in ("bullets", "steps") and not after_blank:
            blocks[-1].items[-1] += " " + stripped
        else:
            paragraph.append(stripped)
        after_blank = not stripped
    close()
    blocks = [block for block in blocks if block.kind != "end"]
    for block in blocks:
        if block.kind == "table" and len({len(row) for row in block.items}) != 1:
            raise SystemExit(f"{path}: a table has rows of different lengths: {block.items[0]}")
    return Source(path, header, blocks, footnotes)


def spans(text):
    """Splits inline text into (kind, text): plain, bold, italic or footnote."""
    for part in re.split(r"(\*\*.+?\*\*|\*[^*]+?\*|\[\^\d+\])", text):
        if part.startswith("**") and len(part) > 4:
            yield "bold", part[2:-2]
        elif part.startswith("[^"):
            yield "footnote", part[2:-1]
        elif part.startswith("*") and part.endswith("*") and len(part) > 2:
            yield "italic", part[1:-1]
        elif part:
            yield "plain", part


# --- PDF -----------------------------------------------------------------------------


def write_pdf(source):
    from reportlab import rl_config

    rl_config.invariant = 1
    from reportlab.lib.colors import HexColor, white
    from reportlab.lib.enums import TA_LEFT
    from reportlab.lib.pagesizes import letter
    from reportlab.lib.sequencer import Sequencer
    from reportlab.lib.styles import ParagraphStyle
    from reportlab.lib.units import inch
    from reportlab.pdfgen.canvas import Canvas
    from reportlab.platypus import (BaseDocTemplate, CondPageBreak, Frame, HRFlowable, KeepTogether, ListFlowable, ListItem,
                                    NextPageTemplate, PageBreak, PageTemplate, Paragraph, Spacer, Table, TableStyle)
    from reportlab.platypus.tableofcontents import TableOfContents

    header = source.header
    serif = header.get("font") == "serif"
    regular, bold = ("Times-Roman", "Times-Bold") if serif else ("Helvetica", "Helvetica-Bold")
    green, pale, rule, grey = (HexColor("#" + c) for c in (GREEN, PALE, RULE, "5A655F"))
    width, height = letter
    margin = 0.95 * inch

    def style(name, size, lead, **more):
        more.setdefault("fontName", regular)
        return ParagraphStyle(name, fontSize=size, leading=lead, alignment=TA_LEFT, **more)

    body_size = 10.5 if serif else 10
    body = style("body", body_size, 14.5, spaceAfter=7)
    headings = {
        1: style("h1", 16, 20, fontName=bold, textColor=green, spaceBefore=16, spaceAfter=8),
        2: style("h2", 12.5, 16, fontName=bold, textColor=green, spaceBefore=12, spaceAfter=5),
        3: style("h3", 10.5, 14, fontName=bold, spaceBefore=8, spaceAfter=3),
    }
    item = style("item", body_size, 14)
    caption = style("caption", 9, 12, fontName=bold, textColor=grey, spaceBefore=6, spaceAfter=4)
    cell = style("cell", 8.8, 11.2)
    cell_head = style("cellhead", 8.8, 11.2, fontName=bold, textColor=white)
    note = style("note", 9.5, 13, backColor=pale, borderPadding=(6, 8, 6, 8), leftIndent=8, rightIndent=8,
                 spaceBefore=8, spaceAfter=14)

    def inline(text):
        tags = {"bold": "b", "italic": "i"}
        out = []
        for kind, part in spans(text):
            if kind == "footnote":
                raise SystemExit(f"{source.path}: footnotes are for DOCX only")
            tag = tags.get(kind)
            out.append(f"<{tag}>{escape(part)}</{tag}>" if tag else escape(part))
        return "".join(out)

    class NumberedCanvas(Canvas):
        """Holds the pages back until their number is known, for "Page 2 of 9"."""

        def __init__(self, *args, **kwargs):
            super().__init__(*args, **kwargs)
            self.held = []

        def showPage(self):
            self.held.append(dict(self.__dict__))
            self._startPage()

        def save(self):
            for state in self.held:
                self.__dict__.update(state)
                self.furniture(len(self.held))
                super().showPage()
            super().save()

        def furniture(self, count):
            if self._pageNumber == 1 and header.get("cover"):
                return
            self.setStrokeColor(rule)
            self.setLineWidth(0.6)
            self.line(margin, height - 0.68 * inch, width - margin, height - 0.68 * inch)
            self.line(margin, 0.68 * inch, width - margin, 0.68 * inch)
            self.setFillColor(grey)
            self.setFont(regular, 8)
            self.drawString(margin, height - 0.6 * inch, f"{COMPANY}  |  {header['title']}")
            self.drawRightString(width - margin, height - 0.6 * inch, f"{header['number']}, {header['revision']}")
            self.drawString(margin, 0.52 * inch, f"{header['owner']}  |  {source.long_date}")
            self.drawRightString(width - margin, 0.52 * inch, f"Page {self._pageNumber} of {count}")

    class Template(BaseDocTemplate):
        def afterFlowable(self, flowable):
            level = {"h1": 0, "h2": 1}.get(getattr(getattr(flowable, "style", None), "name", ""))
            if level is None:
                return
            level = self.depth = min(level, self.depth + 1)
            text = flowable.getPlainText()
            key = f"h{self.seq.nextf('heading')}"
            self.canv.bookmarkPage(key)
            self.canv.addOutlineEntry(text, key, level, closed=level > 0)
            self.notify("TOCEntry", (level, text, self.page, key))

        def beforeDocument(self):
            self.seq = Sequencer()
            self.depth = -1

    def cover(canvas, document):
        canvas.saveState()
        canvas.setFillColor(green)
        canvas.rect(0, height - 4.6 * inch, width, 4.6 * inch, stroke=0, fill=1)
        canvas.setFillColor(white)
        canvas.setFont(bold, 13)
        canvas.drawString(margin, height - 1.1 * inch, COMPANY)
        size = 32 if len(header["title"]) < 34 else 23
        canvas.setFont(bold, size)
        canvas.drawString(margin, height - 3.2 * inch, header["title"])
        if header.get("subtitle"):
            canvas.setFont(regular, 14)
            canvas.drawString(margin, height - 3.65 * inch, header["subtitle"])
        canvas.setFillColor(grey)
        canvas.setFont(regular, 11)
        rows = [f"Document {header['number']}, {header['revision']}", f"Effective {source.long_date}",
                f"Owner: {header['owner']}"]
        for n, row in enumerate(rows):
            canvas.drawString(margin, height - (5.2 + 0.27 * n) * inch, row)
        canvas.setFont(regular, 9)
        canvas.drawString(margin, 0.9 * inch, f"{COMPANY}, {ADDRESS}")
        canvas.restoreState()

    story = []
    if header.get("cover"):
        toc = TableOfContents()
        toc.levelStyles = [style("toc0", 9.5, 12, fontName=bold),
                           style("toc1", 8.8, 10.5, leftIndent=14)]
        story += [NextPageTemplate("pages"), PageBreak(),
                  Paragraph("Contents", ParagraphStyle("contents", parent=headings[1])), toc, PageBreak()]
    else:
        title = style("title", 20, 25, fontName=bold, textColor=green, spaceAfter=2)
        meta = style("meta", 9, 12, textColor=grey, spaceAfter=6)
        story += [Paragraph(escape(header["title"]), title),
                  Paragraph(escape(f"{header['number']}, {header['revision']}. Effective {source.long_date}. "
                                   f"Owner: {header['owner']}."), meta),
                  HRFlowable(width="100%", thickness=1.2, color=green, spaceAfter=8)]

    room = width - 2 * margin
    leading = []  # headings and captions, which stay on the page of what follows them

    def add(flowable, long=False):
        if long:
            story.extend([CondPageBreak(2 * inch)] + leading + [flowable])
        elif leading or isinstance(flowable, Table):
            story.append(KeepTogether(leading + [flowable]))
        else:
            story.append(flowable)
        leading.clear()

    for block in source.blocks:
        if block.kind == "heading":
            leading.append(Paragraph(inline(block.text), headings[block.level]))
        elif block.kind == "text":
            add(Paragraph(inline(block.text), body))
        elif block.kind == "note":
            add(Paragraph(inline(block.text), note))
        elif block.kind == "break":
            story.append(PageBreak())
        elif block.kind in ("bullets", "steps"):
            kind = {"bulletType": "1", "bulletFormat": "%s."}
            if block.kind == "bullets":
                kind = {"bulletType": "bullet", "start": "\u2022"}
            add(ListFlowable([ListItem(Paragraph(inline(text), item), spaceAfter=2) for text in block.items],
                             leftIndent=18, bulletFontName=regular, bulletFontSize=body_size, **kind))
            story.append(Spacer(1, 7))
        elif block.kind == "table":
            shares = block.widths or [1] * len(block.items[0])
            columns = [room * share / sum(shares) for share in shares]
            rows = [[Paragraph(inline(text) or "&nbsp;", cell_head if n == 0 else cell) for text in row]
                    for n, row in enumerate(block.items)]
            table = Table(rows, colWidths=columns, repeatRows=1)
            table.setStyle(TableStyle([
                ("BACKGROUND", (0, 0), (-1, 0), green),
                ("ROWBACKGROUNDS", (0, 1), (-1, -1), [white, pale]),
                ("GRID", (0, 0), (-1, -1), 0.4, rule),
                ("VALIGN", (0, 0), (-1, -1), "TOP"),
                ("TOPPADDING", (0, 0), (-1, -1), 3.5),
                ("BOTTOMPADDING", (0, 0), (-1, -1), 4.5),
            ]))
            if block.caption:
                leading.append(Paragraph(inline(block.caption), caption))
            add(table, long=len(rows) > 8)
            story.append(Spacer(1, 10))

    document = Template(
        str(source.output), pagesize=letter, title=header["title"], author=COMPANY, subject=header["number"],
        keywords=header["owner"], creator="Fernhollow document office", invariant=1, lang="en-US")
    frame = Frame(margin, 0.85 * inch, room, height - 1.75 * inch, leftPadding=0, rightPadding=0, topPadding=0, bottomPadding=0)
    pages = PageTemplate("pages", frames=[frame])
    if header.get("cover"):
        document.addPageTemplates([PageTemplate("cover", frames=[frame], onPage=cover), pages])
    else:
        document.addPageTemplates([pages])
    document.multiBuild(story, canvasmaker=NumberedCanvas)


# --- DOCX ----------------------------------------------------------------------------

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
ZIP_DATE = (2025, 1, 1, 0, 0, 0)


def write_docx(source):
    from docx import Document
    from docx.enum.style import WD_STYLE_TYPE
    from docx.enum.text import WD_TAB_ALIGNMENT
    from docx.opc.packuri import PackURI
    from docx.opc.part import Part
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn
    from docx.shared import Inches, Pt, RGBColor

    header = source.header
    document = Document()
    green, grey = RGBColor.from_string(GREEN), RGBColor.from_string("5A655F")
    section = document.sections[0]
    section.left_margin = section.right_margin = Inches(1)
    room = section.page_width - section.left_margin - section.right_margin

    properties = document.core_properties
    properties.title, properties.author, properties.subject = header["title"], COMPANY, header["number"]
    properties.last_modified_by, properties.comments, properties.keywords = COMPANY, "", header["owner"]
    properties.created = properties.modified = source.date
    properties.language = "en-US"

    def set_font(style, size, colour=None, face="Calibri"):
        style.font.name, style.font.size = face, Pt(size)
        fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
        for name in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
            fonts.attrib.pop(qn(f"w:{name}"), None)
        if colour is not None:
            style.font.color.rgb = colour

    styles = document.styles
    set_font(styles["Normal"], 11)
    styles["Normal"].paragraph_format.space_after = Pt(6)
    set_font(styles["Title"], 24, green)
    for level, size in ((1, 16), (2, 13), (3, 11)):
        set_font(styles[f"Heading {level}"], size, green)
    set_font(styles["Caption"], 9, grey)
    reference = styles.add_style("Footnote Reference", WD_STYLE_TYPE.CHARACTER)
    reference.font.superscript = True
    set_font(styles.add_style("Footnote Text", WD_STYLE_TYPE.PARAGRAPH), 9)

    def write(paragraph, text):
        for kind, part in spans(text):
            if kind == "footnote":
                run = paragraph.add_run()
                run.style = reference
                mark = OxmlElement("w:footnoteReference")
                mark.set(qn("w:id"), part)
                run._r.append(mark)
                continue
            run = paragraph.add_run(part)
            run.bold = kind == "bold" or None
            run.italic = kind == "italic" or None
        return paragraph

    def add_field(paragraph, instruction):
        for kind in ("begin", None, "separate", "text", "end"):
            run = paragraph.add_run()
            if kind is None:
                node = OxmlElement("w:instrText")
                node.set(qn("xml:space"), "preserve")
                node.text = instruction
            elif kind == "text":
                run.text = "1"
                continue
            else:
                node = OxmlElement("w:fldChar")
                node.set(qn("w:fldCharType"), kind)
            run._r.append(node)

    def restarted_numbering():
        """A new list of the "List Number" kind which counts from 1 again."""
        numbering = document.part.numbering_part.element
        first = styles["List Number"].element.pPr.numPr.numId.val
        abstract = next(n for n in numbering.num_lst if n.numId == first).abstractNumId.val
        num = numbering.add_num(abstract)
        num.add_lvlOverride(ilvl=0).add_startOverride(1)
        return num.numId

    top = section.header.paragraphs[0]
    top.text = f"{COMPANY}\t\t{header['number']}, {header['revision']}"
    bottom = section.footer.paragraphs[0]
    bottom.text = f"{header['title']}, {source.long_date}\t\tPage "
    add_field(bottom, "PAGE")
    bottom.add_run(" of ")
    add_field(bottom, "NUMPAGES")
    for paragraph in (top, bottom):
        paragraph.paragraph_format.tab_stops.add_tab_stop(room, WD_TAB_ALIGNMENT.RIGHT)
        for run in paragraph.runs:
            run.font.size, run.font.color.rgb = Pt(8.5), grey

    document.add_paragraph(header["title"], style="Title")
    write(document.add_paragraph(), f"*{header['number']}, {header['revision']}. Effective {source.long_date}. "
                                    f"Owner: {header['owner']}.*")

    for block in source.blocks:
        if block.kind == "heading":
            document.add_heading(block.text, level=block.level)
        elif block.kind == "text":
            write(document.add_paragraph(), block.text)
        elif block.kind == "note":
            write(document.add_paragraph(style="Intense Quote"), block.text)
        elif block.kind == "break":
            document.add_page_break()
        elif block.kind == "bullets":
            for text in block.items:
                write(document.add_paragraph(style="List Bullet"), text)
        elif block.kind == "steps":
            number = restarted_numbering()
            for text in block.items:
                paragraph = write(document.add_paragraph(style="List Number"), text)
                settings = paragraph._p.get_or_add_pPr().get_or_add_numPr()
                settings.get_or_add_ilvl().val = 0
                settings.get_or_add_numId().val = number
        elif block.kind == "table":
            if block.caption:
                document.add_paragraph(block.caption, style="Caption").paragraph_format.keep_with_next = True
            shares = block.widths or [1] * len(block.items[0])
            table = document.add_table(rows=len(block.items), cols=len(block.items[0]), style="Light Grid Accent 3")
            table.autofit = False
            for n, row in enumerate(block.items):
                for cell, text, share in zip(table.rows[n].cells, row, shares):
                    cell.width = int(room * share / sum(shares))
                    write(cell.paragraphs[0], text)
                    cell.paragraphs[0].paragraph_format.space_after = Pt(2)
            repeat = OxmlElement("w:tblHeader")
            table.rows[0]._tr.get_or_add_trPr().append(repeat)
            document.add_paragraph().paragraph_format.space_after = Pt(2)

    if source.footnotes:
        def note(number, inner, kind=""):
            return f'<w:footnote {kind}w:id="{number}"><w:p>{inner}</w:p></w:footnote>'

        notes = [note(-1, "<w:r><w:separator/></w:r>", 'w:type="separator" '),
                 note(0, "<w:r><w:continuationSeparator/></w:r>", 'w:type="continuationSeparator" ')]
        for number, text in source.footnotes.items():
            notes.append(note(number, '<w:pPr><w:pStyle w:val="FootnoteText"/></w:pPr><w:r><w:rPr><w:rStyle '
                                      'w:val="FootnoteReference"/></w:rPr><w:footnoteRef/></w:r>'
                                      f'<w:r><w:t xml:space="preserve"> {escape(text)}</w:t></w:r>'))
        xml = ('<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
               f'<w:footnotes xmlns:w="{W}">{"".join(notes)}</w:footnotes>')
        part = Part(PackURI("/word/footnotes.xml"),
                    "application/vnd.openxmlformats-officedocument.wordprocessingml.footnotes+xml",
                    xml.encode("utf-8"), document.part.package)
        document.part.relate_to(part, "http://schemas.openxmlformats.org/officeDocument/2006/relationships/footnotes")

    # python-docx's template carries a picture of an empty page; it only takes room.
    relations = document.part.package.rels
    for key in [key for key, relation in relations.items() if relation.reltype.endswith("/thumbnail")]:
        del relations[key]

    loose = io.BytesIO()
    document.save(loose)
    with zipfile.ZipFile(loose) as given, zipfile.ZipFile(source.output, "w", zipfile.ZIP_DEFLATED) as made:
        for name in given.namelist():
            entry = zipfile.ZipInfo(name, ZIP_DATE)
            entry.compress_type = zipfile.ZIP_DEFLATED
            made.writestr(entry, given.read(name))


# --- All documents -------------------------------------------------------------------


def main():
    wanted = sys.argv[1:]
    for path in sorted(SOURCES.rglob("*.md")):
        if wanted and not any(word in path.name for word in wanted):
            continue
        source = read_source(path)
        source.output.parent.mkdir(parents=True, exist_ok=True)
        {".pdf": write_pdf, ".docx": write_docx}[source.output.suffix](source)
        print(f"{source.output.relative_to(HERE)}  {source.output.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
