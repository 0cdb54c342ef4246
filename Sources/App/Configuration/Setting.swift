// One setting, declared once: its key in the file, its environment variable, its command-line option, what it holds,
// what holds without it, and what the help says of it.
package import Base

package typealias Environment = [String: String]

package struct Setting: Sendable {
  package enum Kind: Sendable {
    case text
    /// Made absolute.
    case path
    /// http or https, without a password in it.
    case url
    case whole(ClosedRange<Int>)
    case number(ClosedRange<Double>)
    case flag
    case choice([String])
    /// An object of names and texts; as one text, lines of `Name: value`.
    case headers
    /// JSON whose form `check` knows: it throws what is wrong. As one text, the JSON itself.
    case structure(String, check: @Sendable (JSON) throws -> Void)
  }

  package let key: String
  package let environment: String
  /// Of a command; every setting can also be given by `--set key=value`.
  package let option: String?
  package let kind: Kind
  package let help: String
  package let isSecret: Bool
  /// null: nothing is set.
  package let fallback: @Sendable (Environment) -> JSON

  package init(
    _ key: String, environment: String, option: String? = nil, _ kind: Kind, default fallback: JSON = .null,
    isSecret: Bool = false, help: String
  ) {
    self.init(
      key, environment: environment, option: option, kind, isSecret: isSecret, help: help,
      byEnvironment: { _ in fallback }
    )
  }

  package init(
    _ key: String, environment: String, option: String? = nil, _ kind: Kind, isSecret: Bool = false, help: String,
    byEnvironment fallback: @escaping @Sendable (Environment) -> JSON
  ) {
    self.key = key
    self.environment = environment
    self.option = option
    self.kind = kind
    self.help = help
    self.isSecret = isSecret
    self.fallback = fallback
  }
}

// MARK: What it takes

/// Why a value is refused, in the words after 'must be'.
struct NotTaken: Error { let expected: String }

extension Setting {
  package var expected: String {
    switch kind {
    case .text: "a text"
    case .path: "a path"
    case .url: "an http or https address without a password in it"
    case .whole(let range): "a whole number from \(range.lowerBound) to \(range.upperBound)"
    case .number(let range): "a number from \(range.lowerBound) to \(range.upperBound)"
    case .flag: "true or false"
    case .choice(let words): words.dropLast().joined(separator: ", ") + " or " + (words.last ?? "")
    case .headers: "an object of header names and texts"
    case .structure(let form, _): form
    }
  }

  /// A value of the file, in the form in which it is kept.
  func taken(_ value: JSON) throws -> JSON {
    switch (kind, value) {
    case (.text, .string): return value
    case (.path, .string(let path)) where !path.isEmpty: return .string(FileAccess.absolute(path))
    case (.url, .string(let address)) where Setting.isPlainAddress(address): return value
    case (.whole(let range), _): if let whole = value.int, range.contains(whole) { return .integer(whole) }
    case (.number(let range), _): if let number = value.double, range.contains(number) { return .number(number) }
    case (.flag, .bool): return value
    case (.choice(let words), .string(let word)) where words.contains(word): return value
    case (.headers, .object(let members)): if members.allSatisfy(Setting.isHeader) { return value }
    case (.structure(_, let check), _):
      do { try check(value) } catch {
        throw NotTaken(expected: "\(expected); \(PlainFailure.describing(error).message)")
      }
      return value
    default: break
    }
    throw NotTaken(expected: expected)
  }

  /// A value of the environment or the command line.
  func taken(text: String) throws -> JSON {
    switch kind {
    case .text, .path, .url, .choice: return try taken(.string(text))
    case .whole: return try taken(Int(text).map { .integer($0) } ?? .null)
    case .number: return try taken(Double(text).map { .number($0) } ?? .null)
    case .flag:
      let flags = [
        "true": true, "1": true, "yes": true, "on": true, "false": false, "0": false, "no": false, "off": false,
      ]
      return try taken(flags[text.lowercased()].map { .bool($0) } ?? .null)
    case .headers where !text.drop(while: \.isWhitespace).hasPrefix("{"): return try taken(Setting.headers(text))
    case .headers, .structure:
      guard let value = try? JSON(parsing: text) else { throw NotTaken(expected: expected + ", as JSON") }
      return try taken(value)
    }
  }

  private static func headers(_ text: String) -> JSON {
    var members = JSONObject()
    for line in text.split(whereSeparator: \.isNewline) {
      guard let colon = line.firstIndex(of: ":") else { return .null }
      let value = line[line.index(after: colon)...].drop(while: \.isWhitespace)
      members[String(line[..<colon])] = .string(String(value))
    }
    return .object(members)
  }

  private static func isHeader(_ name: String, _ value: JSON) -> Bool {
    guard let text = value.string, !name.isEmpty else { return false }
    let marks = Set("!#$%&'*+-.^_`|~".unicodeScalars)
    return name.unicodeScalars.allSatisfy {
      $0.isASCII && ($0.properties.isAlphabetic || $0.properties.numericType != nil || marks.contains($0))
    } && text.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7F }
  }

  private static func isPlainAddress(_ address: String) -> Bool {
    let lowered = address.lowercased()
    guard let scheme = ["http://", "https://"].first(where: { lowered.hasPrefix($0) }) else { return false }
    let rest = address.dropFirst(scheme.count)
    let authority = rest.prefix { $0 != "/" && $0 != "?" && $0 != "#" }
    return !authority.isEmpty && !authority.contains("@")
      && address.unicodeScalars.allSatisfy { $0.value > 0x20 && $0.value != 0x7F }
  }
}
