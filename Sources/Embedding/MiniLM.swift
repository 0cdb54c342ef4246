// all-MiniLM-L6-v2 in this process: WordPiece, six layers, the mean of the tokens, unit length.
// Invariants: a text gets the same bytes whatever texts stand beside it, on any number of threads. Sequences are packed
// one after the other, so nothing is computed on padding. Texts past the window are cut as the model's card says, and
// the cut is reported.
import Base
import Dispatch
import Foundation
import Synchronization
import Text
package import Vectors

/// How the dense layers compute.
package enum Precision: String, Sendable, CaseIterable {
  case f32
  /// Weights in 8 bits a channel, activations in 8 bits a token.
  case int8

  package static let `default` = Precision.int8

  fileprivate var ofEncoder: EncoderPrecision { self == .f32 ? .f32 : .int8 }
}

package final class MiniLM: Embedder {
  package static let name = "all-MiniLM-L6-v2"
  /// Raised whenever the same weights would give other vectors than before.
  private static let arithmeticVersion = 2
  /// Tokens that one thread takes at a time: enough to make reading the weights worth while, few enough to stay in
  /// the cache. Weights in f32 are four times as large, and are read from memory once a group.
  private static func groupTokensMax(_ precision: Precision) -> Int { precision == .f32 ? 384 : 192 }

  package let identity: EmbedderIdentity
  package let windowTokens = 256
  private let tokenizer: WordPieceTokenizer
  private let encoder: EmbedEncoder
  private let threads: Int
  private let groupTokensMax: Int
  private let workspaces = Mutex<[WorkspaceBox]>([])

  /// Reads `model.safetensors` and `vocab.txt` of the folder.
  package convenience init(modelDirectory: String, precision: Precision = .default, threads: Int) throws {
    try self.init(modelDirectory: modelDirectory, precision: precision, threads: threads, kernels: nil)
  }

  package init(modelDirectory: String, precision: Precision, threads: Int, kernels: KernelSet?) throws {
    let vocabularyPath = modelDirectory + "/vocab.txt"
    guard let vocabulary = FileManager.default.contents(atPath: vocabularyPath) else {
      throw EmbeddingFailure.modelMissing(path: vocabularyPath)
    }
    let tensors = try Safetensors(path: modelDirectory + "/model.safetensors")
    tokenizer = try WordPieceTokenizer(vocabularyLines: [UInt8](vocabulary))
    let shape = EncoderShape(
      hidden: 384, intermediate: 1536, layerCount: 6, vocabularyCount: tokenizer.vocabularyCount,
      positionCount: 512)
    encoder = try EmbedEncoder(
      shape: shape, precision: precision.ofEncoder, tensors: tensors, kernels: kernels)
    var hasher = SHA256Hasher()
    hasher.update(tensors.fingerprint().bytes)
    hasher.update(vocabulary)
    hasher.update("\(precision.rawValue) \(Self.arithmeticVersion)".utf8)
    identity = EmbedderIdentity(
      name: Self.name, fingerprint: String(hasher.finish().description.prefix(16)), dimension: shape.hidden)
    tensors.releasePages()
    self.threads = max(1, threads)
    groupTokensMax = Self.groupTokensMax(precision)
  }

  package func tokenCount(_ text: String) -> Int { tokenizer.ids(of: text).count }

  /// What the reference tokenizer gives without special tokens, padding or cutting.
  package func tokenIDs(of text: String) -> [UInt32] { tokenizer.ids(of: text) }

  package func embed(_ texts: [String]) throws -> EmbeddingBatch {
    var packed = PackedTexts(windowTokens: windowTokens)
    for text in texts { packed.append(text, tokenizer) }
    let groups = packed.groups(tokensMax: groupTokensMax, threads: threads)
    let dimension = identity.dimension
    let vectors = unsafe [Float](unsafeUninitializedCapacity: texts.count * dimension) { buffer, count in
      unsafe run(packed, groups, into: buffer)
      count = texts.count * dimension
    }
    return EmbeddingBatch(dimension: dimension, vectors: vectors, tokensCut: packed.tokensCut)
  }

  /// Each thread takes the next group until none is left; groups write to rows of their own.
  private func run(
    _ packed: PackedTexts, _ groups: [Range<Int>], into vectors: UnsafeMutableBufferPointer<Float>
  ) {
    let workerCount = min(threads, groups.count)
    if workerCount <= 1 {
      withWorkspace { workspace in
        for group in groups { unsafe run(packed, group, workspace, into: vectors) }
      }
      return
    }
    let next = Atomic<Int>(0)
    // Rows of different groups do not overlap, and concurrentPerform returns after the last of them.
    nonisolated(unsafe) let vectors = unsafe vectors
    DispatchQueue.concurrentPerform(iterations: workerCount) { _ in
      withWorkspace { workspace in
        while true {
          let index = next.wrappingAdd(1, ordering: .relaxed).oldValue
          guard index < groups.count else { return }
          unsafe run(packed, groups[index], workspace, into: vectors)
        }
      }
    }
  }

  private func run(
    _ packed: PackedTexts, _ group: Range<Int>, _ workspace: EncoderWorkspace,
    into vectors: UnsafeMutableBufferPointer<Float>
  ) {
    let dimension = identity.dimension
    let (ids, starts) = packed.sequences(group)
    let rows = unsafe UnsafeMutableBufferPointer(
      rebasing: vectors[group.lowerBound * dimension..<group.upperBound * dimension])
    unsafe encoder.run(ids: ids, starts: starts, workspace: workspace, into: rows)
  }

  /// Reads texts word by word: the vector of each text, as `embed` gives it, and those of its tokens in their context.
  package func read(_ texts: [[String]]) -> [TextReading]? {
    let sequences = texts.map(sequence)
    let groups = groups(of: sequences)
    let made = Mutex([[TextReading]](repeating: [], count: groups.count))
    DispatchQueue.concurrentPerform(iterations: groups.count) { group in
      let readings = read(sequences[groups[group]])
      made.withLock { $0[group] = readings }
    }
    return made.withLock { $0.flatMap { $0 } }
  }

  /// As many as there are threads at least, so that whoever waits does not wait for one of them alone.
  private func groups(of sequences: [Sequence]) -> [Range<Int>] {
    let tokensMax = min(groupTokensMax, max(1, sequences.reduce(0) { $0 + $1.ids.count } / threads))
    var groups: [Range<Int>] = []
    var tokens = 0
    for (index, sequence) in sequences.enumerated() {
      if let last = groups.last, tokens + sequence.ids.count <= tokensMax {
        groups[groups.count - 1] = last.lowerBound..<index + 1
        tokens += sequence.ids.count
      } else {
        groups.append(index..<index + 1)
        tokens = sequence.ids.count
      }
    }
    return groups
  }

  private typealias Sequence = (ids: [UInt32], pieceOfToken: [Int])

  private func sequence(_ pieces: [String]) -> Sequence {
    var ids = [tokenizer.classify]
    var pieceOfToken: [Int] = []
    for (index, piece) in pieces.enumerated() {
      let before = ids.count
      tokenizer.append(piece, to: &ids)
      pieceOfToken += [Int](repeating: index, count: ids.count - before)
    }
    ids.removeLast(max(0, ids.count - (windowTokens - 1)))
    ids.append(tokenizer.separate)
    return (ids, Array(pieceOfToken.prefix(ids.count - 2)))
  }

  private func read(_ group: ArraySlice<Sequence>) -> [TextReading] {
    let dimension = identity.dimension
    let ids = group.flatMap(\.ids)
    let starts = group.reduce(into: [0]) { $0.append($0[$0.count - 1] + $1.ids.count) }
    var vectors = [Float](repeating: 0, count: group.count * dimension)
    var states = [Float](repeating: 0, count: ids.count * dimension)
    withWorkspace { workspace in
      unsafe vectors.withUnsafeMutableBufferPointer { vectors in
        unsafe states.withUnsafeMutableBufferPointer { states in
          unsafe encoder.run(
            ids: ids, starts: starts.map { UInt32($0) }, workspace: workspace, into: vectors, states: states)
        }
      }
    }
    return group.enumerated().map { index, sequence in
      // The two that frame a text stand for no word of it.
      let inner = (starts[index] + 1) * dimension..<(starts[index + 1] - 1) * dimension
      return TextReading(
        vector: Array(vectors[index * dimension..<(index + 1) * dimension]), tokens: Array(states[inner]),
        pieceOfToken: sequence.pieceOfToken)
    }
  }

  // @unchecked Sendable: a workspace is taken out of the pool before it is used, so one thread has it at a time.
  private struct WorkspaceBox: @unchecked Sendable {
    let workspace: EncoderWorkspace
  }

  private func withWorkspace(_ body: (EncoderWorkspace) -> Void) {
    let box = workspaces.withLock { $0.popLast() } ?? WorkspaceBox(workspace: encoder.makeWorkspace())
    body(box.workspace)
    workspaces.withLock { $0.append(box) }
  }
}
