// Every hostile file of the shared data sets through the real workers, with good documents beside them the whole time.
// What must be refused is refused with a reason, what must be read is read, nothing hangs, and the good ones never
// notice. The short form takes the small files, the long one (make hostile-test) all of them with the release binary.
import Base
import Foundation
import Ingest
import Synchronization
import Testing

private let sharedData: String? = {
  let named = ProcessInfo.processInfo.environment["FOOTNOTE_SHARED_DATA"]
  let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()
  let folder = named ?? root.deletingLastPathComponent().appending(path: "shared/data").path()
  return FileManager.default.fileExists(atPath: folder + "/evil_made/index.jsonl") ? folder : nil
}()

private let isLong = ProcessInfo.processInfo.environment["FOOTNOTE_HOSTILE"] == "all"

@Suite(.enabled(if: sharedData != nil, "needs the shared data sets: set FOOTNOTE_SHARED_DATA"))
struct HostileSetTests {
  private enum Expectation {
    case refused
    case read(words: [String])
    case either(words: [String])
  }

  private struct HostileFile {
    var path: String
    var expectation: Expectation
    /// Never in the text, whatever else is.
    var forbidden: [String] = []
  }

  private func rows(_ set: String) throws -> [JSON] {
    let index = try String(contentsOfFile: "\(sharedData ?? "")/\(set)/index.jsonl", encoding: .utf8)
    return try index.split(separator: "\n").map { try JSON(parsing: Array($0.utf8)) }
  }

  private func evilFiles() throws -> [HostileFile] {
    // Feeds and request bodies are no documents.
    try rows("evil_made").filter { row in
      !["feeds/", "json/"].contains { row.doc?.string?.hasPrefix($0) ?? true }
    }.map { row in
      let words = (row.must_contain?.array ?? []).compactMap(\.string)
      let path = "evil_made/\(row.doc?.string ?? "")"
      switch row.expect?.string ?? "" {
      case "accept": return HostileFile(path: path, expectation: .read(words: words))
      case "reject", "reject_or_empty", "empty", "empty_or_reject":
        return HostileFile(path: path, expectation: .refused)
      default:
        return HostileFile(path: path, expectation: .either(words: words), forbidden: ["root:x:"])
      }
    }
  }

  private func robustnessFiles() throws -> [HostileFile] {
    let pdfs = try rows("pdf_robustness").map { row in
      let path = "pdf_robustness/\(row.doc?.string ?? "")"
      switch row["class"]?.string ?? "" {
      case "unreadable": return HostileFile(path: path, expectation: .refused)
      case "text": return HostileFile(path: path, expectation: .read(words: []))
      default: return HostileFile(path: path, expectation: .either(words: []))
      }
    }
    let refused: Set = ["damaged_zip", "not_a_zip", "legacy_doc", "encrypted_ooxml"]
    let words = try rows("docx_robustness").map { row in
      let kind = row["class"]?.string ?? ""
      // Bars of a table with nothing in it are text to pandoc, not to us.
      let silver = try? String(
        contentsOfFile: "\(sharedData ?? "")/docx_robustness/\(row.silver?.string ?? "")", encoding: .utf8)
      let isText = kind == "text" && silver?.contains { $0.isLetter || $0.isNumber } == true
      return HostileFile(
        path: "docx_robustness/\(row.doc?.string ?? "")",
        expectation: refused.contains(kind) ? .refused : isText ? .read(words: []) : .either(words: []),
        forbidden: ["root:x:"])
    }
    return pdfs + words
  }

  private func otherFiles() -> [HostileFile] {
    var files = ["bomb1.pdf", "bomb2.pdf"].map { HostileFile(path: "hostile/\($0)", expectation: .refused) }
    files.append(HostileFile(path: "hostile/quadratic-entities.xml", expectation: .either(words: [])))
    for set in ["naughty_inputs", "prompt_injection"] {
      let names = FileManager.default.enumerator(atPath: "\(sharedData ?? "")/\(set)")?.compactMap { $0 as? String }
      for name in (names ?? []).sorted() where name.contains(".") {
        files.append(HostileFile(path: "\(set)/\(name)", expectation: .either(words: [])))
      }
    }
    return files
  }

  @Test func hostileFilesEndWithAReasonWhileOthersGoOn() throws {
    let all = try evilFiles() + robustnessFiles() + otherFiles()
    let good = "The lift is inspected in May, and the walnut stays inside."
    let pool = Pools.make(workers: 2)
    let isOver = Atomic<Bool>(false)
    let goodOnes = Mutex(0)
    let neighbour = Thread {
      while !isOver.load(ordering: .acquiring) {
        let read = try? pool.extract(Array(good.utf8), filename: "good.txt", declaredType: nil)
        #expect(read?.text.contains(good) == true)
        goodOnes.withLock { $0 += 1 }
        usleep(20_000)
      }
    }
    neighbour.start()
    defer {
      isOver.store(true, ordering: .releasing)
      while !neighbour.isFinished { usleep(1_000) }
    }
    var codes: [String: Int] = [:]
    for file in all {
      guard let data = FileManager.default.contents(atPath: "\(sharedData ?? "")/\(file.path)") else { continue }
      // A debug build is slow: it takes what is small, and of what may be read only every eighth.
      if !isLong {
        guard data.count < 48 << 10, !file.path.hasSuffix("bomb2.pdf"), !file.path.contains("laughs") else { continue }
        if case .refused = file.expectation {
        } else if codes.values.reduce(0, +) % 8 != 0 {
          codes["passed over", default: 0] += 1
          continue
        }
      }
      codes[outcome(of: file, [UInt8](data), pool), default: 0] += 1
    }
    #expect(goodOnes.withLock { $0 } > 0)
    #expect(codes["worker_unavailable"] == nil)
    let told = codes.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: ", ")
    print("hostile sets: \(told); \(goodOnes.withLock { $0 }) good documents beside them")
  }

  /// 'read', or the code of the refusal.
  private func outcome(of file: HostileFile, _ bytes: [UInt8], _ pool: ExtractionPool) -> String {
    do {
      let name = file.path.split(separator: "/").last.map(String.init) ?? ""
      let document = try pool.extract(bytes, filename: name, declaredType: nil)
      switch file.expectation {
      case .refused: Issue.record("\(file.path) was read")
      case .read(let words), .either(let words):
        for word in words { #expect(document.text.contains(word), "\(file.path): \(word)") }
      }
      for word in file.forbidden { #expect(!document.text.contains(word), "\(file.path): \(word)") }
      return "read"
    } catch {
      guard let failure = error as? IngestFailure else {
        Issue.record("\(file.path): \(error)")
        return "untyped"
      }
      #expect(!failure.message.isEmpty)
      if case .read = file.expectation, failure.reason != .noText {
        Issue.record("\(file.path): \(failure.code): \(failure.message)")
      }
      return failure.code
    }
  }
}
