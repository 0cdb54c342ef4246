// `footnote embed` and `footnote bench embed`: vectors of the lines of a file, and the figures of the external-engine
// protocol of the peer benchmark. Reads plain files, never the library.
package import Base
import Foundation

#if canImport(Glibc)
  import Glibc
#endif

package struct EmbeddingBenchmark {
  /// Texts measured of each set, as the protocol names them.
  private static let sets = [("32", 160), ("128", 48), ("256", 24), ("mixed", 192)]
  private static let query = "what year did the oil crisis begin in america ?"
  private static let repetitions = 5
  private static let queryRuns = 330
  private static let queryRunsDropped = 30

  private let modelDirectory: String
  private let precision: Precision
  private let threads: Int
  private let clock: any Clock

  package init(modelDirectory: String, precision: Precision = .default, threads: Int, clock: any Clock) {
    self.modelDirectory = modelDirectory
    self.precision = precision
    self.threads = threads
    self.clock = clock
  }

  /// Writes the vectors of `{"id","text"}` lines as little-endian float32 rows; gives back a line of JSON about it.
  package func embed(input: String, output: String) throws -> String {
    // What can be wrong with the files is found before the work, not after it.
    let texts = try Self.texts(input).map(\.text)
    try Self.write(Data(), to: output)
    let model = try MiniLM(modelDirectory: modelDirectory, precision: precision, threads: threads)
    let started = clock.monotonicSeconds()
    let batch = try model.embed(texts)
    let elapsed = clock.monotonicSeconds() - started
    try Self.write(batch.vectors, to: output)
    let summary = EmbedSummary(
      texts: texts.count, dimension: batch.dimension, textsCut: batch.tokensCut.count { $0 > 0 },
      tokensCut: batch.tokensCut.reduce(0, +), windowTokens: model.windowTokens,
      model: model.identity.name, fingerprint: model.identity.fingerprint, elapsedMs: elapsed * 1e3)
    return try Self.json(summary)
  }

  /// Writes the token ids of each line's text as a JSON array a line, unframed; gives back how many there were.
  package func writeTokenIDs(input: String, output: String) throws -> String {
    let texts = try Self.texts(input).map(\.text)
    let model = try MiniLM(modelDirectory: modelDirectory, precision: precision, threads: 1)
    var lines: [UInt8] = []
    var count = 0
    for text in texts {
      let ids = model.tokenIDs(of: text)
      count += ids.count
      lines += "[\(ids.map(String.init).joined(separator: ","))]\n".utf8
    }
    try Self.write(Data(lines), to: output)
    return try Self.json(["texts": texts.count, "tokens": count])
  }

  /// One JSON object: throughput of each set of `data`, the time of one question, the vectors of the mixed set in a
  /// file of `temporaryDirectory`.
  package func run(data: String, temporaryDirectory: String) throws -> String {
    let loading = clock.monotonicSeconds()
    let model = try MiniLM(modelDirectory: modelDirectory, precision: precision, threads: threads)
    _ = try model.embed(["warm up"])
    var report = Report(engine: "footnote-\(precision.rawValue)", threads: threads)
    report.loadS = clock.monotonicSeconds() - loading
    for (name, limit) in Self.sets {
      let lines = try Self.texts("\(data)/embed_\(name).jsonl")
      report.sets[name] = [try measure(model, Array(lines.prefix(limit)))]
    }
    report.queryMs = try measureQuery(model)
    let vectorsFile = "\(temporaryDirectory)/footnote_\(precision.rawValue)_\(threads).f32"
    let mixed = try Self.texts("\(data)/embed_mixed.jsonl").prefix(1024)
    try Self.write(model.embed(mixed.map(\.text)).vectors, to: vectorsFile)
    report.vectorsFile = vectorsFile
    report.peakRssMb = Self.peakResidentMegabytes()
    report.cpuS = Self.cpuSeconds()
    return try Self.json(report)
  }

  private func measure(_ model: MiniLM, _ lines: [Line]) throws -> Report.Set {
    let texts = lines.map(\.text)
    let tokens = lines.map { min(model.windowTokens, $0.tokens ?? model.tokenCount($0.text) + 2) }
    _ = try model.embed(Array(texts.prefix(8)))
    var seconds: [Double] = []
    var cores: [Double] = []
    for _ in 0..<Self.repetitions {
      let (started, cpuBefore) = (clock.monotonicSeconds(), Self.cpuSeconds())
      _ = try model.embed(texts)
      seconds.append(clock.monotonicSeconds() - started)
      cores.append((Self.cpuSeconds() - cpuBefore) / seconds[seconds.count - 1])
    }
    let sorted = seconds.sorted()
    let (fastest, median, slowest) = (sorted[0], sorted[sorted.count / 2], sorted[sorted.count - 1])
    let count = Double(texts.count)
    let work = tokens.reduce(0) { $0 + Self.encoderFlops(tokens: $1) }
    return Report.Set(
      batch: texts.count, texts: texts.count, tokens: tokens.reduce(0, +), textsPerS: count / median,
      textsPerSMin: count / slowest, textsPerSMax: count / fastest,
      tokensPerS: Double(tokens.reduce(0, +)) / median, gflops: work / median / 1e9,
      gflopsMax: work / fastest / 1e9, coresUsed: cores.sorted()[cores.count / 2])
  }

  private func measureQuery(_ model: MiniLM) throws -> Report.Milliseconds {
    var times: [Double] = []
    for _ in 0..<Self.queryRuns {
      let started = clock.monotonicSeconds()
      _ = try model.embed([Self.query])
      times.append((clock.monotonicSeconds() - started) * 1e3)
    }
    times = times.dropFirst(Self.queryRunsDropped).sorted()
    return Report.Milliseconds(min: times[0], p50: times[times.count / 2], p99: times[times.count * 99 / 100])
  }

  /// Floating-point operations of the encoder for a text of so many tokens, as the peers count them.
  private static func encoderFlops(tokens: Int) -> Double {
    let dense = Double(2 * 4 * 384 * 384 + 2 * 2 * 384 * 1536)
    let attention = Double(2 * 2 * 384) * Double(tokens)
    return 6 * Double(tokens) * (dense + attention)
  }

  // MARK: files and the process

  private struct Line: Decodable {
    let text: String
    let tokens: Int?
  }

  private static func texts(_ path: String) throws -> [Line] {
    guard let content = FileManager.default.contents(atPath: path) else {
      throw EmbeddingFailure.fileUnusable(path: path, reason: "it cannot be read")
    }
    let decoder = JSONDecoder()
    var lines: [Line] = []
    for (index, line) in content.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).enumerated() {
      if line.allSatisfy({ $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\r") || $0 == UInt8(ascii: "\t") }) {
        continue
      }
      do {
        lines.append(try decoder.decode(Line.self, from: Data(line)))
      } catch {
        let isJSON = (try? JSONSerialization.jsonObject(with: Data(line), options: .fragmentsAllowed)) != nil
        throw EmbeddingFailure.linesUnusable(
          path: path, reason: "line \(index + 1) \(isJSON ? "has no string \"text\"" : "is not JSON")")
      }
    }
    return lines
  }

  private static func write(_ vectors: [Float], to path: String) throws {
    var bytes = Data(capacity: vectors.count * 4)
    for value in vectors {
      let bits = value.bitPattern
      for shift in stride(from: UInt32(0), to: 32, by: 8) {
        bytes.append(UInt8(truncatingIfNeeded: bits >> shift))
      }
    }
    try write(bytes, to: path)
  }

  private static func write(_ bytes: Data, to path: String) throws {
    do {
      try bytes.write(to: URL(filePath: path))
    } catch {
      throw EmbeddingFailure.fileUnusable(path: path, reason: "it cannot be written")
    }
  }

  private static func cpuSeconds() -> Double {
    let usage = usage()
    return Double(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec)
      + Double(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6
  }

  private static func peakResidentMegabytes() -> Double { Double(usage().ru_maxrss) / 1e3 }

  private static func usage() -> rusage {
    var usage = rusage()
    unsafe getrusage(RUSAGE_SELF.rawValue, &usage)
    return usage
  }

  private static func json(_ value: some Encodable) throws -> String {
    let encoder = JSONEncoder()
    encoder.keyEncodingStrategy = .convertToSnakeCase
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(value), as: UTF8.self)
  }
}

private struct EmbedSummary: Encodable {
  let texts: Int
  let dimension: Int
  let textsCut: Int
  let tokensCut: Int
  let windowTokens: Int
  let model: String
  let fingerprint: String
  let elapsedMs: Double
}

/// Field names, in snake case, are the protocol's.
private struct Report: Encodable {
  struct Set: Encodable {
    let batch: Int
    let texts: Int
    let tokens: Int
    let textsPerS: Double
    let textsPerSMin: Double
    let textsPerSMax: Double
    let tokensPerS: Double
    let gflops: Double
    let gflopsMax: Double
    let coresUsed: Double
  }

  struct Milliseconds: Encodable {
    let min: Double
    let p50: Double
    let p99: Double
  }

  let task = "embed"
  let engine: String
  let threads: Int
  var loadS = 0.0
  var sets: [String: [Set]] = [:]
  var queryMs = Milliseconds(min: 0, p50: 0, p99: 0)
  var vectorsFile = ""
  var peakRssMb = 0.0
  var cpuS = 0.0

  init(engine: String, threads: Int) {
    self.engine = engine
    self.threads = threads
  }
}
