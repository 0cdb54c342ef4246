// The comments of a sheet: 'Comment on B3 by Ann: check this'.
// Must not: place them in the cells; a comment is no value.

final class SheetCommentsHandler: XMLEventHandler {
  private(set) var comments: [String] = []
  private var authors: [String] = []
  private var place = ""
  private var author = ""
  private var text: [UInt8] = []
  private var collects = false

  func start(_ name: String, _ attributes: XMLAttributes) throws {
    switch name {
    case "x:author", "x:t": collects = true
    case "x:comment":
      place = attributes["ref"] ?? ""
      let number = attributes["authorId"].flatMap { Int($0) }
      author = number.flatMap { authors.indices.contains($0) ? authors[$0] : nil } ?? ""
      text = []
    default: break
    }
  }

  func text(_ bytes: UnsafeBufferPointer<UInt8>) throws {
    if collects { unsafe text.append(contentsOf: bytes) }
  }

  func end(_ name: String) throws {
    switch name {
    case "x:t": collects = false
    case "x:author":
      collects = false
      authors.append(TableStack.oneLine(text))
      text = []
    case "x:comment":
      let line = TableStack.oneLine(text)
      let by = author.isEmpty ? "" : " by \(author)"
      if !line.isEmpty { comments.append("Comment on \(place)\(by): \(line)") }
    default: break
    }
  }
}
