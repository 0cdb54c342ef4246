// The library in this process.
package import Base
package import DealPricing
package import KnowledgeBase
package import Models
import Store
import Text

package final class LocalAccess: LibraryAccess {
  package let library: Library
  private let clock: any Clock
  private let conversations = Conversations()
  /// Who writes the answers; nil: they are extracted.
  private let writer: (any ChatModel)?

  package init(library: Library, writer: (any ChatModel)? = nil, clock: any Clock = SystemClock()) {
    self.library = library
    self.writer = writer
    self.clock = clock
  }

  package func add(
    _ request: AddRequest, stop: StopFlag, progress: @escaping @Sendable (AddProgress) -> Void
  ) throws -> JSON {
    let started = clock.monotonicSeconds()
    // What an earlier process was killed over comes first.
    for job in try library.unfinishedJobs() where !stop.isSet {
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
      "added": .array(report.added.map(Shapes.added)),
      "failed": .array((list.failed + report.failed).map { Shapes.failed(path: $0.path, $0.error) }),
      "skipped": .array(list.skipped.map { ["path": .string($0.path), "reason": .string($0.reason)] }),
      "elapsed_ms": .number(Shapes.rounded((clock.monotonicSeconds() - started) * 1_000)),
    ]
  }

  package func retire(paths: [String]) throws -> JSON {
    ["retired": .array(try library.retire(paths: paths).map { .string($0.id) })]
  }

  package func documents() throws -> JSON { ["documents": .array(try library.documents().map(Shapes.document))] }

  package func document(_ reference: String) throws -> JSON {
    let held = try library.document(reference)
    guard var shape = Shapes.document(held).object else { return .null }
    shape["versions"] = Shapes.versions(try library.versions(of: held))
    return .object(shape)
  }

  package func text(_ reference: String) throws -> String {
    try library.text(of: library.document(reference)).string
  }

  package func remove(_ reference: String) throws -> JSON {
    let held = try library.remove(reference)
    return [
      "status": "removed", "document_id": .string(held.document.id), "filename": .string(held.document.filename),
    ]
  }

  package func forget(_ reference: String) throws -> JSON {
    let document = try library.forget(reference)
    return ["status": "forgotten", "document_id": .string(document.id), "filename": .string(document.filename)]
  }

  package func search(_ parameters: SearchParameters) throws -> JSON {
    Shapes.search(try library.search(parameters.question()))
  }

  package func whyNot(_ parameters: SearchParameters, document: String) throws -> JSON {
    let report = try library.whyNot(parameters.question(), document: document)
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
    if let conversation { question.history = conversations.history(of: conversation) }
    let answer = try library.ask(question, onEvent: onEvent)
    if let conversation { conversations.remember(answer, in: conversation) }
    return Shapes.answer(answer, conversation: conversation)
  }

  /// Checked, so that what is wrong with it is said before anything is done.
  func question(_ parameters: SearchParameters) throws -> AnswerQuestion {
    var question = AnswerQuestion(parameters.query)
    question.search = try parameters.question().checked()
    question.sourceCount = parameters.limit
    if !parameters.isExtracted { question.model = writer }
    return question
  }

  package func verify(_ answer: JSON) throws -> JSON { Shapes.checks(try library.verify(answer)) }

  package func replay(_ answer: JSON) throws -> JSON { Shapes.replay(try library.replay(answer)) }

  package func trainingPairs() throws -> JSON {
    ["pairs": .array(try ChatStore(library.database).trainingPairs())]
  }

  package func addProducts(_ products: [CatalogueProduct], collection: String) throws -> ProductStatuses {
    try library.addProducts(products, collection: collection)
  }

  package func prices(_ request: PriceRequest, tell: (String) -> Void) throws -> JSON {
    try request.answer(from: library, tell: tell)
  }

  package func statistics() throws -> JSON { Shapes.statistics(try library.statistics()) }

  package func reembed(
    _ configuration: Configuration, progress: @escaping @Sendable (MoveProgress) -> Void
  ) throws -> JSON {
    Shapes.reembedded(
      try library.reembed(to: Session.embedder(configuration)) { progress(MoveProgress($0)) })
  }
}
