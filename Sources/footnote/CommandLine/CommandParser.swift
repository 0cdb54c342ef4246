// Reads a command line by a command's definition. Options may stand before or after the positionals, as `--name value`,
// `--name=value` or `-k value`; after `--` everything is positional.

import Base

enum CommandParser {
  static let globalOptions = [
    OptionSpec(name: "data", value: "DIR", summary: "the data directory (else $FOOTNOTE_DATA, else the user's own)"),
    OptionSpec(
      name: "config", value: "FILE", summary: "the settings file (else $FOOTNOTE_CONFIG, else the user's own)"),
    OptionSpec(
      name: "set", value: "KEY=VALUE", summary: "a setting for this run; 'footnote config' lists them", repeats: true),
    OptionSpec(name: "json", value: nil, summary: "one JSON document on standard output, nothing else there"),
    OptionSpec(name: "quiet", value: nil, summary: "say nothing but results and errors"),
    OptionSpec(name: "help", value: nil, summary: "this help", short: "h"),
    OptionSpec(name: "version", value: nil, summary: "the version"),
  ]

  struct Parsed {
    var positionals: [String] = []
    var values: [String: [String]] = [:]
    var flags: Set<String> = []
  }

  static func parse(_ arguments: [String], options: [OptionSpec]) throws -> Parsed {
    var parsed = Parsed()
    var rest = arguments[...]
    while let argument = rest.popFirst() {
      if argument == "--" {
        parsed.positionals += rest
        break
      }
      guard argument.hasPrefix("-"), argument.count > 1 else {
        parsed.positionals.append(argument)
        continue
      }
      let (name, attached) = split(argument)
      guard let option = options.first(where: { matches(name, $0) }) else { throw unknown(name, options) }
      if option.value == nil {
        guard attached == nil else { throw UsageError("--\(option.name) takes no value") }
        parsed.flags.insert(option.name)
      } else {
        guard let value = attached ?? rest.popFirst() else { throw UsageError("--\(option.name) needs a value") }
        guard option.repeats || parsed.values[option.name] == nil else {
          throw UsageError("--\(option.name) stands twice")
        }
        parsed.values[option.name, default: []].append(value)
      }
    }
    return parsed
  }

  private static func split(_ argument: String) -> (name: String, value: String?) {
    guard let equals = argument.firstIndex(of: "=") else { return (argument, nil) }
    return (String(argument[..<equals]), String(argument[argument.index(after: equals)...]))
  }

  private static func matches(_ name: String, _ option: OptionSpec) -> Bool {
    name == "--\(option.name)" || option.short.map { name == "-\($0)" } ?? false
  }

  private static func unknown(_ name: String, _ options: [OptionSpec]) -> UsageError {
    let nearest = Nearest.word(to: String(name.drop { $0 == "-" }), among: options.map(\.name))
    return UsageError("unknown option \(name)" + (nearest.map { "; did you mean --\($0)?" } ?? ""))
  }
}
