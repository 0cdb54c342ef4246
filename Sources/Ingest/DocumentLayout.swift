// What is kept of a document beside its text: its pages, its blocks, and where on the pages the characters stand.
// Stored with a version and read back for highlights; the text itself is stored apart.

package struct DocumentLayout: Sendable, Equatable {
  package var pages: [PageSpan]
  package var blocks: [Block]
  package var boxes: BoxMap

  package init(of document: Document) {
    pages = document.pages
    blocks = document.blocks
    boxes = document.boxes
  }

  package init(bytes: [UInt8]) throws {
    var reader = WireReader(bytes)
    pages = []
    for _ in 0..<(try reader.count(ofItemsTaking: 21)) { pages.append(try reader.page()) }
    blocks = []
    for _ in 0..<(try reader.count(ofItemsTaking: 12)) { blocks.append(try reader.block()) }
    var runsOnly = reader
    boxes = try runsOnly.boxes(withPlaces: false)
    // Libraries made before characters had places end here.
    if runsOnly.isAtEnd { return }
    boxes = try reader.boxes(withPlaces: true)
    guard reader.isAtEnd else { throw WireFault() }
  }

  package var bytes: [UInt8] {
    var writer = WireWriter()
    writer.put(pages)
    writer.put(blocks.count)
    for block in blocks { writer.put(block) }
    writer.put(boxes)
    writer.put(places: boxes)
    return writer.bytes
  }
}
