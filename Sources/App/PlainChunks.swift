// Chunks of a fixed number of words, as they are asked for: two numbers from a command line or a form.
import Base
import Ingest

package enum PlainChunks {
  /// nil where neither is given; what is left out follows from the other.
  package static func words(size: Int?, overlap: Int?) throws -> (size: Int, overlap: Int)? {
    guard size != nil || overlap != nil else { return nil }
    let size = size ?? ChunkingOptions.Plain().words
    let overlap = overlap ?? min(ChunkingOptions.Plain().overlap, size / 10)
    guard (1...Limits.chunkWordsMax).contains(size) else {
      throw PlainFailure(
        .usage, "bad_chunk_size", "chunks of \(size) words were asked for; it must be 1 to \(Limits.chunkWordsMax)")
    }
    guard overlap >= 0, overlap < size else {
      throw PlainFailure(
        .usage, "bad_chunk_overlap", "an overlap of \(overlap) words does not fit chunks of \(size)",
        hint: "the overlap must be smaller than the chunk")
    }
    return (size, overlap)
  }

  static func options(_ words: (size: Int, overlap: Int)?) -> ChunkingOptions.Plain? {
    words.map { ChunkingOptions.Plain(words: $0.size, overlap: $0.overlap) }
  }
}
