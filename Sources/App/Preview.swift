// What reading a file gives, without adding it: for people who wonder what a document's text is, and for measuring.
// Must not: touch the library.
package import Base
import Ingest
import KnowledgeBase

package enum Preview {
  /// `{"documents": [{"path", "text", "title", "pages", "blocks", "coverage", "warnings"} or {"path", "error"}]}`; a
  /// file that cannot be read does not stop the others.
  package static func extract(paths: [String], _ configuration: Configuration, tell: (JSON) -> Void) throws {
    let extractor = WorkerExtractor(configuration)
    for path in paths {
      let list = PathList([path])
      if let failure = list.failed.first { throw failure.error }
      for file in list.files {
        var shape: JSONObject = ["path": .string(file.path)]
        let clock = SystemClock()
        let started = clock.monotonicSeconds()
        do {
          let bytes = try FileAccess.read(file.path, bytesMax: Limits.uploadBytesMax)
          describe(
            try extractor.extract(bytes, filename: file.filename, declaredType: nil), into: &shape)
        } catch let failure as any Failure {
          shape["error"] = Product.errorShape(failure).error ?? .null
        }
        shape["elapsed_ms"] = .number(((clock.monotonicSeconds() - started) * 10_000).rounded() / 10)
        tell(.object(shape))
      }
    }
  }

  private static func describe(_ document: Document, into shape: inout JSONObject) {
    shape["text"] = .string(document.text)
    shape["format"] = .string(document.format.rawValue)
    shape["title"] = JSON(document.title)
    shape["metadata"] = .object(
      document.metadata.sorted { $0.key < $1.key }.reduce(into: JSONObject()) { $0[$1.key] = .string($1.value) })
    shape["pages"] = .array(
      document.pages.map { page in
        [
          "number": .integer(page.number), "label": JSON(page.label), "start": .integer(page.start),
          "end": .integer(page.end), "width": .number(page.width), "height": .number(page.height),
        ]
      })
    shape["blocks"] = .array(document.blocks.map(describe))
    shape["coverage"] = Library.coverage(of: document)
    shape["warnings"] = JSON(document.warnings)
  }

  private static func describe(_ block: Block) -> JSON {
    var entry: JSONObject = ["start": .integer(block.start), "end": .integer(block.end)]
    entry["page"] = JSON(block.page)
    switch block.kind {
    case .heading(let level):
      entry["kind"] = "heading"
      entry["level"] = .integer(level)
    case .tableRow(let isHeader):
      entry["kind"] = "table_row"
      entry["header"] = .bool(isHeader)
    case .paragraph: entry["kind"] = "paragraph"
    case .listItem: entry["kind"] = "list_item"
    case .table: entry["kind"] = "table"
    case .header: entry["kind"] = "header"
    case .footer: entry["kind"] = "footer"
    case .footnote: entry["kind"] = "footnote"
    case .code: entry["kind"] = "code"
    case .caption: entry["kind"] = "caption"
    }
    if let box = block.box {
      entry["box"] = .array([box.left, box.top, box.right, box.bottom].map { .number(Double($0)) })
    }
    return .object(entry)
  }
}
