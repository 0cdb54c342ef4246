// An embedder behind a batcher: what the library is given, so that texts of different requests and documents share
// batches and questions go before ingest. Callers wait on their own threads.

package final class BatchedEmbedder: Embedder {
  private let embedder: any Embedder
  private let batcher: Batcher

  /// `embedder` uses one thread itself; `workers` of them run at a time.
  package init(_ embedder: any Embedder, workers: Int) {
    self.embedder = embedder
    batcher = Batcher(embedder, settings: Batcher.Settings(workers: workers))
  }

  /// Texts that wait for their batch.
  var queuedCount: Int { batcher.queuedCount }

  package var identity: EmbedderIdentity { embedder.identity }
  package var windowTokens: Int { embedder.windowTokens }
  package func tokenCount(_ text: String) -> Int { embedder.tokenCount(text) }

  package func read(_ texts: [[String]]) -> [TextReading]? { embedder.read(texts) }

  package func embed(_ texts: [String]) throws -> EmbeddingBatch {
    try embed(texts, isUrgent: false)
  }

  package func embed(_ texts: [String], isUrgent: Bool) throws -> EmbeddingBatch {
    try batcher.embedWaiting(texts, isUrgent: isUrgent)
  }
}
