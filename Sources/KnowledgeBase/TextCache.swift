// The extracted texts that passages were cut from lately, with their blocks and pages, so that a search does not read
// whole documents from the store for a few sentences. A version's text never changes, so an entry is never wrong;
// forgetting a document empties it.
import Ingest
import Store
import Synchronization
import Text

final class TextCache: Sendable {
  private struct Contents {
    var texts: [Int: ScalarText] = [:]
    var layouts: [Int: Layout] = [:]
    /// The version used longest ago first.
    var order: [Int] = []
    var byteCount = 0
  }

  private struct Layout {
    let blocks: [Block]
    let pages: [PageSpan]
  }

  private static let bytesMax = 64 << 20

  private let database: Database
  private let contents = Mutex(Contents())

  init(database: Database) { self.database = database }

  func text(ofVersion id: Int) throws -> ScalarText {
    let known: ScalarText? = contents.withLock { contents in
      guard let text = contents.texts[id] else { return nil }
      contents.order.removeAll { $0 == id }
      contents.order.append(id)
      return text
    }
    if let known { return known }
    guard let bytes = try database.read({ try $0.text(ofVersion: id) }) else {
      throw LibraryError.noSuchDocument("version \(id)")
    }
    let text = ScalarText(utf8: bytes)
    contents.withLock { contents in
      guard contents.texts[id] == nil else { return }
      contents.texts[id] = text
      contents.order.append(id)
      contents.byteCount += bytes.count
      while contents.byteCount > Self.bytesMax, contents.order.count > 1 {
        let oldest = contents.order.removeFirst()
        contents.layouts[oldest] = nil
        contents.byteCount -= contents.texts.removeValue(forKey: oldest)?.utf8.count ?? 0
      }
    }
    return text
  }

  /// What the parts of a version's text are: headings, paragraphs, rows.
  func blocks(ofVersion id: Int) throws -> [Block] { try layout(ofVersion: id).blocks }

  func pages(ofVersion id: Int) throws -> [PageSpan] { try layout(ofVersion: id).pages }

  private func layout(ofVersion id: Int) throws -> Layout {
    if let known = contents.withLock({ $0.layouts[id] }) { return known }
    guard let bytes = try database.read({ try $0.layout(ofVersion: id) }) else {
      throw LibraryError.noSuchDocument("version \(id)")
    }
    let whole = try DocumentLayout(bytes: bytes)
    let layout = Layout(blocks: whole.blocks, pages: whole.pages)
    // Kept only beside the text, whose size decides how long both stay.
    contents.withLock { if $0.texts[id] != nil { $0.layouts[id] = layout } }
    return layout
  }

  func empty() { contents.withLock { $0 = Contents() } }
}
