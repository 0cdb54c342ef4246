// The directory that holds a library. One process owns it at a time, by a lock that the kernel gives back when the
// process dies, however it dies. Only its user may look inside.
import Base
import Foundation

#if canImport(Glibc)
  import Glibc
#endif

/// How another process reaches the owner of a directory.
package struct OwnerAddress: Sendable, Equatable {
  package let process: Int
  package let url: String
  package let token: String

  package init(process: Int, url: String, token: String) {
    self.process = process
    self.url = url
    self.token = token
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
    unsafe unlink(DataDirectory.addressPath(path))
  }

  deinit {
    unsafe unlink(DataDirectory.addressPath(path))
    close(lock)
  }

  package var databasePath: String { "\(path)/library.db" }
  package var snapshotsPath: String { "\(path)/snapshots" }

  /// Tells other processes of the same user where this one listens.
  package func announce(_ address: OwnerAddress) throws {
    let content: JSON = [
      "process": .integer(address.process), "url": .string(address.url), "token": .string(address.token),
    ]
    let target = DataDirectory.addressPath(path)
    let made = FileManager.default.createFile(
      atPath: target, contents: Data(content.utf8), attributes: [.posixPermissions: 0o600])
    guard made else { throw StoreError(.notWritable(path: target), "the server's address cannot be written") }
  }

  /// The server that owns the directory, if one does and has said where it listens.
  package static func owner(of path: String) -> OwnerAddress? {
    guard let data = FileManager.default.contents(atPath: addressPath(path)),
      let content = try? JSON(parsing: Array(data)), let process = content.process?.int,
      let url = content.url?.string, let token = content.token?.string
    else { return nil }
    return OwnerAddress(process: process, url: url, token: token)
  }

  private static func addressPath(_ path: String) -> String { "\(path)/server.json" }
}
