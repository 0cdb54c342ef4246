// `bench ingest`: the task `e2e` of the peers' protocol. Stage one adds every file of `articles/` to an empty library
// and asks the first question; stage two, a process of its own, opens that library again and asks three hundred.
import Base
import Embedding
import Foundation
import Ingest
import KnowledgeBase
import Store

struct IngestBenchmark {
  private static let questionsAsked = 300
  private static let firstQuestion = "When did the 1973 oil crisis begin?"

  let data: String
  let threads: Int
  let temporary: String
  /// The peers' chunks: 500 words with 50 of overlap, cut by the model's window; else our own.
  let usesPlainChunks: Bool
  let modelDirectory: String
  private let clock = SystemClock()

  /// Both stages; gives the protocol's object.
  func run() throws -> JSON {
    let folder = "\(temporary)/footnote-ingest-\(hexadecimal(SystemRandom().bytes(6)))"
    defer { FileAccess.removeTree(folder) }
    let ingest = try ingest(into: folder)
    let serve = try inFreshProcess(folder)
    let peak = max(ingest.peak_rss_mb?.double ?? 0, serve.peak_rss_mb?.double ?? 0)
    return [
      "task": "e2e", "engine": .string(usesPlainChunks ? "footnote_plain" : "footnote"), "threads": .integer(threads),
      "ingest": ingest, "serve": serve, "peak_rss_mb": .number(peak),
    ]
  }

  private func library(in folder: String) throws -> Library {
    var settings = LibrarySettings()
    if usesPlainChunks { settings.chunking.plain = ChunkingOptions.Plain() }
    return try Library(
      directory: DataDirectory(path: folder),
      embedder: MiniLM(modelDirectory: modelDirectory, threads: threads), extractor: WorkerExtractor(),
      settings: settings)
  }

  private func ingest(into folder: String) throws -> JSON {
    let started = clock.monotonicSeconds()
    let library = try library(in: folder)
    let report = IngestRun(library: library, clock: clock).add(AddRequest(paths: ["\(data)/articles"]))
    let ingested = clock.monotonicSeconds() - started
    _ = try library.search(SearchQuestion(Self.firstQuestion))
    let answered = clock.monotonicSeconds() - started
    for failure in library.saveIndexes() { throw failure }
    return [
      "mode": "ingest", "files": .integer(report.added.count),
      "chunks": .integer(report.added.reduce(0) { $0 + $1.chunksAdded }),
      "ingest_s": seconds(ingested), "start_to_first_answer_s": seconds(answered),
      "wall_s": seconds(clock.monotonicSeconds() - started), "peak_rss_mb": .number(try peakMegabytes()),
    ]
  }

  private func inFreshProcess(_ folder: String) throws -> JSON {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
    process.arguments = [
      "bench", "ingest", "--data", data, "--threads", String(threads), "--library", folder,
    ]
    let output = Pipe()
    process.standardOutput = output
    let started = clock.monotonicSeconds()
    try process.run()
    let text = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    guard process.terminationStatus == 0, var shape = try JSON(parsing: Array(text)).object else {
      throw PlainFailure(.bug, "stage_failed", "the second stage of the benchmark failed")
    }
    shape["wall_s"] = seconds(clock.monotonicSeconds() - started)
    return .object(shape)
  }

  /// Stage two, on the library that stage one left.
  func serve(_ folder: String) throws -> JSON {
    let started = clock.monotonicSeconds()
    let library = try library(in: folder)
    _ = try library.search(SearchQuestion(Self.firstQuestion))
    let answered = clock.monotonicSeconds() - started
    let lines = try FileAccess.read("\(data)/questions.jsonl", bytesMax: Limits.measuredBytesMax)
      .split(separator: UInt8(ascii: "\n")).prefix(Self.questionsAsked)
    var latenciesMs: [Double] = []
    var found = 0
    for line in lines {
      let question = try JSON(parsing: Array(line))
      let asked = clock.monotonicSeconds()
      let passages = try library.search(SearchQuestion(question["text"]?.string ?? "")).passages
      latenciesMs.append((clock.monotonicSeconds() - asked) * 1_000)
      let answers = (question.answers?.array ?? []).compactMap { $0.string?.lowercased() }
      let texts = passages.map { $0.text.lowercased() }
      if answers.contains(where: { answer in texts.contains { $0.contains(answer) } }) { found += 1 }
    }
    latenciesMs.sort()
    func percentile(_ share: Double) -> JSON {
      .number(Shapes.rounded(latenciesMs[min(latenciesMs.count - 1, Int(Double(latenciesMs.count) * share))]))
    }
    return [
      "mode": "serve", "start_to_first_answer_s": seconds(answered),
      "query_ms": ["p50": percentile(0.5), "p99": percentile(0.99)],
      "chunks": .integer(try library.statistics().chunkCount),
      "answer_in_top10": .number(Shapes.rounded(Double(found) / Double(max(1, lines.count)))),
      "peak_rss_mb": .number(try peakMegabytes()),
    ]
  }

  private func seconds(_ value: Double) -> JSON { .number(Shapes.rounded(value)) }

  /// Of this process alone; what getrusage says would be inherited from the process that started it.
  private func peakMegabytes() throws -> Double {
    let status = String(decoding: try FileAccess.read("/proc/self/status", bytesMax: 1 << 16), as: UTF8.self)
    let line = status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
    return Double(line?.split(separator: " ").dropFirst().first ?? "").map { $0 / 1_024 } ?? 0
  }
}
