// Everything that can go wrong in this room, told once. A snapshot that does not verify is never read in part: the
// caller rebuilds from its truth.
package import Base

package enum RetrievalFailure: Failure, Equatable {
  /// A filter that does not parse; `column` counts from 1 in Unicode scalars of the expression.
  case filter(column: Int, problem: String)
  case vectorDimension(expected: Int, found: Int, id: Int64)
  case vectorNotFinite(id: Int64)
  /// The file is not what was written: cut, flipped or padded.
  case snapshotDamaged(section: String)
  case snapshotVersion(found: UInt32)
  /// Whole, but made by another embedding model.
  case snapshotFingerprint(expected: String, found: String)
  case snapshotUnreadable(path: String, cause: String)
  case snapshotUnwritable(path: String, cause: String)

  package var kind: FailureKind {
    switch self {
    case .filter, .vectorDimension, .vectorNotFinite: .usage
    case .snapshotDamaged, .snapshotVersion, .snapshotFingerprint: .corruption
    case .snapshotUnreadable: .unavailable
    case .snapshotUnwritable: .storageFull
    }
  }

  package var code: String {
    switch self {
    case .filter: "bad_filter"
    case .vectorDimension, .vectorNotFinite: "bad_vector"
    case .snapshotDamaged: "snapshot_damaged"
    case .snapshotVersion: "snapshot_version"
    case .snapshotFingerprint: "snapshot_model"
    case .snapshotUnreadable: "snapshot_unreadable"
    case .snapshotUnwritable: "snapshot_unwritable"
    }
  }

  package var message: String {
    switch self {
    case .filter(let column, let problem): "filter, column \(column): \(problem)"
    case .vectorDimension(let expected, let found, let id):
      "record \(id) has a vector of \(found) numbers, the collection holds \(expected)"
    case .vectorNotFinite(let id): "record \(id) has a vector with a number that is not finite"
    case .snapshotDamaged(let section): "the index snapshot is damaged (\(section))"
    case .snapshotVersion(let found):
      "the index snapshot has format version \(found), which this build does not read"
    case .snapshotFingerprint(let expected, let found):
      "the index snapshot was made with model \(found), not \(expected)"
    case .snapshotUnreadable(let path, let cause): "cannot read the index snapshot \(path): \(cause)"
    case .snapshotUnwritable(let path, let cause): "cannot write the index snapshot \(path): \(cause)"
    }
  }

  package var hint: String {
    switch self {
    case .filter:
      "for example: dept = 'HR' and (year >= 2023 or tags in ('draft', 'final')) and not exists expires"
    case .snapshotDamaged, .snapshotVersion, .snapshotFingerprint, .snapshotUnreadable:
      "it is rebuilt from the library"
    case .vectorDimension, .vectorNotFinite, .snapshotUnwritable: ""
    }
  }
}
