// Many files on their way in. One thread reads and extracts ahead while another embeds and stores what is ready, in
// groups, so that the embedder's batches and the store's commits are shared by several documents.
// One bad file never stops the rest.
import Base
import Foundation
import KnowledgeBase
import Models
import Synchronization

struct IngestReport: Sendable {
  var added: [AddOutcome] = []
  var failed: [(path: String, error: any Error)] = []
  /// Set once the endpoint that embeds fails for good: files after that are not tried, for each would wait in vain.
  var endpointTrouble: EndpointFailure?
}

final class IngestRun: Sendable {
  private enum Step: Sendable {
    case prepared(Prepared, path: String)
    case settled(AddOutcome)
    case failed(path: String, any Error)
    /// An archive comes to several of the others, then one of these, like every file.
    case fileDone
  }

  /// Documents extracted ahead of the embedder, and documents that share a commit.
  private static let aheadMax = 16
  private static let groupMax = 16

  private let library: Library
  private let clock: any Clock
  private let report: @Sendable (AddProgress) -> Void

  init(library: Library, clock: any Clock, progress: @escaping @Sendable (AddProgress) -> Void) {
    self.library = library
    self.clock = clock
    report = progress
  }

  func add(_ request: AddRequest) -> IngestReport {
    var outcome = IngestReport()
    var files: [(path: String, filename: String)] = []
    for path in request.paths {
      do { files += try PathList.files(at: path) } catch { outcome.failed.append((path, error)) }
    }
    let queue = BoundedQueue<Step>(capacity: Self.aheadMax)
    let library = self.library
    let todo = files
    let producer = Thread {
      for (path, filename) in todo {
        Self.open(path, filename, request, library) { queue.put($0) }
        queue.put(.fileDone)
      }
      queue.close()
    }
    producer.stackSize = 8 << 20
    producer.start()

    var progress = AddProgress(filesTotal: files.count)
    let started = clock.monotonicSeconds()
    while let steps = queue.takeAll(max: Self.groupMax) {
      var group: [(prepared: Prepared, path: String)] = []
      for step in steps {
        switch step {
        case .prepared(let prepared, let path): group.append((prepared, path))
        case .settled(let settled): outcome.added.append(settled)
        case .failed(let path, let error): outcome.failed.append((path, error))
        case .fileDone: progress.filesDone += 1
        }
      }
      commit(group, into: &outcome)
      progress.chunks = outcome.added.reduce(0) { $0 + $1.chunksAdded }
      progress.pages = outcome.added.reduce(0) { $0 + ($1.pages ?? 1) }
      progress.elapsedSeconds = clock.monotonicSeconds() - started
      report(progress)
    }
    return outcome
  }

  private static func open(
    _ path: String, _ filename: String, _ request: AddRequest, _ library: Library, _ put: (Step) -> Void
  ) {
    do {
      let incoming = Incoming(
        bytes: try FileAccess.read(path, bytesMax: Limits.uploadBytesMax), filename: filename, path: path,
        collection: request.collection, metadata: request.metadata)
      library.open(incoming) { step in
        switch step {
        case .settled(let outcome): put(.settled(outcome))
        case .prepared(let prepared): put(.prepared(prepared, path: path))
        case .failed(let name, let error): put(.failed(path: path + name.dropFirst(filename.count), error))
        }
      }
    } catch { put(.failed(path: path, error)) }
  }

  /// The group in one commit; where that fails, one by one, so that only the guilty one fails.
  private func commit(_ group: [(prepared: Prepared, path: String)], into outcome: inout IngestReport) {
    guard !group.isEmpty else { return }
    do {
      if let trouble = outcome.endpointTrouble { throw trouble }
      outcome.added += try library.commit(group.map(\.prepared))
      return
    } catch let trouble as EndpointFailure where trouble.isOfTheEndpoint {
      outcome.endpointTrouble = trouble
      outcome.failed += group.map { ($0.path, trouble) }
      return
    } catch {}  // told below, by the file that is at fault
    for (prepared, path) in group {
      do { outcome.added += try library.commit([prepared]) } catch { outcome.failed.append((path, error)) }
    }
  }
}

enum PathList {
  /// A file itself, or every file below a folder; paths absolute, so that a file is known again from any place.
  static func files(at path: String) throws -> [(path: String, filename: String)] {
    let absolute = FileAccess.absolute(path)
    switch FileAccess.sort(absolute) {
    case .file: return [(absolute, FileAccess.name(of: absolute))]
    case .folder: return try FileAccess.files(below: absolute).map { ($0, FileAccess.name(of: $0)) }
    case .other: throw FileError.notAFile(path)
    case nil: throw FileError.missing(path)
    }
  }
}

/// Hands elements from one thread to another; the giver waits while it is full.
final class BoundedQueue<Element: Sendable>: @unchecked Sendable {
  // Proof: `elements` and `isClosed` are touched only while `condition` is locked.
  private let condition = NSCondition()
  private var elements: [Element] = []
  private var isClosed = false
  private let capacity: Int

  init(capacity: Int) { self.capacity = capacity }

  func put(_ element: Element) {
    condition.lock()
    while elements.count >= capacity { condition.wait() }
    elements.append(element)
    condition.broadcast()
    condition.unlock()
  }

  func close() {
    condition.lock()
    isClosed = true
    condition.broadcast()
    condition.unlock()
  }

  /// At least one element, at most `max`, in order; nil when closed and empty.
  func takeAll(max: Int) -> [Element]? {
    condition.lock()
    defer { condition.unlock() }
    while elements.isEmpty && !isClosed { condition.wait() }
    guard !elements.isEmpty else { return nil }
    let taken = Array(elements.prefix(max))
    elements.removeFirst(taken.count)
    condition.broadcast()
    return taken
  }
}
