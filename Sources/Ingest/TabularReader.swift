// CSV and TSV: rows as lines of cells, the first row the header, which every chunk of rows then repeats.
// Quotes, doubled quotes and line ends inside quotes are read as RFC 4180 has them; the separator is found by counting.
// Invariants: one pass; a quote that never closes swallows no more than `cellBytesMax`.
// Must not: convert values.

enum TabularReader {
  private static let cellBytesMax = 64 << 10

  static func read(_ bytes: [UInt8], format: DocumentFormat) throws -> Document {
    let decoded = try TextDecoding.decode(bytes)
    var builder = DocumentBuilder(format: format)
    builder.metadata["encoding"] = decoded.encoding
    let separator = format == .tsv ? 0x09 : separator(of: decoded.utf8)
    let rows = rows(of: decoded.utf8, separator: separator)
    try TableWriter.write(
      rows.enumerated().map { ($0.element, $0.offset == 0) }, to: &builder)
    guard builder.scalarCount > 0 else { throw IngestFailure(.emptyDocument, "the file holds no text") }
    builder.metadata["rows"] = String(rows.count)
    builder.coverage = [PartCoverage(part: "body", kind: .table)]
    return builder.finish()
  }

  /// Of comma, semicolon, tab and bar the one that the first lines hold most of.
  private static func separator(of utf8: [UInt8]) -> UInt8 {
    let head = utf8.prefix(4_096)
    let candidates: [UInt8] = [0x2C, 0x3B, 0x09, 0x7C]
    let counts = candidates.map { candidate in head.count { $0 == candidate } }
    let best = counts.indices.max { counts[$0] < counts[$1] } ?? 0
    return candidates[best]
  }

  private static func rows(of utf8: [UInt8], separator: UInt8) -> [[String]] {
    var rows: [[String]] = []
    var row: [String] = []
    var cell: [UInt8] = []
    var inQuotes = false
    func text() -> String {
      String(decoding: cell, as: UTF8.self).split(whereSeparator: \.isWhitespace).joined(separator: " ")
    }
    func endRow() {
      row.append(text())
      if row.contains(where: { !$0.isEmpty }) { rows.append(row) }
      row = []
      cell = []
    }
    var index = 0
    while index < utf8.count {
      let byte = utf8[index]
      index += 1
      if inQuotes, cell.count < cellBytesMax {
        guard byte == 0x22 else {
          cell.append(byte)
          continue
        }
        if index < utf8.count, utf8[index] == 0x22 {
          cell.append(0x22)
          index += 1
        } else {
          inQuotes = false
        }
      } else if byte == 0x22, cell.allSatisfy(isBlank) {
        inQuotes = true
      } else if byte == separator {
        row.append(text())
        cell = []
      } else if byte == 0x0A || byte == 0x0D {
        endRow()
      } else {
        cell.append(byte)
      }
    }
    endRow()
    return rows
  }
}
