// Looks at everything that an install needs and says what is wrong.
package import Base
import Embedding
import Foundation
import Ingest
import KnowledgeBase
import Store

package enum Doctor {
  package static func examine(_ configuration: Configuration) -> JSON {
    let checks = [
      check("version") { Product.version },
      check("sqlite") { Database.libraryVersion },
      check("model") {
        let identity = try Session.builtIn(configuration).identity
        return "\(identity.name) (\(identity.fingerprint)), \(configuration.modelDirectory)"
      },
      check("embedder") { try embedder(configuration) },
      check("worker sandbox") { try sandbox() },
      // An option: an install without it is as sound as one with it.
      check("text recognition") {
        ExtractionService.recognisedLanguages()
          ?? "not installed: scanned pages stay unread; 'make run OCR=1' brings it"
      },
      check("data directory") { try library(configuration.dataDirectory) },
    ]
    return [
      "ok": .bool(checks.allSatisfy { $0.ok?.bool == true }),
      "checks": .array(checks),
    ]
  }

  private static func library(_ path: String) throws -> String {
    guard FileAccess.exists("\(path)/library.db") else { return "\(path), nothing in it yet" }
    guard let directory = try directory(path) else {
      let owner = DataDirectory.owner(of: path)
      return "\(path), held by " + (owner.map { "process \($0.process) at \($0.url)" } ?? "another process")
    }
    let database = try Database(path: directory.databasePath, migrations: LibrarySchema.migrations)
    if let defect = try database.firstDefect() { throw StoreError(.corrupt, defect) }
    return "\(path), sound"
  }

  /// nil where another process has it. What lies in it says nothing of that: a killed owner leaves its address behind.
  private static func directory(_ path: String) throws -> DataDirectory? {
    do { return try DataDirectory(path: path) } catch let error as StoreError {
      guard case .ownedElsewhere = error.cause else { throw error }
      return nil
    }
  }

  /// Asks the configured embedder for one vector, and holds it against the library's.
  private static func embedder(_ configuration: Configuration) throws -> String {
    let path = configuration.dataDirectory
    let exists = FileAccess.exists("\(path)/library.db")
    let known = exists ? try directory(path).flatMap { try Library.embedder(in: $0) } : nil
    let embedder = try Session.embedder(configuration, known: known)
    let identity = embedder.identity
    if let known, known.name != identity.name || known.fingerprint != identity.fingerprint {
      throw LibraryError.anotherEmbedder(
        library: known.shown, configured: "\(identity.name) (\(identity.fingerprint))")
    }
    _ = try embedder.embed(["Footnote"], isUrgent: true)
    let shown = "\(identity.name) (\(identity.fingerprint), \(identity.dimension) numbers)"
    return known == nil ? shown : "\(shown), as the library's vectors"
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
