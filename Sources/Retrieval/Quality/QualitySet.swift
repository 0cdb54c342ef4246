// A set of passages and questions with known truth, as Benchmarks/quality/prepare.py writes it. Truth is told as places
// of passages and grades of documents, so that no text is compared here.
import Base

struct QualitySet: Sendable {
  struct Passage: Sendable {
    var document: String
    var page: Int
    /// Of the file or site it came from; empty where that says nothing.
    var name: String
    var text: String
  }

  struct Question: Sendable {
    var text: String
    /// Documents that answer, with their grade.
    var grades: [String: Int]
    /// Passages that hold an answer or lie on a page with evidence; nil where the set does not tell.
    var holding: Set<Int>?
    var onPage: Set<Int>?
    /// For each keyword, the passages that hold it.
    var keywords: [Set<Int>]
  }

  var name: String
  var passages: [Passage]
  var questions: [Question]

  init(parsing bytes: [UInt8], path: String) throws {
    let json = try JSON(parsing: bytes)
    func wrong(_ what: String) -> PlainFailure {
      PlainFailure(
        .usage, "bad_quality_set", "\(path) has no \(what)", hint: "make it with Benchmarks/quality/prepare.py")
    }
    guard let name = json.set?.string else { throw wrong("name") }
    self.name = name
    passages = try (json.passages?.array ?? []).map { entry in
      guard let document = entry.doc?.string, let text = entry["text"]?.string else { throw wrong("passage") }
      return Passage(
        document: document, page: entry.page?.int ?? 0, name: entry.name?.string ?? "", text: text)
    }
    func places(_ json: JSON?) -> Set<Int>? { json?.array.map { Set($0.compactMap(\.int)) } }
    questions = try (json.questions?.array ?? []).map { entry in
      guard let text = entry.question?.string else { throw wrong("question") }
      var grades: [String: Int] = [:]
      for (document, grade) in entry.relevant?.object?.members ?? [] { grades[document] = grade.int }
      return Question(
        text: text, grades: grades, holding: places(entry.holding), onPage: places(entry.on_page),
        keywords: (entry.keywords?.array ?? []).map { places($0) ?? [] })
    }
    guard !passages.isEmpty, !questions.isEmpty else { throw wrong("passages and questions") }
  }
}
