// A worker as the pool sees it: a process of the same binary at the other end of a socket.
// Invariants: it inherits standard streams only and an environment of our choosing; it is killed and reaped with its
// owner, so none is left behind and none becomes a zombie.
// Must not: be used by two threads at once; the pool hands it to one.
import Base
import CSandbox

#if canImport(Glibc)
  import Glibc
#endif

/// Sendable: it goes from thread to thread through the pool's lock, and only the thread that holds it touches it.
final class WorkerProcess: @unchecked Sendable {
  enum Ending: Equatable {
    case exited(Int32)
    case signalled(Int32)
    /// Someone else has reaped it.
    case unknown
  }

  let channel: FrameChannel
  private let process: pid_t
  private var ending: Ending?
  var documents = 0

  private init(channel: FrameChannel, process: pid_t) {
    self.channel = channel
    self.process = process
  }

  deinit { end() }

  static func start(executable: String, arguments: [String]) throws(IngestFailure) -> WorkerProcess {
    var ends: (Int32, Int32) = (-1, -1)
    let made = unsafe withUnsafeMutablePointer(to: &ends) {
      unsafe $0.withMemoryRebound(to: Int32.self, capacity: 2) {
        unsafe socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0, $0)
      }
    }
    guard made == 0 else { throw unavailable(errno) }
    let (near, far) = ends
    let channel = FrameChannel(owning: near)
    let (process, code) = SpawnThread.run { spawn(executable, arguments, channel: far) }
    close(far)
    guard code == 0 else { throw unavailable(code) }
    return WorkerProcess(channel: channel, process: process)
  }

  /// What it has in memory now; 0 when it cannot be told.
  var residentBytes: Int {
    let statm = unsafe open("/proc/\(process)/statm", O_RDONLY | O_CLOEXEC)
    guard statm >= 0 else { return 0 }
    defer { close(statm) }
    var text = [UInt8](repeating: 0, count: 128)
    let count = unsafe text.withUnsafeMutableBytes { unsafe read(statm, $0.baseAddress, $0.count) }
    let fields = text.prefix(max(0, count)).split(separator: UInt8(ascii: " "))
    guard fields.count > 1, let pages = Int(String(decoding: fields[1], as: UTF8.self)) else { return 0 }
    return pages * Int(getpagesize())
  }

  /// How it ended, where it is ending by itself: its side of the socket is closed, so that is a matter of moments.
  func endingByItself() -> Ending {
    for _ in 0..<200 {
      if let ending = reap(WNOHANG) { return ending }
      usleep(1_000)
    }
    return end()
  }

  @discardableResult
  func end() -> Ending {
    if let ending { return ending }
    kill(process, SIGKILL)
    return reap(0) ?? .unknown
  }

  private func reap(_ options: Int32) -> Ending? {
    if let ending { return ending }
    var status: Int32 = 0
    var reaped: pid_t
    repeat { reaped = unsafe waitpid(process, &status, options) } while reaped < 0 && errno == EINTR
    if reaped == 0 { return nil }
    let signal = status & 0x7F
    ending = reaped < 0 ? .unknown : signal == 0 ? .exited((status >> 8) & 0xFF) : .signalled(signal)
    return ending
  }

  private static func unavailable(_ code: Int32) -> IngestFailure {
    IngestFailure(
      .workerUnavailable, "no worker for reading files can be started: \(unsafe String(cString: strerror(code)))",
      hint: "try again later; 'footnote doctor' tells more")
  }

  private static func spawn(_ executable: String, _ arguments: [String], channel: Int32) -> (pid_t, Int32) {
    var environment = ["LANG=C.UTF-8", "HOME=/nonexistent", "SWIFT_BACKTRACE=enable=no"]
    if let libraries = unsafe getenv("LD_LIBRARY_PATH") {
      environment.append("LD_LIBRARY_PATH=\(unsafe String(cString: libraries))")
    }
    var process: pid_t = 0
    let code = unsafe withCStrings(["footnote"] + arguments) { arguments in
      unsafe withCStrings(environment) { environment in
        unsafe fn_sandbox_spawn(executable, arguments, environment, channel, &process)
      }
    }
    return (process, -code)
  }
}

/// The texts as C wants them, ended by NULL, for the time of `body`.
func withCStrings<Result>(_ texts: [String], _ body: ([UnsafeMutablePointer<CChar>?]) -> Result) -> Result {
  let copies = unsafe texts.map { unsafe strdup($0) }
  defer { unsafe copies.forEach { unsafe free($0) } }
  return unsafe body(copies + [nil])
}
