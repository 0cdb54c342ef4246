// What a worker does when it is asked to misbehave: for the tests of the pool and for 'doctor'. Only the pool can ask,
// and only in its own frames; no document reaches this.
// Must not: do harm where the sandbox does not hold: every attempt is undone or has no effect outside the process.
import CSandbox

#if canImport(Glibc)
  import Glibc
#endif

package enum WorkerProbe: String, Sendable, CaseIterable {
  // Attempts, which answer 'allowed' or 'denied'.
  case connect, execute, fork, write, read, trace, signal, executableMemory, sharedMemory
  // Misdeeds, which never answer as agreed.
  case spin, sleep, hog, grab, crash, perish, overflow, leave, chatter, garble
  // What the worker is and has: its process, and its open descriptors and environment.
  case identify, inheritance

  package static let allowed = "allowed"
  package static let denied = "denied"

  func run(_ argument: String, _ channel: FrameChannel) -> String {
    switch self {
    case .connect: return Self.told(Self.connects(argument))
    case .execute: return Self.told(Self.executes(argument))
    case .fork: return Self.told(fn_sandbox_try_fork() > 0)
    case .write: return Self.told(Self.opens(argument, O_WRONLY | O_CREAT))
    case .read: return Self.told(Self.opens(argument, O_RDONLY))
    case .trace: return Self.told(fn_sandbox_try_ptrace() >= 0)
    case .signal: return Self.told(kill(getppid(), 0) == 0)
    case .executableMemory: return Self.told(Self.maps(PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE))
    case .sharedMemory: return Self.told(Self.maps(PROT_READ | PROT_WRITE, MAP_SHARED))
    case .spin: while true { errno = 0 }
    case .sleep: while true { usleep(100_000) }
    case .hog:
      var held: [[UInt8]] = []
      while true { held.append([UInt8](repeating: 1, count: 1 << 20)) }
    case .grab: return "\([UInt8](repeating: 1, count: 1 << 40).count)"
    case .crash:
      kill(getpid(), SIGSEGV)
      raise(SIGSEGV)
    case .perish: raise(SIGKILL)
    case .overflow: return "\(Self.deepen(0))"
    case .leave: exit(0)
    case .chatter: for _ in 0..<1_000 { print("a library talks") }
    case .garble:
      let junk = [UInt8](repeating: 0x5A, count: 4_096)
      _ = unsafe junk.withUnsafeBytes { unsafe send(channel.descriptor, $0.baseAddress, $0.count, 0) }
    case .identify: return "\(getpid())"
    case .inheritance: return Self.inherited()
    }
    return "done"
  }

  private static func told(_ succeeded: Bool) -> String { succeeded ? allowed : denied }

  private static func opens(_ path: String, _ flags: Int32) -> Bool {
    let descriptor = unsafe open(path, flags | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { return false }
    close(descriptor)
    return true
  }

  /// To a port of this machine.
  private static func connects(_ port: String) -> Bool {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    guard descriptor >= 0 else { return false }
    defer { close(descriptor) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = (UInt16(port) ?? 9).bigEndian
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    return unsafe withUnsafePointer(to: address) {
      unsafe $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        unsafe Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
      }
    }
  }

  private static func executes(_ path: String) -> Bool {
    var process: pid_t = 0
    var arguments: [UnsafeMutablePointer<CChar>?] = unsafe [strdup(path), nil]
    defer { unsafe free(arguments[0]) }
    guard unsafe posix_spawn(&process, path, nil, nil, &arguments, nil) == 0 else { return false }
    waitpid(process, nil, 0)
    return true
  }

  private static func maps(_ protection: Int32, _ sharing: Int32) -> Bool {
    let page = unsafe mmap(nil, 4_096, protection, sharing | MAP_ANONYMOUS, -1, 0)
    guard unsafe page != MAP_FAILED else { return false }
    unsafe munmap(page, 4_096)
    return true
  }

  /// Past the end of the stack.
  @inline(never) private static func deepen(_ depth: Int) -> Int {
    unsafe withUnsafeTemporaryAllocation(of: Int.self, capacity: 1_000) { room in
      unsafe room.initialize(repeating: depth)
      return unsafe deepen(room[7] + 1) + room[9]
    }
  }

  private static func inherited() -> String {
    var found: [String] = []
    for descriptor: Int32 in 0..<1_024 where fcntl(descriptor, F_GETFD) >= 0 { found.append("\(descriptor)") }
    var entry = unsafe environ
    while let text = unsafe entry.pointee {
      found.append(unsafe String(cString: text))
      unsafe entry += 1
    }
    return found.joined(separator: "\n")
  }
}
