// Saved answers, held against the library: every citation found again in the very version that it was cut from, and
// the answer given again with whatever differs named.
package import Base
import Retrieval
import Store
import Text

package struct CitationCheck: Sendable {
  package enum Status: String, Sendable {
    /// It stands there, and the version is the current one.
    case holds
    /// It stands there, in a version that a newer one has replaced, or that is out of use.
    case superseded
    /// It does not stand there, but elsewhere in the document.
    case moved
    /// It stands nowhere in the document.
    case gone
    /// The document is not held.
    case unknown
    /// The answer's sentence does not carry its mark, or the mark names no source.
    case unmarked
  }

  package let source: Int
  package let filename: String
  package let quote: String
  package let status: Status
  package let detail: String
  package let start: Int?
  package let end: Int?

  package var isValid: Bool { status == .holds || status == .superseded }
}

package struct Replay: Sendable {
  package let isSame: Bool
  /// What differs in what the answer follows from: 'library: default@3 is now default@4'.
  package let changed: [String]
  /// The first place where the words differ; nil where they are the same.
  package let difference: String?
  package let answer: Answer
}

extension Library {
  /// `answer` is an answer object as it was saved.
  package func verify(_ answer: JSON, visible: Set<String>? = nil) throws -> [CitationCheck] {
    guard let citations = answer.citations?.array, let text = answer.answer?.string else {
      throw PlainFailure(
        .usage, "no_answer", "this is no saved answer", hint: "save one with 'footnote ask … --json > answer.json'")
    }
    let sources = answer.sources?.array ?? []
    return try citations.map { citation in
      let id = citation.source?.int ?? 0
      let source = sources.first { $0.id?.int == id }
      return try check(citation, of: source, id: id, in: text, visible: visible)
    }
  }

  private func check(
    _ citation: JSON, of source: JSON?, id: Int, in answer: String, visible: Set<String>?
  ) throws -> CitationCheck {
    let quote = citation.quote?.string ?? ""
    let start = citation.start?.int ?? -1
    let end = citation.end?.int ?? -1
    let filename = source?.filename?.string ?? ""
    func result(
      _ status: CitationCheck.Status, _ detail: String, _ range: Range<Int>? = nil
    ) -> CitationCheck {
      CitationCheck(
        source: id, filename: filename, quote: quote, status: status, detail: detail, start: range?.lowerBound,
        end: range?.upperBound)
    }
    guard let source, let documentID = source.document_id?.string else {
      return result(.unmarked, "the answer lists no source [\(id)]")
    }
    let from = citation.answer_start?.int ?? -1
    let to = citation.answer_end?.int ?? -1
    guard from >= 0, from < to, to <= answer.unicodeScalars.count, answer.scalarSlice(from..<to).contains("[\(id)]")
    else { return result(.unmarked, "the sentence at \(from)–\(to) does not carry [\(id)]") }
    guard let document = try storedDocument(documentID, visible: visible) else {
      return result(.unknown, "the library holds no document \(documentID)")
    }
    let versions = try database.read { try $0.versions(ofDocument: document.number) }
    let cited =
      (citation.sha256?.string ?? source.sha256?.string).flatMap { digest in versions.first { $0.sha256 == digest } }
    let current = versions.first { $0.retiredAt == nil }
    guard let version = cited ?? current ?? versions.last else {
      return result(.unknown, "the document was removed, and its words with it")
    }
    let gate = CitationGate(texts: texts)
    if try gate.holds(quote: quote, start: start, end: end, versionID: version.id) {
      if document.removedAt != nil { return result(.superseded, "the document is out of use", start..<end) }
      guard version.id != current?.id else { return result(.holds, "", start..<end) }
      let still = try current.flatMap { try locate(quote, inVersion: $0.id) }
      return result(
        .superseded,
        "it stands in version \(version.number); "
          + (still == nil
            ? "version \(current?.number ?? 0) no longer says it" : "version \(current?.number ?? 0) says it too"),
        start..<end)
    }
    if let place = try locate(quote, inVersion: version.id) {
      return result(.moved, "it stands at \(place.lowerBound)–\(place.upperBound), not at \(start)–\(end)", place)
    }
    return result(.gone, "it stands nowhere in version \(version.number)")
  }

  /// Where a quote stands in a version's text, in Unicode scalars.
  private func locate(_ quote: String, inVersion id: Int) throws -> Range<Int>? {
    guard !quote.isEmpty else { return nil }
    let text = try texts.text(ofVersion: id)
    let wanted = Array(quote.utf8)
    guard let at = text.utf8.firstRange(of: wanted) else { return nil }
    return text.scalarOffset(ofUTF8: at.lowerBound)..<text.scalarOffset(ofUTF8: at.upperBound)
  }

  /// Gives a saved answer again.
  package func replay(
    _ saved: JSON, means: AnswerMeans = AnswerMeans(), visible: Set<String>? = nil
  ) throws -> Replay {
    guard let basis = saved.basis, let text = saved.answer?.string, let question = basis.question?.string else {
      throw PlainFailure(
        .usage, "no_receipt", "this answer does not say what it follows from",
        hint: "save one with 'footnote ask … --json > answer.json'")
    }
    var asked = AnswerQuestion(basis.asked_as?.string ?? question)
    asked.search.mode = basis.mode?.string.flatMap { SearchMode(rawValue: $0) } ?? .hybrid
    asked.search.filter = basis["where"]?.string
    asked.search.collections = basis.collections?.array?.compactMap(\.string) ?? []
    asked.search.visible = visible
    asked.search.asOf = basis.as_of?.double
    asked.sourceCount = min(max(1, basis.limit?.int ?? Library.passagesRead), Limits.resultsMax)
    // What is configured and was not used then is not used now.
    asked.means = basis.model?.string == "extractive" ? means.withoutModel : means
    asked.means.expansion = basis.expansion?.string == means.expansion.rawValue ? asked.means.expansion : .none
    if basis.reranker?.string == nil { asked.means.reranker = nil }
    let again = try ask(asked)
    var changed: [String] = []
    for (key, before) in basis.object ?? [:] where key != "question" && key != "asked_as" {
      let now = again.basis[key] ?? .null
      if now.text != before.text { changed.append("\(key): \(before.text) is now \(now.text)") }
    }
    let isSame = again.text == text
    if !isSame, changed.isEmpty { changed.append("nothing that is recorded; the program itself may be another") }
    return Replay(
      isSame: isSame, changed: changed, difference: isSame ? nil : Library.difference(text, again.text), answer: again)
  }

  private static func difference(_ before: String, _ now: String) -> String {
    let common = before.commonPrefix(with: now)
    let at = common.unicodeScalars.count
    return
      "at character \(at): “\(before.dropFirst(common.count).prefix(60))” is now "
      + "“\(now.dropFirst(common.count).prefix(60))”"
  }
}

extension String {
  private func commonPrefixCount(_ other: String) -> Int { zip(self, other).prefix { $0 == $1 }.count }
  fileprivate func commonPrefix(with other: String) -> String { String(prefix(commonPrefixCount(other))) }
}
