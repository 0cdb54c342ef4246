// `footnote bench keyword`: the figures of the peers' protocol, or the ranking of any passages for any questions.
// Reads plain files of `{"id","text"}` lines, never the library. The clock comes in through the seam.
package import Base
import Foundation

#if canImport(Glibc)
  import Glibc
#endif

package struct KeywordBenchmark {
  /// Which words of a question are left out.
  package enum StopWordChoice: String, Sendable, CaseIterable {
    case none, short, long
    /// The list of the peers' own `*_stop` runs, for a comparison like for like.
    case peers

    var policy: StopWordPolicy {
      switch self {
      case .none: .keepAll
      case .short: .short
      case .long: .long
      case .peers: .words(KeywordBenchmark.peersList)
      }
    }
  }

  package struct Options: Sendable {
    package var stopWords = StopWordChoice.long
    package var index = KeywordOptions()
    package var k = 10
    /// Whether quotation marks in a question ask for a phrase; the peers make nothing of them.
    package var readsPhrases = true
    package init() {}
  }

  private static let warmUpQuestions = 20
  static let peersList = Set(
    """
    a an and are as at be but by for if in into is it no not of on or such that the their then there these they this to
    was will with what which who whom whose when where why how did does do
    """.split(whereSeparator: \.isWhitespace).map(String.init))

  private let options: Options
  private let clock: any Clock

  package init(options: Options = Options(), clock: any Clock = SystemClock()) {
    self.options = options
    self.clock = clock
  }

  /// The protocol of the peer benchmark: `data` holds passages.jsonl and questions.jsonl.
  package func run(data: String, temporaryDirectory: String) throws -> String {
    let idsFile = "\(temporaryDirectory)/footnote_bm25_\(options.stopWords.rawValue).jsonl"
    return try run(passages: "\(data)/passages.jsonl", questions: "\(data)/questions.jsonl", idsFile: idsFile)
  }

  /// Any files; `output` gets a line `{"id","results":[{"id","score"}]}` for each question.
  package func run(passages: String, questions: String, output: String? = nil) throws -> String {
    try run(passages: passages, questions: questions, output: output, idsFile: nil)
  }

  private func run(passages: String, questions: String, output: String? = nil, idsFile: String?) throws
    -> String
  {
    let passages = try Self.lines(passages)
    let questions = try Self.lines(questions)
    var report = Report(
      engine: "footnote_\(options.stopWords.rawValue)", n: passages.count, nq: questions.count)

    let records = passages.enumerated().map { (slot: UInt32($0.offset), text: $0.element.text) }
    let memoryBefore = Self.residentBytes()
    let started = (wall: clock.monotonicSeconds(), cpu: Self.cpuSeconds())
    let index = KeywordIndex(options.index)
    index.add(records)
    index.publish()
    report.indexS = clock.monotonicSeconds() - started.wall
    report.indexCpuS = Self.cpuSeconds() - started.cpu
    report.indexMb = Double(Self.residentBytes() - memoryBefore) / 1e6
    report.indexBytesMb = Double(index.generation.byteCount) / 1e6
    report.segments = index.generation.segmentCount
    let snapshotStarted = Self.cpuSeconds()
    let snapshot = index.snapshot()
    report.snapshotCpuS = Self.cpuSeconds() - snapshotStarted
    report.diskMb = Double(snapshot.count) / 1e6
    let openStarted = Self.cpuSeconds()
    let opened = KeywordIndex(reading: snapshot, options: options.index, slotLimit: passages.count)
    report.openCpuS = Self.cpuSeconds() - openStarted
    guard opened?.generation.documents == passages.count else {
      throw PlainFailure(.bug, "snapshot_unread", "the index does not read its own snapshot")
    }

    let policy = options.stopWords.policy
    func search(_ question: Line) -> [ScoredSlot] {
      let query = KeywordQuery(
        question.text, language: options.index.language, stopWords: policy, readsPhrases: options.readsPhrases
      )
      return index.search(query, k: options.k)
    }

    for question in questions.prefix(Self.warmUpQuestions) { _ = search(question) }
    var found: [[ScoredSlot]] = []
    found.reserveCapacity(questions.count)
    var milliseconds: [Double] = []
    let cpuStarted = Self.cpuSeconds()
    for question in questions {
      let began = clock.monotonicSeconds()
      found.append(search(question))
      milliseconds.append((clock.monotonicSeconds() - began) * 1e3)
    }
    report.queryCpuS = Self.cpuSeconds() - cpuStarted
    report.qps = 1e3 * Double(questions.count) / max(milliseconds.reduce(0, +), 1e-9)
    report.cpuQps = Double(questions.count) / max(report.queryCpuS, 1e-9)
    report.latencyMs = Latency(milliseconds)
    report.cpuMs = Latency(
      questions.map { question in
        let began = Self.threadSeconds()
        _ = search(question)
        return (Self.threadSeconds() - began) * 1e3
      })

    if let output {
      try Self.write(
        zip(questions, found).map { question, found in
          ResultLine(
            id: question.id, results: found.map { .init(id: passages[Int($0.slot)].id, score: $0.score) })
        }, to: output)
    }
    if let idsFile {
      try Self.write(found.map { $0.map { passages[Int($0.slot)].id } }, to: idsFile)
      report.idsFile = idsFile
    }
    return String(decoding: try JSONEncoder().encode(report), as: UTF8.self)
  }
}

extension KeywordBenchmark {
  private struct Line: Decodable {
    var id: String
    var text: String
  }

  private struct ResultLine: Encodable {
    struct Result: Encodable {
      var id: String
      var score: Float
    }
    var id: String
    var results: [Result]
  }

  private struct Latency: Encodable {
    var p50 = 0.0
    var p99 = 0.0
    var max = 0.0

    init(_ milliseconds: [Double]) {
      let sorted = milliseconds.sorted()
      p50 = KeywordBenchmark.quantile(sorted, 0.5)
      p99 = KeywordBenchmark.quantile(sorted, 0.99)
      max = sorted.last ?? 0
    }
  }

  private struct Report: Encodable {
    var task = "bm25"
    var engine: String
    var n: Int
    var nq: Int
    var indexS = 0.0
    var indexCpuS = 0.0
    var indexMb = 0.0
    var indexBytesMb = 0.0
    var diskMb = 0.0
    var snapshotCpuS = 0.0
    var openCpuS = 0.0
    var segments = 0
    var latencyMs = Latency([])
    /// The same in processor time: what a busy machine does not distort.
    var cpuMs = Latency([])
    var qps = 0.0
    var cpuQps = 0.0
    var queryCpuS = 0.0
    var idsFile: String?

    enum CodingKeys: String, CodingKey {
      case task, engine, n, nq, segments, qps
      case indexS = "index_s"
      case indexCpuS = "index_cpu_s"
      case indexMb = "index_mb"
      case indexBytesMb = "index_bytes_mb"
      case diskMb = "disk_mb"
      case snapshotCpuS = "snapshot_cpu_s"
      case openCpuS = "open_cpu_s"
      case latencyMs = "latency_ms"
      case cpuMs = "cpu_ms"
      case cpuQps = "cpu_qps"
      case queryCpuS = "query_cpu_s"
      case idsFile = "ids_file"
    }
  }

  private static func lines(_ path: String) throws -> [Line] {
    guard let data = FileManager.default.contents(atPath: path) else {
      throw PlainFailure(.notFound, "file_not_found", "\(path) cannot be read", hint: "check the path")
    }
    let decoder = JSONDecoder()
    var lines: [Line] = []
    for (number, line) in data.split(separator: UInt8(ascii: "\n")).enumerated() {
      guard let decoded = try? decoder.decode(Line.self, from: line) else {
        throw PlainFailure(
          .usage, "bad_line", "\(path), line \(number + 1) is no object with id and text",
          hint: "one JSON object a line")
      }
      lines.append(decoded)
    }
    return lines
  }

  private static func write(_ values: [some Encodable], to path: String) throws {
    let encoder = JSONEncoder()
    var data = Data()
    for value in values {
      data.append(try encoder.encode(value))
      data.append(UInt8(ascii: "\n"))
    }
    guard FileManager.default.createFile(atPath: path, contents: data) else {
      throw PlainFailure(
        .unavailable, "file_unwritable", "\(path) cannot be written", hint: "check its folder")
    }
  }

  /// Linear between ranks, as the peers' harness has it.
  fileprivate static func quantile(_ sorted: [Double], _ p: Double) -> Double {
    guard let last = sorted.indices.last else { return 0 }
    let place = p * Double(last)
    let low = Int(place)
    let high = min(low + 1, last)
    return sorted[low] + (sorted[high] - sorted[low]) * (place - Double(low))
  }

  private static func cpuSeconds() -> Double {
    var usage = rusage()
    unsafe getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) / 1e6 }
    return seconds(usage.ru_utime) + seconds(usage.ru_stime)
  }

  private static func threadSeconds() -> Double {
    var time = timespec()
    unsafe clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }

  private static func residentBytes() -> Int {
    guard let text = try? String(contentsOfFile: "/proc/self/statm", encoding: .ascii) else { return 0 }
    let fields = text.split(separator: " ")
    return (fields.count > 1 ? Int(fields[1]) ?? 0 : 0) * Int(sysconf(Int32(_SC_PAGESIZE)))
  }
}
