// What the server did, for whoever looks later: a line in the log and a row for reports, written by a thread of its own
// so that no request waits for the disk. Paths stand there without their query and with ids only, for a document may be
// asked for by its name, which must be in no file once it is forgotten; no content, no header.
// Invariant: what is waiting is bounded; past the bound the newest are counted and dropped, never the server slowed.
import Base
import Foundation
import HTTPKit
import KnowledgeBase
import Store

final class RequestJournal: @unchecked Sendable {
  // Proof: everything below is touched only while `lock` is held; the log's inside only by the thread.
  static let waitingMax = 20_000
  static let rowsSeconds = 5.0

  let metrics: Metrics
  private let database: Database
  private let clock: any Clock
  private let lock = NSLock()
  private let closing = DispatchSemaphore(value: 0)
  private var lines: [String] = []
  private var rows: [RequestRow] = []
  private var log: RotatingLog?
  private var dropped = 0
  private var isClosing = false
  private var thread: Thread?

  init(metrics: Metrics, database: Database, log: RotatingLog?, clock: any Clock = SystemClock()) {
    self.metrics = metrics
    self.database = database
    self.log = log
    self.clock = clock
  }

  func start() {
    let thread = Thread { [weak self] in while self?.writeOnce() == true {} }
    thread.name = "journal"
    lock.withLock { self.thread = thread }
    thread.start()
  }

  /// From here on lines go there: to another file, or to a new one of the same name where the old was moved away.
  func write(to log: RotatingLog?) { lock.withLock { self.log = log } }

  /// What waits is written first.
  func close() {
    let thread = lock.withLock {
      isClosing = true
      return self.thread
    }
    closing.signal()
    while let thread, !thread.isFinished { usleep(1_000) }
  }

  func take(_ record: AccessRecord) {
    metrics.take(record)
    let at = clock.wallSeconds()
    let actor = (record.principal as? Grant)?.id ?? ""
    let isLogged = lock.withLock { log != nil }
    let line = isLogged ? RequestJournal.line(record, at: at, actor: actor) : nil
    lock.withLock {
      guard lines.count + rows.count < RequestJournal.waitingMax else {
        dropped += 1
        return
      }
      if let line { lines.append(line) }
      if let route = record.route, !Routes.pagePaths.contains(route) {
        rows.append(
          RequestRow(
            at: at, operation: "\(record.method) \(route)", status: record.status, elapsedMs: record.milliseconds,
            keyID: actor))
      }
    }
  }

  /// Those that are in the store and those that wait to be.
  func requests(since: Double) throws -> [RequestRow] {
    let waiting = lock.withLock { rows }
    return try database.read { try $0.requests(since: since) } + waiting.filter { $0.at > since }
  }

  private func writeOnce() -> Bool {
    _ = closing.wait(timeout: .now() + RequestJournal.rowsSeconds)
    let (log, lines, rows, dropped, goesOn) = lock.withLock {
      defer {
        self.lines = []
        self.rows = []
        self.dropped = 0
      }
      return (self.log, self.lines, self.rows, self.dropped, !isClosing)
    }
    log?.write(lines)
    if dropped > 0 { log?.write(["{\"event\":\"log_lines_dropped\",\"count\":\(dropped)}"]) }
    if !rows.isEmpty {
      let oldest = clock.wallSeconds() - Double(Limits.requestDaysKept) * 86_400
      // A full device loses figures, never a request.
      try? database.write { try $0.addRequests(rows, keepingSince: oldest) }
    }
    return goesOn
  }

  private static func line(_ record: AccessRecord, at: Double, actor: String) -> String {
    JSON.object([
      "at": .string(CalendarDate.timestamp(at)), "request_id": .string(record.requestID), "key": .string(actor),
      "method": .string(record.method), "path": .string(LoggedPath.text(record.path, route: record.route)),
      "route": JSON(record.route),
      "status": .integer(record.status), "bytes_received": .integer(record.bytesReceived),
      "elapsed_ms": .number(Shapes.rounded(record.milliseconds)), "from": .string(record.remoteAddress),
      "outcome": .string(record.outcome.rawValue), "trace_id": JSON(record.timeline?.context?.trace),
    ]).text
  }
}
