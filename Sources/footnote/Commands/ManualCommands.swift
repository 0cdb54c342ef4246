// footnote man, completions: what the definitions of commands and settings say, for man and for shells.
import App
import Base

let manCommand = CommandSpec(
  name: "man", arguments: "", positionalMin: 0, positionalMax: 0,
  summary: "the manual page, for man: footnote man > footnote.1", options: []
) { invocation in
  invocation.console.say(ManualPage.page(Program.commands).trimmedEnd)
  return 0
}

let completionsCommand = CommandSpec(
  name: "completions", arguments: Completions.Shell.allCases.map(\.rawValue).joined(separator: "|"), positionalMin: 1,
  positionalMax: 1, summary: "completion for a shell",
  details: """
    bash: source <(footnote completions bash)
    zsh: footnote completions zsh > "${fpath[1]}/_footnote"
    fish: footnote completions fish > ~/.config/fish/completions/footnote.fish
    """,
  options: []
) { invocation in
  let known = Completions.Shell.allCases.map(\.rawValue)
  guard let shell = Completions.Shell(rawValue: invocation.positionals[0]) else {
    throw UsageError("there are completions for \(known.joined(separator: ", ")), not '\(invocation.positionals[0])'")
  }
  invocation.console.say(Completions.script(for: shell, Program.commands).trimmedEnd)
  return 0
}
