// footnote backup, restore: the whole library as one file. export, import: its documents in an open form.
import App
import Base

let backupCommand = CommandSpec(
  name: "backup", arguments: "FILE", positionalMin: 1, positionalMax: 1,
  summary: "the whole library as one file, of one moment, while it serves",
  details:
    "The file is read back and proved before it gets its name. It holds every document: keep it as safe as them.",
  options: []
) { invocation in
  let path = FileAccess.absolute(invocation.positionals[0])
  invocation.console.result(try Session.access(invocation.configuration).backup(to: path), words: inWords)
  return 0
}

let restoreCommand = CommandSpec(
  name: "restore", arguments: "FILE", positionalMin: 1, positionalMax: 1,
  summary: "puts a backup in the place of the library, once it is proved whole",
  details: "What was there stays beside it as library.db.before-restore. No server may hold the library meanwhile.",
  options: []
) { invocation in
  let path = FileAccess.absolute(invocation.positionals[0])
  invocation.console.result(try Session.restore(path, invocation.configuration), words: inWords)
  return 0
}

let exportCommand = CommandSpec(
  name: "export", arguments: "FOLDER", positionalMin: 1, positionalMax: 1,
  summary: "the documents in an open form: a folder of JSON lines and original files",
  details: """
    documents.jsonl holds a line for each document with its collection, names, metadata and versions; originals/ the
    bytes of each version, named by their SHA-256. It is of one moment, while the library goes on. Keys, the audit log,
    kept answers and settings are not in it: 'footnote backup' keeps those.
    """,
  options: []
) { invocation in
  let path = FileAccess.absolute(invocation.positionals[0])
  invocation.console.result(try Session.access(invocation.configuration).export(to: path)) { shape in
    "\(shape.documents?.int ?? 0) documents, \(shape.versions?.int ?? 0) versions, \(shape.originals?.int ?? 0) files\n"
  }
  return 0
}

let importCommand = CommandSpec(
  name: "import", arguments: "FOLDER", positionalMin: 1, positionalMax: 1,
  summary: "the documents of an export, under their own ids and with all their versions",
  details: """
    Text, passages and vectors are made anew from the originals. What is held already is left as it is; a run that was
    ended half-way can be begun again. One line a document that cannot come in; the others go on.
    """,
  options: []
) { invocation in
  let console = invocation.console
  let path = FileAccess.absolute(invocation.positionals[0])
  let stop = StopFlag()
  let interruption = Interruption(stop)
  defer { interruption.end() }
  let session = try Session.shared(invocation.configuration)
  defer { session.end(waiting: true) }
  let outcome = try session.access.importDocuments(from: path, stop: stop) { console.progress("\($0) documents") }
  console.progressEnded()
  console.result(outcome) { shape in
    let unchanged = shape.unchanged?.int ?? 0
    return "\(shape.documents?.int ?? 0) documents, \(shape.versions?.int ?? 0) versions"
      + (unchanged > 0 ? "; \(unchanged) were held already" : "") + "\n"
  }
  for failure in outcome.failed?.array ?? [] {
    console.note(
      "\(Console.printable(failure.path?.string ?? "")): \(Console.printable(failure.message?.string ?? ""))")
  }
  if stop.isSet { return 130 }
  return outcome.failed?.array?.isEmpty == false ? 1 : 0
}

private func inWords(_ shape: JSON) -> String {
  "\(shape.documents?.int ?? 0) documents, \(shape.contents?.int ?? 0) contents read back and proved\n"
}
