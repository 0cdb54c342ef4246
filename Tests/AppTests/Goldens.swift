// Texts that must not change unseen. UPDATE_GOLDENS=1 writes them anew; look at the difference before you commit it.
import Base
import Foundation
import Testing

enum Goldens {
  static func check(_ text: String, _ name: String, location: SourceLocation = #_sourceLocation) throws {
    let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Goldens/\(name)")
    if ProcessInfo.processInfo.environment["UPDATE_GOLDENS"] == "1" {
      try Data(text.utf8).write(to: path)
      return
    }
    let golden = FileManager.default.contents(atPath: path.path).map { String(decoding: $0, as: UTF8.self) }
    #expect(golden != nil, "there is no golden \(name); UPDATE_GOLDENS=1 makes it", sourceLocation: location)
    if let golden { #expect(text == golden, "\(name) has changed", sourceLocation: location) }
  }

  /// The same JSON with what differs from run to run replaced by the name of its kind, so that shapes can be compared.
  static func shape(_ json: JSON) -> JSON {
    switch json {
    case .object(let members):
      var shape = JSONObject()
      for (key, value) in members { shape[key] = volatile.contains(key) ? kind(value) : self.shape(value) }
      return .object(shape)
    case .array(let elements): return .array(elements.map(shape))
    default: return json
    }
  }

  private static let volatile: Set<String> = [
    "elapsed_ms", "generation", "document_id", "added_at", "updated_at", "created_at", "retired_at", "receipt", "path",
    "relevance", "basis", "stages_ms", "confidence_min",
    "semantic", "keyword", "support", "uptime_seconds", "version", "score", "contribution", "semantic_score",
    "last_minutes", "repetition", "detail",
    "keyword_score", "keyword_weight", "fusion", "fingerprint", "unit_similarity", "passage_similarity", "words_met",
    "least_met", "words_met_anywhere", "margin", "confidence",
  ]

  private static func kind(_ value: JSON) -> JSON {
    switch value {
    case .integer, .number: "number"
    case .string: "string"
    case .bool: "bool"
    case .null: .null
    case .array: "array"
    case .object: "object"
    }
  }
}
