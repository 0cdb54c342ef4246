// What the machine has, and what this process takes of it.
import Foundation

#if canImport(Glibc)
  import Glibc
#endif

enum Machine {
  static let cores = ProcessInfo.processInfo.activeProcessorCount

  static var residentBytes: Int {
    // proc(5): size and resident set, in pages.
    let fields = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8))?.split(separator: " ") ?? []
    return fields.count > 1 ? (Int(fields[1]) ?? 0) * sysconf(Int32(_SC_PAGESIZE)) : 0
  }
}
