// What goes into the retrieval core: a record is a passage of text, its vector and the fields that filters read. The
// core knows nothing of documents or products; `group` is all it hears of where a record came from.

/// One metadata value. A field may hold values of several kinds over a collection; a comparison sees only its own kind.
package enum FieldValue: Sendable, Hashable {
  case text(String)
  case number(Double)
  /// Seconds since 1970.
  case date(Double)
  /// A record with a list matches when any element does.
  case list([String])
}

package struct Record: Sendable {
  /// The caller's name for the record; adding an id that is already held replaces the older record.
  package var id: Int64
  /// What the keyword index reads. Names of file, site and headings in front of a passage are worth more than any
  /// fusion (docs/decisions/0006-fusion.md): give `text` and `vector` the same text.
  package var text: String
  /// Unit length, of the collection's dimension; empty for a record that only words can find.
  package var vector: [Float]
  package var fields: [String: FieldValue]
  /// The source the record is a part of; near-duplicates are thinned and sources capped by it.
  package var group: Int64

  package init(id: Int64, text: String, vector: [Float], fields: [String: FieldValue] = [:], group: Int64 = 0) {
    self.id = id
    self.text = text
    self.vector = vector
    self.fields = fields
    self.group = group
  }
}
