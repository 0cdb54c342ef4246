// How good the ranking is: every set in a folder, asked in every mode, with passages alone and with the names of
// their sources in front. Prints a table and, as the last line, one JSON object. Vectors come from the caller: this
// room knows no embedder. Ranks are taken before thinning, for the measures count passages.
import Base

package struct QualityBenchmark {
  private let dimension: Int
  private let embed: ([String]) throws -> [[Float]]
  private let fusion: Fusion

  package init(dimension: Int, embed: @escaping ([String]) throws -> [[Float]]) {
    self.init(dimension: dimension, fusion: .standard, embed: embed)
  }

  init(dimension: Int, fusion: Fusion, embed: @escaping ([String]) throws -> [[Float]]) {
    self.dimension = dimension
    self.embed = embed
    self.fusion = fusion
  }

  package struct Column: Sendable {
    package var mode: SearchMode
    package var isNamed: Bool
    package var means: [(name: String, mean: Double)]
  }

  /// `paths` are the files that prepare.py wrote.
  package func run(paths: [String]) throws -> String {
    var text = ""
    var report = JSONObject()
    for path in paths.sorted() {
      let set = try QualitySet(parsing: FileAccess.read(path, bytesMax: Limits.measuredBytesMax), path: path)
      let columns = try columns(of: set)
      text += Self.table(of: set, columns)
      report[set.name] = .object(Self.json(of: columns))
    }
    return text + JSON.object(report).text
  }

  func columns(of set: QualitySet) throws -> [Column] {
    let questions = try embed(set.questions.map(\.text))
    let hasNames = set.passages.contains { !$0.name.isEmpty }
    return try (hasNames ? [false, true] : [false]).flatMap { isNamed in
      let index = try index(of: set, isNamed: isNamed)
      return SearchMode.allCases.map { mode in
        var measures = QualityMeasures()
        for (question, vector) in zip(set.questions, questions) {
          let request = SearchRequest(
            text: question.text, vector: vector, mode: mode, limit: Self.depth, lambda: 1)
          let hits = index.snapshot.vectors.pinned {
            SearchPass(index.snapshot, request, fusion: fusion).hits()
          }
          measures.add(question, hits.map { Int($0.id) }, in: set)
        }
        return Column(mode: mode, isNamed: isNamed, means: measures.means)
      }
    }
  }

  /// Enough passages for a hundred documents in most sets.
  private static let depth = 200

  private func index(of set: QualitySet, isNamed: Bool) throws -> RetrievalIndex {
    let texts = set.passages.map { isNamed && !$0.name.isEmpty ? $0.name + "\n" + $0.text : $0.text }
    let vectors = try embed(texts)
    var sources: [String: Int64] = [:]
    let records = texts.indices.map { place in
      let document = set.passages[place].document
      let source = sources[document, default: Int64(sources.count)]
      sources[document] = source
      return Record(id: Int64(place), text: texts[place], vector: vectors[place], group: source)
    }
    let index = RetrievalIndex(dimension: dimension)
    try index.apply(add: records, remove: [])
    return index
  }

  private static func table(of set: QualitySet, _ columns: [Column]) -> String {
    func padded(_ text: String, _ width: Int) -> String {
      text + String(repeating: " ", count: max(0, width - text.count))
    }
    var text = padded("\(set.name): \(set.questions.count) questions, \(set.passages.count) passages", 52) + "\n"
    text += padded("", 16)
    for column in columns { text += padded((column.isNamed ? "named " : "") + column.mode.rawValue, 16) }
    text += "\n"
    for (row, name) in (columns.first?.means.map(\.name) ?? []).enumerated() {
      text += padded("  " + name, 16)
      for column in columns { text += padded(figure(column.means[row].mean), 16) }
      text += "\n"
    }
    return text
  }

  private static func figure(_ mean: Double) -> String {
    let thousandths = Int((mean * 1_000).rounded())
    let digits = String(thousandths % 1_000)
    return "\(thousandths / 1_000)." + String(repeating: "0", count: 3 - digits.count) + digits
  }

  private static func json(of columns: [Column]) -> JSONObject {
    var shape = JSONObject()
    for column in columns {
      var means = JSONObject()
      for (name, mean) in column.means { means[name] = .number((mean * 10_000).rounded() / 10_000) }
      shape[(column.isNamed ? "named_" : "") + column.mode.rawValue] = .object(means)
    }
    return shape
  }
}
