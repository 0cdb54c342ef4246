// The directory that holds a library. One process owns it at a time, by a lock that the kernel gives back when the
// process dies, however it dies. Only its user may look inside.
package import Base
import Foundation

#if canImport(Glibc)
  import Glibc
#endif

/// How another process reaches the owner of a directory.
package struct OwnerAddress: Sendable, Equatable {
  package let process: Int
  package let url: String
  package let token: String
  /// Of a server that speaks https: by what it is known, for its certificate may be of any name.
  package let pin: PublicKeyPin?

  package init(process: Int, url: String, token: String, pin: PublicKeyPin? = nil) {
    self.process = process
    self.url = url
    self.token = token
    self.pin = pin
  }
}

package final class DataDirectory: Sendable {
  package let path: String
  private let lock: Int32

  /// Takes the directory, making it where it is not there. Throws `ownedElsewhere` where another process has it.
  package init(path: String) throws {
    self.path = path
    do {
      try FileManager.default.createDirectory(
        atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    } catch {
      throw StoreError(.notWritable(path: path), "it cannot be made")
    }
    // O_NOFOLLOW: a link planted in the directory is not followed.
    let descriptor = unsafe open("\(path)/lock", O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else {
      throw StoreError(.notWritable(path: path), unsafe String(cString: strerror(errno)))
    }
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      close(descriptor)
      let owner = DataDirectory.owner(of: path)
      throw StoreError(.ownedElsewhere(owner: owner.map { "process \($0.process)" } ?? "another process"))
    }
    lock = descriptor
    keepBallast()
    withdrawAddress()
  }

  deinit {
    withdrawAddress()
    close(lock)
  }

  package var databasePath: String { "\(path)/library.db" }
  package var snapshotsPath: String { "\(path)/snapshots" }

  // MARK: Ballast

  private var ballastPath: String { "\(path)/ballast" }

  /// Reserves room that is given up when a full device would keep us from taking something out. Does nothing where
  /// there is little room anyway.
  /// After it was given up, all but `leaving` is taken back, so that it is there for the next one.
  package func keepBallast(leaving: Int? = nil) {
    guard let free = freeBytes else { return }
    let size = min(Limits.ballastBytesMax, leaving.map { free - $0 } ?? free / 16)
    guard size >= Limits.ballastBytesMin else { return }
    let descriptor = unsafe open(ballastPath, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { return }
    defer { close(descriptor) }
    if posix_fallocate(descriptor, 0, off_t(size)) != 0 { _ = unsafe unlink(ballastPath) }
  }

  /// Of the device that it lies on; nil where that cannot be told.
  package var freeBytes: Int? {
    var room = statvfs()
    guard unsafe statvfs(path, &room) == 0 else { return nil }
    return Int(room.f_bavail) * Int(room.f_frsize)
  }

  /// False where there was none.
  package func dropBallast() -> Bool { unsafe unlink(ballastPath) == 0 }

  /// Copies from before the tables changed their form or a backup was put back, and a backup that was being put back
  /// when the process died: they hold what is to be erased.
  package func removeOldFormats() {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
    for name in names where name.hasPrefix("library.db.before-") || name.hasPrefix("library.db.restoring") {
      try? FileManager.default.removeItem(atPath: "\(path)/\(name)")
    }
  }

  /// Tells other processes of the same user where this one listens.
  package func announce(_ address: OwnerAddress) throws {
    let content: JSON = [
      "process": .integer(address.process), "url": .string(address.url), "token": .string(address.token),
      "pin": JSON(address.pin?.text),
    ]
    let target = DataDirectory.addressPath(path)
    let made = FileManager.default.createFile(
      atPath: target, contents: Data(content.utf8), attributes: [.posixPermissions: 0o600])
    guard made else { throw StoreError(.notWritable(path: target), "the server's address cannot be written") }
  }

  /// Nobody is to come any more.
  package func withdrawAddress() { unsafe unlink(DataDirectory.addressPath(path)) }

  /// The process that owns the directory, if one does and has said where it listens.
  package static func owner(of path: String) -> OwnerAddress? {
    guard let data = FileManager.default.contents(atPath: addressPath(path)),
      let content = try? JSON(parsing: Array(data)), let process = content.process?.int,
      let url = content.url?.string, let token = content.token?.string
    else { return nil }
    let pin = content.pin?.string.flatMap { PublicKeyPin(kept: $0) }
    // An address without the pin that it should have is none: the token goes to no one else.
    guard pin != nil || !url.hasPrefix("https:") else { return nil }
    return OwnerAddress(process: process, url: url, token: token, pin: pin)
  }

  private static func addressPath(_ path: String) -> String { "\(path)/server.json" }
}
