// A prepared document as the row that the store keeps: its text and layout, what the file says of itself, and the
// ledger of what was read.
package import Base
package import Ingest
import Store
import Text

extension Library {
  func newVersion(_ prepared: Prepared, at time: Double) -> NewVersion {
    NewVersion(
      sha256: prepared.sha256, content: prepared.incoming.bytes, format: prepared.document.format.rawValue,
      title: prepared.document.title, text: prepared.text.utf8, scalarCount: prepared.text.scalarCount,
      wordCount: Library.wordCount(prepared.text.utf8), pageCount: Library.pageCount(of: prepared.document),
      layout: DocumentLayout(of: prepared.document).bytes, coverage: Library.coverage(of: prepared.document).text,
      warnings: JSON(prepared.document.warnings).text, createdAt: time, chunking: prepared.incoming.chunkingName,
      properties: Library.properties(of: prepared.document).text)
  }

  /// What a file says of itself and a filter may ask for; how it was read is no property of it.
  private static func properties(of document: Document) -> JSON {
    let ours: Set = ["encoding", "links", "hidden_characters", "unseen_characters", "rows"]
    let kept = document.metadata.filter { name, value in
      !ours.contains(name) && name.unicodeScalars.count <= Limits.propertyNameScalarsMax
        && value.unicodeScalars.count <= Limits.propertyScalarsMax
    }
    var members = JSONObject()
    for name in kept.keys.sorted().prefix(Limits.propertiesMax) { members[name] = kept[name].map { .string($0) } }
    return .object(members)
  }

  static func pageCount(of document: Document) -> Int? {
    document.pages.isEmpty ? nil : document.pages.count
  }

  /// Runs of anything but white space.
  private static func wordCount(_ utf8: [UInt8]) -> Int {
    var count = 0
    var inWord = false
    for byte in utf8 {
      let isSpace = byte == 0x20 || (byte >= 0x09 && byte <= 0x0D)
      if !isSpace && !inWord { count += 1 }
      inWord = !isSpace
    }
    return count
  }

  /// The ledger as it is kept and shown; `unread` marks parts that an answer may have needed.
  package static func coverage(of document: Document) -> JSON {
    .array(
      document.coverage.map { part in
        var entry: JSONObject = ["part": .string(part.part)]
        switch part.kind {
        case .text: entry["kind"] = "text"
        case .table: entry["kind"] = "table"
        case .imageOnly: entry["kind"] = "image_only"
        case .skipped(let reason):
          entry["kind"] = "skipped"
          entry["reason"] = .string(reason)
        }
        if part.isUnread { entry["unread"] = true }
        return .object(entry)
      })
  }
}
