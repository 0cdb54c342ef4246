// What happens in folders, as the kernel tells it: https://man7.org/linux/man-pages/man7/inotify.7.html
// Invariants: a watched folder is known by its path; when a folder moves away its watches, which would follow it under
// its old name, are given up; the descriptor is closed with its owner. Used by one thread at a time.
import Base

#if canImport(Glibc)
  import Glibc
#endif

struct FolderEvent: Equatable {
  enum Kind {
    /// A name that was not there: nothing is written yet, or never will be (a second name for a file).
    case appeared
    case written
    /// Complete: closed after writing, or moved here.
    case completed
    case gone
    case folderAppeared
    case folderGone
    /// Events were lost: only looking again tells what is there.
    case overflow
  }

  let kind: Kind
  let path: String
}

final class FolderEvents {
  private static let mask = UInt32(
    IN_CREATE | IN_MODIFY | IN_CLOSE_WRITE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | IN_ONLYDIR | IN_DONT_FOLLOW)

  /// Below zero where the system lets this user have no more of these.
  private let descriptor: Int32
  private var folders: [Int32: String] = [:]

  init() throws {
    descriptor = inotify_init1(Int32(IN_NONBLOCK) | Int32(IN_CLOEXEC))
    guard descriptor >= 0 || Self.isLimit(errno) else { throw FolderEvents.failure("/") }
  }

  deinit { if descriptor >= 0 { close(descriptor) } }

  /// A folder that is gone again is no error; watching one twice is one watch. False where the system lets no more be
  /// watched.
  func watch(_ folder: String) throws -> Bool {
    guard descriptor >= 0 else { return false }
    let watch = unsafe inotify_add_watch(descriptor, folder, FolderEvents.mask)
    if watch < 0 {
      if Self.isLimit(errno) { return false }
      guard errno == ENOENT || errno == ENOTDIR || errno == EACCES else { throw FolderEvents.failure(folder) }
      return true
    }
    folders[watch] = folder
    return true
  }

  private static func isLimit(_ code: Int32) -> Bool { code == ENOSPC || code == EMFILE || code == ENFILE }

  /// What has happened, after at most so long.
  func wait(seconds: Double) -> [FolderEvent] {
    guard descriptor >= 0 else {
      usleep(UInt32(max(0, seconds) * 1_000_000))
      return []
    }
    var state = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    guard unsafe poll(&state, 1, Int32(max(0, seconds) * 1_000)) > 0 else { return [] }
    var buffer = [UInt8](repeating: 0, count: 64 << 10)
    var events: [FolderEvent] = []
    while true {
      let count = unsafe buffer.withUnsafeMutableBytes { unsafe read(descriptor, $0.baseAddress, $0.count) }
      guard count > 0 else { return events }
      events += self.events(in: buffer[..<count])
    }
  }

  /// Each record: watch, mask, cookie and length of the name, four bytes each, then the name filled up with zeros.
  private func events(in buffer: ArraySlice<UInt8>) -> [FolderEvent] {
    var events: [FolderEvent] = []
    var rest = buffer
    func word(_ at: Int) -> UInt32 {
      rest.dropFirst(at).prefix(4).reversed().reduce(0) { $0 << 8 | UInt32($1) }
    }
    while rest.count >= 16 {
      let length = Int(word(12))
      let name = rest.dropFirst(16).prefix(length).prefix { $0 != 0 }
      let path = String(decoding: name, as: UTF8.self)
      if let event = event(watch: Int32(bitPattern: word(0)), mask: word(4), name: path) { events.append(event) }
      rest = rest.dropFirst(16 + length)
    }
    return events
  }

  private func event(watch: Int32, mask: UInt32, name: String) -> FolderEvent? {
    func has(_ flag: Int32) -> Bool { mask & UInt32(bitPattern: flag) != 0 }
    if has(IN_Q_OVERFLOW) { return FolderEvent(kind: .overflow, path: "") }
    if has(IN_IGNORED) {
      folders[watch] = nil
      return nil
    }
    guard let folder = folders[watch], !name.isEmpty else { return nil }
    let path = folder == "/" ? "/\(name)" : "\(folder)/\(name)"
    let kind: FolderEvent.Kind
    if has(IN_ISDIR) {
      guard has(IN_CREATE | IN_MOVED_TO | IN_DELETE | IN_MOVED_FROM) else { return nil }
      kind = has(IN_CREATE | IN_MOVED_TO) ? .folderAppeared : .folderGone
      if kind == .folderGone { giveUp(path) }
    } else if has(IN_DELETE | IN_MOVED_FROM) {
      kind = .gone
    } else if has(IN_CLOSE_WRITE | IN_MOVED_TO) {
      kind = .completed
    } else {
      kind = has(IN_CREATE) ? .appeared : .written
    }
    return FolderEvent(kind: kind, path: path)
  }

  private func giveUp(_ folder: String) {
    for (watch, path) in folders where path == folder || path.hasPrefix(folder + "/") {
      inotify_rm_watch(descriptor, watch)
      folders[watch] = nil
    }
  }

  private static func failure(_ folder: String) -> PlainFailure {
    PlainFailure(
      .unavailable, "watch_failed", "\(folder) cannot be watched: \(unsafe String(cString: strerror(errno)))")
  }
}
