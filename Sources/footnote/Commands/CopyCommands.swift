// footnote backup, restore: the whole library as one file.
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

private func inWords(_ shape: JSON) -> String {
  "\(shape.documents?.int ?? 0) documents, \(shape.contents?.int ?? 0) contents read back and proved\n"
}
