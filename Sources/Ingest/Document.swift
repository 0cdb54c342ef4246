// The one form every format becomes. Everything here addresses `text` by Unicode-scalar offsets, half-open.
// Invariants: text is NFC with \n line ends, free of U+0000, of invisible and of bidi-control characters; pages lie in
// order and do not overlap; blocks lie in order of their start; the coverage ledger names every page or part once.
// Must not: hold the source's bytes, or anything that only one format knows.

package enum DocumentFormat: String, Sendable, CaseIterable {
  case pdf, docx, markdown, text, html, csv, tsv, json, jsonl, xlsx, pptx, odt, epub, rtf, eml, zip
  /// One record of a catalogue, made by the house itself: no file is one.
  case record
}

package struct Document: Sendable, Equatable {
  package var text: String
  package var title: String?
  package var format: DocumentFormat
  package var metadata: [String: String]
  /// Empty where the format has no pages.
  package var pages: [PageSpan]
  package var blocks: [Block]
  /// Empty where the format has no places on a page.
  package var boxes: BoxMap
  package var coverage: [PartCoverage]
  package var warnings: [String]
  /// Only of an archive, which has no text of its own: files that become documents of their own.
  package var members: [ArchiveMember] = []

  package init(
    text: String, title: String? = nil, format: DocumentFormat, metadata: [String: String] = [:],
    pages: [PageSpan] = [], blocks: [Block] = [], boxes: BoxMap = BoxMap(), coverage: [PartCoverage] = [],
    warnings: [String] = []
  ) {
    self.text = text
    self.title = title
    self.format = format
    self.metadata = metadata
    self.pages = pages
    self.blocks = blocks
    self.boxes = boxes
    self.coverage = coverage
    self.warnings = warnings
  }
}

/// A file inside an archive, or why it cannot be taken out.
package struct ArchiveMember: Sendable, Equatable {
  /// 'folder/name.pdf', as the archive calls it.
  package var name: String
  package var bytes: [UInt8]
  package var failure: IngestFailure?

  package init(name: String, bytes: [UInt8], failure: IngestFailure? = nil) {
    self.name = name
    self.bytes = bytes
    self.failure = failure
  }
}

package struct PageSpan: Sendable, Equatable {
  /// Counts from 1, whatever the page is called in print.
  package var number: Int
  /// What the page calls itself, where that is not its number: 'iv', 'A-3'.
  package var label: String?
  package var start: Int
  package var end: Int
  /// In points as the page is shown; 0 where the format does not say.
  package var width: Double
  package var height: Double

  package init(number: Int, label: String?, start: Int, end: Int, width: Double, height: Double) {
    self.number = number
    self.label = label
    self.start = start
    self.end = end
    self.width = width
    self.height = height
  }
}

/// In points, the origin at the top left of the page as it is shown.
package struct Rectangle: Sendable, Equatable {
  package var left: Float
  package var top: Float
  package var right: Float
  package var bottom: Float

  package init(left: Float, top: Float, right: Float, bottom: Float) {
    self.left = left
    self.top = top
    self.right = right
    self.bottom = bottom
  }

  package func union(_ other: Rectangle) -> Rectangle {
    Rectangle(
      left: min(left, other.left), top: min(top, other.top), right: max(right, other.right),
      bottom: max(bottom, other.bottom))
  }
}

package struct Block: Sendable, Equatable {
  package enum Kind: Sendable, Equatable {
    case heading(level: Int)
    case paragraph
    case listItem
    /// The whole table; its rows follow as blocks of their own inside its range.
    case table
    /// One line of the text, cells joined by ' | '.
    case tableRow(isHeader: Bool)
    case header
    case footer
    case footnote
    case code
    case caption
  }

  package var kind: Kind
  package var start: Int
  package var end: Int
  package var page: Int?
  package var box: Rectangle?

  var isHeading: Bool { if case .heading = kind { true } else { false } }

  package init(kind: Kind, start: Int, end: Int, page: Int? = nil, box: Rectangle? = nil) {
    self.kind = kind
    self.start = start
    self.end = end
    self.page = page
    self.box = box
  }
}

package struct PartCoverage: Sendable, Equatable {
  package enum Kind: Sendable, Equatable {
    case text
    case table
    case imageOnly
    case skipped(reason: String)
  }

  /// 'page 3', 'body', 'footnotes', 'sheet Prices'.
  package var part: String
  package var kind: Kind

  /// Reasons of parts that hold nothing to read; every other reason names something that an answer may have needed.
  static let blank = "the page is blank"
  static let wordless = "the page is a picture without words"
  static let besideContent = "not the page's own content"
  static let empty = "it is empty"
  static let notWanted = "left out, as the setting 'comments' says"

  /// Something stands there that is not in the text: an answer that may have needed it says so.
  package var isUnread: Bool {
    switch kind {
    case .text, .table: false
    case .imageOnly: true
    case .skipped(let reason):
      ![Self.blank, Self.wordless, Self.besideContent, Self.empty, Self.notWanted].contains(reason)
    }
  }

  package init(part: String, kind: Kind) {
    self.part = part
    self.kind = kind
  }
}
