// Many files on their way in. As many threads as there are cores read and have extracted ahead (in worker processes);
// one embeds what is ready in batches that several documents share, while another stores the batch before: one
// transaction and one index generation a batch.
// Invariants: one bad file never stops the rest; only a store that can take nothing more ends the run, and then every
// file that is not in is told as failed; memory is bounded whatever the number and size of the files.
import Base
import Foundation
import KnowledgeBase
import Models
import Store
import Synchronization

struct IngestReport: Sendable {
  var added: [AddOutcome] = []
  /// Taken out, since the archive that they lay in does not hold them any more.
  var retired: [String] = []
  var failed: [(path: String, error: any Error)] = []
}

/// One file to take in, wherever it comes from.
struct IngestItem: Sendable {
  /// As failures name it.
  let name: String
  let load: @Sendable () throws -> Incoming

  /// A file on the disk.
  init(path: String, filename: String, _ request: AddRequest) {
    name = path
    load = {
      Incoming(
        bytes: try FileAccess.read(path, bytesMax: Limits.uploadBytesMax), filename: filename, path: path,
        collection: request.collection, metadata: request.metadata,
        plainChunks: PlainChunks.options(request.chunkWords))
    }
  }

  init(name: String, load: @escaping @Sendable () throws -> Incoming) {
    self.name = name
    self.load = load
  }
}

/// Asked by those who can be told to stop.
package final class StopFlag: Sendable {
  private let flag = Atomic<Bool>(false)
  private let callback = Mutex<(@Sendable () -> Void)?>(nil)

  package init() {}

  package var isSet: Bool { flag.load(ordering: .acquiring) }

  package func set() {
    flag.store(true, ordering: .releasing)
    callback.withLock { $0 }?()
  }

  /// Called when it is set, at once where it is set already.
  func whenSet(_ action: @escaping @Sendable () -> Void) {
    callback.withLock { $0 = action }
    if isSet { action() }
  }
}

final class IngestRun: Sendable {
  fileprivate enum Step: Sendable {
    case prepared(Prepared, name: String)
    case settled(AddOutcome)
    case failed(name: String, any Error)
    case archive(ArchiveContents, name: String)
    /// An archive comes to several of the others, then one of these, like every file.
    case fileDone(item: Int)
  }

  /// What has just become certain.
  struct News: Sendable {
    var added: [AddOutcome] = []
    var failed: [(path: String, error: any Error)] = []
    /// Items of which nothing more will come.
    var done: [Int] = []
    var progress = AddProgress()
  }

  private let library: Library
  private let clock: any Clock
  private let stop: StopFlag
  private let tell: @Sendable (News) -> Void

  init(
    library: Library, clock: any Clock = SystemClock(), stop: StopFlag = StopFlag(),
    tell: @escaping @Sendable (News) -> Void = { _ in }
  ) {
    self.library = library
    self.clock = clock
    self.stop = stop
    self.tell = tell
  }

  func add(_ request: AddRequest) -> IngestReport {
    let list = PathList(request.paths)
    var report = add(list.files.map { IngestItem(path: $0.path, filename: $0.filename, request) })
    report.failed = list.failed + report.failed
    return report
  }

  func add(_ items: [IngestItem]) -> IngestReport {
    let buffer = AheadBuffer<Step>(
      taskCount: items.count, bytesMax: Limits.aheadBytesMax, readyMax: Limits.aheadDocumentsMax)
    stop.whenSet { buffer.stop() }
    let readers = (0..<max(1, min(Machine.cores, items.count))).map { _ in
      let reader = Thread { [library] in
        while let task = buffer.claim() {
          IngestRun.read(items[task], library) { step in buffer.put(step, bytes: step.bytes, of: task) }
          buffer.put(.fileDone(item: task), bytes: 0, of: task)
          buffer.finish(task)
        }
      }
      // Parsers of JSON and chunkers go deep on these.
      reader.stackSize = 8 << 20
      reader.start()
      return reader
    }
    let storing = Storing(
      library: library, clock: clock, itemCount: items.count, endReading: { buffer.stop() }, tell: tell)
    while let steps = buffer.take() {
      for group in IngestRun.groups(steps) { storing.hand(group) }
    }
    while readers.contains(where: { !$0.isFinished }) { usleep(200) }
    var report = storing.end()
    if let error = storing.error {
      report.failed += items[buffer.claimedCount...].map { ($0.name, error) }
    }
    return report
  }

  /// Not the file's fault: nothing else gets in either, and what waits can be tried again later.
  static func isOfTheLibrary(_ error: any Error) -> Bool {
    if let error = error as? StoreError { return error.kind != .bug }
    return (error as? EndpointFailure)?.isOfTheEndpoint == true
  }

  private static func read(_ item: IngestItem, _ library: Library, _ put: (Step) -> Void) {
    do {
      let incoming = try item.load()
      CrashPoint.reached("extract")
      library.open(incoming) { step in
        switch step {
        case .settled(let outcome): put(.settled(outcome))
        case .prepared(let prepared): put(.prepared(prepared, name: item.name))
        case .failed(let name, let error):
          put(.failed(name: item.name + name.dropFirst(incoming.filename.count), error))
        case .archive(let contents): put(.archive(contents, name: item.name))
        }
      }
    } catch { put(.failed(name: item.name, error)) }
  }

  /// Runs of steps that share a commit.
  private static func groups(_ steps: [Step]) -> [[Step]] {
    var groups: [[Step]] = [[]]
    var documents = 0
    var chunks = 0
    for step in steps {
      if case .prepared(let prepared, _) = step {
        if documents >= Limits.commitDocumentsMax || (documents > 0 && chunks >= Limits.commitChunksMax) {
          groups.append([])
          documents = 0
          chunks = 0
        }
        documents += 1
        chunks += prepared.chunkCount
      }
      groups[groups.count - 1].append(step)
    }
    return groups
  }
}

extension IngestRun.Step {
  /// About what it holds in memory.
  fileprivate var bytes: Int { if case .prepared(let prepared, _) = self { prepared.byteCount } else { 0 } }
}

/// Embeds on the thread that hands over and stores on one of its own, one batch behind.
private final class Storing: @unchecked Sendable {
  // Proof: `report`, `news` and `progress` are touched only on `storer`'s queue; `ending` under its own lock.
  private let library: Library
  private let clock: any Clock
  private let started: Double
  private let endReading: @Sendable () -> Void
  private let tell: @Sendable (IngestRun.News) -> Void
  private let storer = DispatchQueue(label: "footnote.store")
  /// One batch is stored while the next is embedded, and no more wait.
  private let room = DispatchSemaphore(value: 1)
  private let ending = Mutex<(any Error)?>(nil)
  private var report = IngestReport()
  private var progress: AddProgress

  init(
    library: Library, clock: any Clock, itemCount: Int, endReading: @escaping @Sendable () -> Void,
    tell: @escaping @Sendable (IngestRun.News) -> Void
  ) {
    self.library = library
    self.clock = clock
    self.endReading = endReading
    self.tell = tell
    started = clock.monotonicSeconds()
    progress = AddProgress(filesTotal: itemCount)
  }

  func hand(_ steps: [IngestRun.Step]) {
    let prepared = steps.compactMap { step in
      if case .prepared(let prepared, let name) = step { (prepared, name) } else { nil }
    }
    let embedded = Result { ending.withLock { $0 } == nil ? try library.embed(prepared.map(\.0)) : nil }
    room.wait()
    storer.async { [self] in
      store(steps, prepared, embedded)
      room.signal()
    }
  }

  private func store(
    _ steps: [IngestRun.Step], _ prepared: [(Prepared, String)], _ embedded: Result<Library.EmbeddedGroup?, any Error>
  ) {
    var news = IngestRun.News()
    for step in steps {
      switch step {
      case .settled(let outcome): news.added.append(outcome)
      case .failed(let name, let error): news.failed.append((name, error))
      case .fileDone(let item): news.done.append(item)
      case .prepared, .archive: break
      }
    }
    if !prepared.isEmpty { commit(prepared, embedded, into: &news) }
    // After the members, some of which may be what another one was before.
    for case .archive(let contents, let name) in steps where error == nil {
      do { report.retired += try library.retireVanished(from: contents).map(\.id) } catch {
        news.failed.append((name, error))
      }
    }
    report.added += news.added
    report.failed += news.failed
    progress.filesDone += news.done.count
    progress.chunks += news.added.reduce(0) { $0 + $1.chunksAdded }
    progress.pages += news.added.reduce(0) { $0 + ($1.pages ?? 1) }
    progress.elapsedSeconds = clock.monotonicSeconds() - started
    news.progress = progress
    tell(news)
  }

  /// The group in one commit; where that fails, one by one, so that only the guilty one fails.
  private func commit(
    _ group: [(Prepared, String)], _ embedded: Result<Library.EmbeddedGroup?, any Error>,
    into news: inout IngestRun.News
  ) {
    switch embedded {
    case .success(let ready?):
      if let added = try? library.store(ready) {
        news.added += added
        return
      }
    case .failure(let error) where IngestRun.isOfTheLibrary(error): end(with: error)
    default: break
    }
    for (prepared, name) in group {
      do {
        if let error = ending.withLock({ $0 }) { throw error }
        news.added += try library.commit([prepared])
      } catch {
        news.failed.append((name, error))
        // A store that is full, or an endpoint that fails, takes the next one no better.
        if IngestRun.isOfTheLibrary(error) { end(with: error) }
      }
    }
  }

  private func end(with error: any Error) {
    ending.withLock { $0 = $0 ?? error }
    endReading()
  }

  /// Why the library takes nothing more.
  var error: (any Error)? { ending.withLock { $0 } }

  func end() -> IngestReport {
    storer.sync {}
    return report
  }
}
