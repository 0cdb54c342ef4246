// What the library refuses, and the way out.
package import Base

package enum LibraryError: Failure, Equatable {
  case noSuchDocument(String)
  case ambiguousName(String, count: Int)
  case noSuchCollection(String)
  case badName(String, why: String)
  case questionEmpty
  case questionTooLong(scalarsMax: Int)
  case badCount(Int, max: Int)
  case badLambda(Double)
  case metadataTooLarge(bytesMax: Int)
  case anotherEmbedder(library: String, configured: String)
  case alreadyReembedding
  case modelChanged(String)
  case noPages(filename: String)
  case noSuchPage(Int, of: Int)
  case badRange
  case badDate(String)
  case fileTooLarge(filename: String, bytesMax: Int)
  case noSuchJob(String)
  case tooManyJobs(Int)
  case notOneDocument(filename: String)
  case archiveTooDeep(depthMax: Int)
  case archiveTooLarge(membersMax: Int)

  package var kind: FailureKind {
    switch self {
    case .noSuchDocument, .noSuchCollection, .noSuchPage, .noPages, .noSuchJob: .notFound
    case .tooManyJobs: .busy
    case .fileTooLarge, .archiveTooLarge: .tooLarge
    case .archiveTooDeep, .notOneDocument: .unprocessable
    case .anotherEmbedder, .alreadyReembedding, .modelChanged: .conflict
    default: .usage
    }
  }

  package var code: String {
    switch self {
    case .noSuchDocument: "document_not_found"
    case .ambiguousName: "ambiguous_name"
    case .noSuchCollection: "collection_not_found"
    case .badName: "bad_name"
    case .questionEmpty: "question_empty"
    case .questionTooLong: "question_too_long"
    case .badCount: "bad_count"
    case .badLambda: "bad_lambda"
    case .metadataTooLarge: "metadata_too_large"
    case .anotherEmbedder: "another_embedder"
    case .alreadyReembedding: "reembedding"
    case .modelChanged: "model_changed"
    case .noPages: "no_pages"
    case .noSuchPage: "page_not_found"
    case .badRange: "bad_range"
    case .badDate: "bad_date"
    case .fileTooLarge: "too_large"
    case .noSuchJob: "job_not_found"
    case .tooManyJobs: "too_many_jobs"
    case .notOneDocument: "not_one_document"
    case .archiveTooDeep: "too_deep"
    case .archiveTooLarge: "zip_bomb"
    }
  }

  package var message: String {
    switch self {
    case .noSuchDocument(let name): "there is no document '\(name)'"
    case .ambiguousName(let name, let count): "\(count) documents are called '\(name)'"
    case .noSuchCollection(let name): "there is no collection '\(name)'"
    case .badName(let name, let why): "'\(name)' is no usable name: \(why)"
    case .questionEmpty: "the question is empty"
    case .questionTooLong(let limit): "the question is longer than \(limit) characters"
    case .badCount(let count, let limit): "\(count) results were asked for; it must be 1 to \(limit)"
    case .badLambda(let lambda): "the weight of relevance against novelty is 0 to 1, not \(lambda)"
    case .metadataTooLarge(let limit): "the metadata is larger than \(limit) bytes"
    case .anotherEmbedder(let library, let configured):
      "the library's vectors were made by \(library), but \(configured) is configured"
    case .modelChanged(let name): "the endpoint gives other vectors for '\(name)' than it gave before"
    case .alreadyReembedding: "the library is being moved to another embedder already"
    case .noPages(let filename): "\(filename) has no pages that can be shown as pictures"
    case .noSuchPage(let page, let count): "there is no page \(page); the document has \(count)"
    case .badRange: "start and end must be a range of the document's text"
    case .badDate(let text): "'\(text)' is no date"
    case .fileTooLarge(let filename, let limit): "\(filename) is larger than \(limit >> 20) MB"
    case .noSuchJob(let id): "there is no job '\(id)'"
    case .tooManyJobs(let count): "\(count) jobs are waiting already"
    case .notOneDocument(let filename): "\(filename) is an archive of several documents"
    case .archiveTooDeep(let limit): "archives lie in one another more than \(limit) deep"
    case .archiveTooLarge(let limit): "the archive and those inside it hold more than \(limit) files"
    }
  }

  package var hint: String {
    switch self {
    case .noSuchDocument: "'footnote list' shows what is held, with ids"
    case .ambiguousName: "use the document's id; 'footnote list' shows it"
    case .noSuchCollection: "'footnote stats' names the collections"
    case .badName: "use up to \(Limits.nameScalarsMax) printable characters"
    case .questionEmpty: "ask in words"
    case .questionTooLong: "ask something shorter"
    case .badCount, .noPages, .noSuchPage, .badRange: ""
    case .badLambda: "1 shows repetitions, too; 0 keeps least of what says nearly the same as a better passage"
    case .metadataTooLarge: "keep long text in the document itself"
    case .anotherEmbedder: "configure that one again, or run 'footnote reembed'"
    case .modelChanged: "run 'footnote reembed' without the endpoint's settings, then with them again"
    case .alreadyReembedding: "wait until that is done"
    case .badDate: "write it as 2026-03-31 or 2026-03-31T12:00:00Z"
    case .fileTooLarge: "split the file"
    case .noSuchJob: "GET /jobs lists those that are known"
    case .tooManyJobs: "try again when some of them are done"
    case .notOneDocument: "add its members"
    case .archiveTooDeep: "unpack the inner ones and add the files"
    case .archiveTooLarge: "add it in parts"
    }
  }
}
