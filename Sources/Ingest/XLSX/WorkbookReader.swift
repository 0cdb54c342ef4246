// XLSX (and XLSM): every sheet a heading, its filled regions tables, its lone lines paragraphs; values as the sheet
// shows them. Invariants: each sheet is a part of the ledger, hidden ones say so; cells past `Limits.sheetCellsMax` are
// not read and the ledger says which sheet they are of. Must not: calculate; a formula is its last result.
import Base

enum WorkbookReader {
  static func read(_ bytes: [UInt8], _ options: ReadingOptions) throws -> Document {
    let package = try OfficePackage(bytes, format: .xlsx)
    guard let part = try package.mainPart(usually: "xl/workbook.xml") else {
      throw IngestFailure(.damagedArchive, "the archive holds no workbook", hint: "save the workbook again and add it")
    }
    let relationships = try package.relationships(of: part)
    func target(_ type: String) -> String? { relationships.values.first { $0.type == type && !$0.isExternal }?.target }
    let book = WorkbookHandler()
    guard try package.parse(part, with: book) else {
      throw IngestFailure(.damagedArchive, "the archive holds no workbook", hint: "save the workbook again and add it")
    }
    let strings = SharedStringsHandler()
    if let part = target("sharedStrings") { _ = try package.parse(part, with: strings) }
    let styles = CellStylesHandler()
    if let part = target("styles") { _ = try package.parse(part, with: styles) }

    var builder = DocumentBuilder(format: .xlsx)
    builder.metadata = package.coreProperties()
    builder.title = builder.metadata["title"]
    var cellsLeft = Limits.sheetCellsMax
    for sheet in book.sheets {
      let name = sheet.isHidden ? "sheet \(sheet.name) (hidden)" : "sheet \(sheet.name)"
      guard let relation = relationships[sheet.relationID], !relation.isExternal, relation.type == "worksheet" else {
        builder.coverage.append(PartCoverage(part: name, kind: .skipped(reason: "not a sheet of cells")))
        continue
      }
      let values = CellValues(strings: strings.strings, formats: styles.formats, countsFrom1904: book.countsFrom1904)
      let handler = SheetHandler(values: values, cellsMax: cellsLeft)
      _ = try package.parse(relation.target, with: handler)
      cellsLeft -= handler.cellCount
      try write(handler, sheet, name, to: &builder)
      let comments = try package.relationships(of: relation.target).values.first { $0.type == "comments" }
      if let comments, !comments.isExternal {
        let notes = SheetCommentsHandler()
        _ = try package.parse(comments.target, with: notes)
        guard !notes.comments.isEmpty else { continue }
        for note in notes.comments where options.comments { try builder.append(note, as: .footnote) }
        builder.coverage.append(
          PartCoverage(
            part: "comments of \(name)", kind: options.comments ? .text : .skipped(reason: PartCoverage.notWanted)))
      }
    }
    if package.archive.names.contains(where: { $0.hasSuffix("vbaProject.bin") }) {
      builder.coverage.append(PartCoverage(part: "macros", kind: .skipped(reason: "programs are never read or run")))
    }
    guard builder.blocks.contains(where: { !$0.isHeading }) else {
      throw IngestFailure(.emptyDocument, "the workbook holds no values")
    }
    return builder.finish()
  }

  private static func write(
    _ handler: SheetHandler, _ sheet: WorkbookHandler.Sheet, _ name: String, to builder: inout DocumentBuilder
  ) throws {
    if sheet.isHidden { builder.warnings.append("the sheet '\(sheet.name)' is hidden in the workbook; it was read") }
    guard handler.cellCount > 0 else {
      builder.coverage.append(PartCoverage(part: name, kind: .skipped(reason: PartCoverage.empty)))
      return
    }
    try builder.append(sheet.name, as: .heading(level: 1))
    try SheetWriter.write(handler.filledRows, to: &builder)
    builder.coverage.append(PartCoverage(part: name, kind: .table))
    if handler.unvaluedCount > 0 {
      builder.coverage.append(
        PartCoverage(
          part: "\(name), \(handler.unvaluedCount) formulas",
          kind: .skipped(reason: "the file holds no results of them: open and save it in a spreadsheet program")))
    }
    if handler.isCut {
      builder.coverage.append(
        PartCoverage(
          part: "\(name), rows from \(handler.lastRow + 1)",
          kind: .skipped(reason: "the workbook has more than \(Limits.sheetCellsMax) cells")))
      builder.warnings.append("the sheet '\(sheet.name)' was read up to row \(handler.lastRow)")
    }
  }
}

/// The sheets of a workbook in their order.
final class WorkbookHandler: XMLEventHandler {
  struct Sheet {
    var name: String
    var relationID: String
    var isHidden: Bool
  }

  private(set) var sheets: [Sheet] = []
  private(set) var countsFrom1904 = false

  func start(_ name: String, _ attributes: XMLAttributes) throws {
    if name == "x:workbookPr", let value = attributes["date1904"] { countsFrom1904 = value == "1" || value == "true" }
    if name == "x:sheet", let title = attributes["name"], let id = attributes["id"] {
      sheets.append(Sheet(name: title, relationID: id, isHidden: attributes["state"].map { $0 != "visible" } ?? false))
    }
  }
}

/// The texts that cells share, without the readings above them.
final class SharedStringsHandler: XMLEventHandler {
  private(set) var strings: [String] = []
  private var text: [UInt8] = []
  private var collects = false
  private var inReading = false

  func start(_ name: String, _ attributes: XMLAttributes) throws {
    if name == "x:si" { text = [] }
    if name == "x:rPh" { inReading = true }
    collects = name == "x:t" && !inReading
  }

  func text(_ bytes: UnsafeBufferPointer<UInt8>) throws {
    if collects { unsafe text.append(contentsOf: bytes) }
  }

  func end(_ name: String) throws {
    if name == "x:t" { collects = false }
    if name == "x:rPh" { inReading = false }
    if name == "x:si" { strings.append(TableStack.oneLine(text)) }
  }
}

/// The number format of each cell style.
final class CellStylesHandler: XMLEventHandler {
  private var codes: [Int: String] = [:]
  private var styles: [Int] = []
  private var inCellStyles = false

  var formats: [NumberFormat] {
    styles.map { NumberFormat(codes[$0] ?? NumberFormat.builtIn[$0] ?? "General") }
  }

  func start(_ name: String, _ attributes: XMLAttributes) throws {
    switch name {
    case "x:numFmt":
      if let id = attributes["numFmtId"].flatMap({ Int($0) }) { codes[id] = attributes["formatCode"] }
    case "x:cellXfs": inCellStyles = true
    case "x:xf": if inCellStyles { styles.append(attributes["numFmtId"].flatMap { Int($0) } ?? 0) }
    default: break
    }
  }

  func end(_ name: String) throws { if name == "x:cellXfs" { inCellStyles = false } }
}
