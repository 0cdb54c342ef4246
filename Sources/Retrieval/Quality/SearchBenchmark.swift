// How fast the whole of a search is on a real collection: both sides, fusion, filters, snapshots. One thread asks; then
// one and sixteen clients ask without pause, each on a thread of its own, for the throughput.
// Reads plain files (lines of {"id","text"}, rows of float32) and prints one JSON object; the library is not touched.
package import Base
import Dispatch
import Foundation
import Synchronization

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
  /// Without it nothing is said of searches that embed their question.
  package var embed: (@Sendable (String) throws -> [Float])?
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
    if let embed {
      report["hybrid_embedded"] = try latencies(asked) { text, _ in
        SearchRequest(text: text, vector: try embed(text))
      }(index)
      let texts = asked.map(\.0)
      report["clients_1_per_second"] = .number(try throughput(texts, clients: 1, of: index, embed).rounded())
      report["clients_16_per_second"] = .number(try throughput(texts, clients: 16, of: index, embed).rounded())
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
    _ asked: [(String, [Float])], _ request: @escaping (String, [Float]) throws -> SearchRequest
  ) throws -> (RetrievalIndex) throws -> JSON {
    { index in
      var times: [Double] = []
      for (text, vector) in asked {
        let started = clock.monotonicSeconds()
        _ = index.search(try request(text, vector))
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

  /// Questions a second, embedding included: the same number of questions whatever the number of clients.
  private func throughput(
    _ texts: [String], clients: Int, of index: RetrievalIndex, _ embed: @escaping @Sendable (String) throws -> [Float]
  ) throws -> Double {
    let total = 4 * texts.count
    let next = Atomic(0)
    let started = clock.monotonicSeconds()
    let failures = Mutex<[any Error]>([])
    let done = DispatchGroup()
    for _ in 0..<clients {
      done.enter()
      Thread.detachNewThread {
        defer { done.leave() }
        do {
          while true {
            let place = next.add(1, ordering: .relaxed).oldValue
            guard place < total else { return }
            let text = texts[place % texts.count]
            _ = index.search(SearchRequest(text: text, vector: try embed(text)))
          }
        } catch {
          failures.withLock { $0.append(error) }
        }
      }
    }
    done.wait()
    if let failure = failures.withLock({ $0.first }) { throw failure }
    return Double(total) / (clock.monotonicSeconds() - started)
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
