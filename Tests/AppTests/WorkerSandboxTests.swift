// What a worker can still do once it is in its sandbox, tried from inside. What this kernel does not have is skipped,
// since then nothing promises it.
import Foundation
import Ingest
import Testing

@Suite struct WorkerSandboxTests {
  private let pool = Pools.make()
  private let report: SandboxReport

  init() throws { report = try pool.sandbox() }

  @Test func limitsHoldEverywhere() { #expect(report.hasLimits) }

  @Test(arguments: [
    (WorkerProbe.connect, "9"), (.execute, "/bin/true"), (.fork, ""), (.trace, ""), (.signal, ""),
    (.executableMemory, ""), (.sharedMemory, ""), (.write, "/dev/shm/footnote-worker-test"), (.write, "/dev/null"),
  ])
  func systemCallsAreDenied(_ probe: WorkerProbe, _ argument: String) throws {
    guard report.hasSeccomp else { return }
    #expect(try pool.probe(probe, argument) == WorkerProbe.denied)
    #expect(!FileManager.default.fileExists(atPath: "/dev/shm/footnote-worker-test"))
  }

  @Test func filesAreDenied() throws {
    guard report.landlockABI > 0 else { return }
    let folder = Folder()
    let own = try folder.write("data/library.db", "private")
    for path in ["/etc/passwd", own, folder.data, "/proc/self/environ", "/", "/home", Binary.path] {
      #expect(try pool.probe(.read, path) == WorkerProbe.denied, "\(path)")
    }
    // The probe itself works: what parsers need can be read.
    #expect(try pool.probe(.read, "/dev/null") == WorkerProbe.allowed)
    #expect(try pool.probe(.read, "/usr/lib") == WorkerProbe.allowed)
  }

  @Test func nothingIsInherited() throws {
    let secret = try FileHandle(forReadingFrom: URL(fileURLWithPath: "/etc/passwd"))
    defer { try? secret.close() }
    _ = fcntl(secret.fileDescriptor, F_SETFD, 0)
    let inherited = try Pools.make().probe(.inheritance).split(separator: "\n").map(String.init)
    // The three streams, the channel, and the worker's own view of its memory.
    let descriptors = inherited.filter { Int($0) != nil }
    #expect(descriptors.count <= 5, "\(descriptors)")
    #expect(!inherited.contains { $0.hasPrefix("PATH=") || $0.hasPrefix("FOOTNOTE_") }, "\(inherited)")
  }

  @Test func doctorTells() throws {
    let outcome = try Binary.run(["doctor"], data: Folder().data)
    #expect(outcome.output.contains("worker sandbox"), "\(outcome.output)")
    if report.isWhole { #expect(outcome.output.contains("all attempts refused"), "\(outcome.output)") }
  }
}
