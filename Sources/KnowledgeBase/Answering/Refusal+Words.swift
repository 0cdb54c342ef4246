// What is said where there is no answer: that there is none, what comes closest, what is missing, and what could not be
// read and might have held it.
import Text

extension Refusal {
  static func words(
    passages: [Passage], reader: UnitReader, evidence: AnswerEvidence, unread: [Library.UnreadParts]
  ) -> String {
    var text = "The library does not hold an answer to this question."
    guard let closest = passages.first else { return text }
    let place = closest.page.map { ", page \($0)" } ?? ""
    text += " The closest that it has is in \(closest.filename)\(place)."
    let missing = missingTerms(closest, reader)
    if !missing.isEmpty {
      text += " It says nothing of \(missing.map { "‘\($0)’" }.joined(separator: ", "))."
    } else if evidence.kind < 0.5, let wanted = reader.terms.kind.wanted {
      text += " It names no \(wanted)."
    }
    for part in unread.prefix(2) {
      let names = part.names.prefix(3).joined(separator: ", ") + (part.names.count > 3 ? ", …" : "")
      text += " \(part.filename) was not read whole (\(names)); the answer may stand there."
    }
    return text
  }

  /// The question's terms that the closest passage lacks, as they were asked for.
  private static func missingTerms(_ passage: Passage, _ reader: UnitReader) -> [String] {
    let title = ExtractiveAnswerer.title(of: passage)
    let held = Set(reader.tokenizer.words(in: "\(title)\n\(passage.heading)\n\(passage.text)").map(\.stem))
    return reader.terms.spelled.filter { !held.contains($0.stem) }.prefix(3).map(\.word)
  }
}

extension AskedKind {
  /// In words, for a refusal.
  var wanted: String? {
    switch self {
    case .number: "number"
    case .percent: "percentage"
    case .amount: "amount"
    case .duration: "length of time"
    case .time: "date or time"
    case .person: "person"
    case .place: "place"
    case .definition, .reason, .manner, .anything: nil
    }
  }
}
