// The settings file: one JSON object. A key with a dot stands in an object of that name: "embedding.url" is
// {"embedding": {"url": …}}; the dotted form is taken too.
import Base

#if canImport(Glibc)
  import Glibc
#endif

struct ConfigurationFile {
  let path: String
  private let members: JSONObject
  private let isRead: Bool

  /// A file that was asked for must be there; the user's own may be absent.
  init(asked: String?, environment: Environment) throws {
    let named = asked ?? environment["FOOTNOTE_CONFIG"].flatMap { $0.isEmpty ? nil : $0 }
    path =
      named.map(FileAccess.absolute)
      ?? "\(Settings.xdg("XDG_CONFIG_HOME", else: ".config", environment))/footnote/config.json"
    guard named != nil || FileAccess.exists(path) else {
      members = [:]
      isRead = false
      return
    }
    isRead = true
    let bytes = try FileAccess.read(path, bytesMax: Limits.configurationBytesMax)
    let content: JSON
    do { content = try JSON(parsing: bytes) } catch {
      throw ConfigurationError.fileNotJSON(path: path, reason: PlainFailure.describing(error).message)
    }
    guard let members = content.object else { throw ConfigurationError.fileNotObject(path: path) }
    self.members = members
  }

  /// By key. Throws on a key that no setting has.
  func values(_ settings: [Setting]) throws -> [String: JSON] {
    var values: [String: JSON] = [:]
    try collect(members, below: "", settings, into: &values)
    return values
  }

  private func collect(
    _ members: JSONObject, below prefix: String, _ settings: [Setting], into values: inout [String: JSON]
  ) throws {
    for (name, value) in members {
      let key = prefix + name
      if settings.contains(where: { $0.key == key }) {
        guard values[key] == nil else {
          throw ConfigurationError.wrongValue(key, origin: .file(path), expected: "given once")
        }
        // null says the same as leaving it out.
        if !value.isNull { values[key] = value }
      } else if let inner = value.object, settings.contains(where: { $0.key.hasPrefix("\(key).") }) {
        try collect(inner, below: "\(key).", settings, into: &values)
      } else {
        throw ConfigurationError.unknownKey(
          key, origin: .file(path), nearest: Nearest.word(to: key, among: settings.map(\.key)))
      }
    }
  }

  /// A file with a secret in it that others may read is no secret.
  func warnings(_ settings: [Setting]) -> [String] {
    guard isRead, let values = try? values(settings),
      settings.contains(where: { $0.isSecret && values[$0.key] != nil })
    else { return [] }
    var status = stat()
    guard unsafe stat(path, &status) == 0, status.st_mode & (S_IRGRP | S_IROTH) != 0 else { return [] }
    return ["\(path) holds a secret and can be read by other users; chmod 600 it"]
  }
}
