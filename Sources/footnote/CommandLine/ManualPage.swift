// The manual page, made from the commands' and settings' definitions, as man(7) wants it.
// https://man7.org/linux/man-pages/man7/groff_man.7.html
import App
import Base

enum ManualPage {
  static func page(_ commands: [CommandSpec]) -> String {
    var page = ".TH FOOTNOTE 1 \"\" \"footnote \(escaped(Product.version))\" \"User Commands\"\n"
    // Lines of long addresses cannot be spread to both margins.
    page += ".ad l\n"
    page += section("NAME")
    page += "footnote \\- answers from your documents, with the exact words cited\n"
    page += section("SYNOPSIS")
    page += ".B footnote\n.I COMMAND\n.RI [ ARGUMENTS ]\n.RI [ OPTIONS ]\n"
    page += section("DESCRIPTION")
    page += text(
      """
      Footnote holds a library of documents, finds the passages that fit a question, and answers in words whose every
      sentence names the range of a document that carries it. One process owns a library; commands on a library that a
      server holds go through that server.
      """)
    page += section("COMMANDS")
    for command in commands where !command.isHidden {
      page += ".SS \"footnote \(escaped(command.name)) \(escaped(command.arguments))\"\n"
      page += text(command.summary.sentence)
      if !command.details.isEmpty { page += ".PP\n" + text(command.details) }
      page += command.options.map(option).joined()
    }
    page += section("OPTIONS OF EVERY COMMAND") + CommandParser.globalOptions.map(option).joined()
    page += section("SETTINGS")
    page += text(
      """
      Weakest first: what the product brings, the settings file, the environment, the command line. The file is JSON; a
      setting with a dot in its name stands in an object of that name. 'footnote config' shows what is in force and
      where it came from.
      """)
    page += Settings.all.map(setting).joined()
    page += section("SIGNALS OF A SERVER")
    page += item("SIGTERM, SIGINT", "What is being answered is finished, indexes are saved, and the server ends.")
    page += item(
      "SIGHUP",
      "Settings, keys, certificate and log file are read again; what cannot change without a restart is said.")
    page += section("EXIT STATUS")
    for (status, meaning) in [
      ("0", "Done."), ("1", "Something failed; one line on standard error names the cause and the way out."),
      ("2", "Wrong usage."), ("130", "Interrupted."),
    ] { page += item(status, meaning) }
    page += section("FILES")
    page += item(
      "~/.config/footnote/config.json", "The settings file, unless --config or $FOOTNOTE_CONFIG names another.")
    page += item("~/.local/share/footnote", "The library, unless --data or $FOOTNOTE_DATA names another folder.")
    return page
  }

  private static func section(_ name: String) -> String { ".SH \"\(escaped(name))\"\n" }

  private static func item(_ head: String, _ body: String) -> String {
    ".TP\n.B \"\(escaped(head))\"\n" + text(body)
  }

  private static func option(_ option: OptionSpec) -> String {
    ".TP\n.B \"\(escaped(Help.signature(option)))\"\n" + text(option.summary.sentence)
  }

  private static func setting(_ setting: Setting) -> String {
    let fallback = setting.fallback(["HOME": "~"])
    // A list is told with spaces, so that its lines can break.
    let told = fallback.string ?? fallback.array?.map { $0.string ?? $0.text }.joined(separator: ", ") ?? fallback.text
    let standard = fallback.isNull || told.isEmpty ? "" : " Without it: \(told)."
    return ".TP\n.BR \"\(escaped(setting.key))\" \" (\\fI\(escaped("$" + setting.environment))\\fR)\"\n"
      + text("\(setting.help.sentence) It takes \(setting.expected).\(standard)")
  }

  /// Lines of running text: none is taken for a request.
  private static func text(_ text: String) -> String {
    text.split(separator: "\n", omittingEmptySubsequences: true).map { line in
      let line = escaped(String(line))
      return (line.hasPrefix(".") || line.hasPrefix("'") ? "\\&" : "") + line + "\n"
    }.joined()
  }

  private static func escaped(_ text: String) -> String {
    var out = ""
    for character in text {
      switch character {
      case "\\": out += "\\e"
      case "-": out += "\\-"
      case "\"": out += "\\(dq"
      case "~": out += "\\(ti"
      case "^": out += "\\(ha"
      case "'": out += "\\(aq"
      case "`": out += "\\(ga"
      case "…": out += "..."
      default: out.append(character)
      }
    }
    return out
  }
}

extension String {
  /// With a capital and a full stop.
  fileprivate var sentence: String {
    let first = prefix(1).uppercased() + dropFirst()
    return hasSuffix(".") ? first : first + "."
  }
}
