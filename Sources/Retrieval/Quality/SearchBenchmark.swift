// How fast the whole of a search is on a real collection: both sides, fusion, filters, snapshots. One thread asks.
// Reads plain files (lines of {"id","text"}, rows of float32) and prints one JSON object; the library is not touched.
package import Base

#if canImport(Glibc)
  import Glibc
#endif

package struct SearchBenchmark {
  package var passagesPath: String
  package var vectorsPath: String
  package var questionsPath: String
  package var questionVectorsPath: String
  package var temporaryDirectory: String
  package var dimension = 384
  package var threads = 1
  private let clock: any Clock

  package init(
    passages: String, vectors: String, questions: String, questionVectors: String, temporaryDirectory: String,
    threads: Int, clock: any Clock = SystemClock()
  ) {
    passagesPath = passages
    vectorsPath = vectors
    questionsPath = questions
    questionVectorsPath = questionVectors
    self.temporaryDirectory = temporaryDirectory
    self.threads = threads
    self.clock = clock
  }

  package func run() throws -> String {
    let texts = try lines(of: passagesPath)
    let vectors = try rows(of: vectorsPath)
    let questions = try lines(of: questionsPath)
    let questionVectors = try rows(of: questionVectorsPath)
    let count = min(texts.count, vectors.count)
    let index = RetrievalIndex(dimension: dimension, threads: threads)
    var report = JSONObject()
    report["passages"] = .integer(count)
    report["build_seconds"] = try seconds {
      try index.apply(
        add: (0..<count).map { place in
          Record(
            id: Int64(place), text: texts[place], vector: vectors[place],
            fields: ["n": .number(Double(place * 7_919 % count)), "kind": .text("k\(place % 50)")],
            group: Int64(place / 8))
        }, remove: [])
    }
    let asked = Array(zip(questions, questionVectors).prefix(1_000))
    for mode in SearchMode.allCases {
      report[mode.rawValue] = try latencies(asked) { SearchRequest(text: $0, vector: $1, mode: mode) }(index)
    }
    for (name, share) in [("half", 0.5), ("tenth", 0.1), ("hundredth", 0.01), ("thousandth", 0.001)] {
      let filter = try Filter(parsing: "n < \(Double(count) * share)")
      report["hybrid_\(name)"] =
        try latencies(Array(asked.prefix(200))) { SearchRequest(text: $0, vector: $1, filter: filter) }(index)
    }
    let path = temporaryDirectory + "/search-benchmark.index"
    defer { _ = unsafe unlink(path) }
    report["save_seconds"] = try seconds { try index.save(to: path, generation: 1, fingerprint: "benchmark") }
    report["open_and_answer_seconds"] = try seconds {
      let opened = try RetrievalIndex.open(path: path, expecting: "benchmark")
      let hits = opened.search(SearchRequest(text: questions[0], vector: questionVectors[0]))
      precondition(hits == index.search(SearchRequest(text: questions[0], vector: questionVectors[0])))
    }
    return JSON.object(report).text
  }

  private func seconds(_ body: () throws -> Void) throws -> JSON {
    let started = clock.monotonicSeconds()
    try body()
    return .number(((clock.monotonicSeconds() - started) * 1_000).rounded() / 1_000)
  }

  private func latencies(
    _ asked: [(String, [Float])], _ request: @escaping (String, [Float]) -> SearchRequest
  ) throws -> (RetrievalIndex) -> JSON {
    { index in
      var times: [Double] = []
      for (text, vector) in asked {
        let started = clock.monotonicSeconds()
        _ = index.search(request(text, vector))
        times.append(clock.monotonicSeconds() - started)
      }
      times.sort()
      func milliseconds(_ share: Double) -> JSON {
        let time = times.isEmpty ? 0 : times[min(Int(share * Double(times.count)), times.count - 1)]
        return .number((time * 1e6).rounded() / 1_000)
      }
      return ["p50_ms": milliseconds(0.5), "p99_ms": milliseconds(0.99)]
    }
  }

  private func lines(of path: String) throws -> [String] {
    try FileAccess.read(path, bytesMax: Limits.measuredBytesMax).split(separator: UInt8(ascii: "\n")).map { line in
      guard let json = try? JSON(parsing: Array(line)),
        let text = json["text"]?.string ?? json["question"]?.string
      else { throw PlainFailure(.usage, "bad_line", "a line of \(path) has no text") }
      return text
    }
  }

  private func rows(of path: String) throws -> [[Float]] {
    let bytes = try FileAccess.read(path, bytesMax: Limits.measuredBytesMax)
    let width = dimension * MemoryLayout<Float>.stride
    return (0..<bytes.count / width).map { row in
      var values = [Float](repeating: 0, count: dimension)
      unsafe values.withUnsafeMutableBytes { target in
        unsafe bytes.withUnsafeBytes { source in
          unsafe target.copyMemory(from: UnsafeRawBufferPointer(rebasing: source[row * width..<(row + 1) * width]))
        }
      }
      return values
    }
  }
}
