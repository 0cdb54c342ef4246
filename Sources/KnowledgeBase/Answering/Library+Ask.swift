// A question's whole way: made whole, passages, the units that answer or a model that writes, the gate, the answer with
// its receipt. The sources are told as soon as they are known, a sentence as soon as it has passed the gate.
import Base
import Embedding
import Ingest
import Models
import Retrieval
import Store
import Text

extension Library {
  /// Passages that are read for an answer, however few the caller wants to see.
  static let passagesRead = 8
  /// Passages that a reranker is shown.
  static let passagesReranked = 30

  package func ask(
    _ question: AnswerQuestion, onEvent: (AnswerEvent) throws -> Void = { _ in }
  ) throws -> Answer {
    guard (1...Limits.resultsMax).contains(question.sourceCount) else {
      throw LibraryError.badCount(question.sourceCount, max: Limits.resultsMax)
    }
    var watch = StageWatch(clock)
    var search = question.search
    var failures: [MeansFailure] = []
    let whole = try wholeQuestion(question, &failures)
    search.text = whole.text
    if whole.isRewritten { try onEvent(.question(whole.text)) }
    let wanted = max(question.sourceCount, Library.passagesRead)
    search.limit = question.means.reranker == nil ? wanted : max(wanted, Library.passagesReranked)
    search.explains = true
    watch.mark("question")
    let forms = try otherForms(of: search.text, question.means, &failures)
    if question.means.expansion != .none { watch.mark("expand") }
    var found = try self.search(search, alsoAs: forms)
    watch.add("embed", ms: found.embedMs)
    watch.mark("search", without: found.embedMs, isShown: true)
    if let reranker = question.means.reranker {
      found = reranked(found, by: reranker, &failures)
      found = found.with(passages: Array(found.passages.prefix(wanted)))
      search.limit = wanted
      watch.mark("rerank", isShown: true)
    }
    let candidates = found.passages.enumerated().map { Source(id: $0.offset + 1, passage: $0.element) }
    try onEvent(.sources(candidates))

    var answer = Answer(
      question: question.search.text, rewrittenQuestion: whole.isRewritten ? whole.text : nil, text: "", sources: [],
      citations: [], isRefused: false)
    var gate = try AnswerGate(passages: found.passages, texts: texts) { left, right in
      let batch = try self.answerEmbedder.embed([left, right], isUrgent: true)
      return Double(zip(batch[0], batch[1]).reduce(Float(0)) { $0 + $1.0 * $1.1 })
    }
    watch.mark("read")
    let weighed = try weigh(search.text, found, units: gate.units)
    let (reader, ranked) = (weighed.answerer.reader, weighed.ranked)
    if question.keepsCandidates {
      answer.candidates = ranked.map {
        AnswerCandidate(
          text: $0.unit.text, passage: $0.unit.passage + 1, features: $0.features.values, score: $0.score)
      }
    }
    answer.evidence = weighed.evidence
    watch.mark("rank")

    answer.meansFailures = failures
    var prompt: AnswerPrompt?
    if answer.evidence.confidence >= (try confidenceMin()) {
      if question.means.model != nil {
        prompt = try write(question, search, found.passages, into: &answer, through: &gate, onEvent)
        watch.mark("model")
      }
      // Without a model, or where it failed.
      if prompt == nil {
        try extract(weighed, into: &answer, through: &gate, onEvent)
        watch.mark("extract")
      }
    }
    answer.warnings = answer.meansFailures.map(\.warning) + answer.warnings + found.warnings
    try finish(&answer, question, found.passages, gate, reader, onEvent)
    watch.mark("finish")
    answer.stages = watch.stages
    answer.elapsedMs = watch.elapsedMs
    answer.basis = try basis(of: search, answer, question, prompt: prompt)
    answer.receipt = Library.receipt(basis: answer.basis, answer: answer.text)
    return answer
  }

  struct Weighed {
    let answerer: ExtractiveAnswerer
    let ranked: [ExtractiveAnswerer.Scored]
    let evidence: AnswerEvidence
  }

  /// What the passages offer as an answer, and how sure it is. Without `units` they are read here.
  func weigh(_ text: String, _ found: SearchResult, units: [[AnswerUnit]]? = nil) throws -> Weighed {
    // The answer needs the question as a vector even when the passages were found by words alone.
    let embedder = answerEmbedder
    let isOfSearch = !found.vector.isEmpty && embedder.identity == serving.embedder.identity
    let vector = isOfSearch ? found.vector : try Array(embedder.embed([text], isUrgent: true)[0])
    let tokenizer = WordTokenizer()
    let terms = QuestionTerms(text, tokenizer: tokenizer)
    let reader = UnitReader(
      terms: terms, tokenizer: tokenizer, weight: Library.termWeights(terms.stems, in: found.passages),
      passages: found.passages)
    let answerer = ExtractiveAnswerer(embedder: embedder, reader: reader)
    let units = try units ?? GateSources(passages: found.passages, texts: texts).units
    let ranked = try answerer.rank(units, vector: vector)
    return Weighed(
      answerer: answerer, ranked: ranked, evidence: Refusal.evidence(ranked: ranked, reader: reader))
  }

  /// The units that answer, in the documents' words; first of all where documents contradict each other.
  private func extract(
    _ weighed: Weighed, into answer: inout Answer, through gate: inout AnswerGate,
    _ onEvent: (AnswerEvent) throws -> Void
  ) throws {
    try tellDisagreements(weighed.ranked, weighed.answerer.reader.terms, into: &answer, through: &gate, onEvent)
    guard answer.disagreements.isEmpty else { return }
    _ = try weighed.answerer.select(weighed.ranked) { scored in
      guard
        let said = try gate.say(
          scored.unit.passage, scored.unit.start, scored.unit.end, onNewLine: scored.unit.isTableRow,
          header: scored.unit.headerRange)
      else { return false }
      try onEvent(.text(said.text))
      return true
    }
  }

  /// The same question answered with another value by another document: both are shown, the newer first.
  private func tellDisagreements(
    _ ranked: [ExtractiveAnswerer.Scored], _ terms: QuestionTerms, into answer: inout Answer,
    through gate: inout AnswerGate, _ onEvent: (AnswerEvent) throws -> Void
  ) throws {
    guard let best = ranked.first else { return }
    answer.disagreements = try Disagreements.find(
      best, among: ranked, terms: terms, passages: gate.passages, texts: texts)
    for statement in answer.disagreements.flatMap(\.statements) {
      if let said = try gate.say(statement.source - 1, statement.start, statement.end, onNewLine: true) {
        try onEvent(.text(said.text))
      }
    }
    for disagreement in answer.disagreements {
      let sides = disagreement.statements.map {
        "\($0.values.joined(separator: ", ")) in \($0.filename) of \($0.dated) [\($0.source)]"
      }
      answer.warnings.append("the sources disagree: \(sides.joined(separator: "; ")); the newer stands first")
    }
  }

  private func finish(
    _ answer: inout Answer, _ question: AnswerQuestion, _ passages: [Passage], _ gate: AnswerGate, _ reader: UnitReader,
    _ onEvent: (AnswerEvent) throws -> Void
  ) throws {
    answer.remarks = gate.remarks
    answer.text = gate.text
    answer.citations = question.includesCitations ? try gate.citations.map { try onItsPage($0, of: passages) } : []
    answer.isRefused = gate.citations.isEmpty
    let cited = Set(gate.citations.map(\.source))
    answer.sources = passages.enumerated().filter { index, _ in
      index < question.sourceCount || cited.contains(index + 1)
    }.map { Source(id: $0.offset + 1, passage: $0.element) }
    for remark in gate.remarks where remark.treatment == .dropped {
      answer.warnings.append("left out: “\(remark.sentence.prefix(120))” (\(remark.fault.said))")
    }
    let unread = try unreadParts(of: answer.sources)
    answer.warnings += unread.map { "\($0.unread) of \($0.parts) parts of \($0.filename) could not be read" }
    if answer.isRefused {
      answer.text = Refusal.words(passages: passages, reader: reader, evidence: answer.evidence, unread: unread)
      try onEvent(.text(answer.text))
    }
  }

  private func onItsPage(_ citation: Citation, of passages: [Passage]) throws -> Citation {
    let passage = passages[citation.source - 1]
    guard passage.page != nil else { return citation }
    var placed = citation
    let pages = try texts.pages(ofVersion: passage.versionID)
    placed.page = pages.last { $0.start <= citation.start }?.number ?? passage.page
    return placed
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

  struct UnreadParts {
    let filename: String
    let unread: Int
    let parts: Int
    let names: [String]
  }

  /// What an answer from these documents may have missed.
  func unreadParts(of sources: [Source]) throws -> [UnreadParts] {
    var found: [UnreadParts] = []
    for version in Set(sources.map(\.passage.versionID)).sorted() {
      guard let row = try database.read({ try $0.version(id: version) }),
        let name = sources.first(where: { $0.passage.versionID == version })?.passage.filename
      else { continue }
      let parts = (try? JSON(parsing: row.coverage).array) ?? []
      let unread = parts.filter { $0.unread?.bool == true }
      guard !unread.isEmpty else { continue }
      found.append(
        UnreadParts(
          filename: name, unread: unread.count, parts: parts.count, names: unread.compactMap { $0.part?.string }))
    }
    return found
  }
}

/// How long each stage took; a part of the request's timeline, too, unless what was done in it is one already.
struct StageWatch {
  private let clock: any Clock
  private let started: Double
  private var last: Double
  private var inner: Int
  private(set) var stages: [StageTime] = []

  init(_ clock: any Clock) {
    self.clock = clock
    started = clock.monotonicSeconds()
    last = started
    inner = Timeline.current?.mark ?? 0
  }

  mutating func mark(_ stage: String, without ms: Double = 0, isShown: Bool = false) {
    let now = clock.monotonicSeconds()
    stages.append(StageTime(stage: stage, ms: max(0, (now - last) * 1_000 - ms)))
    if let timeline = Timeline.current {
      if !isShown { timeline.enclose(stage, from: last, to: now, since: inner) }
      inner = timeline.mark
    }
    last = now
  }

  mutating func add(_ stage: String, ms: Double) { stages.append(StageTime(stage: stage, ms: ms)) }

  var elapsedMs: Double { (clock.monotonicSeconds() - started) * 1_000 }
}
