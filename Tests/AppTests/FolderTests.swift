// Folders: what is left out of them, and what has settled in them. The watch itself runs in WatchTests.
import Foundation
import Synchronization
import Testing

@testable import App

@Suite struct IgnoreRulesTests {
  private func leavesOut(_ rules: String, _ path: String, isFolder: Bool = false) -> Bool? {
    IgnoreRules(rules).verdict(on: path.split(separator: "/").map(String.init), isFolder: isFolder)
  }

  @Test(
    arguments: [
      ("*.log", "a.log", true), ("*.log", "deep/down/a.log", true), ("*.log", "a.logs", nil), ("/a.txt", "a.txt", true),
      ("/a.txt", "x/a.txt", nil), ("x/a.txt", "x/a.txt", true), ("x/a.txt", "y/x/a.txt", nil), ("# no", "# no", nil),
      ("\\#yes", "#yes", true), ("\\!yes", "!yes", true), ("**/a", "x/y/a", true), ("**/a", "a", true),
      ("x/**", "x/y/z", true), ("x/**", "x", nil), ("x/**/z", "x/z", true), ("x/**/z", "x/1/2/z", true),
      ("x/**/z", "x/1/2/y", nil), ("a?c", "abc", true), ("a?c", "a/c", nil), ("[a-c]1", "b1", true),
      ("[!a-c]1", "b1", nil), ("a\\*", "a*", true), ("a\\*", "ab", nil), ("*.log\n!keep.log", "keep.log", false),
      ("!keep.log\n*.log", "keep.log", true), ("trail  ", "trail", true), ("x/*.txt", "x/y/a.txt", nil), ("", "a", nil),
      ("/", "a", nil),
    ] as [(String, String, Bool?)])
  func patterns(_ rules: String, _ path: String, _ expected: Bool?) {
    #expect(leavesOut(rules, path) == expected, "\(rules) on \(path)")
  }

  @Test func aSlashAtTheEndMeansFolders() {
    #expect(leavesOut("build/", "build", isFolder: true) == true)
    #expect(leavesOut("build/", "build") == nil)
    #expect(leavesOut("build/", "x/build", isFolder: true) == true)
  }

  @Test func manyStarsEnd() {
    let stars = String(repeating: "**/", count: 200) + "x"
    #expect(leavesOut(stars, String(repeating: "a/", count: 100) + "b") == nil)
  }
}

@Suite struct FolderWalkTests {
  private let folder = Folder()

  private func names(_ path: String) -> [String] {
    let list = PathList([path])
    return list.files.map { String($0.path.dropFirst(folder.path.count + 1)) }
  }

  @Test func everyFileButTheHiddenAndTheNamed() throws {
    for name in [
      "f/b.txt", "f/a.txt", "f/.hidden.txt", "f/.git/x.txt", "f/sub/c.txt", "f/sub/skip.log", "f/sub/keep.log",
      "f/out/d.txt", "f/out/keep.log", "f/sub/deep/e.txt",
    ] { try folder.write(name, "text") }
    try folder.write("f/.footnoteignore", "*.log\nout/\n")
    try folder.write("f/sub/.footnoteignore", "!keep.log\n/deep\n")
    // What lies in a folder that is left out cannot be taken back.
    #expect(names(folder.path + "/f") == ["f/a.txt", "f/b.txt", "f/sub/c.txt", "f/sub/keep.log"])
  }

  @Test func linksAreToldAndNotFollowed() throws {
    try folder.write("f/a.txt", "text")
    let files = FileManager.default
    try files.createSymbolicLink(atPath: folder.path + "/f/loop", withDestinationPath: folder.path + "/f")
    try files.createSymbolicLink(atPath: folder.path + "/f/up", withDestinationPath: "..")
    try files.createSymbolicLink(atPath: folder.path + "/f/b.txt", withDestinationPath: folder.path + "/f/a.txt")
    let list = PathList([folder.path + "/f"])
    #expect(list.files.map(\.filename) == ["a.txt"])
    #expect(list.skipped.count == 3 && list.failed.isEmpty)
    // A link that is named itself is what it points to.
    #expect(PathList([folder.path + "/f/loop"]).files.count == 1)
  }

  @Test func whatCannotBeReadStopsNothing() throws {
    try folder.write("f/a.txt", "text")
    try folder.write("f/locked/b.txt", "text")
    unsafe chmod(folder.path + "/f/locked", 0)
    defer { unsafe chmod(folder.path + "/f/locked", 0o700) }
    let list = PathList([folder.path + "/f", folder.path + "/absent"])
    #expect(list.files.contains { $0.filename == "a.txt" })
    #expect(list.failed.map(\.path).contains(folder.path + "/absent"))
    // Root reads everything.
    if geteuid() != 0 { #expect(list.failed.map(\.path).contains(folder.path + "/f/locked")) }
  }

  @Test func oddNamesAreToldAndStopNothing() throws {
    try folder.write("f/good.txt", "The good text is about gardens.")
    try folder.write("f/two\nlines.txt", "The odd text is about rivers.")
    let broken: [CChar] = (folder.path + "/f/").utf8CString.dropLast() + [CChar(bitPattern: 0xFF), 0x61, 0]
    let descriptor = unsafe creat(broken, 0o600)
    #expect(descriptor >= 0)
    close(descriptor)
    let added = try Binary.run(["add", folder.path + "/f"], data: folder.data)
    #expect(added.status == 1 && added.output.contains("good.txt"), "\(added.output)")
    #expect(added.errors.contains("control characters"), "\(added.errors)")
    #expect(added.errors.contains("not valid UTF-8"), "\(added.errors)")
    #expect(added.errors.split(separator: "\n").count == 2, "\(added.errors)")
  }

  @Test func aFileNamedTwiceIsOnce() throws {
    let file = try folder.write("f/a.txt", "text")
    #expect(PathList([file, folder.path + "/f", folder.path + "/f/../f/a.txt"]).files.count == 1)
  }
}

@Suite struct PendingChangesTests {
  @Test func aBurstIsOneChange() {
    var pending = PendingChanges()
    for step in 0..<10 { pending.note(.completed, "/a", at: Double(step) * 0.1) }
    #expect(pending.takeDue(at: 1.0).isEmpty)
    #expect(pending.takeDue(at: 1.16) == ["/a"])
    #expect(pending.isEmpty && pending.nextDue == nil)
  }

  @Test func aFileThatIsWrittenIsWaitedFor() {
    var pending = PendingChanges()
    pending.note(.appeared, "/a", at: 0)
    pending.note(.written, "/a", at: 0.1)
    #expect(pending.takeDue(at: 20).isEmpty)
    pending.note(.completed, "/a", at: 25)
    #expect(pending.takeDue(at: 25.3) == ["/a"])
    pending.note(.written, "/b", at: 30)
    #expect(pending.takeDue(at: 61) == ["/b"])
  }

  @Test func aSecondNameIsNeverWrittenTo() {
    var pending = PendingChanges()
    pending.note(.appeared, "/a", at: 0)
    #expect(pending.takeDue(at: 0.5).isEmpty && pending.takeDue(at: 1.1) == ["/a"])
  }

  @Test func aFileThatNeverRestsIsLookedAtInTheEnd() {
    var pending = PendingChanges()
    var taken: [String] = []
    for step in 0..<50 {
      pending.note(.completed, "/a", at: Double(step) * 0.1)
      taken += pending.takeDue(at: Double(step) * 0.1)
    }
    #expect(!taken.isEmpty)
  }
}

@Suite struct AheadBufferTests {
  @Test func elementsComeInTheOrderOfTheirTasks() {
    let buffer = AheadBuffer<Int>(taskCount: 40, bytesMax: 1 << 20, readyMax: 64)
    for _ in 0..<4 {
      Thread {
        while let task = buffer.claim() {
          usleep(UInt32((task * 7_919) % 900))
          for part in 0..<3 { buffer.put(task * 3 + part, bytes: 1, of: task) }
          buffer.finish(task)
        }
      }.start()
    }
    var taken: [Int] = []
    while let more = buffer.take() { taken += more }
    #expect(taken == Array(0..<120))
  }

  @Test func aSlowTaskHoldsNobodyUp() {
    let buffer = AheadBuffer<Int>(taskCount: 20, bytesMax: 1 << 20, readyMax: 4)
    let release = DispatchSemaphore(value: 0)
    for _ in 0..<2 {
      Thread {
        while let task = buffer.claim() {
          if task == 0 { release.wait() }
          buffer.put(task, bytes: 1, of: task)
          buffer.finish(task)
        }
      }.start()
    }
    var taken: [Int] = []
    while let more = buffer.take() {
      taken += more
      // The slow one is let go only after others were handed out before it.
      if taken.count >= 4 { release.signal() }
    }
    #expect(taken.sorted() == Array(0..<20) && taken.first != 0)
  }

  @Test func afterStoppingWhatIsReadyStillComes() {
    let buffer = AheadBuffer<Int>(taskCount: 5, bytesMax: 10, readyMax: 4)
    #expect(buffer.claim() == 0)
    buffer.put(7, bytes: 1, of: 0)
    buffer.stop()
    #expect(buffer.claim() == nil && buffer.claimedCount == 1)
    buffer.finish(0)
    #expect(buffer.take() == [7])
    #expect(buffer.take() == nil)
  }
}
