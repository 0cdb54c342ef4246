// A library that follows folders: what appears or changes is added, what moves keeps its document, what is deleted is
// taken out of use (and comes back as the same document when the file does; only `forget` erases).
// Where the system lets no more folders be watched, the rest of them are looked at again and again, and that is told.
// Invariants: folders are watched before they are first looked at, so nothing falls between; where events were lost,
// everything is looked at again; files are added before others are taken out, so a moved file is seen as moved.
package import Base
import Foundation
import KnowledgeBase

package final class FolderWatch {
  package struct News: Sendable {
    package var added: [JSON] = []
    package var failed: [JSON] = []
    package var retired: [JSON] = []
    package var warnings: [String] = []
  }

  private let access: any LibraryAccess
  private let request: AddRequest
  private let stop: StopFlag
  private let clock: any Clock
  private let events: FolderEvents
  private var polls = FolderPolls()
  private var hasTold = false
  private var roots: [(path: String, rules: FolderRules?)] = []
  private var pending = PendingChanges()
  private var mustLookAgain = false

  package init(
    _ request: AddRequest, access: any LibraryAccess, stop: StopFlag, clock: any Clock = SystemClock()
  ) throws {
    self.access = access
    self.request = request
    self.stop = stop
    self.clock = clock
    events = try FolderEvents()
    for path in request.paths {
      let absolute = FileAccess.absolute(path)
      switch FileAccess.sort(absolute) {
      case .folder: roots.append((absolute, FolderRules(root: absolute)))
      case .file: roots.append((absolute, nil))
      case .other: throw FileError.notAFile(path)
      case nil: throw FileError.missing(path)
      }
    }
  }

  /// Until it is told to stop. `watching` is called once everything is in and the folders are followed.
  package func run(
    progress: @escaping @Sendable (AddProgress) -> Void, watching: () -> Void, tell: (News) -> Void
  ) throws {
    tell(try lookAtEverything(progress))
    watching()
    while !stop.isSet {
      let now = clock.monotonicSeconds()
      let patience = pending.nextDue.map { min(0.2, max(0.01, $0 - now)) } ?? 0.2
      for event in events.wait(seconds: patience) + polls.look(clock) { try take(event) }
      if mustLookAgain || pending.count > Limits.watchedChangesMax {
        tell(try lookAtEverything(progress))
        continue
      }
      let due = pending.takeDue(at: clock.monotonicSeconds())
      if !due.isEmpty { tell(try follow(due, progress)) }
    }
  }

  private func root(of path: String) -> (path: String, rules: FolderRules?)? {
    roots.first { path == $0.path || ($0.rules != nil && path.hasPrefix($0.path == "/" ? "/" : $0.path + "/")) }
  }

  private func take(_ event: FolderEvent) throws {
    if event.kind == .overflow {
      mustLookAgain = true
      return
    }
    guard let root = root(of: event.path) else { return }
    let now = clock.monotonicSeconds()
    if FileAccess.name(of: event.path) == IgnoreRules.filename {
      // Looked at when it is written whole.
      if event.kind != .appeared, event.kind != .written {
        root.rules?.reread()
        mustLookAgain = true
      }
      return
    }
    let isFolder = event.kind == .folderAppeared || event.kind == .folderGone
    if let rules = root.rules, rules.leavesOut(event.path, isFolder: isFolder) { return }
    if event.kind == .folderAppeared, let rules = root.rules {
      // What was put into it before it was watched is found by looking.
      try watch(event.path)
      for folder in FolderWalk(below: event.path, rules: rules).folders { try watch(folder) }
      for file in FolderWalk(below: event.path, rules: rules).files { pending.note(.appeared, file, at: now) }
      return
    }
    pending.note(event.kind, event.path, at: now)
  }

  private func watch(_ folder: String) throws {
    if try !events.watch(folder) { polls.add(folder) }
  }

  /// Once.
  private var warnings: [String] {
    guard polls.count > 0, !hasTold else { return [] }
    hasTold = true
    return [
      "the system lets no more folders be watched: \(polls.count) of them are looked at every second or less often; "
        + "'sysctl fs.inotify.max_user_watches=1048576' (and max_user_instances=1024) lets more be"
    ]
  }

  private func follow(_ paths: [String], _ progress: @escaping @Sendable (AddProgress) -> Void) throws -> News {
    var there: [String] = []
    var gone: [String] = []
    for path in paths {
      switch FileAccess.sort(path) {
      case .file: there.append(path)
      case .folder, .other: break
      case nil: gone.append(path)
      }
    }
    return try change(add: there, retire: gone, progress)
  }

  /// Everything is added, which costs little where nothing changed, and what is held of these roots and is not there
  /// any more is taken out.
  private func lookAtEverything(_ progress: @escaping @Sendable (AddProgress) -> Void) throws -> News {
    mustLookAgain = false
    pending.removeAll()
    polls.removeAll()
    for root in roots {
      guard let rules = root.rules else {
        try watch(URL(fileURLWithPath: root.path).deletingLastPathComponent().path)
        continue
      }
      // A root that is gone as a whole is more likely a device that was taken away than everything deleted.
      guard FileAccess.sort(root.path) == .folder else { throw FileError.missing(root.path) }
      try watch(root.path)
      for folder in FolderWalk(below: root.path, rules: rules).folders { try watch(folder) }
    }
    let held = (try access.documents().documents?.array ?? []).compactMap { $0.path?.string }
    let gone = held.filter { root(of: $0) != nil && !Library.isThere($0) }
    return try change(add: roots.map(\.path).filter(FileAccess.exists), retire: gone, progress)
  }

  private func change(
    add files: [String], retire gone: [String], _ progress: @escaping @Sendable (AddProgress) -> Void
  ) throws -> News {
    var news = News()
    news.warnings = warnings
    if !files.isEmpty {
      var request = self.request
      // A list that is too long for one request: looking at the folders themselves finds them all.
      request.paths = files.count > Limits.pathsPerRequestMax ? roots.map(\.path) : files
      let report = try access.add(request, stop: stop, progress: progress)
      news.added = report.added?.array ?? []
      news.failed = report.failed?.array ?? []
      news.retired = report.retired?.array ?? []
    }
    if !gone.isEmpty { news.retired += try access.retire(paths: gone).retired?.array ?? [] }
    return news
  }
}
