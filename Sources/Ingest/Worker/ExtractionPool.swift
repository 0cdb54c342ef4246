// Files from outside are parsed in processes of their own; this hands each to a free worker and waits for the Document.
// Invariants: at most `workers` at once; every exchange has a deadline; a worker that was late, died or broke the
// protocol is killed, and is its document's error alone: the next document finds a new one. One that was killed from
// outside, as workers are when memory is short, says nothing of its document, which is tried once more.
// Must not: trust what a worker says beyond what was checked on the way in.
import Base
import Dispatch
import Synchronization

#if canImport(Glibc)
  import Glibc
#endif

package struct WorkerLimits: Sendable {
  package static let `default` = WorkerLimits()

  /// For one document, from its first byte sent to its last byte read.
  package var seconds = Double(Limits.extractionSecondsMax)
  package var memoryBytes = Limits.extractionMemoryBytesMax
  package var outputBytes = Limits.extractionOutputBytesMax
  package var startSeconds = Double(Limits.workerStartSecondsMax)
  /// A worker is replaced after so many documents, or when it keeps more memory than this between two of them.
  package var documentsMax = Limits.workerDocumentsMax
  package var keptBytesMax = Limits.workerKeptBytesMax

  package init() {}
}

package final class ExtractionPool: Sendable {
  private struct State {
    var idle: [WorkerProcess] = []
    var isClosed = false
    var startFailure: String?
  }

  private let executable: String
  private let arguments: [String]
  private let limits: WorkerLimits
  private let slots: DispatchSemaphore
  private let state = Mutex(State())

  package init(
    executable: String, arguments: [String] = ["extract-worker"], workers: Int, limits: WorkerLimits = .default
  ) {
    precondition(workers > 0, "a pool has a worker")
    self.executable = executable
    self.arguments = arguments
    self.limits = limits
    slots = DispatchSemaphore(value: workers)
  }

  deinit { close() }

  package func extract(
    _ bytes: [UInt8], filename: String, declaredType: String?, options: ReadingOptions = ReadingOptions()
  ) throws -> Document {
    try Self.admit(bytes)
    let request = WorkerRequest.extract(filename: filename, declaredType: declaredType, options: options)
    return try ask(request, body: bytes) { frame in
      guard frame.kind == .document else { throw ChannelFault.breach }
      return try Document(wireForm: frame.body)
    }
  }

  package func readFeed(_ bytes: [UInt8], contentType: String?, address: String?) throws -> Feed {
    try Self.admit(bytes)
    return try ask(.feed(contentType: contentType, address: address), body: bytes) { frame in
      guard frame.kind == .feedRead, let json = try? JSON(parsing: frame.body) else { throw ChannelFault.breach }
      return Feed(json: json)
    }
  }

  /// A PDF's page as a PNG.
  package func renderPage(pdf: [UInt8], page: Int, highlights: [Rectangle], scale: Double) throws -> [UInt8] {
    try Self.admit(pdf)
    return try ask(.picture(page: page, highlights: highlights, scale: scale), body: pdf) { frame in
      guard frame.kind == .image else { throw ChannelFault.breach }
      return frame.body
    }
  }

  /// What a worker finds when it tries what it must not do: for tests and for 'doctor'.
  package func probe(_ probe: WorkerProbe, _ argument: String = "") throws -> String {
    try ask(.probe(probe, argument: argument), body: []) { frame in
      guard frame.kind == .probed else { throw ChannelFault.breach }
      return String(decoding: frame.body, as: UTF8.self)
    }
  }

  /// What the kernel gives a worker here.
  package func sandbox() throws -> SandboxReport {
    slots.wait()
    defer { slots.signal() }
    let (worker, report) = try start()
    state.withLock { if !$0.isClosed { $0.idle.append(worker) } }
    return report
  }

  /// Why the last worker that was to be started is not there; nil where it is.
  package var startFailure: String? { state.withLock { $0.startFailure } }

  /// Starts a worker in the background, ahead of the next document.
  package func warm() {
    DispatchQueue.global(qos: .utility).async {
      guard self.state.withLock({ !$0.isClosed && $0.idle.isEmpty }) else { return }
      // A document that needs it will tell why it could not be started.
      _ = try? self.sandbox()
    }
  }

  /// Workers at rest end now, busy ones with their document; whoever asks from now on is refused.
  package func close() {
    let idle = state.withLock { state in
      state.isClosed = true
      defer { state.idle = [] }
      return state.idle
    }
    for worker in idle { worker.end() }
  }

  private struct KilledFromOutside: Error {}

  private func ask<Answer>(
    _ request: WorkerRequest, body: [UInt8], _ read: (Frame) throws -> Answer
  ) throws -> Answer {
    // Not unbounded: every holder of a slot has a deadline.
    slots.wait()
    defer { slots.signal() }
    do { return try askOnce(request, body: body, read) } catch is KilledFromOutside {}
    do { return try askOnce(request, body: body, read) } catch is KilledFromOutside {
      throw IngestFailure(
        .parserCrashed, "the worker that read the file was killed from outside, twice",
        hint: "the machine may be short of memory; add it again when it is not, or split it")
    }
  }

  private func askOnce<Answer>(
    _ request: WorkerRequest, body: [UInt8], _ read: (Frame) throws -> Answer
  ) throws -> Answer {
    let worker = try take()
    do {
      let deadline = FrameChannel.deadline(in: limits.seconds)
      try worker.channel.send(request.frame(body: body), until: deadline)
      let frame = try worker.channel.receive(bodyBytesMax: limits.outputBytes, until: deadline)
      if frame.kind == .failure {
        let failure = try IngestFailure(wireForm: frame.body)
        keep(worker)
        throw failure
      }
      let answer = try read(frame)
      keep(worker)
      return answer
    } catch let failure as IngestFailure {
      throw failure
    } catch {
      defer { warm() }
      throw Self.verdict(on: worker, after: error as? ChannelFault ?? .breach, limits)
    }
  }

  private func take() throws -> WorkerProcess {
    while true {
      let (isClosed, idle) = state.withLock { ($0.isClosed, $0.idle.popLast()) }
      guard !isClosed else { throw IngestFailure(.workerUnavailable, "files are not read any more: closing down") }
      guard let idle else { return try start().worker }
      // One that died at rest, or that speaks unasked, is no document's fault.
      if idle.channel.isQuiet { return idle }
    }
  }

  private func keep(_ worker: WorkerProcess) {
    worker.documents += 1
    guard worker.documents < limits.documentsMax, worker.residentBytes <= limits.keptBytesMax else { return warm() }
    state.withLock { if !$0.isClosed { $0.idle.append(worker) } }
  }

  private func start() throws -> (worker: WorkerProcess, report: SandboxReport) {
    do {
      let started = try startOnce()
      state.withLock { $0.startFailure = nil }
      return started
    } catch {
      state.withLock { $0.startFailure = PlainFailure.describing(error).message }
      throw error
    }
  }

  private func startOnce() throws -> (worker: WorkerProcess, report: SandboxReport) {
    let worker = try WorkerProcess.start(executable: executable, arguments: arguments)
    let deadline = FrameChannel.deadline(in: limits.startSeconds)
    do {
      try worker.channel.send(Frame(kind: .begin, head: limits.wireForm), until: deadline)
      let frame = try worker.channel.receive(bodyBytesMax: 0, until: deadline)
      guard frame.kind == .ready else { throw ChannelFault.breach }
      return (worker, try SandboxReport(wireForm: frame.head))
    } catch {
      throw IngestFailure(
        .workerUnavailable, "the worker for reading files does not start (\(worker.end()))",
        hint: "try again later; 'footnote doctor' tells more")
    }
  }

  /// Said here as in the worker, so that what it would not take is not sent.
  private static func admit(_ bytes: [UInt8]) throws(IngestFailure) {
    guard bytes.count <= Limits.uploadBytesMax else {
      throw IngestFailure(
        .tooLarge, "the file is larger than \(Limits.uploadBytesMax >> 20) MiB", hint: "split it into parts")
    }
  }

  private static func verdict(
    on worker: WorkerProcess, after fault: ChannelFault, _ limits: WorkerLimits
  ) -> any Error {
    switch fault {
    case .late:
      worker.end()
      return IngestFailure(
        .parseLimit, "reading the file takes longer than \(Int(limits.seconds.rounded(.up))) s",
        hint: "split it, or save it in a simpler form")
    case .breach:
      worker.end()
      return IngestFailure(
        .parserCrashed, "the file made its parser answer nonsense, which was thrown away",
        hint: "save it anew with another program")
    case .ended:
      switch worker.endingByItself() {
      case .exited(WorkerExit.outOfMemory.rawValue):
        return IngestFailure(
          .parseLimit, "reading the file takes more than \(limits.memoryBytes >> 20) MiB of memory",
          hint: "split it, or save it in a simpler form")
      case .signalled(SIGXCPU):
        return IngestFailure(
          .parseLimit, "reading the file takes more than \(Int(limits.seconds.rounded(.up))) s of processor time",
          hint: "split it, or save it in a simpler form")
      case .signalled(SIGKILL): return KilledFromOutside()
      case .signalled(let signal):
        return IngestFailure(
          .parserCrashed, "the file made its parser crash (signal \(signal))",
          hint: "save it anew with another program")
      case .exited, .unknown:
        return IngestFailure(
          .parserCrashed, "the file made its parser give up", hint: "save it anew with another program")
      }
    }
  }
}
