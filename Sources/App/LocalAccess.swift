// The library in this process.
package import Base
package import DealPricing
package import KnowledgeBase
import Models
import Store
import Text

package final class LocalAccess: LibraryAccess {
  package let library: Library
  private let clock: any Clock
  private let conversations: Conversations
  private let means: Held<AnswerMeans>
  private let priceMeans: PriceMeans
  private let thresholds: HealthThresholds
  /// Whom this is for: what he may not see is not there.
  let grant: Grant

  /// Told of every answer, for the figures.
  private let onAnswer: @Sendable (Answer) -> Void

  /// Whether adding begins with what an earlier process was killed over; not where a job center sees to that.
  private let takesUpJobs: Bool

  package convenience init(
    library: Library, means: AnswerMeans = AnswerMeans(), prices: PriceMeans = PriceMeans(),
    thresholds: HealthThresholds = HealthThresholds(), takesUpJobs: Bool = true, clock: any Clock = SystemClock()
  ) {
    self.init(library, Held(means), prices, thresholds, takesUpJobs, clock, Conversations(), .owner) { _ in }
  }

  convenience init(
    library: Library, means: Held<AnswerMeans>, prices: PriceMeans = PriceMeans(), takesUpJobs: Bool = true,
    clock: any Clock, onAnswer: @escaping @Sendable (Answer) -> Void
  ) {
    self.init(library, means, prices, HealthThresholds(), takesUpJobs, clock, Conversations(), .owner, onAnswer)
  }

  private init(
    _ library: Library, _ means: Held<AnswerMeans>, _ prices: PriceMeans, _ thresholds: HealthThresholds,
    _ takesUpJobs: Bool, _ clock: any Clock, _ conversations: Conversations, _ grant: Grant,
    _ onAnswer: @escaping @Sendable (Answer) -> Void
  ) {
    self.library = library
    self.takesUpJobs = takesUpJobs
    self.means = means
    priceMeans = prices
    self.thresholds = thresholds
    self.clock = clock
    self.conversations = conversations
    self.grant = grant
    self.onAnswer = onAnswer
  }

  /// The same library as it is for somebody else.
  func limited(to grant: Grant) -> LocalAccess {
    LocalAccess(library, means, priceMeans, thresholds, takesUpJobs, clock, conversations, grant, onAnswer)
  }

  private var visible: Set<String>? { grant.collections }

  package func add(
    _ request: AddRequest, stop: StopFlag, progress: @escaping @Sendable (AddProgress) -> Void
  ) throws -> JSON {
    let started = clock.monotonicSeconds()
    for job in takesUpJobs ? try library.unfinishedJobs() : [] where !stop.isSet {
      let run = JobRun(library: library, clock: clock, job: job, stop: stop)
      if run.run(progress: progress) { try library.finish(job, wasStopped: false) }
    }
    var absolute = request
    absolute.paths = request.paths.map(FileAccess.absolute)
    let job = try library.acceptJob(request: absolute.json)
    let list = PathList(request.paths)
    let run = IngestRun(library: library, clock: clock, stop: stop) { progress($0.progress) }
    let report = run.add(list.files.map { IngestItem(path: $0.path, filename: $0.filename, request) })
    try library.discard(job)
    library.settle()
    // A library that has grown by a fifth answers by what it holds now. It answers without, too.
    try? library.refreshCalibration()
    return [
      "added": .array(report.added.map(Shapes.added)), "retired": JSON(report.retired),
      "failed": .array((list.failed + report.failed).map { Shapes.failed(path: $0.path, $0.error) }),
      "skipped": .array(list.skipped.map { ["path": .string($0.path), "reason": .string($0.reason)] }),
      "elapsed_ms": .number(Shapes.rounded((clock.monotonicSeconds() - started) * 1_000)),
    ]
  }

  package func retire(paths: [String]) throws -> JSON {
    ["retired": .array(try library.retire(paths: paths).map { .string($0.id) })]
  }

  package func documents() throws -> JSON {
    try documents(inCollection: nil)
  }

  func documents(inCollection name: String?) throws -> JSON {
    if let name, !grant.sees(name) { throw LibraryError.noSuchCollection(name) }
    let held = try library.documents(collections: name.map { [$0] } ?? [], visible: visible)
    return ["documents": .array(held.map(Shapes.document))]
  }

  func documentCount() throws -> Int { try library.documentCount(visible: visible) }

  func collectionNames() throws -> [String] {
    try library.statistics(visible: visible).collections.map(\.name)
  }

  func held(_ reference: String) throws -> HeldDocument { try library.document(reference, visible: visible) }

  package func document(_ reference: String) throws -> JSON {
    let held = try held(reference)
    guard var shape = Shapes.document(held).object else { return .null }
    shape["versions"] = Shapes.versions(try library.versions(of: held))
    return .object(shape)
  }

  package func text(_ reference: String) throws -> String {
    try library.text(of: held(reference)).string
  }

  package func remove(_ reference: String) throws -> JSON {
    let held = try library.remove(reference, visible: visible)
    return erased("removed", held.document)
  }

  /// What was erased, and where backups hold it still: those are their owner's to delete.
  private func erased(_ status: String, _ document: DocumentRow) -> JSON {
    let warnings = library.backups(holding: document).map { "the backup \($0) holds it still" }
    return [
      "status": .string(status), "document_id": .string(document.id), "filename": .string(document.filename),
      "warnings": JSON(warnings),
    ]
  }

  package func forget(_ reference: String) throws -> JSON {
    let document = try library.forget(reference, visible: visible)
    return erased("forgotten", document)
  }

  package func search(_ parameters: SearchParameters) throws -> JSON {
    Shapes.search(try library.search(visibleOnly(parameters.question())))
  }

  package func whyNot(_ parameters: SearchParameters, document: String) throws -> JSON {
    let report = try library.whyNot(visibleOnly(parameters.question()), document: document)
    return Shapes.whyNot(report, question: parameters.query, document: document)
  }

  package func ask(_ parameters: SearchParameters) throws -> JSON {
    try ask(parameters, includesCitations: true) { _ in }
  }

  /// The way of every question, streamed or not.
  func ask(
    _ parameters: SearchParameters, includesCitations: Bool, onEvent: (AnswerEvent) throws -> Void
  ) throws -> JSON {
    let conversation = try Conversations.checked(parameters.conversation)
    var question = try self.question(parameters)
    question.includesCitations = includesCitations
    // The same id of somebody else is another conversation.
    let kept = conversation.map { "\(grant.id) \($0)" }
    if let kept { question.history = conversations.history(of: kept) }
    Timeline.current?.note(.question(question.search.text))
    let answer = try library.ask(question, onEvent: onEvent)
    note(answer)
    if let kept { conversations.remember(answer, in: kept) }
    onAnswer(answer)
    return Shapes.answer(answer, conversation: conversation)
  }

  private func note(_ answer: Answer) {
    guard let timeline = Timeline.current else { return }
    timeline.note([
      (.model, .string(answer.model)), (.isRefused, .bool(answer.isRefused)), (.isCached, .bool(answer.isCached)),
      (.citations, .integer(answer.citations.count)), (.results, .integer(answer.sources.count)),
      (.dropped, .integer(answer.remarks.filter { $0.treatment == .dropped }.count)),
      (.inputTokens, .integer(answer.usage.inputTokens)), (.outputTokens, .integer(answer.usage.outputTokens)),
      (.cost, .number(answer.cost)),
    ])
    timeline.note(.answer(answer.text))
  }

  /// Checked, so that what is wrong with it is said before anything is done.
  func question(_ parameters: SearchParameters) throws -> AnswerQuestion {
    var question = AnswerQuestion(parameters.query)
    question.search = try visibleOnly(parameters.question()).checked()
    question.sourceCount = parameters.limit
    question.history = parameters.history
    let means = means.value
    question.means = parameters.isExtracted ? means.withoutModel : means
    return question
  }

  private func visibleOnly(_ question: SearchQuestion) -> SearchQuestion {
    var question = question
    question.visible = visible
    return question
  }

  package func verify(_ answer: JSON) throws -> JSON { Shapes.checks(try library.verify(answer, visible: visible)) }

  package func replay(_ answer: JSON) throws -> JSON {
    Shapes.replay(try library.replay(answer, means: means.value, visible: visible))
  }

  package func trainingPairs() throws -> JSON {
    ["pairs": .array(try ChatStore(library.database).trainingPairs())]
  }

  package func keys() throws -> JSON {
    ["keys": .array(try KeyRing(database: library.database, clock: clock).list().map(Shapes.key))]
  }

  package func createKey(_ wish: JSON) throws -> JSON {
    let wish = try KeyRing.Wish(RequestJSON(wish))
    let made = try KeyRing(database: library.database, clock: clock).create(wish)
    try audit("POST /keys", made.row.id)
    return Shapes.key(made)
  }

  package func revokeKey(_ id: String) throws -> JSON {
    try KeyRing(database: library.database, clock: clock).revoke(id)
    try audit("DELETE /keys/{id}", id)
    return ["status": "revoked", "id": .string(id)]
  }

  private func audit(_ action: String, _ object: String) throws {
    try AuditLog(database: library.database, clock: clock).record(
      actor: grant.id, action: action, object: object, outcome: "200", requestID: "")
  }

  package func finish() {
    library.settleErasures()
    _ = library.saveIndexes()
  }

  package func health() throws -> JSON {
    let thresholds = Held(thresholds)
    let auditor = IndexAuditor(library: library, thresholds: thresholds)
    auditor.look()
    let health = Health(
      library: library, means: means, metrics: Metrics(clock: clock), auditor: auditor, thresholds: thresholds,
      clock: clock)
    health.look()
    return health.shape
  }

  package func backup(to path: String) throws -> JSON { Shapes.copy(try LibraryCopy.write(library, to: path), path) }

  package func export(to path: String) throws -> JSON {
    Shapes.exported(try LibraryExport.write(library, to: path), path)
  }

  package func importDocuments(
    from path: String, stop: StopFlag, progress: @escaping @Sendable (Int) -> Void
  ) throws -> JSON {
    let report = try LibraryImport.read(path, into: library, isStopped: { stop.isSet }, tell: progress)
    library.settle()
    try? library.refreshCalibration()
    return Shapes.imported(report)
  }

  package func report(hours: Double) throws -> JSON {
    let since = clock.wallSeconds() - hours * 3_600
    return try library.database.read { connection in
      Report(
        hours: hours, since: since, requests: try connection.requests(since: since),
        calls: try connection.modelCalls(since: since))
    }.shape
  }

  package func statistics() throws -> JSON { Shapes.statistics(try library.statistics(visible: visible)) }
  package func addProducts(_ products: [CatalogueProduct], collection: String) throws -> ProductStatuses {
    try library.addProducts(products, collection: collection)
  }

  package func prices(_ request: PriceRequest, tell: (String) -> Void) throws -> JSON {
    try request.answer(from: library, priceMeans, tell: tell)
  }

  package func reembed(
    _ configuration: Configuration, progress: @escaping @Sendable (MoveProgress) -> Void
  ) throws -> JSON {
    Shapes.reembedded(
      try library.reembed(to: Session.embedder(configuration)) { progress(MoveProgress($0)) })
  }
}
