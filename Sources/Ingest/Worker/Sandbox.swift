// What a worker gives up before it reads its first document, as far as the kernel lets it.
// Invariants: nothing here ends the worker; what the kernel does not have is told in the report, and the limits of
// memory, time and files hold in any case.
// Must not: be entered in a process that has other things to do; there is no way back.
import Base
import CSandbox

#if canImport(Glibc)
  import Glibc
#endif

package struct SandboxReport: Sendable, Equatable {
  /// System calls are filtered: no network, no programs, no processes, no writing.
  package var hasSeccomp = false
  /// The level of Landlock, which leaves no file to read but fonts and tables; 0 without it.
  package var landlockABI = 0
  /// Alone in empty namespaces: a second wall around the network.
  package var hasNamespaces = false
  /// Started as root and is nobody now.
  package var hasDroppedRoot = false
  package var hasLimits = false

  package init() {}

  /// No network, no programs, no files: whatever a parser is made to do stays in its process.
  package var isWhole: Bool { hasSeccomp && landlockABI > 0 && hasLimits }

  package var shown: String {
    var parts = [
      hasSeccomp ? "seccomp" : "no seccomp", landlockABI > 0 ? "Landlock ABI \(landlockABI)" : "no Landlock",
      hasNamespaces ? "namespaces" : "no namespaces",
    ]
    if hasDroppedRoot { parts.append("as nobody") }
    parts.append(hasLimits ? "limits" : "no limits")
    return parts.joined(separator: ", ")
  }
}

package enum Sandbox {
  /// What poppler, fontconfig, iconv and the time zone need: public data of the system, the same on every machine.
  private static let readable = [
    "/usr/lib", "/lib", "/lib64", "/usr/local/lib", "/etc/ld.so.cache", "/etc/fonts", "/etc/localtime",
    "/usr/share/fonts", "/usr/local/share/fonts", "/usr/share/fontconfig", "/usr/share/poppler",
    "/usr/share/zoneinfo", "/usr/share/tesseract-ocr", "/usr/share/tessdata", "/usr/share/X11/locale",
    "/var/cache/fontconfig", "/dev/null", "/dev/urandom",
  ]

  static func enter(_ limits: WorkerLimits, channel: Int32) -> SandboxReport {
    var report = SandboxReport()
    // Before the move to another user, who may not open /proc/self any more. The system may refuse the first; then
    // workers are merely as likely to go as others.
    _ = fn_sandbox_yield_memory()
    let isWatched = fn_sandbox_watch_memory(limits.memoryBytes, WorkerExit.outOfMemory.rawValue) == 0
    report.hasNamespaces = fn_sandbox_empty_namespaces() > 0
    report.hasDroppedRoot = fn_sandbox_drop_root() > 0
    // A change of user takes the wish to die with the parent back, so it is made after that.
    let isSettled = fn_sandbox_settle() == 0
    report.hasLimits = setLimits(limits) && isWatched && isSettled
    report.landlockABI = max(0, landlock())
    report.hasSeccomp = fn_sandbox_seccomp(channel) == 0
    return report
  }

  /// A document's processor time counts from here. The deadline is the parent's; this one holds when the parent does
  /// not.
  static func beginDocument(_ limits: WorkerLimits) {
    var used = rusage()
    unsafe getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &used)
    let seconds = UInt(used.ru_utime.tv_sec + used.ru_stime.tv_sec) + UInt(limits.seconds) + 1
    _ = lower(RLIMIT_CPU, to: seconds, softOnly: true)
    errno = 0
  }

  private static func setLimits(_ limits: WorkerLimits) -> Bool {
    let bytes = UInt(limits.memoryBytes)
    // Address space is more than memory: libraries map much that they never touch.
    return lower(RLIMIT_DATA, to: bytes) && lower(RLIMIT_AS, to: bytes + UInt(Limits.workerMappedBytes))
      && lower(RLIMIT_STACK, to: UInt(Limits.workerStackBytes)) && lower(RLIMIT_FSIZE, to: 0)
      && lower(RLIMIT_CORE, to: 0)
      && lower(RLIMIT_NOFILE, to: UInt(Limits.workerFilesMax))
  }

  /// For good, unless only the soft limit is meant; a limit that is tighter already stays.
  private static func lower(_ resource: __rlimit_resource, to value: UInt, softOnly: Bool = false) -> Bool {
    let resource = __rlimit_resource_t(resource.rawValue)
    var limit = rlimit()
    guard unsafe getrlimit(resource, &limit) == 0 else { return false }
    limit.rlim_cur = min(value, limit.rlim_max)
    if !softOnly { limit.rlim_max = limit.rlim_cur }
    return unsafe setrlimit(resource, &limit) == 0
  }

  private static func landlock() -> Int {
    unsafe withCStrings(readable) { paths in
      Int(unsafe fn_sandbox_landlock(paths.map { unsafe UnsafePointer($0) }, readable.count))
    }
  }
}

extension SandboxReport {
  var wireForm: [UInt8] {
    var writer = WireWriter()
    for flag in [hasSeccomp, hasNamespaces, hasDroppedRoot, hasLimits] { writer.put(UInt8(flag ? 1 : 0)) }
    writer.put(landlockABI)
    return writer.bytes
  }

  init(wireForm bytes: [UInt8]) throws {
    var reader = WireReader(bytes)
    self.init()
    hasSeccomp = try reader.byte() == 1
    hasNamespaces = try reader.byte() == 1
    hasDroppedRoot = try reader.byte() == 1
    hasLimits = try reader.byte() == 1
    landlockABI = try reader.int()
    guard reader.isAtEnd else { throw WireFault() }
  }
}
