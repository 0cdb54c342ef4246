// Looks at everything that an install needs and says what is wrong.
package import Base
import Embedding
import Foundation
import Ingest
import Store

package enum Doctor {
  package static func examine(_ configuration: Configuration) -> JSON {
    let checks = [
      check("version") { Product.version },
      check("sqlite") { Database.libraryVersion },
      check("model") {
        let identity = try Session.embedder(configuration).identity
        return "\(identity.name) (\(identity.fingerprint)), \(configuration.modelDirectory)"
      },
      check("worker sandbox") { try sandbox() },
      check("data directory") { try library(configuration.dataDirectory) },
    ]
    return [
      "ok": .bool(checks.allSatisfy { $0.ok?.bool == true }),
      "checks": .array(checks),
    ]
  }

  private static func library(_ path: String) throws -> String {
    guard FileAccess.exists("\(path)/library.db") else { return "\(path), nothing in it yet" }
    if let owner = DataDirectory.owner(of: path) { return "\(path), served at \(owner.url)" }
    let directory = try DataDirectory(path: path)
    let database = try Database(path: directory.databasePath, migrations: LibrarySchema.migrations)
    if let defect = try database.firstDefect() { throw StoreError(.corrupt, defect) }
    return "\(path), sound"
  }

  /// A kernel that lacks something is told, not held against the install; a wall that does not hold is.
  private static func sandbox() throws -> String {
    let (shown, leaks) = try ExtractionService.sandboxReport()
    return leaks.isEmpty ? "\(shown); all attempts refused" : "\(shown); not refused: \(leaks.joined(separator: ", "))"
  }

  private static func check(_ name: String, _ look: () throws -> String) -> JSON {
    do {
      return ["name": .string(name), "ok": true, "detail": .string(try look())]
    } catch {
      return ["name": .string(name), "ok": false, "detail": .string("\(PlainFailure.describing(error))")]
    }
  }
}
