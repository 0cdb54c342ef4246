// Files as the rest of the house needs them: whole, bounded, with errors that name the file and the reason.
import Foundation

#if canImport(Glibc)
  import Glibc
#endif

package enum FileError: Failure, Equatable {
  case missing(String)
  case unreadable(String, reason: String)
  case unwritable(String, reason: String)
  case notAFile(String)
  case tooLarge(String, bytesMax: Int)

  package var kind: FailureKind {
    switch self {
    case .missing: .notFound
    case .unreadable, .notAFile: .unprocessable
    case .unwritable: .unavailable
    case .tooLarge: .tooLarge
    }
  }

  package var code: String {
    switch self {
    case .missing: "file_not_found"
    case .unreadable: "file_unreadable"
    case .unwritable: "file_unwritable"
    case .notAFile: "not_a_file"
    case .tooLarge: "too_large"
    }
  }

  package var message: String {
    switch self {
    case .missing(let path): "\(path) does not exist"
    case .unreadable(let path, let reason): "\(path) cannot be read: \(reason)"
    case .unwritable(let path, let reason): "\(path) cannot be written: \(reason)"
    case .notAFile(let path): "\(path) is neither a file nor a folder"
    case .tooLarge(let path, let limit): "\(path) is larger than \(limit >> 20) MB"
    }
  }

  package var hint: String {
    switch self {
    case .missing: "check the path"
    case .unreadable, .unwritable: "check its permissions"
    case .notAFile: "give files or folders"
    case .tooLarge: "split the file"
    }
  }
}

package enum FileAccess {
  package enum Sort { case file, folder, other }

  /// At the end of a file that is made where it is not there, readable by its user alone; on the disk when it returns.
  package static func append(_ bytes: [UInt8], to path: String) throws {
    let descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC, 0o600)
    func failure() -> FileError { .unwritable(path, reason: unsafe String(cString: strerror(errno))) }
    guard descriptor >= 0 else { throw failure() }
    defer { close(descriptor) }
    let written = unsafe bytes.withUnsafeBytes { unsafe Glibc.write(descriptor, $0.baseAddress, $0.count) }
    guard written == bytes.count, fsync(descriptor) == 0 else { throw failure() }
  }

  package static func exists(_ path: String) -> Bool { FileManager.default.fileExists(atPath: path) }

  /// nil where there is nothing.
  package static func sort(_ path: String) -> Sort? {
    var status = stat()
    guard unsafe stat(path, &status) == 0 else { return nil }
    switch status.st_mode & S_IFMT {
    case S_IFREG: return .file
    case S_IFDIR: return .folder
    default: return .other
    }
  }

  package static func read(_ path: String, bytesMax: Int) throws -> [UInt8] {
    let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw failure(path) }
    defer { close(descriptor) }
    var status = stat()
    guard unsafe fstat(descriptor, &status) == 0 else { throw failure(path) }
    guard status.st_mode & S_IFMT == S_IFREG else { throw FileError.notAFile(path) }
    guard status.st_size <= bytesMax else { throw FileError.tooLarge(path, bytesMax: bytesMax) }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(Int(status.st_size))
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = unsafe buffer.withUnsafeMutableBytes { unsafe Glibc.read(descriptor, $0.baseAddress, $0.count) }
      if count == 0 { return bytes }
      if count < 0 {
        if errno == EINTR { continue }
        throw failure(path)
      }
      bytes += buffer[..<count]
      // The file may grow while it is read.
      guard bytes.count <= bytesMax else { throw FileError.tooLarge(path, bytesMax: bytesMax) }
    }
  }

  package static func write(_ bytes: [UInt8], to path: String) throws {
    do { try Data(bytes).write(to: URL(fileURLWithPath: path), options: .atomic) } catch {
      throw FileError.unwritable(path, reason: reason(errno))
    }
  }

  /// The names in a folder, in no order.
  package static func names(in folder: String) throws -> [String] {
    do { return try FileManager.default.contentsOfDirectory(atPath: folder) } catch {
      throw FileError.unreadable(folder, reason: exists(folder) ? "permission denied" : "it is gone")
    }
  }

  /// Every file below a folder, in order of their names; hidden files and folders are left out, links not followed.
  package static func files(below folder: String) throws -> [String] {
    var found: [String] = []
    for name in try names(in: folder).sorted() where !name.hasPrefix(".") {
      let path = "\(folder)/\(name)"
      var status = stat()
      guard unsafe lstat(path, &status) == 0 else { continue }
      switch status.st_mode & S_IFMT {
      case S_IFDIR: found += try files(below: path)
      case S_IFREG: found.append(path)
      default: break
      }
    }
    return found
  }

  package static func removeTree(_ path: String) { try? FileManager.default.removeItem(atPath: path) }

  /// Absolute, without `.`, `..` and doubled slashes.
  package static func absolute(_ path: String) -> String {
    let full = path.hasPrefix("/") ? path : "\(FileManager.default.currentDirectoryPath)/\(path)"
    var parts: [Substring] = []
    for part in full.split(separator: "/") where part != "." {
      if part == ".." { parts = Array(parts.dropLast()) } else { parts.append(part) }
    }
    return "/" + parts.joined(separator: "/")
  }

  package static func name(of path: String) -> String { path.split(separator: "/").last.map(String.init) ?? path }

  private static func failure(_ path: String) -> FileError {
    errno == ENOENT || errno == ENOTDIR ? .missing(path) : .unreadable(path, reason: reason(errno))
  }

  private static func reason(_ number: Int32) -> String { unsafe String(cString: strerror(number)).lowercased() }
}
