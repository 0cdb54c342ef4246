// `add --watch` as a user runs it, in this process' own library and through a running server.
import Base
import Foundation
import Models
import Testing

@Suite struct WatchTests {
  private let folder = Folder()

  private struct Watch {
    let process: Process
    let errors: Pipe

    /// Ends as by Ctrl-C; gives the exit status.
    func stop() -> Int32 {
      kill(process.processIdentifier, SIGINT)
      process.waitUntilExit()
      return process.terminationStatus
    }
  }

  private func watch(_ path: String, _ arguments: [String] = []) throws -> Watch {
    let process = Binary.make(["add", path, "--watch"] + arguments, data: folder.data)
    let errors = Pipe()
    process.standardError = errors
    process.standardOutput = FileHandle.nullDevice
    try process.run()
    var said = ""
    while !said.contains("Ctrl-C") {
      let more = errors.fileHandleForReading.availableData
      guard !more.isEmpty else { throw ServerEnded(said: said) }
      said += String(decoding: more, as: UTF8.self)
    }
    return Watch(process: process, errors: errors)
  }

  private func held(_ server: RunningServer) throws -> [String: String] {
    let reply = try HTTPClient().send(HTTPRequest("GET", server.url + "/documents"))
    var held: [String: String] = [:]
    for document in try JSON(parsing: reply.body).documents?.array ?? [] {
      held[document.filename?.string ?? ""] = document.document_id?.string ?? ""
    }
    return held
  }

  /// Waits until the library holds these names; the wait has an end, but how long it takes is not judged here.
  private func expect(
    _ names: Set<String>, in server: RunningServer, _ location: SourceLocation = #_sourceLocation
  ) throws {
    var found: Set<String> = []
    for _ in 0..<300 {
      found = Set(try held(server).keys)
      if found == names { return }
      usleep(100_000)
    }
    #expect(found == names, sourceLocation: location)
  }

  @Test func everythingIsFollowedThroughAServer() throws {
    let server = try RunningServer(data: folder.data)
    try folder.write("f/one.txt", "The first text is about gardens.")
    try folder.write("f/.footnoteignore", "*.tmp\n")
    let watch = try watch(folder.path + "/f")
    try expect(["one.txt"], in: server)
    let first = try held(server)["one.txt"]

    try folder.write("f/two.txt", "The second text is about rivers.")
    try folder.write("f/sub/deep/three.txt", "The third text is about hills.")
    try folder.write("f/left.tmp", "Nobody reads this one.")
    try expect(["one.txt", "two.txt", "three.txt"], in: server)

    let files = FileManager.default
    try files.moveItem(atPath: folder.path + "/f/one.txt", toPath: folder.path + "/f/sub/uno.txt")
    try expect(["uno.txt", "two.txt", "three.txt"], in: server)
    #expect(try held(server)["uno.txt"] == first)

    try files.moveItem(atPath: folder.path + "/f/sub", toPath: folder.path + "/f/moved")
    try folder.write("f/moved/four.txt", "The fourth text is about seas.")
    try expect(["uno.txt", "two.txt", "three.txt", "four.txt"], in: server)
    #expect(try held(server)["uno.txt"] == first)

    try files.removeItem(atPath: folder.path + "/f/moved")
    try expect(["two.txt"], in: server)
    try folder.write("f/.footnoteignore", "")
    try expect(["two.txt", "left.tmp"], in: server)
    #expect(watch.stop() == 130)
    #expect(server.stop() == 0)
  }

  /// In a user namespace of its own the system lets so many folders be watched, and so many watchers be; skipped where
  /// nobody may make one.
  @Test(arguments: ["max_inotify_watches", "max_inotify_instances"])
  func whereNoMoreFoldersCanBeWatchedTheyAreLookedAt(_ limit: String) throws {
    func shell(_ script: String) -> Process {
      let process = Process()
      process.executableURL = URL(fileURLWithPath: "/usr/bin/unshare")
      process.arguments = ["--user", "--map-root-user", "sh", "-c", script]
      return process
    }
    let allowed = limit == "max_inotify_watches" ? 2 : 0
    let set = "echo \(allowed) > /proc/sys/user/\(limit)"
    let attempt = shell("\(set) 2>/dev/null")
    guard (try? attempt.run()) != nil else { return }
    attempt.waitUntilExit()
    guard attempt.terminationStatus == 0 else { return }

    let server = try RunningServer(data: folder.data)
    for name in ["a", "b", "c", "d"] { try folder.write("f/\(name)/\(name).txt", "The text \(name) is about gardens.") }
    let watch = shell("\(set); exec '\(Binary.path)' add '\(folder.path)/f' --watch --data '\(folder.data)'")
    let errors = Pipe()
    watch.standardError = errors
    watch.standardOutput = FileHandle.nullDevice
    try watch.run()
    var said = ""
    while !said.contains("Ctrl-C") {
      let more = errors.fileHandleForReading.availableData
      try #require(!more.isEmpty, "\(said)")
      said += String(decoding: more, as: UTF8.self)
    }
    #expect(said.contains("lets no more folders be watched") && said.contains("sysctl"), "\(said)")
    try expect(["a.txt", "b.txt", "c.txt", "d.txt"], in: server)
    try folder.write("f/d/new.txt", "A new text about rivers.")
    try folder.write("f/e/deep/e.txt", "A text about hills.")
    let held = try held(server)
    try FileManager.default.moveItem(atPath: folder.path + "/f/b/b.txt", toPath: folder.path + "/f/d/moved.txt")
    try FileManager.default.removeItem(atPath: folder.path + "/f/c")
    try expect(["a.txt", "moved.txt", "d.txt", "new.txt", "e.txt"], in: server)
    #expect(try self.held(server)["moved.txt"] == held["b.txt"])
    try folder.write("f/d/d.txt", "The text is about seas now.")
    var text = ""
    for _ in 0..<100 where !text.contains("seas") {
      usleep(100_000)
      let reply = try HTTPClient().send(HTTPRequest("GET", server.url + "/documents/d.txt/text"))
      text = String(decoding: reply.body, as: UTF8.self)
    }
    #expect(text.contains("seas now"))
    kill(watch.processIdentifier, SIGINT)
    watch.waitUntilExit()
    #expect(server.stop() == 0)
  }

  /// A thousand files at once are all followed, whatever the kernel's queue of events holds.
  @Test func aBurstOfFilesIsFollowedWhole() throws {
    let server = try RunningServer(data: folder.data)
    try folder.write("f/first.txt", "The first text is about gardens.")
    let watch = try watch(folder.path + "/f")
    for number in 0..<1_000 { try folder.write("f/\(number % 10)/n\(number).txt", "Lamp number \(number).") }
    let all = Set((0..<1_000).map { "n\($0).txt" })
    try expect(all.union(["first.txt"]), in: server)
    for number in 0..<10 { try FileManager.default.removeItem(atPath: "\(folder.path)/f/\(number)") }
    try expect(["first.txt"], in: server)
    #expect(watch.stop() == 130)
    #expect(server.stop() == 0)
  }

  @Test func otherCommandsReachTheLibraryThroughTheWatch() throws {
    try folder.write("f/one.txt", "The first text is about gardens.")
    let watch = try watch(folder.path + "/f")
    #expect(try Binary.run(["search", "gardens"], data: folder.data).output.contains("one.txt"))
    let other = try folder.write("other.txt", "The other text is about rivers.")
    let added = try Binary.run(["add", other], data: folder.data)
    #expect(added.status == 0 && added.output.contains("other.txt"), "\(added.errors)")
    #expect(try Binary.run(["remove", "other.txt"], data: folder.data).status == 0)
    let doctor = try Binary.run(["doctor"], data: folder.data)
    #expect(doctor.status == 0 && doctor.output.contains("held by process"), "\(doctor.output)")
    let server = try Binary.run(["serve", "--port", "0"], data: folder.data)
    #expect(server.status == 1 && server.errors.contains("in use by process"), "\(server.errors)")
    // Nobody but the owner's commands: whoever finds the port has no token.
    let address = try JSON(parsing: Array(#require(FileManager.default.contents(atPath: folder.data + "/server.json"))))
    let url = try #require(address.url?.string)
    for path in ["/", "/documents", "/health", "/absent"] {
      #expect(try HTTPClient().send(HTTPRequest("GET", url + path)).status == 403, "\(path)")
    }
    #expect(watch.stop() == 130)
    #expect(try Binary.run(["search", "gardens"], data: folder.data).output.contains("one.txt"))
  }

  @Test func twoAddsAtOnceBothEnd() throws {
    for number in 0..<60 { try folder.write("a/\(number).txt", "Lamp \(number) hangs over a desk of room a.") }
    for number in 0..<60 { try folder.write("b/\(number).txt", "Chair \(number) stands at a table of room b.") }
    let first = Binary.make(["add", folder.path + "/a", "--quiet"], data: folder.data)
    try first.run()
    let second = try Binary.run(["add", folder.path + "/b", "--quiet"], data: folder.data)
    first.waitUntilExit()
    #expect(first.terminationStatus == 0 && second.status == 0, "\(second.errors)")
    let stats = try JSON(parsing: Binary.run(["stats", "--json"], data: folder.data).output)
    #expect(stats.unique_documents?.int == 120)
  }

  @Test func aMemberThatVanishesFromAnArchiveIsTakenOut() throws {
    func pack(_ names: [String]) throws {
      let script =
        "import sys, zipfile\nwith zipfile.ZipFile(sys.argv[1], 'w') as z:\n"
        + " for n in sys.argv[2:]: z.writestr(n + '.txt', 'This text is about ' + n + '.')"
      let process = Process()
      process.executableURL = URL(fileURLWithPath: "/usr/bin/python3")
      process.arguments = ["-c", script, folder.path + "/f/all.zip"] + names
      try process.run()
      process.waitUntilExit()
    }
    let server = try RunningServer(data: folder.data)
    try folder.write("f/one.txt", "The first text is about gardens.")
    try pack(["rivers", "hills"])
    let watch = try watch(folder.path + "/f")
    try expect(["one.txt", "all.zip/rivers.txt", "all.zip/hills.txt"], in: server)
    try pack(["hills", "seas"])
    try expect(["one.txt", "all.zip/seas.txt", "all.zip/hills.txt"], in: server)
    #expect(watch.stop() == 130)
    #expect(server.stop() == 0)
  }

  @Test func editsAndBurstsEndInTheLastText() throws {
    try folder.write("f/note.txt", "version 0")
    let watch = try watch(folder.path + "/f")
    for round in 1...30 { try folder.write("f/note.txt", "version \(round) of the note") }
    for number in 0..<40 { try folder.write("f/many/\(number).txt", "Note number \(number) of many.") }
    sleep(4)
    #expect(watch.stop() == 130)
    let text = try Binary.run(["show", "note.txt", "--text"], data: folder.data)
    #expect(text.output.contains("version 30"), "\(text.output) \(text.errors)")
    let stats = try JSON(parsing: Binary.run(["stats", "--json"], data: folder.data).output)
    #expect(stats.unique_documents?.int == 41)
  }

  @Test func whatWasDeletedMeanwhileIsTakenOutAtTheStart() throws {
    try folder.write("f/a.txt", "The first text is about gardens.")
    let gone = try folder.write("f/b.txt", "The second text is about rivers.")
    #expect(try watch(folder.path + "/f").stop() == 130)
    try FileManager.default.removeItem(atPath: gone)
    #expect(try watch(folder.path + "/f").stop() == 130)
    let listed = try Binary.run(["list"], data: folder.data).output
    #expect(listed.contains("a.txt") && !listed.contains("b.txt"))
    let missing = try Binary.run(["add", "--watch", folder.path + "/absent"], data: folder.data)
    #expect(missing.status == 1 && missing.errors.contains("does not exist"))
  }
}
