// A record of a catalogue as a document: its text, cleaned like any other, and nothing else.

extension Document {
  /// `text` opens with the record's own name.
  package static func record(title: String, text: String) -> Document {
    var clean: [UInt8] = []
    let tally = CleanText.append(text.utf8, to: &clean)
    var name: [UInt8] = []
    _ = CleanText.append(title.utf8, to: &name)
    let content = String(decoding: clean, as: UTF8.self)
    return Document(
      text: content, title: String(decoding: name, as: UTF8.self), format: .record,
      blocks: [Block(kind: .paragraph, start: 0, end: content.unicodeScalars.count)],
      coverage: [PartCoverage(part: "record", kind: .text)],
      warnings: tally.hidden > 0 ? ["\(tally.hidden) invisible characters were left out"] : [])
  }
}
