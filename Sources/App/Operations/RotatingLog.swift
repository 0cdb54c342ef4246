// A log of JSON lines in files of bounded size: the newest is `name`, older ones are `name.1` and on; the oldest goes.
// Must not: stop the server. A line that cannot be written is lost, and the next one is tried.
import Base
import Foundation

final class RotatingLog {
  private let path: String
  private let bytesMax: Int
  private let filesMax: Int
  private var handle: FileHandle?
  private var size = 0

  init(path: String, bytesMax: Int, filesMax: Int) {
    self.path = path
    self.bytesMax = bytesMax
    self.filesMax = filesMax
  }

  func write(_ lines: [String]) {
    for line in lines {
      let data = Data((line + "\n").utf8)
      if handle != nil, size + data.count > bytesMax { rotate() }
      guard let handle = handle ?? opened() else { return }
      do {
        try handle.write(contentsOf: data)
        size += data.count
      } catch { close() }
    }
  }

  private func opened() -> FileHandle? {
    let manager = FileManager.default
    try? manager.createDirectory(
      atPath: URL(filePath: path).deletingLastPathComponent().path(percentEncoded: false),
      withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    if !manager.fileExists(atPath: path) {
      _ = manager.createFile(atPath: path, contents: nil, attributes: [.posixPermissions: 0o600])
    }
    handle = FileHandle(forWritingAtPath: path)
    size = Int((try? handle?.seekToEnd()) ?? 0)
    return handle
  }

  private func rotate() {
    close()
    let manager = FileManager.default
    try? manager.removeItem(atPath: "\(path).\(filesMax - 1)")
    for number in stride(from: filesMax - 2, through: 1, by: -1) {
      try? manager.moveItem(atPath: "\(path).\(number)", toPath: "\(path).\(number + 1)")
    }
    try? manager.moveItem(atPath: path, toPath: "\(path).1")
  }

  /// The next line opens it anew: after a rotation, or when somebody else has moved the file.
  func close() {
    try? handle?.close()
    handle = nil
  }
}
