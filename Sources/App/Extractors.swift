// The library's way to the readers of Ingest: through workers for files from outside, in this process for tests.
import Base
import Ingest
import KnowledgeBase

/// One pool for the process, made when the first document needs it.
package enum ExtractionService {
  /// The link, not the path behind it: it names this very binary even when another has been installed over it, and both
  /// ends of the channel must be the same.
  private static let ownExecutable = "/proc/self/exe"

  static let pool = ExtractionPool(executable: ownExecutable, workers: Machine.cores)

  /// A server's first upload finds a worker that waits.
  static func warm() { pool.warm() }

  /// The main loop of a worker; returns its exit status.
  package static func runWorker() -> Int32 { ExtractionWorker.run() }

  /// The languages in which scanned pages are read; nil where text recognition is not installed.
  static func recognisedLanguages() -> String? { TextRecognition.languages }

  /// What the sandbox of a worker gives on this machine, and whether it holds when it is tried.
  static func sandboxReport() throws -> (shown: String, leaks: [String]) {
    let pool = ExtractionPool(executable: ownExecutable, workers: 1)
    defer { pool.close() }
    let report = try pool.sandbox()
    let attempts: [(name: String, probe: WorkerProbe, argument: String)] = [
      ("network", .connect, "9"), ("programs", .execute, "/bin/true"), ("processes", .fork, ""),
      ("writing", .write, "/tmp"), ("reading", .read, "/etc/passwd"),
    ]
    let leaks = try attempts.filter { try pool.probe($0.probe, $0.argument) == WorkerProbe.allowed }.map(\.name)
    return (report.shown, leaks)
  }
}

/// Each file in a worker process of its own.
struct WorkerExtractor: Extractor {
  /// A page's picture at this many pixels a point is sharp on a screen of 150 dots an inch.
  private static let pixelsPerPoint = 150.0 / 72

  private var options = ReadingOptions()

  init(_ configuration: Configuration? = nil) {
    if let configuration { options.comments = configuration.flag(Settings.comments) }
  }

  func extract(_ bytes: [UInt8], filename: String, declaredType: String?) throws -> Document {
    try ExtractionService.pool.extract(bytes, filename: filename, declaredType: declaredType, options: options)
  }

  func renderPage(pdf: [UInt8], page: Int, highlights: [Rectangle]) throws -> [UInt8] {
    try ExtractionService.pool.renderPage(
      pdf: pdf, page: page, highlights: highlights, scale: Self.pixelsPerPoint)
  }
}

/// In this process: for tests, and for files that are known to be harmless.
struct InProcessExtractor: Extractor {
  func extract(_ bytes: [UInt8], filename: String, declaredType: String?) throws -> Document {
    try Extraction.extract(bytes, filename: filename, declaredType: declaredType)
  }

  func renderPage(pdf: [UInt8], page: Int, highlights: [Rectangle]) throws -> [UInt8] {
    throw PlainFailure(.unavailable, "no_pictures", "pages cannot be shown here")
  }
}
