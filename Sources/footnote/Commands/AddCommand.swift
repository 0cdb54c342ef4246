// footnote add: files and folders into the library.
import App
import Base

let addCommand = CommandSpec(
  name: "add", arguments: "PATH…", positionalMin: 1, positionalMax: nil,
  summary: "add files and folders; what is already held and unchanged is skipped",
  details: """
    A changed file becomes a new version of its document; a file that fails is told in one line, and the others go on.
    Hidden files, links and what a .footnoteignore names (in the language of .gitignore) are left out. With --watch a
    file that is deleted is taken out of use: it comes back as the same document when the file does, and only 'forget'
    erases it. Meanwhile other commands reach the library through this one.
    """,
  options: [
    OptionSpec(name: "collection", value: "NAME", summary: "the collection they go into (default: default)"),
    OptionSpec(name: "meta", value: "KEY=VALUE", summary: "metadata for filters", repeats: true),
    OptionSpec(name: "watch", value: nil, summary: "go on following the folders until Ctrl-C"),
    OptionSpec(
      name: "chunk-size", value: "N", summary: "plain chunks of N words instead of ones along headings and sentences"),
    OptionSpec(name: "chunk-overlap", value: "M", summary: "words that a plain chunk shares with the one before it"),
  ]
) { invocation in
  var request = AddRequest(paths: invocation.positionals)
  if let collection = invocation.value("collection") { request.collection = collection }
  request.metadata = try metadata(invocation.all("meta"))
  request.chunkWords = try PlainChunks.words(
    size: try invocation.integer("chunk-size", in: 1...Limits.chunkWordsMax),
    overlap: try invocation.integer("chunk-overlap", in: 0...Limits.chunkWordsMax))
  let console = invocation.console
  // Before threads are made, which would otherwise take the signals that end it.
  let stop = StopFlag()
  let interruption = Interruption(stop)
  defer { interruption.end() }
  let session = try Session.shared(invocation.configuration)
  defer { session.end(waiting: !stop.isSet) }
  if invocation.isSet("watch") { return try watch(request, session.access, stop, console) }
  let report = try session.access.add(request, stop: stop) { show($0, on: console) }
  console.progressEnded()
  console.result(report) { report in
    let lines = (report.added?.array ?? []).map(describe).joined()
    return console.isQuiet ? "" : lines
  }
  for file in report.failed?.array ?? [] { complain(file, on: console) }
  for link in report.skipped?.array ?? [] {
    console.note("\(Console.printable(link.path?.string ?? "")): \(link.reason?.string ?? "")")
  }
  if stop.isSet {
    console.note("stopped; what was added stays")
    return 130
  }
  return report.failed?.array?.isEmpty == false ? 1 : 0
}

private func watch(
  _ request: AddRequest, _ access: any LibraryAccess, _ stop: StopFlag, _ console: Console
) throws -> Int32 {
  let watch = try FolderWatch(request, access: access, stop: stop)
  var counts = (added: 0, failed: 0, retired: 0)
  try watch.run(progress: { show($0, on: console) }) {
    console.progressEnded()
    console.note("following \(request.paths.joined(separator: ", ")); Ctrl-C ends it")
  } tell: { news in
    console.progressEnded()
    counts.failed += news.failed.count
    counts.retired += news.retired.count
    for file in news.added where file.status?.string != "unchanged" {
      counts.added += 1
      if !console.isJSON, !console.isQuiet { console.say(describe(file).trimmedEnd) }
    }
    for file in news.failed { complain(file, on: console) }
    for warning in news.warnings { console.note(warning) }
    if !console.isJSON, !console.isQuiet {
      for id in news.retired { console.say("removed\t\(id.string ?? "")") }
    }
  }
  if console.isJSON {
    let shape: JSON = [
      "added": .integer(counts.added), "failed": .integer(counts.failed), "retired": .integer(counts.retired),
    ]
    console.say(shape.prettyText)
  }
  return 130
}

private func show(_ progress: AddProgress, on console: Console) {
  guard progress.filesTotal > 1 else { return }
  let left = progress.secondsLeft.map { ", \(Int($0.rounded())) s left" } ?? ""
  console.progress(
    "\(bar(progress)) \(progress.filesDone)/\(progress.filesTotal) documents, \(progress.pages) pages, "
      + "\(progress.chunks) chunks, \(Int(progress.chunksPerSecond)) chunks/s\(left)")
}

private func bar(_ progress: AddProgress) -> String {
  let width = 20
  let filled = progress.filesTotal > 0 ? width * progress.filesDone / progress.filesTotal : 0
  return "[" + String(repeating: "#", count: filled) + String(repeating: "-", count: width - filled) + "]"
}

private func describe(_ file: JSON) -> String {
  let pages = file["pages"]?.int.map { ", \($0) pages" } ?? ""
  var text =
    "\(file.status?.string ?? "")\t\(Console.printable(file.filename?.string ?? ""))"
    + "\t\(file.chunks_added?.int ?? 0) chunks\(pages)\n"
  for warning in file.warnings?.array ?? [] { text += "\t\(Console.printable(warning.string ?? ""))\n" }
  return text
}

private func complain(_ file: JSON, on console: Console) {
  console.error(
    PlainFailure(
      .unprocessable, file.code?.string ?? "", "\(file.path?.string ?? ""): \(file.message?.string ?? "")",
      hint: file.hint?.string ?? ""))
}

/// `key=value` pairs; a value that reads as a number is one.
private func metadata(_ pairs: [String]) throws -> JSON {
  var members = JSONObject()
  for pair in pairs {
    guard let equals = pair.firstIndex(of: "="), equals != pair.startIndex else {
      throw UsageError("--meta takes KEY=VALUE, not '\(pair)'")
    }
    let key = String(pair[..<equals])
    let value = String(pair[pair.index(after: equals)...])
    if let whole = Int(value) {
      members[key] = .integer(whole)
    } else if let number = Double(value), number.isFinite {
      members[key] = .number(number)
    } else {
      members[key] = .string(value)
    }
  }
  return .object(members)
}
