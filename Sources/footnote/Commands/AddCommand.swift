// footnote add: files and folders into the library.
import App
import Base

let addCommand = CommandSpec(
  name: "add", arguments: "PATH…", positionalMin: 1, positionalMax: nil,
  summary: "add files and folders; what is already held and unchanged is skipped",
  details: """
    A changed file becomes a new version of its document; a file that fails is told in one line, and the others go on.
    """,
  options: [
    OptionSpec(name: "collection", value: "NAME", summary: "the collection they go into (default: default)"),
    OptionSpec(name: "meta", value: "KEY=VALUE", summary: "metadata for filters", repeats: true),
  ]
) { invocation in
  var request = AddRequest(paths: invocation.positionals)
  if let collection = invocation.value("collection") { request.collection = collection }
  request.metadata = try metadata(invocation.all("meta"))
  let console = invocation.console
  let access = try Session.access(invocation.configuration)
  let report = try access.add(request) { progress in
    guard progress.filesTotal > 1 else { return }
    let perSecond = progress.elapsedSeconds > 0 ? Double(progress.chunks) / progress.elapsedSeconds : 0
    let left =
      progress.filesDone > 0
      ? progress.elapsedSeconds / Double(progress.filesDone) * Double(progress.filesTotal - progress.filesDone) : 0
    console.progress(
      "\(progress.filesDone)/\(progress.filesTotal) files, \(progress.pages) pages, \(progress.chunks) chunks, "
        + "\(Int(perSecond)) chunks/s, \(Int(left)) s left")
  }
  console.progressEnded()
  console.result(report) { report in
    var text = ""
    for file in report.added?.array ?? [] {
      let pages = file.pages?.int.map { ", \($0) pages" } ?? ""
      text +=
        "\(file.status?.string ?? "")\t\(Console.printable(file.filename?.string ?? ""))"
        + "\t\(file.chunks_added?.int ?? 0) chunks\(pages)\n"
      for warning in file.warnings?.array ?? [] { text += "\t\(Console.printable(warning.string ?? ""))\n" }
    }
    return console.isQuiet ? "" : text
  }
  for file in report.failed?.array ?? [] {
    console.error(
      PlainFailure(
        .unprocessable, file.code?.string ?? "", "\(file.path?.string ?? ""): \(file.message?.string ?? "")",
        hint: file.hint?.string ?? ""))
  }
  return report.failed?.array?.isEmpty == false ? 1 : 0
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
