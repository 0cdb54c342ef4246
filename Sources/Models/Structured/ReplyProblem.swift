// Why a model's reply is no value of the form that was asked for, told so that the model itself can mend it.

package struct ReplyProblem: Error, Sendable, Equatable {
  package enum Cause: String, Sendable {
    case empty
    case tooLong = "too_long"
    case noJSON = "no_json"
    case cutOff = "cut_off"
    /// The reply itself says that something was left out.
    case leftOut = "left_out"
    case badSyntax = "bad_syntax"
    case tooDeep = "too_deep"
    case duplicateKey = "duplicate_key"
    case notANumber = "not_a_number"
    /// Quotes, escapes or several values that can be read in more than one way.
    case ambiguous
    case wrongType = "wrong_type"
    case wrongValue = "wrong_value"
    case missingMember = "missing_member"
    case unknownMember = "unknown_member"
  }

  package let cause: Cause
  package let detail: String
  /// Where in the value, as .items[2].price; empty at its root.
  package private(set) var path = ""

  package init(_ cause: Cause, _ detail: String, path: String = "") {
    self.cause = cause
    self.detail = detail
    self.path = path
  }

  func below(_ step: String) -> ReplyProblem { ReplyProblem(cause, detail, path: step + path) }

  package var message: String { path.isEmpty ? detail : "at \(path): \(detail)" }
}
