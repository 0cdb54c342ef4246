// Reads a body, header, footer or notes part of a Word file into flows.
// Tracked changes are taken as accepted: insertions and move targets stay, deletions and move sources go. Of a field
// the result is kept, its instruction not. Hidden text is left out and counted: no reader sees it. Invariants: stacks
// mirror the nesting of the file, whose depth the XML parser bounds. Must not: fail on elements it does not know: Word
// adds new ones every year.

final class WordFlowHandler: XMLEventHandler {
  /// The flow of the part's own body.
  var flow: WordFlow { flows.first ?? WordFlow() }
  /// The flows of notes by id, in a part of footnotes, endnotes or comments.
  private(set) var notes: [String: WordFlow] = [:]
  /// Who wrote each comment, by its id.
  private(set) var authors: [String: String] = [:]
  private(set) var linkIDs: [String] = []
  private(set) var headerFooterIDs: [(id: String, isHeader: Bool)] = []
  private(set) var pictureCount = 0
  private(set) var hiddenRunCount = 0

  private var flows: [WordFlow] = [WordFlow()]
  private var paragraphs: [WordParagraph] = []
  /// Blocks of text boxes, which follow the paragraph that anchors them.
  private var anchored: [[WordFlow.Item]] = []
  private var tables: [WordTable] = []
  private var rows: [WordTable.Row] = []
  private var mergedCells: [Bool] = []
  private var fields: [FieldPart] = []
  private var noteID: String?
  private var ignoredDepth = 0
  private var collectsText = false
  private var inRunProperties = false
  private var inParagraphProperties = false
  private var isHiddenRun = false
  private var followsAskedBreak = false

  private enum FieldPart { case instruction, result }

  private static let ignored: Set<String> = [
    "w:del", "w:moveFrom", "w:delText", "w:instrText", "w:delInstrText", "w:sdtPr", "mc:Fallback", "w:rt",
    "w:pPrChange", "w:rPrChange", "w:sectPrChange", "w:tblPrChange", "w:trPrChange", "w:tcPrChange",
    "w:numberingChange",
    "w:fldData",
  ]

  func start(_ name: String, _ attributes: XMLAttributes) throws {
    if ignoredDepth > 0 {
      ignoredDepth += 1
      return
    }
    if name == "w:del", inRunProperties, inParagraphProperties { editParagraph { $0.runsOn = true } }
    if name == "w:del", !inRunProperties, paragraphs.isEmpty, !rows.isEmpty { rows[rows.count - 1].isDeleted = true }
    if Self.ignored.contains(name) {
      ignoredDepth = 1
      return
    }
    switch name {
    case "w:t", "m:t": collectsText = true
    case "w:r": isHiddenRun = false
    case "w:p":
      paragraphs.append(WordParagraph())
      anchored.append([])
    case "w:pPr": inParagraphProperties = true
    case "w:rPr": inRunProperties = true
    default:
      if inParagraphProperties || inRunProperties {
        readProperty(name, attributes)
      } else {
        readContent(name, attributes)
      }
    }
  }

  private func readProperty(_ name: String, _ attributes: XMLAttributes) {
    let value = attributes["val"]
    switch name {
    case "w:pStyle": editParagraph { $0.style = value }
    case "w:numId": editParagraph { $0.listID = value }
    case "w:ilvl": editParagraph { $0.listLevel = value.flatMap { Int($0) } }
    case "w:outlineLvl": editParagraph { $0.outlineLevel = value.flatMap { Int($0) } }
    case "w:pageBreakBefore": if value != "0", value != "false" { breakPage(rendered: false) }
    case "w:vanish", "w:specVanish":
      if value != "0", value != "false", !inParagraphProperties {
        isHiddenRun = true
        hiddenRunCount += 1
      }
    case "w:headerReference", "w:footerReference": readContent(name, attributes)
    default: break
    }
  }

  private func readContent(_ name: String, _ attributes: XMLAttributes) {
    switch name {
    case "w:tab", "w:ptab": put("\t")
    case "w:noBreakHyphen": put("-")
    case "w:cr": put("\n")
    case "w:br":
      if attributes["type"] == "page" { breakPage(rendered: false) } else { put("\n") }
    case "w:lastRenderedPageBreak": breakPage(rendered: true)
    case "w:sym": put(WordSymbols.text(font: attributes["font"] ?? "", code: attributes["char"] ?? ""))
    case "w:fldChar": readField(attributes["fldCharType"] ?? "")
    case "w:footnoteReference": refer(to: .footnote, attributes)
    case "w:endnoteReference": refer(to: .endnote, attributes)
    case "w:commentReference": refer(to: .comment, attributes)
    case "w:hyperlink": if let id = attributes["id", prefix: "r"] { linkIDs.append(id) }
    case "w:headerReference", "w:footerReference":
      if let id = attributes["id"] { headerFooterIDs.append((id, name == "w:headerReference")) }
    case "w:txbxContent": flows.append(WordFlow())
    case "w:tbl": tables.append(WordTable())
    case "w:tr": rows.append(WordTable.Row())
    case "w:tc":
      flows.append(WordFlow())
      mergedCells.append(false)
    case "w:vMerge":
      if attributes["val"] != "restart", !mergedCells.isEmpty { mergedCells[mergedCells.count - 1] = true }
    case "w:tblHeader":
      if attributes["val"] != "0", attributes["val"] != "false", !rows.isEmpty { rows[rows.count - 1].isHeader = true }
    case "w:footnote", "w:endnote":
      noteID = attributes["type"].map { $0 == "normal" } ?? true ? attributes["id"] : nil
      flows.append(WordFlow())
    case "w:comment":
      noteID = attributes["id"]
      if let noteID, let author = attributes["author"] { authors[noteID] = author }
      flows.append(WordFlow())
    case "a:blip", "v:imagedata": pictureCount += 1
    case "m:num": put("(")
    case "m:den": put("(")
    case "m:sub": put("_")
    case "m:sup": put("^")
    case "m:rad": put("√")
    default: break
    }
  }

  func text(_ bytes: UnsafeBufferPointer<UInt8>) throws {
    guard collectsText, ignoredDepth == 0, !paragraphs.isEmpty, !isHiddenRun, !fields.contains(.instruction) else {
      return
    }
    unsafe paragraphs[paragraphs.count - 1].text.append(contentsOf: bytes)
    followsAskedBreak = false
  }

  func end(_ name: String) throws {
    if ignoredDepth > 0 {
      ignoredDepth -= 1
      return
    }
    switch name {
    case "w:t", "m:t": collectsText = false
    case "w:pPr": inParagraphProperties = false
    case "w:rPr": inRunProperties = false
    case "m:num": put(")/")
    case "m:den": put(")")
    case "w:p": endParagraph()
    case "w:txbxContent":
      let box = flows.removeLast()
      if anchored.isEmpty { append(box.items) } else { anchored[anchored.count - 1] += box.items }
    case "w:tc":
      let cell = flows.removeLast()
      let isMerged = mergedCells.removeLast()
      if !rows.isEmpty { rows[rows.count - 1].cells.append(isMerged ? WordFlow() : cell) }
    case "w:tr":
      let row = rows.removeLast()
      if !tables.isEmpty, !row.isDeleted { tables[tables.count - 1].rows.append(row) }
    case "w:tbl":
      let table = tables.removeLast()
      append([.table(table)])
    case "w:footnote", "w:endnote", "w:comment":
      let note = flows.removeLast()
      if let noteID { notes[noteID] = note }
      noteID = nil
    default: break
    }
  }

  private func endParagraph() {
    var paragraph = paragraphs.removeLast()
    let boxes = anchored.removeLast()
    if case .paragraph(let before)? = flows.last?.items.last, before.runsOn {
      flows[flows.count - 1].items.removeLast()
      // Word joins them bare; a space keeps two words two where the author left none.
      let isBare = before.text.last.map { !isBlank($0) } ?? false && paragraph.text.first.map { !isBlank($0) } ?? false
      paragraph.text = before.text + (isBare ? [0x20] : []) + paragraph.text
      paragraph.notes = before.notes + paragraph.notes
      paragraph.breaksBefore += before.breaksBefore
      paragraph.breaksInside += before.breaksInside
    }
    append([.paragraph(paragraph)] + boxes)
  }

  private func refer(to kind: WordNote.Kind, _ attributes: XMLAttributes) {
    if let id = attributes["id"] { editParagraph { $0.notes.append(WordNote(kind: kind, id: id)) } }
  }

  private func append(_ items: [WordFlow.Item]) {
    precondition(!flows.isEmpty, "a flow stays open to the end")
    flows[flows.count - 1].items += items
  }

  private func editParagraph(_ edit: (inout WordParagraph) -> Void) {
    if !paragraphs.isEmpty { edit(&paragraphs[paragraphs.count - 1]) }
  }

  private func put(_ text: String) {
    guard !isHiddenRun, !fields.contains(.instruction) else { return }
    editParagraph { $0.text.append(contentsOf: text.utf8) }
  }

  private func readField(_ type: String) {
    switch type {
    case "begin": fields.append(.instruction)
    case "separate": if !fields.isEmpty { fields[fields.count - 1] = .result }
    case "end": _ = fields.popLast()
    default: break
    }
  }

  /// Word notes where its pages ended when it last drew them; such a note right after a break that the author asked for
  /// is the same break.
  private func breakPage(rendered: Bool) {
    defer { followsAskedBreak = !rendered }
    if rendered, followsAskedBreak { return }
    editParagraph { paragraph in
      if paragraph.text.allSatisfy(isBlank) { paragraph.breaksBefore += 1 } else { paragraph.breaksInside += 1 }
    }
  }
}

/// Characters of symbol fonts, which have no meaning as code points.
enum WordSymbols {
  static func text(font: String, code: String) -> String {
    guard let value = UInt32(code, radix: 16), let scalar = Unicode.Scalar(value) else { return "" }
    let isPrivate = (0xF000...0xF0FF).contains(value)
    guard isPrivate else { return String(Character(scalar)) }
    switch value & 0xFF {
    case 0xFC, 0xFE: return "☑"
    case 0xA8, 0x6F, 0x71: return "☐"
    case 0xE0, 0xE8, 0xAE: return "→"
    case 0xB7, 0xA7, 0x6C, 0x6E, 0x76, 0xD8: return "•"
    case 0x20...0x7E where font == "Symbol": return String(Character(Unicode.Scalar(UInt8(value & 0xFF))))
    default: return "•"
    }
  }
}
