// Writes JSON: UTF-8, shortest numbers that read back the same, no escapes beyond what the grammar asks for.

extension JSON {
  /// One line, no spaces.
  package var text: String { String(decoding: utf8, as: UTF8.self) }

  package var utf8: [UInt8] {
    var writer = JSONWriter(indentation: nil)
    writer.write(self, depth: 0)
    return writer.bytes
  }

  /// Over several lines, two spaces a level, for people.
  package var prettyText: String {
    var writer = JSONWriter(indentation: 2)
    writer.write(self, depth: 0)
    return String(decoding: writer.bytes, as: UTF8.self)
  }
}

private struct JSONWriter {
  var bytes: [UInt8] = []
  let indentation: Int?

  init(indentation: Int?) { self.indentation = indentation }

  mutating func write(_ value: JSON, depth: Int) {
    switch value {
    case .null: bytes += "null".utf8
    case .bool(let flag): bytes += (flag ? "true" : "false").utf8
    case .integer(let whole): bytes += String(whole).utf8
    case .number(let number): write(number)
    case .string(let text): write(text)
    case .array(let elements):
      write(elements.count, between: "[", and: "]", depth: depth) { writer, index in
        writer.write(elements[index], depth: depth + 1)
      }
    case .object(let object):
      let members = object.members
      write(members.count, between: "{", and: "}", depth: depth) { writer, index in
        writer.write(members[index].key)
        writer.bytes += (writer.indentation == nil ? ":" : ": ").utf8
        writer.write(members[index].value, depth: depth + 1)
      }
    }
  }

  private mutating func write(
    _ count: Int, between open: Unicode.Scalar, and close: Unicode.Scalar, depth: Int,
    element: (inout JSONWriter, Int) -> Void
  ) {
    bytes.append(UInt8(ascii: open))
    for index in 0..<count {
      if index > 0 { bytes.append(UInt8(ascii: ",")) }
      breakLine(depth: depth + 1)
      element(&self, index)
    }
    if count > 0 { breakLine(depth: depth) }
    bytes.append(UInt8(ascii: close))
  }

  private mutating func breakLine(depth: Int) {
    guard let indentation else { return }
    bytes.append(UInt8(ascii: "\n"))
    bytes.append(contentsOf: repeatElement(UInt8(ascii: " "), count: depth * indentation))
  }

  /// JSON has no infinities and no NaN; null says that there is no number.
  private mutating func write(_ number: Double) {
    guard number.isFinite else {
      bytes += "null".utf8
      return
    }
    if let whole = Int(exactly: number), whole.magnitude < 1 << 53 {
      bytes += String(whole).utf8
    } else {
      bytes += number.description.utf8
    }
  }

  private mutating func write(_ text: String) {
    let digits = Array("0123456789abcdef".utf8)
    bytes.append(UInt8(ascii: "\""))
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "\""): bytes += "\\\"".utf8
      case UInt8(ascii: "\\"): bytes += "\\\\".utf8
      case 0x0A: bytes += "\\n".utf8
      case 0x0D: bytes += "\\r".utf8
      case 0x09: bytes += "\\t".utf8
      case 0..<0x20, 0x7F:
        bytes += "\\u00".utf8
        bytes.append(digits[Int(byte >> 4)])
        bytes.append(digits[Int(byte & 15)])
      default: bytes.append(byte)
      }
    }
    bytes.append(UInt8(ascii: "\""))
  }
}
