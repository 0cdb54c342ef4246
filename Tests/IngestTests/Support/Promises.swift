// What holds of every document, whatever it was read from.
import Testing
import Text

@testable import Ingest

/// Blocks, pages, ledger and boxes against the text and one another.
func checkDocument(_ document: Document, _ name: String) {
  let count = ScalarText(document.text).scalarCount
  func fail(_ what: String) { Issue.record("\(name): \(what)") }
  var reached = 0
  var tableEnd = 0
  for block in document.blocks {
    if block.end <= block.start || block.end > count { return fail("a block at \(block.start) leaves the text") }
    if block.start < reached, block.end > tableEnd { return fail("blocks overlap at \(block.start)") }
    if block.kind == .table { tableEnd = max(tableEnd, block.end) } else { reached = max(reached, block.end) }
    if let page = block.page, !(1...max(document.pages.count, 1)).contains(page) { return fail("no page \(page)") }
  }
  var end = 0
  for (index, page) in document.pages.enumerated() {
    if page.number != index + 1 || page.start < end || page.end < page.start || page.end > count {
      return fail("page \(page.number) is out of order")
    }
    end = page.end
  }
  // The ledger has every part once, and of a PDF exactly its pages.
  let parts = document.coverage.map(\.part)
  if Set(parts).count != parts.count { fail("a part is in the ledger twice: \(parts)") }
  if document.coverage.isEmpty { fail("nothing is in the ledger") }
  if document.format == .pdf, parts != document.pages.map({ "page \($0.number)" }) {
    fail("\(parts.count) entries for \(document.pages.count) pages")
  }
  checkBoxes(document, count, fail)
}

private func checkBoxes(_ document: Document, _ count: Int, _ fail: (String) -> Void) {
  for run in document.boxes.runs {
    let range = Int(run.start)..<Int(run.start + run.length)
    guard range.upperBound <= count, (1...document.pages.count).contains(Int(run.page)) else {
      return fail("a box at \(range.lowerBound) is of no text or page")
    }
    let page = document.pages[Int(run.page) - 1]
    if range.lowerBound < page.start || range.upperBound > page.end {
      return fail("a box at \(range.lowerBound) says page \(run.page)")
    }
    let first = range.lowerBound..<range.lowerBound + 1
    for (_, box) in document.boxes.rectangles(of: range) + document.boxes.rectangles(of: first) {
      let isInside =
        box.left >= -0.1 && box.top >= -0.1 && box.right <= Float(page.width) + 0.1
        && box.bottom <= Float(page.height) + 0.1
      if !isInside || box.right < box.left || box.bottom < box.top {
        return fail("a box on page \(run.page), \(page.width) by \(page.height), is \(box)")
      }
    }
  }
}
