// The built binary, run as a user runs it: a data directory of the test's own, output and exit status read back.
import Foundation
import Synchronization

struct Outcome: Sendable {
  let status: Int32
  let output: String
  let errors: String
}

enum Binary {
  /// Beside the test bundle, where the package manager puts it, or the one that long tests are told to use.
  static var path: String {
    if let named = ProcessInfo.processInfo.environment["FOOTNOTE_TEST_BINARY"] { return named }
    let tests =
      (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? CommandLine.arguments[0]
    return URL(fileURLWithPath: tests).deletingLastPathComponent().appendingPathComponent("footnote").path
  }

  static func run(_ arguments: [String], data: String, environment: [String: String] = [:]) throws -> Outcome {
    let process = make(arguments, data: data, environment: environment)
    let output = Pipe()
    let errors = Pipe()
    process.standardOutput = output
    process.standardError = errors
    try process.run()
    // Both pipes are read at once: a full one would stop the process.
    let collected = Mutex(Data())
    let reader = Thread { collected.withLock { $0 = errors.fileHandleForReading.readDataToEndOfFile() } }
    reader.start()
    let text = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    while !reader.isFinished { usleep(1_000) }
    return Outcome(
      status: process.terminationStatus, output: String(decoding: text, as: UTF8.self),
      errors: String(decoding: collected.withLock { $0 }, as: UTF8.self))
  }

  static func make(_ arguments: [String], data: String, environment: [String: String] = [:]) -> Process {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: path)
    process.arguments = arguments
    var variables = ProcessInfo.processInfo.environment
    variables["FOOTNOTE_DATA"] = data
    for (name, value) in environment { variables[name] = value }
    process.environment = variables
    process.standardInput = FileHandle.nullDevice
    return process
  }
}

/// A server of the built binary on a free port, ended with the test.
final class RunningServer: Sendable {
  let process: Process
  let url: String
  private let errors: FileHandle

  init(data: String, arguments: [String] = [], environment: [String: String] = [:]) throws {
    process = Binary.make(["serve", "--port", "0"] + arguments, data: data, environment: environment)
    let errors = Pipe()
    process.standardError = errors
    process.standardOutput = FileHandle.nullDevice
    self.errors = errors.fileHandleForReading
    try process.run()
    var said = ""
    while !said.contains("Footnote is at ") || !said.hasSuffix("\n") {
      let more = self.errors.availableData
      guard !more.isEmpty else { throw ServerEnded(said: said) }
      said += String(decoding: more, as: UTF8.self)
    }
    url = said.components(separatedBy: "Footnote is at ")[1].trimmingCharacters(in: .whitespacesAndNewlines)
  }

  /// Has it read its settings again, and gives what it says of that.
  func reload() throws -> String {
    var said = ""
    kill(process.processIdentifier, SIGHUP)
    while !said.contains("read again") && !said.contains("nothing was changed") || !said.hasSuffix("\n") {
      let more = errors.availableData
      guard !more.isEmpty else { throw ServerEnded(said: said) }
      said += String(decoding: more, as: UTF8.self)
    }
    // The lines of one reload are said one after the other.
    usleep(200_000)
    var waiting = pollfd(fd: errors.fileDescriptor, events: Int16(POLLIN), revents: 0)
    while unsafe poll(&waiting, 1, 0) > 0 {
      let more = errors.availableData
      guard !more.isEmpty else { break }
      said += String(decoding: more, as: UTF8.self)
    }
    return said
  }

  func stop() -> Int32 {
    process.terminate()
    process.waitUntilExit()
    return process.terminationStatus
  }

  deinit { if process.isRunning { process.terminate() } }
}

struct ServerEnded: Error { let said: String }

final class Folder: Sendable {
  let path: String

  init() {
    path = NSTemporaryDirectory() + "footnote-app-\(UUID().uuidString)"
    try? FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  var data: String { "\(path)/data" }

  @discardableResult
  func write(_ name: String, _ text: String) throws -> String {
    let file = "\(path)/\(name)"
    try FileManager.default.createDirectory(
      atPath: URL(fileURLWithPath: file).deletingLastPathComponent().path, withIntermediateDirectories: true)
    try Data(text.utf8).write(to: URL(fileURLWithPath: file))
    return file
  }
}
