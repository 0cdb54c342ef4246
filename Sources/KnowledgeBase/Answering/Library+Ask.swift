// A question's whole way: passages, the units that answer, the gate, the answer with its receipt.
import Base
import Embedding
import Retrieval
import Store
import Text

extension Library {
  /// Passages that are read for an answer, however few the caller wants to see.
  private static let passagesRead = 8

  /// `onSources` hears of the sources as soon as they are known, before the answer is.
  package func ask(
    _ question: AnswerQuestion, onSources: ([Source]) throws -> Void = { _ in }
  ) throws -> Answer {
    let started = clock.monotonicSeconds()
    var search = question.search
    guard (1...Limits.resultsMax).contains(question.sourceCount) else {
      throw LibraryError.badCount(question.sourceCount, max: Limits.resultsMax)
    }
    search.limit = max(question.sourceCount, Library.passagesRead)
    search.explains = true
    let found = try self.search(search)
    // The answer needs the question as a vector even when the passages were found by words alone.
    let embedder = answerEmbedder
    let isOfSearch = !found.vector.isEmpty && embedder.identity == serving.embedder.identity
    let vector = isOfSearch ? found.vector : try Array(embedder.embed([search.text], isUrgent: true)[0])
    let tokenizer = WordTokenizer()
    let terms = QuestionTerms(search.text, tokenizer: tokenizer)
    let weight = Library.termWeights(terms.stems, in: found.passages)
    let answerer = ExtractiveAnswerer(embedder: embedder, tokenizer: tokenizer, texts: texts, weight: weight)
    let ranked = try answerer.rank(found.passages, question: search.text, terms: terms, vector: vector)

    var draft = AnswerDraft(passages: found.passages)
    var isRefused = true
    let evidence = Refusal.evidence(
      best: ranked.first, passages: found.passages, terms: terms, tokenizer: tokenizer, weight: weight)
    if evidence.confidence >= settings.answerConfidenceMin {
      let gate = CitationGate(texts: texts)
      for scored in answerer.select(ranked, terms: terms) {
        let unit = scored.unit
        let passage = found.passages[unit.passage]
        guard try gate.holds(quote: unit.text, start: unit.start, end: unit.end, versionID: passage.versionID) else {
          continue
        }
        draft.append(unit)
      }
      isRefused = draft.citations.isEmpty
    }
    if isRefused { draft.refuse() }
    draft.listSources(atLeast: question.sourceCount)
    try onSources(draft.sources)
    return Answer(
      question: search.text, text: draft.text, sources: draft.sources,
      citations: question.includesCitations ? draft.citations : [], isRefused: isRefused,
      warnings: try found.warnings + unreadParts(of: draft.sources), evidence: evidence, model: "extractive",
      elapsedMs: (clock.monotonicSeconds() - started) * 1_000,
      receipt: try receipt(question: search, answer: draft.text))
  }

  /// How much each stem says: the most that it added to any passage's score. One that no passage holds says most, for
  /// it is what the question asks for and the library lacks.
  private static func termWeights(_ stems: [String], in passages: [Passage]) -> (String) -> Double {
    var weights: [String: Double] = [:]
    for term in passages.compactMap(\.hit.explanation).flatMap(\.terms) {
      weights[term.term] = max(weights[term.term] ?? 0, term.contribution)
    }
    let most = weights.values.max() ?? 1
    return { weights[$0] ?? most }
  }

  /// What an answer from these documents may have missed.
  private func unreadParts(of sources: [Source]) throws -> [String] {
    var warnings: [String] = []
    for version in Set(sources.map(\.passage.versionID)).sorted() {
      guard let row = try database.read({ try $0.version(id: version) }),
        let name = sources.first(where: { $0.passage.versionID == version })?.passage.filename
      else { continue }
      let parts = (try? JSON(parsing: row.coverage).array) ?? []
      let unread = parts.filter { $0.unread?.bool == true }
      if !unread.isEmpty { warnings.append("\(unread.count) of \(parts.count) parts of \(name) could not be read") }
    }
    return warnings
  }

  private func receipt(question: SearchQuestion, answer: String) throws -> String {
    let generations = try database.read { try $0.collections() }.map { "\($0.name)@\($0.generation)" }
    let statement: JSON = [
      "question": .string(question.text), "mode": .string(question.mode.rawValue), "where": JSON(question.filter),
      "collections": JSON(question.collections), "as_of": JSON(question.asOf), "limit": .integer(question.limit),
      "library": JSON(generations), "embedder": .string(serving.embedder.identity.fingerprint),
      "answer": .string(answer),
    ]
    return SHA256Digest(of: statement.utf8).description
  }
}
