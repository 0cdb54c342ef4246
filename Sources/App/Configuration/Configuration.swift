// The settings in force, each with where it came from. Weakest first: what the product brings, the settings file, the
// environment, the command line. A key that nobody knows or a value of the wrong kind is an error wherever it stands;
// an environment variable that looks like one of ours is only remarked on, for it may be somebody else's.
package import Base
import Foundation

package struct Configuration: Sendable {
  package enum Origin: Sendable, Equatable, CustomStringConvertible {
    case builtIn
    case file(String)
    case environment(String)
    case option(String)

    package var description: String {
      switch self {
      case .builtIn: "default"
      case .file(let path): path
      case .environment(let name): "$\(name)"
      case .option(let name): "--\(name)"
      }
    }
  }

  package struct Entry: Sendable {
    package let setting: Setting
    /// null where nothing is set.
    package let value: JSON
    package let origin: Origin
  }

  package let entries: [Entry]
  package let warnings: [String]
  /// Read, or where it would be read from.
  package let filePath: String
  /// For what a path or a default depends on.
  package let environment: Environment

  /// `options` are those of the command line by name, `assignments` its `--set KEY=VALUE`.
  package init(
    settings: [Setting] = Settings.all, environment: Environment = ProcessInfo.processInfo.environment,
    file asked: String? = nil, options: [String: String] = [:], assignments: [String] = []
  ) throws {
    let file = try ConfigurationFile(asked: asked, environment: environment)
    let assigned = try Configuration.assigned(assignments, settings)
    let fromFile = try file.values(settings)
    var entries: [Entry] = []
    for setting in settings {
      func entry(_ origin: Origin, _ value: () throws -> JSON) throws -> Entry {
        do { return Entry(setting: setting, value: try value(), origin: origin) } catch let refusal as NotTaken {
          throw ConfigurationError.wrongValue(setting.key, origin: origin, expected: refusal.expected)
        }
      }
      // All of them are read, so that a wrong one is told even where a stronger one hides it.
      var layers = [Entry(setting: setting, value: setting.fallback(environment), origin: .builtIn)]
      if let value = fromFile[setting.key] {
        layers.append(try entry(.file(file.path)) { try setting.taken(value) })
      }
      if let text = environment[setting.environment], !text.isEmpty {
        layers.append(try entry(.environment(setting.environment)) { try setting.taken(text: text) })
      }
      if let option = setting.option, let text = options[option] {
        layers.append(try entry(.option(option)) { try setting.taken(text: text) })
      }
      if let text = assigned[setting.key] {
        layers.append(try entry(.option("set \(setting.key)")) { try setting.taken(text: text) })
      }
      entries.append(contentsOf: layers.suffix(1))
    }
    self.entries = entries
    self.environment = environment
    filePath = file.path
    warnings = file.warnings(settings) + Configuration.strangers(in: environment, settings)
  }

  private static func assigned(_ assignments: [String], _ settings: [Setting]) throws -> [String: String] {
    var values: [String: String] = [:]
    for assignment in assignments {
      let key = String(assignment.prefix { $0 != "=" })
      guard let setting = settings.first(where: { $0.key == key }) else {
        throw ConfigurationError.unknownKey(
          key, origin: .option("set"), nearest: Nearest.word(to: key, among: settings.map(\.key)))
      }
      guard !setting.isSecret else {
        throw ConfigurationError.secretOnCommandLine(key, environment: setting.environment)
      }
      guard key.count < assignment.count else {
        throw ConfigurationError.wrongValue(key, origin: .option("set"), expected: "given as \(key)=VALUE")
      }
      values[key] = String(assignment.dropFirst(key.count + 1))
    }
    return values
  }

  /// Read elsewhere: by the set-up, the kernels, the tests.
  private static let variablesOfOthers: Set = [
    "FOOTNOTE_CONFIG", "FOOTNOTE_KERNELS", "FOOTNOTE_NO_APT", "FOOTNOTE_SHARED_DATA",
  ]

  private static func strangers(in environment: Environment, _ settings: [Setting]) -> [String] {
    let known = settings.map(\.environment)
    return environment.keys.sorted().compactMap { name in
      guard name.hasPrefix("FOOTNOTE_"), !known.contains(name), !variablesOfOthers.contains(name) else { return nil }
      return "$\(name) is no setting" + (Nearest.word(to: name, among: known).map { "; did you mean $\($0)?" } ?? "")
    }
  }
}

// MARK: Values

extension Configuration {
  package func value(_ setting: Setting) -> JSON { entry(setting).value }

  package func text(_ setting: Setting) -> String? { value(setting).string.flatMap { $0.isEmpty ? nil : $0 } }

  package func secret(_ setting: Setting) -> Secret? { text(setting).map { Secret($0) } }

  package func whole(_ setting: Setting) -> Int? { value(setting).int }

  package func number(_ setting: Setting) -> Double? { value(setting).double }

  package func flag(_ setting: Setting) -> Bool { value(setting).bool ?? false }

  package func headers(_ setting: Setting) -> [(name: String, value: Secret)] {
    (value(setting).object ?? [:]).map { ($0.key, Secret($0.value.string ?? "")) }
  }

  package var dataDirectory: String { text(Settings.data) ?? "" }
  package var modelDirectory: String { text(Settings.model) ?? "" }

  private func entry(_ setting: Setting) -> Entry {
    guard let known = entries.first(where: { $0.setting.key == setting.key }) else {
      preconditionFailure("the setting \(setting.key) is not in Settings.all")
    }
    return known
  }
}

// MARK: Settings that change

extension Configuration {
  func keysThatDiffer(from other: Configuration) -> [String] {
    entries.filter { $0.value != other.value($0.setting) }.map(\.setting.key)
  }
}

// MARK: Settings that travel

extension Configuration {
  /// What decides which embedder is used, secrets included: for the server of the same user, over its own token.
  var embeddingSettings: JSON {
    var members = JSONObject()
    for setting in [Settings.model] + Settings.embedding {
      let value = value(setting)
      if !value.isNull { members[setting.key] = value }
    }
    return .object(members)
  }

  /// These settings and no others: what the sender has not set is not set here either.
  func with(embeddingSettings sent: JSON) throws -> Configuration {
    guard let members = sent.object else { throw ConfigurationError.fileNotObject(path: "the request") }
    let travelling = [Settings.model] + Settings.embedding
    for (key, _) in members where !travelling.contains(where: { $0.key == key }) {
      throw ConfigurationError.unknownKey(key, origin: .file("the request"), nearest: nil)
    }
    let changed = try entries.map { entry in
      let setting = entry.setting
      guard travelling.contains(where: { $0.key == setting.key }) else { return entry }
      let origin = Origin.file("the request")
      guard let value = members[setting.key] else {
        return Entry(setting: setting, value: setting.fallback(environment), origin: .builtIn)
      }
      do { return Entry(setting: setting, value: try setting.taken(value), origin: origin) } catch {
        throw ConfigurationError.wrongValue(setting.key, origin: origin, expected: setting.expected)
      }
    }
    return Configuration(entries: changed, warnings: warnings, filePath: filePath, environment: environment)
  }

  private init(entries: [Entry], warnings: [String], filePath: String, environment: Environment) {
    self.entries = entries
    self.warnings = warnings
    self.filePath = filePath
    self.environment = environment
  }
}

// MARK: What `footnote config` says

extension Configuration {
  package var shape: JSON {
    [
      "file": .string(filePath), "file_exists": .bool(FileAccess.exists(filePath)),
      "settings": .array(
        entries.map { entry in
          let setting = entry.setting
          let isHidden = setting.isSecret && !entry.value.isNull
          return [
            "key": .string(setting.key), "value": isHidden ? .string(Secret.mask) : entry.value,
            "origin": .string("\(entry.origin)"), "environment": .string(setting.environment),
            "option": JSON(setting.option.map { "--\($0)" }), "default": setting.fallback(environment),
            "secret": .bool(setting.isSecret), "takes": .string(setting.expected), "help": .string(setting.help),
          ]
        }),
      "warnings": JSON(warnings),
    ]
  }
}
