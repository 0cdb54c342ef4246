// The cells of one sheet, as text, by row and column.
// Invariants: only filled cells are held, so a cell in the last row of an empty sheet costs one cell; columns come in
// order; at most `cellsMax` cells are kept. Must not: decide what is a table.
import Base

struct SheetRow {
  var number: Int
  var cells: [(column: Int, text: String, isNumber: Bool)]
}

/// How a cell's stored value is shown.
struct CellValues {
  var strings: [String]
  var formats: [NumberFormat]
  var countsFrom1904: Bool

  func shown(_ raw: String, type: String, style: Int?) -> (text: String, isNumber: Bool) {
    switch type {
    case "s": return (Int(raw).flatMap { strings.indices.contains($0) ? strings[$0] : nil } ?? "", false)
    case "str", "inlineStr", "e", "d": return (raw, false)
    case "b": return (raw == "1" || raw == "true" ? "TRUE" : "FALSE", false)
    default:
      let format = style.flatMap { formats.indices.contains($0) ? formats[$0] : nil } ?? NumberFormat("General")
      guard let number = Double(raw) else { return (raw, false) }
      return (format.text(number, countsFrom1904: countsFrom1904), true)
    }
  }
}

final class SheetHandler: XMLEventHandler {
  private let values: CellValues
  private let cellsMax: Int
  private var rows: [SheetRow] = []
  private var merges: [(rows: ClosedRange<Int>, column: Int)] = []
  private(set) var cellCount = 0
  private(set) var isCut = false
  /// Formulas whose result is not in the file, as programs that do not calculate leave them.
  private(set) var unvaluedCount = 0
  private var hasFormula = false
  private var textBytes = 0
  private var rowNumber = 0
  private var column = 0
  private var type = ""
  private var style: Int?
  private var raw: [UInt8] = []
  private var collects = false
  private var inReading = false

  init(values: CellValues, cellsMax: Int) {
    self.values = values
    self.cellsMax = cellsMax
  }

  var lastRow: Int { rows.last?.number ?? 0 }

  /// A cell merged over several rows says its value in each of them: each row must be readable by itself.
  var filledRows: [SheetRow] {
    guard !merges.isEmpty else { return rows }
    var filled = rows
    var placeOfRow: [Int: Int] = [:]
    for (place, row) in rows.enumerated() { placeOfRow[row.number] = place }
    for merge in merges {
      guard let first = placeOfRow[merge.rows.lowerBound],
        let value = rows[first].cells.first(where: { $0.column == merge.column })
      else { continue }
      for number in merge.rows.dropFirst() {
        guard let place = placeOfRow[number] else { continue }
        let index = filled[place].cells.firstIndex { $0.column >= merge.column } ?? filled[place].cells.endIndex
        filled[place].cells.insert(value, at: index)
      }
    }
    return filled
  }

  func start(_ name: String, _ attributes: XMLAttributes) throws {
    switch name {
    case "x:row":
      rowNumber = attributes["r"].flatMap { Int($0) } ?? rowNumber &+ 1
      column = 0
    case "x:c":
      column = attributes["r"].flatMap(Self.column) ?? column &+ 1
      type = attributes["t"] ?? "n"
      style = attributes["s"].flatMap { Int($0) }
      raw = []
      hasFormula = false
    case "x:f": hasFormula = true
    case "x:v": collects = true
    case "x:t": collects = !inReading
    case "x:rPh": inReading = true
    case "x:mergeCell":
      // Bounded, for a file may claim a million of them over all its rows.
      if merges.count < 20_000, let merge = attributes["ref"].flatMap(Self.merge) { merges.append(merge) }
    default: break
    }
  }

  func text(_ bytes: UnsafeBufferPointer<UInt8>) throws {
    if collects { unsafe raw.append(contentsOf: bytes) }
  }

  func end(_ name: String) throws {
    switch name {
    case "x:v", "x:t": collects = false
    case "x:rPh": inReading = false
    case "x:c": try addCell()
    default: break
    }
  }

  private func addCell() throws {
    if raw.isEmpty, hasFormula, type != "str" { unvaluedCount += 1 }
    guard !raw.isEmpty, !isCut else { return }
    let (text, isNumber) = values.shown(String(decoding: raw, as: UTF8.self), type: type, style: style)
    // What cells share has been made one line once; a text that a million cells share must not be made one again.
    let line = type == "s" ? text : TableStack.oneLine(Array(text.utf8))
    guard !line.isEmpty else { return }
    textBytes += line.utf8.count
    guard textBytes <= Limits.extractedScalarsMax else {
      throw IngestFailure(
        .tooLarge, "a sheet holds more than \(Limits.extractedScalarsMax) characters of text",
        hint: "split it into parts")
    }
    guard cellCount < cellsMax else {
      isCut = true
      return
    }
    cellCount += 1
    if rows.last?.number != rowNumber { rows.append(SheetRow(number: rowNumber, cells: [])) }
    rows[rows.count - 1].cells.append((column, line, isNumber))
  }

  /// 'AB12' is column 28.
  static func column(_ reference: String) -> Int? {
    var column = 0
    for byte in reference.utf8.prefix(4) {
      guard byte >= 0x41, byte <= 0x5A else { break }
      column = column * 26 + Int(byte - 0x40)
    }
    return column > 0 ? column : nil
  }

  private static func merge(_ reference: String) -> (rows: ClosedRange<Int>, column: Int)? {
    let corners = reference.split(separator: ":").map(String.init)
    guard corners.count == 2, let column = column(corners[0]), let top = row(corners[0]), let bottom = row(corners[1]),
      top < bottom, bottom - top < 10_000
    else { return nil }
    return (top...bottom, column)
  }

  private static func row(_ reference: String) -> Int? { Int(reference.drop { $0.isLetter }) }
}

/// Rows of cells as tables: a blank row ends a region, lone cells above a region are its title lines.
enum SheetWriter {
  static func write(_ rows: [SheetRow], to builder: inout DocumentBuilder) throws {
    var start = 0
    while start < rows.count {
      var end = start + 1
      while end < rows.count, rows[end].number == rows[end - 1].number &+ 1 { end += 1 }
      try write(region: rows[start..<end], to: &builder)
      start = end
    }
  }

  private static func write(region: ArraySlice<SheetRow>, to builder: inout DocumentBuilder) throws {
    var rows = region
    while let first = rows.first, first.cells.count == 1 {
      try builder.append(first.cells[0].text, as: .paragraph)
      rows.removeFirst()
    }
    var columns: [Int] = Array(Set(rows.flatMap { $0.cells.map(\.column) }))
    columns.sort()
    let place = Dictionary(uniqueKeysWithValues: columns.enumerated().map { ($0.element, $0.offset) })
    // A first row of words above other rows names the columns.
    let isHeaded = rows.count > 1 && rows.first.map { row in row.cells.allSatisfy { !$0.isNumber } } ?? false
    let table = rows.enumerated().map { index, row in
      var cells = [String](repeating: "", count: columns.count)
      for cell in row.cells { if let place = place[cell.column] { cells[place] = cell.text } }
      return (cells, isHeaded && index == 0)
    }
    try TableWriter.write(table, to: &builder)
  }
}
