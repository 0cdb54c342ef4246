// EML: a message with its attachments as one document: subject, who wrote to whom and when, the body, then each
// attachment under a heading with its name, read by the reader of its own format.
// Invariants: every attachment is in the ledger; one that cannot be read costs itself and says why; messages inside
// messages and archives inside them are opened to a fixed depth.
// Must not: fetch what a message links to.
import Base

struct MessageReader {
  private var builder = DocumentBuilder(format: .eml)
  private let depth: Int
  private let options: ReadingOptions
  private var partsLeft = Limits.messagePartsMax
  private var hasBody = false
  private var attachments: [(name: String, type: String, bytes: [UInt8])] = []

  private init(_ options: ReadingOptions, depth: Int) {
    self.options = options
    self.depth = depth
  }

  static func read(_ bytes: [UInt8], _ options: ReadingOptions, depth: Int) throws -> Document {
    var reader = MessageReader(options, depth: depth)
    return try reader.read(MessagePart(bytes[...]))
  }

  private mutating func read(_ message: MessagePart) throws -> Document {
    let subject = message.shown("subject") ?? ""
    if !subject.isEmpty {
      try builder.append(subject, as: .heading(level: 1))
      builder.title = subject
    }
    var lines: [String] = []
    for (name, label) in [("from", "From"), ("to", "To"), ("cc", "Cc"), ("date", "Date")] {
      guard let value = message.shown(name), !value.isEmpty else { continue }
      lines.append("\(label): \(value)")
      builder.metadata[name] = value
    }
    builder.metadata["message_id"] = message.raw("message-id")
    let start = builder.scalarCount
    try builder.append(lines.joined(separator: "\n"), as: .paragraph)
    let beforeBody = builder.scalarCount
    try walk(message, level: 0)
    builder.coverage.append(
      PartCoverage(part: "body", kind: builder.scalarCount > beforeBody ? .text : .skipped(reason: PartCoverage.empty)))
    try writeAttachments()
    guard builder.scalarCount > start || !subject.isEmpty else {
      throw IngestFailure(.emptyDocument, "the message holds no text")
    }
    return builder.finish()
  }

  private mutating func walk(_ part: MessagePart, level: Int) throws {
    partsLeft -= 1
    guard partsLeft >= 0, level <= Limits.messageDepthMax * 2 else {
      throw IngestFailure(.tooDeep, "the message has more parts inside one another than can be right")
    }
    let type = part.type
    let inner = part.parts()
    if !inner.isEmpty {
      if type.name == "multipart/alternative", let chosen = chosen(of: inner) {
        return try walk(chosen, level: level + 1)
      }
      for one in inner { try walk(one, level: level + 1) }
      return
    }
    let isAttached = part.disposition.name == "attachment" || part.filename != nil && !type.name.hasPrefix("text/")
    if !isAttached, type.name == "text/html" || type.name == "text/plain" {
      try write(body: part, isHTML: type.name == "text/html")
      return
    }
    if type.name == "multipart/encrypted" || type.name.hasSuffix("pkcs7-mime") {
      builder.coverage.append(PartCoverage(part: "encrypted part", kind: .skipped(reason: "it is encrypted")))
      return
    }
    let fallback = type.name == "message/rfc822" ? "message.eml" : "part of type \(type.name)"
    attachments.append((part.filename ?? fallback, type.name, part.content))
  }

  /// Of alternatives the HTML, which keeps tables and links, unless it says nothing.
  private func chosen(of parts: [MessagePart]) -> MessagePart? {
    let rich = parts.last { $0.type.name == "text/html" || $0.type.name.hasPrefix("multipart/") }
    if let rich, rich.type.name == "text/html" {
      var probe = DocumentBuilder(format: .eml)
      let text = Charset.text(rich.content, named: rich.type.parameters["charset"])
      try? HTMLReader.write(Array(text.utf8), to: &probe)
      if probe.scalarCount > 0 { return rich }
      return parts.first { $0.type.name == "text/plain" } ?? rich
    }
    return rich ?? parts.last
  }

  private mutating func write(body part: MessagePart, isHTML: Bool) throws {
    let text = Charset.text(part.content, named: part.type.parameters["charset"])
    if isHTML {
      try HTMLReader.write(Array(text.utf8), to: &builder)
    } else {
      for paragraph in text.replacing("\r\n", with: "\n").split(separator: "\n\n") {
        try builder.append(String(paragraph), as: .paragraph)
      }
    }
  }

  private mutating func writeAttachments() throws {
    for (name, type, bytes) in attachments { try write(attachment: name, type: type, bytes: bytes, depth: depth + 1) }
  }

  private mutating func write(attachment name: String, type: String, bytes: [UInt8], depth: Int) throws {
    let part = "attachment \(name)"
    if type.hasPrefix("image/") {
      builder.coverage.append(PartCoverage(part: part, kind: .imageOnly))
      return
    }
    do {
      guard depth <= Limits.messageDepthMax else {
        throw IngestFailure(.tooDeep, "it lies more than \(Limits.messageDepthMax) messages deep")
      }
      let document = try Extraction.extract(
        bytes, filename: name, declaredType: type, options: options, depth: depth)
      if !document.members.isEmpty {
        for member in document.members {
          if let failure = member.failure { throw failure }
          try write(attachment: "\(name)/\(member.name)", type: "", bytes: member.bytes, depth: depth + 1)
        }
        return
      }
      try builder.append("Attachment: \(name)", as: .heading(level: 2))
      try builder.append(document, part: part)
    } catch let failure as IngestFailure {
      builder.coverage.append(PartCoverage(part: part, kind: .skipped(reason: failure.message)))
      builder.warnings.append("the attachment '\(name)' was not read: \(failure.message)")
    }
  }
}

extension DocumentBuilder {
  /// A whole document as a part of this one: its text, its blocks two levels down, its ledger under the part's name.
  mutating func append(_ document: Document, part: String) throws {
    join(.paragraph)
    let range = try write(document.text.utf8)
    for block in document.blocks {
      var block = block
      block.start += range.lowerBound
      block.end += range.lowerBound
      block.page = nil
      block.box = nil
      if case .heading(let level) = block.kind { block.kind = .heading(level: min(level + 2, 9)) }
      blocks.append(block)
    }
    coverage += document.coverage.map { PartCoverage(part: "\(part), \($0.part)", kind: $0.kind) }
    warnings += document.warnings.map { "\(part): \($0)" }
  }
}
