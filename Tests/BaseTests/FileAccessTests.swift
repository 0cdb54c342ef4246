// Files that are missing, unreadable, too large or no files at all are told apart by their codes.
import Base
import Foundation
import Testing

@Suite struct FileAccessTests {
  private func failure(_ path: String, bytesMax: Int = 1_000) -> String? {
    do { _ = try FileAccess.read(path, bytesMax: bytesMax) } catch { return (error as? FileError)?.code }
    return nil
  }

  @Test func eachFailureHasItsCode() throws {
    let path = NSTemporaryDirectory() + "footnote-file-\(UUID().uuidString)"
    defer { FileAccess.removeTree(path) }
    #expect(failure(path) == "file_not_found")
    try FileAccess.write(Array("twelve bytes".utf8), to: path)
    #expect(failure(path) == nil)
    #expect(failure(path, bytesMax: 11) == "too_large")
    #expect(failure(NSTemporaryDirectory()) == "not_a_file")
    // A file that opens and then fails to be read, for root as for everybody: nothing is mapped at address 0.
    #expect(failure("/proc/self/mem") == "file_unreadable")
  }

  @Test func pathsAreMadeAbsolute() {
    #expect(FileAccess.absolute("/a/./b//../c") == "/a/c")
    #expect(FileAccess.absolute("/../..") == "/")
    #expect(FileAccess.name(of: "/a/b.txt") == "b.txt")
  }
}
