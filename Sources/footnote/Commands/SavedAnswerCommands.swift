// footnote verify, replay: saved answers held against the library.
import App
import Base

private func savedAnswer(_ invocation: Invocation) throws -> JSON {
  try JSON(parsing: FileAccess.read(invocation.positionals[0], bytesMax: Limits.uploadBytesMax))
}

let verifyCommand = CommandSpec(
  name: "verify", arguments: "ANSWER.json", positionalMin: 1, positionalMax: 1,
  summary: "finds every citation of a saved answer in the sources again",
  details:
    "Save an answer with 'footnote ask … --json > ANSWER.json'. The exit status is 1 if a citation does not hold.",
  options: []
) { invocation in
  let access = try Session.access(invocation.configuration)
  let report = try access.verify(try savedAnswer(invocation))
  let isValid = report.valid?.bool == true
  invocation.console.result(report) { shape in
    let checks = shape.citations?.array ?? []
    guard !checks.isEmpty else { return "the answer cites nothing\n" }
    return checks.map { check in
      var line = "[\(check.source?.int ?? 0)] \(check.status?.string ?? "")"
      line += "  \(Console.printable(check.filename?.string ?? ""))"
      if let detail = check.detail?.string, !detail.isEmpty { line += ": \(Console.printable(detail))" }
      return line + "\n"
    }.joined()
  }
  return isValid ? 0 : 1
}

let replayCommand = CommandSpec(
  name: "replay", arguments: "ANSWER.json", positionalMin: 1, positionalMax: 1,
  summary: "gives a saved answer again, or names what changed",
  details: "The exit status is 1 if the answer is another one now.", options: []
) { invocation in
  let access = try Session.access(invocation.configuration)
  let report = try access.replay(try savedAnswer(invocation))
  let isSame = report.same?.bool == true
  invocation.console.result(report) { shape in
    var text = isSame ? "the same answer\n" : "another answer\n"
    for change in shape.changed?.array ?? [] { text += "changed: \(Console.printable(change.string ?? ""))\n" }
    if let difference = shape.difference?.string { text += "\(Console.printable(difference))\n" }
    return text
  }
  return isSame ? 0 : 1
}
