// The Swift face of the encoder in CKernels: packs weights once, then turns token ids into unit vectors.
// Invariants: immutable after init, so any number of threads may run it, each with a workspace of its own; the tensors
// it was built from stay mapped as long as it lives. It must not know tokenizers, files or threads.
import CKernels

/// How the dense layers compute.
package enum EncoderPrecision: String, Sendable, CaseIterable {
  case f32
  /// Weights in 8 bits a channel, activations in 8 bits a token.
  case int8
}

package struct EncoderShape: Hashable, Sendable {
  package let hidden: Int
  package let intermediate: Int
  package let layerCount: Int
  package let vocabularyCount: Int
  package let positionCount: Int

  package init(hidden: Int, intermediate: Int, layerCount: Int, vocabularyCount: Int, positionCount: Int) {
    self.hidden = hidden
    self.intermediate = intermediate
    self.layerCount = layerCount
    self.vocabularyCount = vocabularyCount
    self.positionCount = positionCount
  }
}

/// Where the weights are: a tensor by name and shape, valid as long as the provider lives.
package protocol EncoderTensors: AnyObject, Sendable {
  func tensor(_ name: String, _ shape: [Int]) throws -> UnsafePointer<Float>
}

// @unchecked Sendable: `encoder` and what it points to (the slab, the tensors) are written in init only.
@safe package final class EmbedEncoder: @unchecked Sendable {
  package let shape: EncoderShape
  package let precision: EncoderPrecision
  private let encoder: UnsafeMutablePointer<fn_encoder>
  private let slab: EmbedSlab
  private let tensors: any EncoderTensors

  /// `kernels` names an instruction set for tests; nil takes the best one.
  package init(
    shape: EncoderShape, precision: EncoderPrecision, tensors: any EncoderTensors, kernels: KernelSet? = nil
  ) throws {
    self.shape = shape
    self.precision = precision
    self.tensors = tensors
    precondition(shape.hidden % Int(FN_HEADS_COLUMNS) == 0 && shape.intermediate % 64 == 0, "layers are whole panels")
    precondition(shape.layerCount <= Int(FN_LAYERS_MAX), "the encoder has room for its layers")
    slab = EmbedSlab(byteCount: EncoderPacking.byteCount(shape, precision))
    unsafe encoder = .allocate(capacity: 1)
    unsafe encoder.initialize(to: fn_encoder())
    let packing = EncoderPacking(
      shape: shape, precision: precision, tensors: tensors, slab: slab, kernels: kernels ?? .best)
    try unsafe packing.fill(&encoder.pointee)
  }

  deinit { unsafe encoder.deallocate() }

  package func makeWorkspace() -> EncoderWorkspace { EncoderWorkspace() }

  /// Sequence `i` is `ids[starts[i]..<starts[i + 1]]`; its vector goes to `vectors[i * hidden...]`, and the vector of
  /// each token to `states`, where that is given.
  package func run(
    ids: [UInt32], starts: [UInt32], workspace: EncoderWorkspace,
    into vectors: UnsafeMutableBufferPointer<Float>, states: UnsafeMutableBufferPointer<Float>? = nil
  ) {
    let sequenceCount = starts.count - 1
    precondition(vectors.count >= sequenceCount * shape.hidden, "a vector for every sequence")
    let stateCount = unsafe states?.count
    precondition((stateCount ?? .max) >= ids.count * shape.hidden, "a vector for every token")
    precondition(sequenceCount >= 1 && starts[0] == 0 && Int(starts[sequenceCount]) == ids.count)
    var lengthMax = 0
    for sequence in 0..<sequenceCount {
      precondition(starts[sequence + 1] > starts[sequence], "a sequence has at least one token")
      lengthMax = max(lengthMax, Int(starts[sequence + 1] - starts[sequence]))
    }
    precondition(lengthMax <= shape.positionCount, "no sequence is longer than the model reads")
    precondition(ids.allSatisfy { $0 < shape.vocabularyCount }, "every id has a row of weights")
    let byteCount = unsafe fn_encoder_workspace(encoder, UInt32(ids.count), UInt32(lengthMax))
    let memory = unsafe workspace.memory(byteCount: byteCount)
    unsafe fn_encoder_run(encoder, UInt32(sequenceCount), ids, starts, memory, vectors.baseAddress, states?.baseAddress)
  }
}

extension EmbedEncoder {
  /// For each row the largest dot product with any row of `others`, which is not empty.
  package static func nearest(_ rows: [Float], in others: [Float], dimension: Int) -> [Float] {
    precondition(rows.count % dimension == 0 && others.count % dimension == 0 && !others.isEmpty)
    let count = rows.count / dimension
    return unsafe [Float](unsafeUninitializedCapacity: count) { nearest, made in
      unsafe fn_embed_nearest(
        UInt32(dimension), UInt32(count), rows, UInt32(others.count / dimension), others, nearest.baseAddress)
      made = count
    }
  }
}

/// Scratch memory of one run at a time; grows to what the largest run needed.
package final class EncoderWorkspace {
  private var slab: EmbedSlab?

  fileprivate func memory(byteCount: Int) -> UnsafeMutableRawPointer {
    if let slab, slab.byteCount >= byteCount { return unsafe slab.start }
    let grown = EmbedSlab(byteCount: byteCount)
    slab = grown
    return unsafe grown.start
  }
}

/// An instruction set of this processor, as `FOOTNOTE_KERNELS` names them.
package struct KernelSet: Hashable, Sendable, CustomStringConvertible {
  let isa: fn_isa

  package static var best: KernelSet { KernelSet(isa: fn_isa_current()) }

  /// All that this processor can run, the plain one first.
  package static var all: [KernelSet] {
    [FN_ISA_PLAIN, FN_ISA_NEON, FN_ISA_AVX2, FN_ISA_AVX512]
      .filter { isa in
        let isBuilt = unsafe fn_embed_kernels_for(isa) != nil
        return isBuilt && isa.rawValue <= fn_isa_current().rawValue
      }
      .map { KernelSet(isa: $0) }
  }

  package var description: String { unsafe String(cString: fn_isa_name(isa)) }
}
