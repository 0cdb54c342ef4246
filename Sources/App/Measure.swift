// What the measuring commands do: evaluation on a set of questions, vectors of a file, the engines' benchmarks.
package import Base
import DealPricing
import Embedding
import Foundation
import Ingest
import KnowledgeBase
import Retrieval
import Store

package enum Measure {
  package static let cores = Machine.cores
}

extension Measure {
  /// Vectors of the texts of a JSONL file, row after row.
  package static func embed(
    input: String, output: String, precision: String?, threads: Int, modelDirectory: String
  ) throws -> JSON {
    try JSON(
      parsing: embedding(precision: precision, threads: threads, modelDirectory: modelDirectory).embed(
        input: input, output: output))
  }

  /// Token ids of the texts of a JSONL file, a line a text.
  package static func tokenIDs(input: String, output: String, modelDirectory: String) throws -> JSON {
    let benchmark = try embedding(precision: nil, threads: 1, modelDirectory: modelDirectory)
    return try JSON(parsing: benchmark.writeTokenIDs(input: input, output: output))
  }

  private static func embedding(
    precision name: String?, threads: Int, modelDirectory: String
  ) throws -> EmbeddingBenchmark {
    guard let precision = name.map({ Precision(rawValue: $0) }) ?? .default else {
      throw PlainFailure(.usage, "bad_precision", "there is no such precision", hint: "use f32 or int8")
    }
    return EmbeddingBenchmark(
      modelDirectory: modelDirectory, precision: precision, threads: threads, clock: SystemClock())
  }

  /// One engine's benchmark on plain files; the library is not touched. The last line is a JSON object.
  package static func bench(task: String, values: [String: String], modelDirectory: String) throws -> String {
    let temporary = values["tmp"] ?? FileManager.default.temporaryDirectory.path
    let threads = values["threads"].flatMap { Int($0) } ?? 1
    func file(_ name: String) throws -> String {
      guard let value = values[name] else {
        throw PlainFailure(.usage, "missing_option", "bench \(task) needs --\(name)")
      }
      return value
    }
    switch task {
    case "embed":
      return try embedding(precision: values["precision"], threads: threads, modelDirectory: modelDirectory)
        .run(data: file("data"), temporaryDirectory: temporary)
    case "ann":
      return try GraphBenchmark(arguments: values.flatMap { ["--\($0.key)", $0.value] }).run()
    case "keyword":
      var options = KeywordBenchmark.Options()
      if let k = values["k"].flatMap({ Int($0) }) { options.k = k }
      if let name = values["stop-words"] {
        guard let choice = KeywordBenchmark.StopWordChoice(rawValue: name) else {
          throw PlainFailure(.usage, "bad_stop_words", "there is no such list", hint: "see 'footnote bench --help'")
        }
        options.stopWords = choice
      }
      let benchmark = KeywordBenchmark(options: options)
      if let passages = values["passages"] {
        return try benchmark.run(passages: passages, questions: file("queries"), output: values["out"])
      }
      return try benchmark.run(data: file("data"), temporaryDirectory: temporary)
    case "pdf":
      return try PDFBenchmark(clock: SystemClock()).run(data: file("data"))
    case "ingest":
      let benchmark = IngestBenchmark(
        data: try file("data"), threads: threads, temporary: temporary, usesPlainChunks: values["chunks"] == "plain",
        modelDirectory: modelDirectory)
      // The second stage, called by the first.
      if let library = values["library"] { return try benchmark.serve(library).text }
      return try benchmark.run().text
    case "quality":
      let folder = try file("data")
      let embedder = try MiniLM(modelDirectory: modelDirectory, threads: cores)
      let names = try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0.hasSuffix(".json") }
      return try QualityBenchmark(dimension: embedder.identity.dimension) { texts in
        let batch = try embedder.embed(texts)
        return (0..<batch.count).map { Array(batch[$0]) }
      }.run(paths: names.map { folder + "/" + $0 })
    case "prices":
      let embedder = try MiniLM(modelDirectory: modelDirectory, threads: threads)
      return try PriceBenchmark(embedder: embedder, threads: threads, clock: SystemClock())
        .run(products: file("products"), output: values["out"], chart: values["chart"])
    case "search":
      var benchmark = try SearchBenchmark(
        passages: file("passages"), vectors: file("vectors"), questions: file("queries"),
        questionVectors: file("query-vectors"), temporaryDirectory: temporary, threads: threads)
      if let dimension = values["dim"].flatMap({ Int($0) }), dimension > 0 { benchmark.dimension = dimension }
      let embedder = try MiniLM(modelDirectory: modelDirectory, threads: threads)
      // Vectors of another width are another embedder's, which is not measured here.
      if embedder.identity.dimension == benchmark.dimension {
        benchmark.embed = { Array(try embedder.embed([$0])[0]) }
      }
      return try benchmark.run()
    default:
      throw PlainFailure(
        .usage, "no_such_task", "there is no task '\(task)'",
        hint: "the tasks are embed, ann, keyword, pdf, ingest, search, prices and quality")
    }
  }
}
