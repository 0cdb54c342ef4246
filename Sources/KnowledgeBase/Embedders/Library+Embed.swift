// Texts to vectors for the library. What a metered embedder has made is kept the moment it comes, so that the same text
// is not paid twice: not when a document fails half-way, not when the process dies, not when a question is asked again.
import Base
import Embedding
import Models
import Retrieval
import Store
import Synchronization

extension Library {
  typealias TextToEmbed = (digest: [UInt8], text: String)

  /// By digest: the vectors of chunks that the library has none for yet.
  func embedMissing(
    of group: [Prepared], by serving: Serving, knowing known: [[UInt8]: [Float]] = [:]
  ) throws -> [[UInt8]: [Float]] {
    var missing: [TextToEmbed] = []
    var seen: Set<[UInt8]> = []
    try database.read { connection in
      for chunk in group.flatMap(\.chunks) where known[chunk.digest] == nil && seen.insert(chunk.digest).inserted {
        if try connection.vector(digest: chunk.digest, embedder: serving.row.id) == nil {
          missing.append((chunk.digest, chunk.indexedText))
        }
      }
    }
    if missing.isEmpty { return known }
    guard try isTheSameModel(serving.embedder, row: serving.row.id) else {
      throw LibraryError.modelChanged(serving.row.name)
    }
    let fresh = try vectors(of: missing, by: serving.embedder, row: serving.row.id, isUrgent: false)
    return known.merging(fresh) { known, _ in known }
  }

  /// A text whose vector tells models of the same name apart.
  private static let probe = "The quick brown fox jumps over the lazy dog."

  /// Whether an endpoint still gives what it gave when the library came to know it, servers' rounding aside: another
  /// model may have got the same name. Asked once a process, before vectors are stored.
  func isTheSameModel(_ embedder: any Embedder, row: Int) throws -> Bool {
    guard embedder.isMetered, !probedEmbedders.withLock({ $0.contains(row) }) else { return true }
    let now = try embedder.embed([Library.probe])[0]
    let key = "probe \(row)"
    if let known = try database.read({ try $0.setting(key) }) {
      let then = known.split(separator: " ").compactMap { Float($0) }
      guard then.count == now.count, zip(then, now).reduce(0, { $0 + $1.0 * $1.1 }) > 0.98 else { return false }
    } else {
      try database.write { try $0.setSetting(key, to: now.map(\.description).joined(separator: " ")) }
    }
    _ = probedEmbedders.withLock { $0.insert(row) }
    return true
  }

  /// By digest.
  func vectors(
    of texts: [TextToEmbed], by embedder: any Embedder, row: Int, isUrgent: Bool
  ) throws -> [[UInt8]: [Float]] {
    var vectors: [[UInt8]: [Float]] = [:]
    var missing = texts
    if embedder.isMetered {
      try database.read { connection in
        for (digest, _) in texts { vectors[digest] = try connection.paidVector(digest: digest, embedder: row) }
      }
      missing = texts.filter { vectors[$0.digest] == nil }
    }
    for range in embedder.groups(missing.map(\.text)) {
      let group = missing[range]
      let batch = try embedder.embed(group.map(\.text), isUrgent: isUrgent)
      for (place, text) in group.enumerated() { vectors[text.digest] = Array(batch[place]) }
      guard embedder.isMetered else { continue }
      try database.write { connection in
        for (place, text) in group.enumerated() {
          try connection.keepPaidVector(
            batch[place], digest: text.digest, embedder: row, countMax: Limits.paidVectorsMax)
        }
      }
    }
    return vectors
  }

  /// The question as a vector, empty where words alone are searched: asked for, or because the endpoint fails. Then a
  /// warning says so; a question that is only about meaning has no such way out.
  func questionVector(_ question: SearchQuestion, by serving: Serving) throws -> (vector: [Float], warnings: [String]) {
    guard question.mode != .keyword else { return ([], []) }
    let digest = SHA256Digest(of: "question\n\(question.text)".utf8).bytes
    do {
      let vectors = try vectors(
        of: [(digest, question.text)], by: serving.embedder, row: serving.row.id, isUrgent: true)
      return (vectors[digest] ?? [], [])
    } catch let failure as EndpointFailure where question.mode == .hybrid {
      return ([], ["only words were searched, not meaning: \(failure.message)"])
    }
  }
}
