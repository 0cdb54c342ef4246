// The server's jobs: accepted and durable first, then done one after the other, each on all cores.
// Invariants: an unfinished job is taken up again at the next start; whoever waits for news of a job gets it within the
// moment, and a job's numbers only grow.
import Base
import Foundation
import KnowledgeBase
import Store
import Synchronization

final class JobCenter: @unchecked Sendable {
  // Proof: everything below is touched only while `condition` is locked.
  private struct Running {
    var job: JobRow
    var progress = AddProgress()
    var stop = StopFlag()
    var isCancelled = false
  }

  private static let pauseSeconds = 5

  private let library: Library
  private let clock: any Clock
  private let condition = NSCondition()
  private var waiting: [JobRow] = []
  private var running: Running?
  /// Counts every change that someone may wait for.
  private var revision = 0
  private var waiters: [DispatchSemaphore] = []
  private var isClosing = false
  private var isHeldUp = false
  private var thread: Thread?

  init(library: Library, clock: any Clock = SystemClock()) {
    self.library = library
    self.clock = clock
  }

  /// Begins to work, with what was left unfinished first. Returns how many jobs that is.
  @discardableResult
  func start() throws -> Int {
    let left = try library.unfinishedJobs()
    condition.withLock { waiting = left }
    let thread = Thread { [weak self] in while self?.workOnce() == true {} }
    thread.name = "jobs"
    thread.stackSize = 8 << 20
    condition.withLock { self.thread = thread }
    thread.start()
    return left.count
  }

  /// What is being stored is stored; the rest stays for the next start.
  func close() {
    let thread = condition.withLock {
      isClosing = true
      running?.stop.set()
      changed()
      return self.thread
    }
    while let thread, !thread.isFinished { usleep(1_000) }
  }

  /// Until no job waits or runs, or nothing gets on: the device is full, or the endpoint fails.
  func waitUntilDone() {
    condition.withLock { while !isClosing, !isHeldUp, running != nil || !waiting.isEmpty { condition.wait() } }
  }

  func accept(_ request: AddRequest, files: [WaitingFile]) throws -> JobRow {
    let job = try library.acceptJob(request: request.json, files: files)
    CrashPoint.reached("accepted")
    condition.withLock {
      waiting.append(job)
      changed()
    }
    return job
  }

  /// Files that are in stay in. A finished job stays as it is.
  func cancel(_ id: String) throws {
    let job = try library.job(id)
    guard job.finishedAt == nil else { return }
    let wasWaiting = condition.withLock {
      if let running, running.job.id == id {
        self.running?.isCancelled = true
        running.stop.set()
        return false
      }
      defer { waiting.removeAll { $0.id == id } }
      return waiting.contains { $0.id == id }
    }
    if wasWaiting { try finish(job, wasStopped: true) }
  }

  /// The job as it is now, with the outcome of each file where that is wanted.
  func shape(_ id: String, withOutcomes: Bool = true) throws -> JSON {
    // In this order: a job that ends in between is then told as finished, with all that it did.
    let progress = condition.withLock { running?.job.id == id ? running?.progress : nil }
    let job = try library.job(id)
    let outcomes = try library.outcomes(of: job)
    return Shapes.job(job, outcomes, progress, isRunning: progress != nil, withOutcomes: withOutcomes)
  }

  var currentRevision: Int { condition.withLock { revision } }
  var isClosed: Bool { condition.withLock { isClosing } }

  /// Waits until something has changed since the revision, or the time is over; gives the revision now.
  func wait(after known: Int, seconds: Double) -> Int {
    let news = DispatchSemaphore(value: 0)
    let isCurrent = condition.withLock {
      guard revision == known, !isClosing else { return false }
      waiters.append(news)
      return true
    }
    if isCurrent, news.wait(timeout: .now() + seconds) == .timedOut {
      condition.withLock { waiters.removeAll { $0 === news } }
    }
    return currentRevision
  }

  /// Called while `condition` is locked.
  private func changed() {
    revision += 1
    condition.broadcast()
    for waiter in waiters { waiter.signal() }
    waiters = []
  }

  // MARK: The thread

  private func workOnce() -> Bool {
    let job: JobRow? = condition.withLock {
      while waiting.isEmpty, !isClosing { condition.wait() }
      guard !isClosing else { return nil }
      let job = waiting.removeFirst()
      running = Running(job: job)
      changed()
      return job
    }
    guard let job else { return false }
    let stop = condition.withLock { running?.stop } ?? StopFlag()
    let wasWhole = JobRun(library: library, clock: clock, job: job, stop: stop).run { progress in
      self.condition.withLock {
        self.running?.progress = progress
        self.changed()
      }
    }
    let (closes, isCancelled) = condition.withLock { (isClosing, running?.isCancelled ?? false) }
    if wasWhole || isCancelled { try? finish(job, wasStopped: isCancelled) }
    let isHeldUp = !wasWhole && !isCancelled && !closes
    condition.withLock {
      running = nil
      self.isHeldUp = isHeldUp
      if isHeldUp { waiting.append(job) }
      changed()
    }
    // The device is full or the endpoint fails: tried again after a while. What the server ends is left for the next
    // start.
    if isHeldUp { pause(seconds: JobCenter.pauseSeconds) }
    return true
  }

  private func pause(seconds: Int) {
    for _ in 0..<seconds * 10 where !isClosed { usleep(100_000) }
  }

  private func finish(_ job: JobRow, wasStopped: Bool) throws {
    try library.finish(job, wasStopped: wasStopped)
    condition.withLock {
      changed()
    }
  }
}

/// One job, from what the store holds of it: files that wait, or paths to look at.
struct JobRun {
  let library: Library
  var clock: any Clock = SystemClock()
  let job: JobRow
  let stop: StopFlag

  /// True when every file has become a document or a failure.
  func run(progress: @escaping @Sendable (AddProgress) -> Void) -> Bool {
    let library = self.library
    let job = self.job
    do {
      let request = try AddRequest(json: JSON(parsing: job.request))
      let waiting = try library.waitingFiles(of: job)
      let list = PathList(request.paths)
      let failures = list.failed.map { JobOutcome(documentID: nil, shape: Shapes.failed(path: $0.path, $0.error)) }
      try library.record(failures, done: [], of: job)
      let items =
        waiting.map { file in
          IngestItem(name: file.name) {
            Incoming(
              bytes: try library.bytes(of: file), filename: file.name, collection: request.collection,
              metadata: request.metadata, declaredType: file.declaredType,
              plainChunks: PlainChunks.options(request.chunkWords))
          }
        } + list.files.map { IngestItem(path: $0.path, filename: $0.filename, request) }
      let waits = !waiting.isEmpty
      let mustGoOn = Atomic<Bool>(false)
      let run = IngestRun(library: library, clock: clock, stop: stop) { news in
        // A full device or a failing endpoint is no outcome of a file that was accepted: it waits on.
        let isHeldUp = waits && news.failed.contains { IngestRun.isOfTheLibrary($0.error) }
        let failed = news.failed.filter { !waits || !IngestRun.isOfTheLibrary($0.error) }
        let outcomes =
          news.added.map { JobOutcome(documentID: $0.documentID, shape: Shapes.added($0)) }
          + failed.map { JobOutcome(documentID: nil, shape: Shapes.failed(path: $0.path, $0.error)) }
        let done = isHeldUp ? [] : news.done.filter { $0 < waiting.count }.map { waiting[$0].ordinal }
        CrashPoint.reached("record")
        do { try library.record(outcomes, done: done, of: job) } catch { mustGoOn.store(true, ordering: .relaxed) }
        progress(news.progress)
      }
      let report = run.add(items)
      let isHeldUp = waits && report.failed.contains { IngestRun.isOfTheLibrary($0.error) }
      return !isHeldUp && !stop.isSet && !mustGoOn.load(ordering: .relaxed)
    } catch {
      let outcome = JobOutcome(documentID: nil, shape: Shapes.failed(path: job.id, error))
      try? library.record([outcome], done: [], of: job)
      return true
    }
  }
}

extension AddRequest {
  var json: JSON {
    var members: JSONObject = [
      "paths": JSON(paths), "collection": .string(collection), "metadata": metadata,
    ]
    if let chunkWords {
      members["chunk_size"] = .integer(chunkWords.size)
      members["chunk_overlap"] = .integer(chunkWords.overlap)
    }
    return .object(members)
  }

  init(json: JSON) throws {
    self.init(paths: (json.paths?.array ?? []).compactMap(\.string))
    collection = json.collection?.string ?? collection
    metadata = json["metadata"] ?? [:]
    chunkWords = try PlainChunks.words(size: json.chunk_size?.int, overlap: json.chunk_overlap?.int)
  }
}
