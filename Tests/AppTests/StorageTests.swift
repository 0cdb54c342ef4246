// A device that is full, files that may not grow, a directory that cannot be written, a damaged database: each is told
// in clear words, and nothing that was acknowledged is lost.
import Base
import Foundation
import Testing

@Suite struct StorageTests {
  private let folder = Folder()

  private func shell(_ script: String) throws -> Outcome {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/bash")
    process.arguments = ["-c", script]
    let output = Pipe()
    process.standardOutput = output
    process.standardError = output
    try process.run()
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    return Outcome(status: process.terminationStatus, output: text, errors: text)
  }

  @Test func aFullDeviceLetsThingsBeTakenOut() throws {
    let mount = folder.path + "/small"
    try FileManager.default.createDirectory(atPath: mount, withIntermediateDirectories: true)
    // Only where this user may mount.
    guard try shell("mount -t tmpfs -o size=8m tmpfs '\(mount)'").status == 0 else { return }
    defer { _ = try? shell("umount -l '\(mount)'") }
    let data = mount + "/data"
    try folder.write("in/first.txt", "The first text is about gardens.")
    #expect(try Binary.run(["add", folder.path + "/in"], data: data).status == 0)
    _ = try shell("head -c 8m /dev/zero > '\(mount)/filler'")
    for number in 0..<20 {
      try folder.write("more/\(number).txt", String(repeating: "Lamp \(number) hangs over a desk. ", count: 400))
    }
    let full = try Binary.run(["add", folder.path + "/more"], data: data)
    #expect(full.status == 1 && full.errors.contains("no room left"), "\(full.errors)")
    let listed = try Binary.run(["list"], data: data)
    #expect(listed.output.contains("first.txt"), "\(listed.output)\(listed.errors)")
    let removed = try Binary.run(["remove", "first.txt"], data: data)
    #expect(removed.status == 0, "\(removed.errors)")
    _ = try shell("rm '\(mount)/filler'")
    let again = try Binary.run(["add", folder.path + "/in", folder.path + "/more"], data: data)
    #expect(again.status == 0, "\(again.errors)")
  }

  @Test func aDeviceThatIsReadOnlyIsTold() throws {
    let mount = folder.path + "/fixed"
    try FileManager.default.createDirectory(atPath: mount, withIntermediateDirectories: true)
    guard try shell("mount -t tmpfs -o size=16m tmpfs '\(mount)'").status == 0 else { return }
    defer { _ = try? shell("umount -l '\(mount)'") }
    let file = try folder.write("in/first.txt", "The first text is about gardens.")
    #expect(try Binary.run(["add", file], data: mount + "/data").status == 0)
    #expect(try shell("mount -o remount,ro '\(mount)'").status == 0)
    for arguments in [["add", file], ["search", "gardens"], ["remove", "first.txt"]] {
      let outcome = try Binary.run(arguments, data: mount + "/data")
      #expect(outcome.status == 1 && outcome.errors.contains("cannot be written"), "\(outcome.errors)")
    }
    #expect(try shell("mount -o remount,rw '\(mount)'").status == 0)
    #expect(try Binary.run(["search", "gardens"], data: mount + "/data").output.contains("first.txt"))
  }

  @Test func aFileThatMayNotGrowIsTold() throws {
    try folder.write("in/first.txt", "The first text is about gardens.")
    #expect(try Binary.run(["add", folder.path + "/in"], data: folder.data).status == 0)
    for number in 0..<20 {
      try folder.write("more/\(number).txt", String(repeating: "Lamp \(number) hangs over a desk. ", count: 2_000))
    }
    let limited = try shell(
      "trap '' XFSZ; ulimit -f 400; exec '\(Binary.path)' add '\(folder.path)/more' --data '\(folder.data)'")
    #expect(limited.status == 1 && limited.errors.contains("no room left"), "\(limited.errors)")
    #expect(try Binary.run(["add", folder.path + "/more"], data: folder.data).status == 0)
    let stats = try JSON(parsing: Binary.run(["stats", "--json"], data: folder.data).output)
    #expect(stats.unique_documents?.int == 21)
  }

  @Test func aDamagedPageIsToldAndNothingGuessed() throws {
    for number in 0..<40 {
      try folder.write("in/\(number).txt", String(repeating: "Lamp \(number) hangs over a desk. ", count: 300))
    }
    #expect(try Binary.run(["add", folder.path + "/in"], data: folder.data).status == 0)
    let path = folder.data + "/library.db"
    var content = try #require(FileManager.default.contents(atPath: path))
    try #require(content.count > 100_000)
    for offset in stride(from: 8_192, to: content.count - 4_096, by: 4_096) {
      content.replaceSubrange(offset..<offset + 16, with: [UInt8](repeating: 0xFF, count: 16))
    }
    try content.write(to: URL(fileURLWithPath: path))
    let doctor = try Binary.run(["doctor"], data: folder.data)
    #expect(doctor.status == 1 && doctor.output.contains("damaged"), "\(doctor.output)")
    let asked = try Binary.run(["search", "lamp"], data: folder.data)
    #expect(asked.status == 1 && asked.errors.contains("damaged"), "\(asked.errors)")
  }

  @Test func aDirectoryThatCannotBeMadeIsTold() throws {
    try folder.write("file", "in the way")
    let outcome = try Binary.run(["list"], data: folder.path + "/file/data")
    #expect(outcome.status == 1 && outcome.errors.contains("cannot be written"), "\(outcome.errors)")
  }
}
