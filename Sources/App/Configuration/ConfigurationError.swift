// What is wrong with the settings, where it stands, and what may have been meant.
package import Base

package enum ConfigurationError: Failure, Equatable {
  case fileNotJSON(path: String, reason: String)
  case fileNotObject(path: String)
  case unknownKey(String, origin: Configuration.Origin, nearest: String?)
  case wrongValue(String, origin: Configuration.Origin, expected: String)
  case secretOnCommandLine(String, environment: String)
  case incomplete(String, missing: String, environment: String)

  /// Whether the command line is at fault.
  package var isWrongUsage: Bool {
    switch self {
    case .unknownKey(_, .option, _), .wrongValue(_, .option, _), .secretOnCommandLine: true
    default: false
    }
  }

  package var kind: FailureKind { .usage }

  package var code: String {
    switch self {
    case .fileNotJSON, .fileNotObject: "bad_config"
    case .unknownKey: "unknown_setting"
    case .wrongValue: "bad_setting"
    case .secretOnCommandLine: "secret_on_command_line"
    case .incomplete: "setting_missing"
    }
  }

  package var message: String {
    switch self {
    case .fileNotJSON(let path, let reason): "the settings in \(path) are no JSON: \(reason)"
    case .fileNotObject(let path): "the settings in \(path) must be a JSON object"
    case .unknownKey(let key, let origin, let nearest):
      "there is no setting '\(key)' (in \(origin))" + (nearest.map { "; did you mean '\($0)'?" } ?? "")
    // The value is not repeated: it may be a secret in the wrong place.
    case .wrongValue(let key, let origin, let expected): "the setting '\(key)' (in \(origin)) must be \(expected)"
    case .secretOnCommandLine(let key, _): "the setting '\(key)' is secret, and others can read a command line"
    case .incomplete(let key, let missing, _): "'\(key)' is set, but '\(missing)' is not"
    }
  }

  package var hint: String {
    switch self {
    case .fileNotJSON, .fileNotObject: "write it as {\"port\": 8080, \"embedding\": {\"url\": \"…\"}}"
    case .unknownKey: "'footnote config' lists the settings"
    case .wrongValue: ""
    case .secretOnCommandLine(_, let environment): "put it into $\(environment) or the settings file"
    case .incomplete(_, let missing, let environment): "set \(missing), or $\(environment)"
    }
  }
}
