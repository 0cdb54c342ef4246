// A command as the parser, the help, and whatever else is made from the same definitions see it.
import App
import Base

struct OptionSpec: Sendable {
  let name: String
  /// What stands for the value in the help; nil for a flag.
  let value: String?
  let summary: String
  var repeats = false
  var short: Character?
  /// All that it takes, where that is a few words.
  var choices: [String] = []
}

struct CommandSpec: Sendable {
  let name: String
  /// Positional arguments as the help shows them: 'PATH…'.
  let arguments: String
  let positionalMin: Int
  /// nil: any number.
  let positionalMax: Int?
  let summary: String
  var details = ""
  let options: [OptionSpec]
  /// The first argument, where it is one of a few words that the arguments' line does not list.
  var words: [String] = []
  /// Left out of the list of commands.
  var isHidden = false
  let run: @Sendable (Invocation) throws -> Int32
}

/// A command line, read.
struct Invocation: Sendable {
  let positionals: [String]
  let values: [String: [String]]
  let flags: Set<String>
  let console: Console

  func value(_ name: String) -> String? { values[name]?.last }
  func all(_ name: String) -> [String] { values[name] ?? [] }
  func isSet(_ name: String) -> Bool { flags.contains(name) }

  func integer(_ name: String, default fallback: Int, in range: ClosedRange<Int>) throws -> Int {
    guard let text = value(name) else { return fallback }
    guard let number = Int(text), range.contains(number) else {
      throw UsageError("--\(name) takes a whole number from \(range.lowerBound) to \(range.upperBound), not '\(text)'")
    }
    return number
  }

  func integer(_ name: String, in range: ClosedRange<Int>) throws -> Int? {
    try value(name) == nil ? nil : integer(name, default: range.lowerBound, in: range)
  }

  func number(_ name: String, in range: ClosedRange<Double>) throws -> Double? {
    guard let text = value(name) else { return nil }
    guard let number = Double(text), range.contains(number) else {
      throw UsageError("--\(name) takes a number from \(range.lowerBound) to \(range.upperBound), not '\(text)'")
    }
    return number
  }

  /// Reads the settings file; a command asks once.
  var configuration: Configuration {
    get throws {
      try Configuration(file: value("config"), options: values.compactMapValues(\.last), assignments: all("set"))
    }
  }
}

struct UsageError: Failure {
  let message: String
  var kind: FailureKind { .usage }
  var code: String { "usage" }

  init(_ message: String) { self.message = message }
}
