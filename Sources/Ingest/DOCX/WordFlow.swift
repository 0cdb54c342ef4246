// What the body of a Word file says, as a small tree: paragraphs and tables in order. Between the events of the file
// and the Document form. Must not: know styles' meaning or numbers; those are resolved when the flow is written.

struct WordParagraph {
  var text: [UInt8] = []
  var style: String?
  var listID: String?
  var listLevel: Int?
  var outlineLevel: Int?
  /// Footnotes, endnotes and comments it refers to, in order.
  var notes: [WordNote] = []
  /// Its end mark is deleted in a tracked change: the next paragraph runs on from it.
  var runsOn = false
  /// Page breaks before its first word, and after it began.
  var breaksBefore = 0
  var breaksInside = 0
}

struct WordNote: Hashable {
  enum Kind: Hashable { case footnote, endnote, comment }

  var kind: Kind
  var id: String
}

struct WordTable {
  struct Row {
    var cells: [WordFlow] = []
    var isHeader = false
    var isDeleted = false
  }

  var rows: [Row] = []
}

/// A run of blocks: the body, a cell, a note, a text box.
struct WordFlow {
  enum Item {
    case paragraph(WordParagraph)
    case table(WordTable)
  }

  var items: [Item] = []
}
