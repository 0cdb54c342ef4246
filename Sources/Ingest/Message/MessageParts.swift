// The anatomy of a message (RFC 5322, 2045 to 2047, 2231): headers, encoded words, nested parts, transfer encodings.
// Invariants: depth and number of parts are bounded; a part's bytes are a slice of the message until they are decoded.
// Must not: know what a part's content means.
import Base

struct MessagePart {
  private(set) var headers: [(name: String, value: String)] = []
  private(set) var body: ArraySlice<UInt8> = []

  init(_ bytes: ArraySlice<UInt8>) {
    var index = bytes.startIndex
    var line: [UInt8] = []
    func isEnd(_ at: Int) -> Bool { at >= bytes.endIndex }
    while !isEnd(index) {
      let end = bytes[index...].firstIndex(of: 0x0A) ?? bytes.endIndex
      var content = bytes[index..<end]
      if content.last == 0x0D { content = content.dropLast() }
      index = min(end + 1, bytes.endIndex)
      if content.isEmpty { break }
      if content.first == 0x20 || content.first == 0x09 {
        if line.count < 64 << 10 { line += content }
      } else {
        add(line)
        line = Array(content)
      }
    }
    add(line)
    body = bytes[index...]
  }

  private mutating func add(_ line: [UInt8]) {
    guard headers.count < 1_000, let colon = line.firstIndex(of: 0x3A) else { return }
    let name = String(decoding: line[..<colon], as: UTF8.self).lowercased().trimmingBlanks()
    let raw = Array(line[(colon + 1)...])
    let value =
      String(validating: raw, as: UTF8.self) ?? String(decoding: LegacyEncoding.decode(raw[...]).utf8, as: UTF8.self)
    headers.append((name, value.trimmingBlanks()))
  }

  func raw(_ name: String) -> String? { headers.first { $0.name == name }?.value }

  /// A header as people read it.
  func shown(_ name: String) -> String? {
    let all = headers.filter { $0.name == name }.map { EncodedWords.decode($0.value) }
    return all.isEmpty ? nil : all.joined(separator: ", ")
  }

  /// 'text/html' and its parameters.
  var type: (name: String, parameters: [String: String]) {
    HeaderParameters.parse(raw("content-type") ?? "text/plain")
  }

  var disposition: (name: String, parameters: [String: String]) {
    HeaderParameters.parse(raw("content-disposition") ?? "")
  }

  var filename: String? {
    (disposition.parameters["filename"] ?? type.parameters["name"]).map(EncodedWords.decode)
      .map { String($0.split { $0 == "/" || $0 == "\\" }.last ?? "") }
  }

  var content: [UInt8] {
    switch (raw("content-transfer-encoding") ?? "").lowercased() {
    case "base64": TransferEncoding.base64(body)
    case "quoted-printable": TransferEncoding.quotedPrintable(body, isHeader: false)
    default: Array(body)
    }
  }

  /// The parts between the boundaries; none where this is no multipart.
  func parts() -> [MessagePart] {
    guard type.name.hasPrefix("multipart/"), let boundary = type.parameters["boundary"], !boundary.isEmpty else {
      return []
    }
    let mark = Array("--\(boundary)".utf8)
    var parts: [MessagePart] = []
    var start: Int?
    var index = body.startIndex
    while index < body.endIndex, parts.count < Limits.messagePartsMax {
      let end = body[index...].firstIndex(of: 0x0A) ?? body.endIndex
      let line = body[index..<end]
      if line.starts(with: mark), line.dropFirst(mark.count).allSatisfy({ isBlank($0) || $0 == 0x2D }) {
        if let start, start <= index { parts.append(MessagePart(body[start..<index])) }
        start = line.dropFirst(mark.count).starts(with: [0x2D, 0x2D]) ? nil : min(end + 1, body.endIndex)
        if start == nil { return parts }
      }
      index = min(end + 1, body.endIndex)
    }
    if let start, start < body.endIndex { parts.append(MessagePart(body[start...])) }
    return parts
  }
}

enum HeaderParameters {
  static func parse(_ header: String) -> (name: String, parameters: [String: String]) {
    var fields: [String] = [""]
    var inQuotes = false
    for character in header {
      if character == "\"" { inQuotes.toggle() }
      if character == ";", !inQuotes { fields.append("") } else { fields[fields.count - 1].append(character) }
    }
    var parameters: [String: String] = [:]
    var pieces: [String: [(Int, String)]] = [:]
    for field in fields.dropFirst().prefix(100) {
      guard let equals = field.firstIndex(of: "=") else { continue }
      var name = field[..<equals].lowercased().trimmingBlanks()
      var value = String(field[field.index(after: equals)...]).trimmingBlanks()
      if value.count >= 2, value.hasPrefix("\""), value.hasSuffix("\"") {
        value = String(value.dropFirst().dropLast()).replacing("\\\"", with: "\"")
      }
      let isExtended = name.hasSuffix("*")
      if isExtended { name.removeLast() }
      // RFC 2231: name*0*=charset'language'percent-escaped, name*1=…
      if let star = name.firstIndex(of: "*"), let order = Int(name[name.index(after: star)...]) {
        pieces[String(name[..<star]), default: []].append((order, value))
      } else {
        parameters[name] = isExtended ? extended(value) : value
      }
    }
    for (name, values) in pieces where parameters[name] == nil {
      let joined = values.sorted { $0.0 < $1.0 }.map(\.1).joined()
      parameters[name] = joined.contains("''") ? extended(joined) : joined
    }
    return (fields[0].lowercased().trimmingBlanks(), parameters)
  }

  private static func extended(_ value: String) -> String {
    let parts = value.split(separator: "'", maxSplits: 2, omittingEmptySubsequences: false)
    guard parts.count == 3 else { return value }
    let escaped = Array(parts[2].utf8).map { $0 == 0x25 ? UInt8(0x3D) : $0 }
    return Charset.text(TransferEncoding.quotedPrintable(escaped[...], isHeader: false), named: String(parts[0]))
  }
}

/// =?charset?B?…?= and =?charset?Q?…?= inside headers: https://www.rfc-editor.org/rfc/rfc2047
enum EncodedWords {
  static func decode(_ header: String) -> String {
    guard header.contains("=?") else { return header }
    var shown = ""
    var rest = header[...]
    var followsWord = false
    while let open = rest.firstRange(of: "=?") {
      let between = rest[..<open.lowerBound]
      let fields = rest[open.upperBound...].split(separator: "?", maxSplits: 3, omittingEmptySubsequences: false)
      guard fields.count == 4, fields[3].hasPrefix("="), let end = fields.last?.startIndex else {
        shown += rest[..<open.upperBound]
        rest = rest[open.upperBound...]
        followsWord = false
        continue
      }
      // White space between two encoded words is no part of the text.
      if !followsWord || !between.allSatisfy(\.isWhitespace) { shown += between }
      let bytes = Array(fields[2].utf8)[...]
      let isBase64 = fields[1].lowercased() == "b"
      let decoded = isBase64 ? TransferEncoding.base64(bytes) : TransferEncoding.quotedPrintable(bytes, isHeader: true)
      shown += Charset.text(decoded, named: String(fields[0].prefix { $0 != "*" }))
      rest = rest[rest.index(after: end)...]
      followsWord = true
    }
    return shown + rest
  }
}

enum Charset {
  static func text(_ bytes: [UInt8], named name: String?) -> String {
    if let name, !["utf-8", "us-ascii", ""].contains(name.lowercased()),
      let utf8 = NamedEncoding.decode(bytes, name: name)
    {
      return String(decoding: utf8, as: UTF8.self)
    }
    if let text = String(validating: bytes, as: UTF8.self) { return text }
    return String(decoding: (try? TextDecoding.decode(bytes))?.utf8 ?? bytes, as: UTF8.self)
  }
}

enum TransferEncoding {
  static func base64(_ text: ArraySlice<UInt8>) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(text.count * 3 / 4)
    var bits: UInt32 = 0
    var count = 0
    for byte in text {
      let value: UInt8
      switch byte {
      case 0x41...0x5A: value = byte - 0x41
      case 0x61...0x7A: value = byte - 0x61 + 26
      case 0x30...0x39: value = byte - 0x30 + 52
      case 0x2B, 0x2D: value = 62
      case 0x2F, 0x5F: value = 63
      default: continue
      }
      bits = bits << 6 | UInt32(value)
      count += 1
      if count == 4 {
        bytes += [
          UInt8(truncatingIfNeeded: bits >> 16), UInt8(truncatingIfNeeded: bits >> 8), UInt8(truncatingIfNeeded: bits),
        ]
        bits = 0
        count = 0
      }
    }
    if count == 3 { bytes += [UInt8(truncatingIfNeeded: bits >> 10), UInt8(truncatingIfNeeded: bits >> 2)] }
    if count == 2 { bytes.append(UInt8(truncatingIfNeeded: bits >> 4)) }
    return bytes
  }

  static func quotedPrintable(_ text: ArraySlice<UInt8>, isHeader: Bool) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(text.count)
    var index = text.startIndex
    while index < text.endIndex {
      let byte = text[index]
      index += 1
      if byte == 0x5F, isHeader {
        bytes.append(0x20)
      } else if byte != 0x3D {
        bytes.append(byte)
      } else if let high = hexadecimal(text, index), let low = hexadecimal(text, index + 1) {
        bytes.append(high << 4 | low)
        index += 2
      } else {
        // '=' at the end of a line joins it with the next.
        var end = index
        while end < text.endIndex, text[end] == 0x20 || text[end] == 0x0D { end += 1 }
        if end == text.endIndex || text[end] == 0x0A { index = min(end + 1, text.endIndex) } else { bytes.append(byte) }
      }
    }
    return bytes
  }

  private static func hexadecimal(_ text: ArraySlice<UInt8>, _ index: Int) -> UInt8? {
    guard index < text.endIndex else { return nil }
    switch text[index] {
    case 0x30...0x39: return text[index] - 0x30
    case 0x41...0x46: return text[index] - 0x41 + 10
    case 0x61...0x66: return text[index] - 0x61 + 10
    default: return nil
    }
  }
}
