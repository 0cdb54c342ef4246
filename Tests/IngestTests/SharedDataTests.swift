// Files of the shared data sets, which are no part of the tree: these tests are skipped where the sets are not there.
import Foundation
import Testing

@testable import Ingest

private let sharedData: String? = {
  let named = ProcessInfo.processInfo.environment["FOOTNOTE_SHARED_DATA"]
  let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()
  let folder = named ?? root.deletingLastPathComponent().appending(path: "shared/data").path()
  return FileManager.default.fileExists(atPath: folder + "/evil_made/index.jsonl") ? folder : nil
}()

@Suite(.enabled(if: sharedData != nil, "needs the shared data sets: set FOOTNOTE_SHARED_DATA"))
struct SharedDataTests {
  private struct Row: Decodable {
    var doc: String
    var bytes: Int
    var expect: String?
    var mustContain: [String]?
  }

  private func read(_ path: String) throws -> Document {
    let bytes = try #require(FileManager.default.contents(atPath: (sharedData ?? "") + "/" + path))
    return try Extraction.extract([UInt8](bytes), filename: path, declaredType: nil)
  }

  @Test(arguments: ["docx", "html", "md", "txt"])
  func hostileFilesEndAsExpected(_ folder: String) throws {
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    let index = try String(contentsOfFile: (sharedData ?? "") + "/evil_made/index.jsonl", encoding: .utf8)
    for line in index.split(separator: "\n") {
      let row = try decoder.decode(Row.self, from: Data(line.utf8))
      // The large honest files are for a release build: Benchmarks/ingest_quality.py reads them.
      guard row.doc.hasPrefix(folder + "/"), row.bytes < 530_000, let expect = row.expect else { continue }
      do {
        let document = try read("evil_made/" + row.doc)
        #expect(!expect.hasPrefix("reject") && expect != "empty", "\(row.doc) was read")
        for needle in row.mustContain ?? [] { #expect(document.text.contains(needle), "\(row.doc)") }
      } catch let error as IngestFailure {
        #expect(expect != "accept", "\(row.doc): \(error.message)")
      }
    }
  }

  /// The promises of chunks over every text that a debug build cuts in reasonable time.
  @Test(arguments: ["html_articles", "handbook_basecamp", "insurellm", "naughty_inputs", "prompt_injection", "udhr"])
  func chunksOfRealTextsKeepTheirPromises(_ folder: String) throws {
    let root = URL(filePath: (sharedData ?? "") + "/" + folder)
    let files = FileManager.default.enumerator(at: root, includingPropertiesForKeys: [.fileSizeKey])
    var taken = 0
    for case let file as URL in files?.allObjects ?? [] where ["md", "txt", "html"].contains(file.pathExtension) {
      guard let size = try file.resourceValues(forKeys: [.fileSizeKey]).fileSize, size < 60_000, taken < 60,
        let bytes = FileManager.default.contents(atPath: file.path()),
        let document = try? Extraction.extract([UInt8](bytes), filename: file.lastPathComponent, declaredType: nil)
      else { continue }
      checkChunks(document, ChunkingOptions(), file.lastPathComponent)
      taken += 1
    }
    #expect(taken > 0, "no file of \(folder) was cut")
  }

  /// The same over files with pages, tables and notes: real ones, and some that are damaged. A debug build reads a page
  /// in about a tenth of a second, so only some of each set.
  @Test(arguments: [
    "pdf_text", "pdf_tables", "pdf_robustness", "inazuma", "contracts_cuad", "docx_golden", "docx_robustness",
  ])
  func documentsKeepTheirPromises(_ folder: String) throws {
    let root = URL(filePath: (sharedData ?? "") + "/" + folder)
    let found = FileManager.default.enumerator(at: root, includingPropertiesForKeys: [.fileSizeKey])
    let files = (found?.allObjects ?? []).compactMap { $0 as? URL }
      .filter { ["pdf", "docx"].contains($0.pathExtension) }.sorted { $0.path() < $1.path() }
    var read = 0
    // Spread over the set, which lies in the order of its sources.
    for file in stride(from: 0, to: files.count, by: max(files.count / 24, 1)).map({ files[$0] }) {
      guard let size = try file.resourceValues(forKeys: [.fileSizeKey]).fileSize, size < 200_000,
        let bytes = FileManager.default.contents(atPath: file.path()),
        let document = try? Extraction.extract([UInt8](bytes), filename: file.lastPathComponent, declaredType: nil),
        document.pages.count < 60
      else { continue }
      checkDocument(document, file.lastPathComponent)
      checkChunks(document, ChunkingOptions(), file.lastPathComponent)
      read += 1
    }
    #expect(read > 0, "no file of \(folder) was read")
  }

  /// The ligature lam-alef maps to two letters, which must stay in the order of reading.
  @Test(arguments: [
    ("pdf_text/pdfs/PDFBOX-4531-bidi-ligature-2.pdf", "\u{644}\u{627}"),
    ("pdf_robustness/pdfs/tabula/arabic.pdf", "مرحب"),
  ])
  func pagesThatRunRightToLeftAreWhole(_ path: String, _ word: String) throws {
    #expect(try read(path).text.contains(word))
  }
}
