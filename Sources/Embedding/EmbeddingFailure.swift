// What can go wrong in this room.
package import Base

package enum EmbeddingFailure: Failure {
  case modelMissing(path: String)
  case modelDamaged(path: String, reason: String)
  case cancelled
  case overloaded(queuedMax: Int)
  case fileUnusable(path: String, reason: String)
  case linesUnusable(path: String, reason: String)

  package var kind: FailureKind {
    switch self {
    case .modelMissing: .unavailable
    case .modelDamaged: .corruption
    case .cancelled: .timeout
    case .overloaded: .busy
    case .fileUnusable, .linesUnusable: .unprocessable
    }
  }

  package var code: String {
    switch self {
    case .modelMissing: "model_missing"
    case .modelDamaged: "model_damaged"
    case .cancelled: "cancelled"
    case .overloaded: "embedding_overloaded"
    case .fileUnusable: "file_unusable"
    case .linesUnusable: "lines_unusable"
    }
  }

  package var message: String {
    switch self {
    case .modelMissing(let path): "the embedding model is not there: \(path) cannot be read"
    case .modelDamaged(let path, let reason): "the embedding model is damaged: \(path): \(reason)"
    case .cancelled: "the request ended before its text was embedded"
    case .overloaded(let queuedMax): "\(queuedMax) texts wait to be embedded already"
    case .fileUnusable(let path, let reason), .linesUnusable(let path, let reason):
      "\(path) cannot be used: \(reason)"
    }
  }

  package var hint: String {
    switch self {
    case .modelMissing: "`make run` fetches it; FOOTNOTE_MODEL names another folder"
    case .modelDamaged: "remove the folder, then `make run` fetches it again"
    case .cancelled: ""
    case .overloaded: "try again in a moment"
    case .fileUnusable: "name a file that is there and may be read, or a folder that may be written to"
    case .linesUnusable: "each line is a JSON object with a text: {\"id\": \"1\", \"text\": \"some words\"}"
    }
  }
}
