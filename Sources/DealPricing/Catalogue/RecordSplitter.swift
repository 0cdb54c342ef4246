// Cuts a stream of bytes into the records of a catalogue, as they come: a CSV row (quoted line ends stay inside), a
// line of JSON, or an element of one JSON array. No input or output; memory is bounded by the longest record.
// Invariants: the same bytes in other pieces give the same records; a record names the line that it begins on, counted
// from 1; a record past the limit is handed over cut short and marked, and the next one is found all the same.
import Base

package enum CatalogueFormat: String, Sendable, CaseIterable {
  case csv, json, jsonl

  /// By the name's ending, else by the first byte that is no space: a CSV file begins with neither bracket.
  package init(filename: String, opening: [UInt8]) {
    let ending = filename.split(separator: ".").last?.lowercased() ?? ""
    let first = opening.first { ![0x20, 0x09, 0x0A, 0x0D, 0xEF, 0xBB, 0xBF].contains($0) }
    switch (ending, first) {
    case (_, UInt8(ascii: "[")): self = .json
    case (_, UInt8(ascii: "{")): self = .jsonl
    case ("jsonl", _), ("ndjson", _): self = .jsonl
    case ("json", _): self = .json
    default: self = .csv
    }
  }
}

package struct RawRecord: Sendable, Equatable {
  package var line: Int
  package var bytes: [UInt8]
  package var isTooLong = false
}

package struct RecordSplitter: Sendable {
  private let format: CatalogueFormat
  private let bytesMax: Int
  private var line = 1
  private var begun = 1
  private var record: [UInt8] = []
  private var isTooLong = false
  private var quotes = QuotedFields()
  /// In a JSON string.
  private var isQuoted = false
  private var isEscaped = false
  private var depth = 0
  /// The array around the records was opened, or closed.
  private var isOpen = false
  private var isClosed = false
  /// Bytes of a byte order mark that were passed over.
  private var markBytes = 0

  package init(_ format: CatalogueFormat, bytesMax: Int = Limits.catalogueRecordBytesMax) {
    self.format = format
    self.bytesMax = bytesMax
  }

  package mutating func take(_ bytes: some Sequence<UInt8>) -> [RawRecord] {
    var found: [RawRecord] = []
    for byte in bytes {
      if markBytes < 3, record.isEmpty, line == 1, byte == [0xEF, 0xBB, 0xBF][markBytes] {
        markBytes += 1
        continue
      }
      markBytes = 3
      switch format {
      case .csv: takeCSV(byte, &found)
      case .jsonl: takeLine(byte, &found)
      case .json: takeElement(byte, &found)
      }
      if byte == 0x0A { line += 1 }
    }
    return found
  }

  /// What is left when the file ends.
  package mutating func finish() -> [RawRecord] {
    var found: [RawRecord] = []
    end(&found)
    if format == .json, isOpen, !isClosed, found.isEmpty {
      found.append(RawRecord(line: line, bytes: Array("the array has no end".utf8)))
    }
    return found
  }

  private mutating func keep(_ byte: UInt8) {
    if record.isEmpty { begun = line }
    if record.count < bytesMax { record.append(byte) } else { isTooLong = true }
  }

  private mutating func end(_ found: inout [RawRecord]) {
    if record.contains(where: { ![0x20, 0x09, 0x0D].contains($0) }) {
      found.append(RawRecord(line: begun, bytes: record, isTooLong: isTooLong))
    }
    record.removeAll(keepingCapacity: true)
    isTooLong = false
  }

  private mutating func takeCSV(_ byte: UInt8, _ found: inout [RawRecord]) {
    quotes.take(byte)
    if byte == 0x0A, !quotes.isInside { return end(&found) }
    keep(byte)
  }

  private mutating func takeLine(_ byte: UInt8, _ found: inout [RawRecord]) {
    if byte == 0x0A { end(&found) } else { keep(byte) }
  }

  private mutating func takeElement(_ byte: UInt8, _ found: inout [RawRecord]) {
    let isSpace = byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D
    if !isOpen, !isClosed, byte == UInt8(ascii: "[") {
      isOpen = true
      return
    }
    if isQuoted {
      keep(byte)
      if isEscaped {
        isEscaped = false
      } else if byte == UInt8(ascii: "\\") {
        isEscaped = true
      } else if byte == 0x22 {
        isQuoted = false
      }
      return
    }
    switch byte {
    case 0x22: isQuoted = true
    case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
    case UInt8(ascii: "}"), UInt8(ascii: "]"):
      if depth == 0 {
        isClosed = true
        return end(&found)
      }
      depth -= 1
    case UInt8(ascii: ",") where depth == 0: return end(&found)
    default: if isSpace, record.isEmpty { return }
    }
    keep(byte)
  }
}

/// Whether a CSV reader is inside a quoted field. A quote opens one only where a field begins: the sign for inches in a
/// field without quotes is just a sign. A doubled quote closes and opens again.
struct QuotedFields: Sendable {
  private(set) var isInside = false
  private var before: UInt8 = 0x0A
  private var hasJustClosed = false
  /// The quote that was just taken is the second of a doubled one.
  private(set) var isDoubled = false

  mutating func take(_ byte: UInt8) {
    let isClosing = isInside && byte == 0x22
    isDoubled = byte == 0x22 && hasJustClosed
    if isClosing {
      isInside = false
    } else if byte == 0x22, hasJustClosed || [0x0A, 0x2C, 0x3B, 0x09, 0x7C].contains(before) {
      isInside = true
    }
    hasJustClosed = isClosing
    before = byte
  }
}
