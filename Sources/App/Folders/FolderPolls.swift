// Folders that the kernel lets nobody watch any more, looked at again and again instead: what an event would have told
// is told by comparing what is there with what was there before.
// Invariants: a change is told once; looking takes a twentieth of the time at most, however many folders there are.
// Must not: look into files, or into folders below.
import Base

#if canImport(Glibc)
  import Glibc
#endif

struct FolderPolls {
  private static let restSeconds = 0.5
  private static let restShare = 20.0

  private struct Signature: Equatable {
    let isFolder: Bool
    let inode: UInt64
    let size: Int64
    let seconds: Int
    let nanoseconds: Int
  }

  private var folders: [String: [String: Signature]] = [:]
  private var nextLook = 0.0

  var count: Int { folders.count }

  /// From here on; what is in it now is known to the caller.
  mutating func add(_ folder: String) { folders[folder] = Self.contents(of: folder) ?? [:] }

  mutating func removeAll() { folders = [:] }

  /// What has changed, when it is time to look again.
  mutating func look(_ clock: any Clock) -> [FolderEvent] {
    let started = clock.monotonicSeconds()
    guard !folders.isEmpty, started >= nextLook else { return [] }
    var events: [FolderEvent] = []
    for (folder, before) in folders {
      let now = Self.contents(of: folder)
      folders[folder] = now
      for (path, signature) in now ?? [:] where before[path] != signature {
        // A folder's own times change with its files.
        if signature.isFolder, before[path]?.isFolder == true { continue }
        events.append(FolderEvent(kind: signature.isFolder ? .folderAppeared : .completed, path: path))
      }
      for (path, signature) in before where now?[path] == nil {
        events.append(FolderEvent(kind: signature.isFolder ? .folderGone : .gone, path: path))
      }
    }
    let ended = clock.monotonicSeconds()
    nextLook = ended + max(Self.restSeconds, (ended - started) * Self.restShare)
    return events.sorted { $0.path < $1.path }
  }

  /// nil: the folder is gone.
  private static func contents(of folder: String) -> [String: Signature]? {
    guard let names = try? FileAccess.names(in: folder) else { return nil }
    var found: [String: Signature] = [:]
    for name in names {
      let path = folder == "/" ? "/\(name)" : "\(folder)/\(name)"
      var status = stat()
      guard unsafe lstat(path, &status) == 0 else { continue }
      let kind = status.st_mode & S_IFMT
      guard kind == S_IFREG || kind == S_IFDIR else { continue }
      found[path] = Signature(
        isFolder: kind == S_IFDIR, inode: UInt64(status.st_ino), size: Int64(status.st_size),
        seconds: status.st_mtim.tv_sec, nanoseconds: status.st_mtim.tv_nsec)
    }
    return found
  }
}
