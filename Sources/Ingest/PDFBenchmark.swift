// `footnote bench pdf`: pages a second of the PDF reader over a folder, in the external-engine protocol of the peer
// benchmark. Text, layout, boxes and tables are all made, as for any document.
// Must not: touch the library.
package import Base
import Foundation

#if canImport(Glibc)
  import Glibc
#endif

package struct PDFBenchmark {
  private let clock: any Clock
  private let repetitions: Int

  package init(clock: any Clock, repetitions: Int = 3) {
    precondition(repetitions > 0)
    self.clock = clock
    self.repetitions = repetitions
  }

  /// One JSON object about every PDF of `data`/pdfs.
  package func run(data: String) throws -> String {
    let folder = data + "/pdfs"
    let names = try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0.hasSuffix(".pdf") }.sorted()
    let files = names.map {
      (name: $0, bytes: [UInt8](FileManager.default.contents(atPath: folder + "/" + $0) ?? Data()))
    }
    var report = Report(files: files.count)
    var seconds: [Double] = []
    var cpuSeconds: [Double] = []
    for _ in 0..<repetitions {
      report.pages = 0
      report.chars = 0
      report.words = 0
      let started = clock.monotonicSeconds()
      let cpuStarted = Self.cpuSeconds()
      for file in files {
        guard let document = try? Extraction.extract(file.bytes, filename: file.name, declaredType: nil) else {
          continue
        }
        report.pages += document.pages.count
        report.chars += document.text.unicodeScalars.count
        report.words += document.boxes.runs.count
      }
      seconds.append(clock.monotonicSeconds() - started)
      cpuSeconds.append(Self.cpuSeconds() - cpuStarted)
    }
    let pages = Double(report.pages)
    report.pagesPerS = pages / seconds.sorted()[seconds.count / 2]
    report.pagesPerCpuS = pages / (cpuSeconds.min() ?? 1)
    report.peakRssMb = Self.peakMebibytes()
    let encoder = JSONEncoder()
    encoder.keyEncodingStrategy = .convertToSnakeCase
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(report), as: UTF8.self)
  }

  private struct Report: Encodable {
    var task = "pdf"
    var engine = "footnote"
    var threads = 1
    var files: Int
    var pages = 0
    var pagesPerS = 0.0
    var pagesPerCpuS = 0.0
    var words = 0
    var chars = 0
    var peakRssMb = 0.0

    init(files: Int) { self.files = files }
  }

  private static func usage() -> rusage {
    var usage = rusage()
    _ = unsafe getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    return usage
  }

  private static func cpuSeconds() -> Double {
    let usage = usage()
    let seconds = usage.ru_utime.tv_sec + usage.ru_stime.tv_sec
    return Double(seconds) + Double(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6
  }

  private static func peakMebibytes() -> Double { Double(usage().ru_maxrss) / 1_024 }
}
