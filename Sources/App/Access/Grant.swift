// What whoever asks may do, and which collections exist for him.
// A grant is decided before a request's body is read and travels with the request.
import Base

/// Each includes those before it.
enum Scope: String, Sendable, CaseIterable, Comparable {
  case read
  case write
  case admin

  static func < (left: Scope, right: Scope) -> Bool { left.rank < right.rank }

  private var rank: Int { Scope.allCases.firstIndex(of: self) ?? 0 }
}

struct Grant: Sendable, Equatable {
  /// The key's id; for those who need none, what they are.
  let id: String
  let scope: Scope
  /// nil: every collection.
  let collections: Set<String>?

  init(id: String, scope: Scope, collections: Set<String>? = nil) {
    self.id = id
    self.scope = scope
    self.collections = collections
  }

  /// The user who owns the data directory, coming through the command line.
  static let owner = Grant(id: "owner", scope: .admin)
  /// Somebody on this machine, where no key is asked for.
  static let local = Grant(id: "local", scope: .admin)

  func sees(_ collection: String) -> Bool { collections?.contains(collection) ?? true }

  /// Before anything is written there. The same for collections that exist and those that do not.
  func demandWrite(to collection: String) throws {
    guard sees(collection) else { throw AccessError.foreignCollection(collection) }
  }
}
