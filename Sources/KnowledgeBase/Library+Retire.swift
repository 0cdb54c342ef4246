// Taking documents out of use because their files are gone, or because the archive that they lay in no longer holds
// them. Questions as of an earlier time still find them; `remove` and `forget` (Library+Documents) erase.
// Invariants: a document whose file is gone, while another file that says the same is there, goes on under that name.
import Base
package import Store
import Synchronization

/// What one reading of an archive told of its inside.
package struct ArchiveContents: Sendable {
  let filename: String
  let path: String?
  let collection: String
  /// Every member's name, those included that could not be read.
  var members: Set<String> = []
  /// Archives inside it that could not be opened: what came from them before stays.
  var unopened: [String] = []
  /// Members that were not stored, by the document that says the same.
  var settled: [String: OtherName] = [:]

  fileprivate func holds(_ name: String) -> Bool {
    members.contains(name) || unopened.contains { name == $0 || name.hasPrefix("\($0)/") }
  }
}

extension Library {
  /// All that came from a path or from below it. Gives what that was, but for documents whose content lies elsewhere
  /// too.
  package func retire(paths: [String]) throws -> [DocumentRow] {
    func isGone(_ path: String) -> Bool {
      paths.contains { path == $0 || path.hasPrefix("\($0)/") } || !Library.isThere(path)
    }
    return try withBallast {
      try changing.withLock { _ in
        let (gone, names) = try database.read { connection in
          (
            try paths.flatMap { try connection.documents(atOrBelow: $0) },
            try paths.flatMap { try connection.otherNames(atOrBelow: $0) }
          )
        }
        if !names.isEmpty {
          try database.write { connection in
            for name in names { try connection.dropOtherName(name.path, ofDocument: name.document) }
          }
        }
        return try takeOut(gone) { _, names in names.first { !isGone($0.path) } }
      }
    }
  }

  /// What an archive held when it was read before and does not hold now.
  package func retireVanished(from archive: ArchiveContents) throws -> [DocumentRow] {
    let (held, names) = try database.read { connection in
      guard let collection = try connection.collections().first(where: { $0.name == archive.collection }) else {
        return ([DocumentRow](), [(document: Int, path: String)]())
      }
      return (
        try connection.documents(
          inCollection: collection.id, insideArchive: archive.filename, path: archive.path),
        try archive.path.map { try connection.otherNames(atOrBelow: $0) } ?? []
      )
    }
    func isInside(_ path: String) -> Bool {
      guard let place = archive.path, path.hasPrefix("\(place)/") else { return false }
      return archive.holds(archive.filename + path.dropFirst(place.count))
    }
    let gone = held.filter { !archive.holds($0.filename) }
    let goneNames = names.filter { !isInside($0.path) }
    guard !gone.isEmpty || !goneNames.isEmpty else { return [] }
    return try withBallast {
      try changing.withLock { _ in
        if !goneNames.isEmpty {
          try database.write { connection in
            for name in goneNames { try connection.dropOtherName(name.path, ofDocument: name.document) }
          }
        }
        return try takeOut(gone) { document, names in
          archive.settled[document.id] ?? names.first { isInside($0.path) || Library.isThere($0.path) }
        }
      }
    }
  }

  /// Runs inside a change. `stays` names where else a document's content lies; there it goes on, and is not among those
  /// that come back.
  private func takeOut(
    _ documents: [DocumentRow], stays: (DocumentRow, [OtherName]) -> OtherName?
  ) throws -> [DocumentRow] {
    guard !documents.isEmpty else { return [] }
    let (taken, changes) = try database.write { connection in
      var taken: [DocumentRow] = []
      var changes: [Int: IndexChange] = [:]
      for document in documents {
        if let name = stays(document, try connection.otherNames(ofDocument: document.number)) {
          try connection.dropOtherName(name.path, ofDocument: document.number)
          let path = document.path == nil ? nil : name.path
          removeSnapshots()
          try connection.rename(document: document.number, filename: name.filename, path: path)
          changes[document.collection, default: IndexChange()].add += try currentRecords(
            ofDocument: document.number, in: connection)
          continue
        }
        guard let version = try connection.currentVersion(ofDocument: document.number) else { continue }
        let chunks = try connection.chunks(ofVersion: version.id).map { Int64($0.id) }
        try connection.dropOtherNames(ofDocument: document.number)
        try connection.markRemoved(document: document.number, at: clock.wallSeconds())
        changes[document.collection, default: IndexChange()].remove += chunks
        taken.append(document)
      }
      for id in changes.keys { try connection.advanceGeneration(ofCollection: id) }
      CrashPoint.reached("retire")
      return (taken, changes)
    }
    try publish(changes)
    texts.empty()
    return taken
  }
}
