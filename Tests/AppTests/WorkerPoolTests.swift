// The pool over the built binary: documents through workers, and workers that die, hang, grow and lie.
import Base
import Foundation
import Ingest
import Synchronization
import Testing

enum Pools {
  static func make(workers: Int = 1, _ adjust: (inout WorkerLimits) -> Void = { _ in }) -> ExtractionPool {
    var limits = WorkerLimits.default
    adjust(&limits)
    return ExtractionPool(executable: Binary.path, workers: workers, limits: limits)
  }

  /// The code of the failure that `body` throws.
  static func code(_ body: () throws -> some Any) -> IngestFailure.Code? {
    do {
      _ = try body()
      return nil
    } catch { return (error as? IngestFailure)?.reason }
  }

  static func expectWorks(_ pool: ExtractionPool, location: SourceLocation = #_sourceLocation) throws {
    let document = try pool.extract(Array("Still here.\n".utf8), filename: "a.txt", declaredType: nil)
    #expect(document.text.contains("Still here."), sourceLocation: location)
  }
}

@Suite struct WorkerPoolTests {
  @Test func aDocumentIsTheSameAsReadHere() throws {
    let pool = Pools.make()
    let bytes = Array("# Time off\n\nFull-time staff get 15 days.\n\n- one\n- two\n".utf8)
    let there = try pool.extract(bytes, filename: "leave.md", declaredType: "text/markdown")
    #expect(try there == Extraction.extract(bytes, filename: "leave.md", declaredType: "text/markdown"))
  }

  @Test func aLargeDocumentCrossesBothWays() throws {
    let pool = Pools.make()
    let line = "The lift is inspected in May by the office team.\n"
    let bytes = Array(String(repeating: line, count: 12_000).utf8)
    let document = try pool.extract(bytes, filename: "long.txt", declaredType: nil)
    #expect(document.text.utf8.count > 500_000)
  }

  @Test func aPageIsReadAndDrawnInTheSandbox() throws {
    // A font that is not embedded: the worker has to find the system's own.
    let words = "BT /F1 24 Tf 72 720 Td (The lift is inspected in May.) Tj ET"
    let pdf = Array(
      """
      %PDF-1.4
      1 0 obj <</Type /Catalog /Pages 2 0 R>> endobj
      2 0 obj <</Type /Pages /Kids [3 0 R] /Count 1>> endobj
      3 0 obj <</Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R
        /Resources <</Font <</F1 <</Type /Font /Subtype /Type1 /BaseFont /Helvetica>>>>>>>> endobj
      4 0 obj <</Length \(words.utf8.count)>> stream
      \(words)
      endstream endobj
      trailer <</Root 1 0 R>>

      """.utf8)
    let pool = Pools.make()
    let document = try pool.extract(pdf, filename: "a.pdf", declaredType: nil)
    #expect(document.text.contains("The lift is inspected in May."))
    let box = Rectangle(left: 72, top: 60, right: 200, bottom: 80)
    let picture = try pool.renderPage(pdf: pdf, page: 1, highlights: [box], scale: 1)
    #expect(picture.starts(with: [0x89, 0x50, 0x4E, 0x47]))
    #expect(try picture == PagePicture.render(pdf: pdf, page: 1, highlights: [box], scale: 1))
    #expect(Pools.code { try pool.renderPage(pdf: pdf, page: 2, highlights: [], scale: 1) } == .noSuchPage)
    try Pools.expectWorks(pool)
  }

  @Test func aReadersFailureTravelsTyped() throws {
    let pool = Pools.make()
    let refused = #expect(throws: IngestFailure.self) { try pool.extract([], filename: "a.txt", declaredType: nil) }
    #expect(refused?.code == "empty_document")
    #expect(refused?.kind == .unprocessable)
    let local = #expect(throws: IngestFailure.self) {
      try Extraction.extract([], filename: "a.txt", declaredType: nil)
    }
    #expect(refused == local)
    try Pools.expectWorks(pool)
  }

  @Test(arguments: [WorkerProbe.crash, .overflow, .leave, .garble])
  func aBrokenWorkerIsThatDocumentsError(_ probe: WorkerProbe) throws {
    let pool = Pools.make()
    try Pools.expectWorks(pool)
    #expect(Pools.code { try pool.probe(probe) } == .parserCrashed)
    try Pools.expectWorks(pool)
  }

  @Test func aDocumentWhoseWorkerIsKilledFromOutsideIsTriedOnceMore() throws {
    let pool = Pools.make { $0.seconds = 2 }
    let process = try #require(Int32(pool.probe(.identify)))
    let killer = Thread {
      usleep(100_000)
      kill(process, SIGKILL)
    }
    killer.start()
    // The second worker is let be, and so ends at the deadline.
    #expect(Pools.code { try pool.probe(.spin) } == .parseLimit)
    try Pools.expectWorks(pool)
  }

  @Test func aDocumentWhoseWorkersAreKilledTwiceIsRefused() throws {
    let pool = Pools.make()
    let refused = #expect(throws: IngestFailure.self) { try pool.probe(.perish) }
    #expect(refused?.reason == .parserCrashed && refused?.message.contains("twice") == true)
    try Pools.expectWorks(pool)
  }

  @Test func aWorkerKilledAtRestIsNobodysError() throws {
    let pool = Pools.make()
    let process = try #require(Int32(pool.probe(.identify)))
    kill(process, SIGKILL)
    // Dead and not yet reaped: only then is its end of the socket closed for certain.
    while try !String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8).contains(") Z ") { usleep(1_000) }
    try Pools.expectWorks(pool)
  }

  @Test func anEndlessParseEndsAtTheDeadline() throws {
    let pool = Pools.make { $0.seconds = 0.3 }
    #expect(Pools.code { try pool.probe(.spin) } == .parseLimit)
    #expect(Pools.code { try pool.probe(.sleep) } == .parseLimit)
    try Pools.expectWorks(pool)
  }

  @Test(arguments: [WorkerProbe.hog, .grab])
  func memoryEndsAtTheLimit(_ probe: WorkerProbe) throws {
    let pool = Pools.make { $0.memoryBytes = 200 << 20 }
    try Pools.expectWorks(pool)
    #expect(Pools.code { try pool.probe(probe) } == .parseLimit)
    try Pools.expectWorks(pool)
  }

  @Test func anAnswerPastTheCapIsNotRead() throws {
    let pool = Pools.make { $0.outputBytes = 1_000 }
    let bytes = Array(String(repeating: "word ", count: 1_000).utf8)
    #expect(Pools.code { try pool.extract(bytes, filename: "a.txt", declaredType: nil) } == .parserCrashed)
    try Pools.expectWorks(pool)
  }

  @Test func whatALibraryPrintsIsNoAnswer() throws {
    let pool = Pools.make()
    #expect(try pool.probe(.chatter) == "done")
    try Pools.expectWorks(pool)
  }

  @Test func manyThreadsShareTwoWorkers() throws {
    let pool = Pools.make(workers: 2) { $0.documentsMax = 1_000 }
    let found = Mutex<Set<String>>([])
    let failures = Mutex(0)
    DispatchQueue.concurrentPerform(iterations: 16) { thread in
      for round in 0..<10 {
        let words = "thread \(thread) round \(round)"
        let document = try? pool.extract(Array(words.utf8), filename: "a.txt", declaredType: nil)
        if document?.text.contains(words) != true { failures.withLock { $0 += 1 } }
        if let process = try? pool.probe(.identify) { _ = found.withLock { $0.insert(process) } }
      }
    }
    #expect(failures.withLock { $0 } == 0)
    #expect(found.withLock { (1...2).contains($0.count) })
  }

  @Test func workersAreReplacedAfterTheirShare() throws {
    let pool = Pools.make { $0.documentsMax = 3 }
    let processes = try (0..<7).map { _ in try pool.probe(.identify) }
    #expect(Set(processes).count == 3)
    let modest = Pools.make { $0.keptBytesMax = 1 }
    #expect(try modest.probe(.identify) != modest.probe(.identify))
  }

  @Test func aClosedPoolRefuses() throws {
    let pool = Pools.make()
    try Pools.expectWorks(pool)
    pool.close()
    #expect(Pools.code { try pool.probe(.identify) } == .workerUnavailable)
  }

  @Test func workersEndWithTheirPool() throws {
    var pool: ExtractionPool? = Pools.make()
    let process = try #require(Int32(pool!.probe(.identify)))
    #expect(kill(process, 0) == 0)
    pool = nil
    #expect(kill(process, 0) != 0)
  }

  @Test(arguments: ["/nonexistent/footnote", "/bin/false", "/bin/cat"])
  func aWorkerThatDoesNotStartIsToldAsSuch(_ executable: String) throws {
    var limits = WorkerLimits.default
    limits.startSeconds = 2
    let pool = ExtractionPool(executable: executable, arguments: [], workers: 1, limits: limits)
    #expect(Pools.code { try pool.probe(.identify) } == .workerUnavailable)
  }

  @Test func aWorkerWithoutAPoolEnds() throws {
    let outcome = try Binary.run(["extract-worker"], data: Folder().data)
    #expect(outcome.output.isEmpty)
  }
}
