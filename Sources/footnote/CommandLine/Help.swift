// Help, made from the commands' definitions.

enum Help {
  static func overview(_ commands: [CommandSpec]) -> String {
    var text = "Footnote answers questions from your documents and cites the exact words.\n\n"
    text += "usage: footnote COMMAND [ARGUMENTS] [OPTIONS]\n\ncommands:\n"
    text += table(commands.filter { !$0.isHidden }.map { ("\($0.name) \($0.arguments)", $0.summary) })
    text += "\noptions of every command:\n"
    text += table(CommandParser.globalOptions.map { (signature($0), $0.summary) })
    text += "\n'footnote COMMAND --help' tells more.\n"
    return text
  }

  static func command(_ command: CommandSpec) -> String {
    var text = "usage: footnote \(command.name)"
    if !command.arguments.isEmpty { text += " \(command.arguments)" }
    text += " [OPTIONS]\n\n\(command.summary)\n"
    if !command.details.isEmpty { text += "\n\(command.details)\n" }
    if !command.options.isEmpty {
      text += "\noptions:\n" + table(command.options.map { (signature($0), $0.summary) })
    }
    text += "\noptions of every command:\n"
    text += table(CommandParser.globalOptions.map { (signature($0), $0.summary) })
    return text
  }

  static func signature(_ option: OptionSpec) -> String {
    let short = option.short.map { "-\($0), " } ?? ""
    let value = option.value.map { " \($0)" } ?? ""
    return "\(short)--\(option.name)\(value)\(option.repeats ? "…" : "")"
  }

  private static let leftColumnMax = 32

  /// What is too long for the left column has a line of its own, so that it does not push all others aside.
  private static func table(_ rows: [(String, String)]) -> String {
    let width = rows.map(\.0.count).filter { $0 <= leftColumnMax }.max() ?? 0
    return rows.map { left, right in
      let gap = left.count <= width ? "" : "\n  "
      let used = left.count <= width ? left.count : 0
      return "  \(left)\(gap)\(String(repeating: " ", count: width - used + 2))\(right)\n"
    }.joined()
  }
}
