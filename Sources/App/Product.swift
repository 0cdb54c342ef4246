// What the product says of itself, and where its things lie.
package import Base
import Foundation

package enum Product {
  package static let version = "0.1.0"

  package static func errorShape(_ failure: any Failure) -> JSON { Shapes.error(failure) }
}

package enum DataLocation {
  /// As asked for, else by $FOOTNOTE_DATA, else the user's own data folder by the XDG rules.
  package static func directory(
    asked: String?, environment: [String: String] = ProcessInfo.processInfo.environment
  ) -> String {
    if let asked { return FileAccess.absolute(asked) }
    if let set = environment["FOOTNOTE_DATA"], !set.isEmpty { return FileAccess.absolute(set) }
    // XDG paths must be absolute; others are to be ignored: https://specifications.freedesktop.org/basedir-spec/latest/
    if let xdg = environment["XDG_DATA_HOME"], xdg.hasPrefix("/") { return "\(xdg)/footnote" }
    return "\(home(environment))/.local/share/footnote"
  }

  package static func modelDirectory(
    environment: [String: String] = ProcessInfo.processInfo.environment
  ) -> String {
    if let set = environment["FOOTNOTE_MODEL"], !set.isEmpty { return FileAccess.absolute(set) }
    let cache = environment["XDG_CACHE_HOME"].flatMap { $0.hasPrefix("/") ? $0 : nil }
    return "\(cache ?? "\(home(environment))/.cache")/footnote/models/all-MiniLM-L6-v2"
  }

  private static func home(_ environment: [String: String]) -> String {
    environment["HOME"].flatMap { $0.isEmpty ? nil : $0 } ?? NSHomeDirectory()
  }
}
