// What the commands do to a library, wherever it is: in this process, or behind the server that owns the directory.
// The results are the contract's shapes, so both ways print the same.
package import Base
package import DealPricing
package import KnowledgeBase
import Retrieval
import Store

package struct FileToAdd: Sendable {
  package let path: String
  package init(path: String) { self.path = path }
}

package struct AddRequest: Sendable {
  package var paths: [String]
  package var collection = Library.defaultCollection
  package var metadata: JSON = [:]
  /// Windows of so many words with so much overlap, instead of the library's own chunks.
  package var chunkWords: (size: Int, overlap: Int)?

  package init(paths: [String]) { self.paths = paths }
}

package struct AddProgress: Sendable {
  package var filesDone = 0
  package var filesTotal = 0
  package var pages = 0
  package var chunks = 0
  package var elapsedSeconds = 0.0

  package init(filesDone: Int = 0, filesTotal: Int = 0) {
    self.filesDone = filesDone
    self.filesTotal = filesTotal
  }

  /// As a server tells it.
  init(shape: JSON) {
    filesDone = shape.files_done?.int ?? 0
    filesTotal = shape.files_total?.int ?? 0
    pages = shape["pages"]?.int ?? 0
    chunks = shape["chunks"]?.int ?? 0
    elapsedSeconds = (shape.elapsed_ms?.double ?? 0) / 1_000
  }

  package var chunksPerSecond: Double { elapsedSeconds > 0 ? Double(chunks) / elapsedSeconds : 0 }

  /// nil while there is nothing to judge by.
  package var secondsLeft: Double? {
    filesDone > 0 ? elapsedSeconds / Double(filesDone) * Double(max(0, filesTotal - filesDone)) : nil
  }
}

package struct SearchParameters: Sendable {
  package var query: String
  package var limit = 10
  package var mode = "hybrid"
  package var filter: String?
  package var collections: [String] = []
  package var asOf: String?
  package var explains = false
  /// What relevance weighs against novelty, 0...1; nil: the product's own balance.
  package var lambda: Double?
  /// Questions with the same id follow one another.
  package var conversation: String?
  /// Said before, where whoever asks keeps the conversation.
  package var history: [ConversationTurn] = []
  /// Even where a model is configured.
  package var isExtracted = false

  package init(query: String) { self.query = query }

  func question() throws -> SearchQuestion {
    var question = SearchQuestion(query)
    question.limit = limit
    guard let mode = SearchMode(rawValue: mode) else {
      throw PlainFailure(
        .usage, "bad_mode", "'\(mode)' is no search mode", hint: "use \(SearchMode.names)")
    }
    question.mode = mode
    question.filter = filter
    question.collections = collections
    question.explains = explains
    if let lambda { question.lambda = lambda }
    if let asOf { question.asOf = try SearchParameters.endOfMoment(asOf) }
    return question
  }

  /// A day without a time means its end: what was known on that day.
  private static func endOfMoment(_ text: String) throws -> Double {
    guard let seconds = CalendarDate.seconds(text) else { throw LibraryError.badDate(text) }
    return text.utf8.count == 10 ? seconds + 86_399 : seconds
  }
}

/// How far a library's move to another embedder is.
package struct MoveProgress: Sendable {
  package let textsDone: Int
  package let textsTotal: Int
  package let textsPerSecond: Double
  /// nil: not known yet.
  package let secondsLeft: Double?

  init(_ progress: ReembedProgress) {
    textsDone = progress.done
    textsTotal = progress.total
    // What an earlier run had made says nothing of this one's speed.
    let made = Double(progress.done - progress.resumed)
    textsPerSecond = progress.elapsedSeconds > 0 ? made / progress.elapsedSeconds : 0
    secondsLeft = textsPerSecond > 0 ? Double(textsTotal - textsDone) / textsPerSecond : nil
  }
}

package protocol LibraryAccess: Sendable {
  /// Set, `stop` ends it after what is being stored; what is in stays in.
  func add(
    _ request: AddRequest, stop: StopFlag, progress: @escaping @Sendable (AddProgress) -> Void
  ) throws -> JSON
  /// Takes out of use what lies at these paths or below them.
  func retire(paths: [String]) throws -> JSON
  func documents() throws -> JSON
  func document(_ reference: String) throws -> JSON
  func text(_ reference: String) throws -> String
  func remove(_ reference: String) throws -> JSON
  func forget(_ reference: String) throws -> JSON
  func search(_ parameters: SearchParameters) throws -> JSON
  func whyNot(_ parameters: SearchParameters, document: String) throws -> JSON
  func ask(_ parameters: SearchParameters) throws -> JSON
  /// A saved answer's citations found again; the answer given again.
  func verify(_ answer: JSON) throws -> JSON
  func replay(_ answer: JSON) throws -> JSON
  func statistics() throws -> JSON
  /// Moves the library to the embedder that is configured.
  func reembed(
    _ configuration: Configuration, progress: @escaping @Sendable (MoveProgress) -> Void
  ) throws -> JSON
  func keys() throws -> JSON
  /// `wish` as POST /keys takes it; the key itself is in the answer and nowhere else.
  func createKey(_ wish: JSON) throws -> JSON
  func revokeKey(_ id: String) throws -> JSON
  func report(hours: Double) throws -> JSON
  func health() throws -> JSON
  /// The whole library as one file, at an absolute path of this machine.
  func backup(to path: String) throws -> JSON
  /// The library as an open form: a folder at an absolute path of this machine.
  func export(to path: String) throws -> JSON
  /// The documents of an export; `progress` is told how many of its lines are done.
  func importDocuments(from path: String, stop: StopFlag, progress: @escaping @Sendable (Int) -> Void) throws -> JSON
  /// Products into a collection; what became of each, in order.
  func addProducts(_ products: [CatalogueProduct], collection: String) throws -> ProductStatuses
  /// What products are worth; `tell` is called with what is being done, where that is known.
  func prices(_ request: PriceRequest, tell: (String) -> Void) throws -> JSON
  /// {"pairs": […]}: what models were asked and what they gave that fitted.
  func trainingPairs() throws -> JSON
  /// After the last change of a command: the next start is to be quick.
  func finish()
}
