// Lays the weights of an encoder out as the kernels read them: panels of outputs, in f32 or in 8-bit codes.
// Word embeddings are not copied, their rows are read where the file is mapped.
import CKernels

struct EncoderPacking {
  let shape: EncoderShape
  let precision: EncoderPrecision
  let tensors: any EncoderTensors
  let slab: EmbedSlab
  let kernels: KernelSet

  /// One dense layer as the checkpoint names it: parts that are packed side by side, each times its factor.
  private struct Dense {
    /// Outputs that stand together before the next part's; all of a part where there is only one.
    struct Slice {
      let name: String
      let factor: Float
      /// Among the part's outputs, and among the packed ones.
      let from: Int, to: Int
      let count: Int
    }

    var parts: [(name: String, factor: Float)]
    var inputs: Int
    var outputsPerPart: Int
    var outputs: Int { parts.count * outputsPerPart }

    /// Queries, keys and values of a few heads stand together, so that attention finds them in the cache.
    var slices: [Slice] {
      let count = parts.count == 1 ? outputsPerPart : Int(FN_HEADS_COLUMNS)
      return stride(from: 0, to: outputsPerPart, by: count).flatMap { from in
        parts.enumerated().map { index, part in
          let to = from * parts.count + index * count
          return Slice(name: part.name, factor: part.factor, from: from, to: to, count: count)
        }
      }
    }
  }

  private static func dense(_ shape: EncoderShape, layer: Int) -> [Dense] {
    let prefix = "encoder.layer.\(layer)."
    // Scores are divided by the root of a head's size; the queries' weights carry that.
    let queryFactor = 1 / Float(FN_HEAD).squareRoot()
    return [
      Dense(
        parts: [
          (prefix + "attention.self.query", queryFactor), (prefix + "attention.self.key", 1),
          (prefix + "attention.self.value", 1),
        ], inputs: shape.hidden, outputsPerPart: shape.hidden),
      Dense(
        parts: [(prefix + "attention.output.dense", 1)], inputs: shape.hidden, outputsPerPart: shape.hidden),
      Dense(
        parts: [(prefix + "intermediate.dense", 1)], inputs: shape.hidden, outputsPerPart: shape.intermediate),
      Dense(parts: [(prefix + "output.dense", 1)], inputs: shape.intermediate, outputsPerPart: shape.hidden),
    ]
  }

  static func byteCount(_ shape: EncoderShape, _ precision: EncoderPrecision) -> Int {
    var bytes = EmbedSlab.padded(shape.positionCount * shape.hidden * 4)
    for dense in dense(shape, layer: 0) {
      let weights = dense.inputs * dense.outputs
      let vectors = precision == .f32 ? 1 : 3
      bytes += shape.layerCount * EmbedSlab.padded(weights * (precision == .f32 ? 4 : 1))
      bytes += shape.layerCount * vectors * EmbedSlab.padded(dense.outputs * 4)
    }
    return bytes
  }

  func fill(_ encoder: inout fn_encoder) throws {
    unsafe encoder.kernels = fn_embed_kernels_for(kernels.isa)
    unsafe encoder.hidden = UInt32(shape.hidden)
    unsafe encoder.intermediate = UInt32(shape.intermediate)
    unsafe encoder.layer_count = UInt32(shape.layerCount)
    unsafe encoder.vocabulary = UInt32(shape.vocabularyCount)
    unsafe encoder.positions = UInt32(shape.positionCount)
    unsafe encoder.quantised = precision == .int8 ? 1 : 0
    unsafe encoder.words = try tensors.tensor(
      "embeddings.word_embeddings.weight", [shape.vocabularyCount, shape.hidden])
    unsafe encoder.places = try places()
    unsafe encoder.gain = try vector("embeddings.LayerNorm.weight")
    unsafe encoder.offset = try vector("embeddings.LayerNorm.bias")
    try unsafe withUnsafeMutablePointer(to: &encoder.layers) { tuple in
      try unsafe tuple.withMemoryRebound(to: fn_encoder_layer.self, capacity: Int(FN_LAYERS_MAX)) {
        for index in 0..<shape.layerCount { try unsafe fill(&$0[index], index, encoder.kernels) }
      }
    }
  }

  private func fill(
    _ layer: inout fn_encoder_layer, _ index: Int, _ kernels: UnsafePointer<fn_embed_kernels>
  ) throws {
    let dense = Self.dense(shape, layer: index)
    if precision == .f32 {
      unsafe layer.f32 = (
        try packF32(dense[0], kernels), try packF32(dense[1], kernels), try packF32(dense[2], kernels),
        try packF32(dense[3], kernels)
      )
    } else {
      unsafe layer.i8 = (
        try packI8(dense[0], kernels), try packI8(dense[1], kernels), try packI8(dense[2], kernels),
        try packI8(dense[3], kernels)
      )
    }
    let prefix = "encoder.layer.\(index)."
    unsafe layer.attention_gain = try vector(prefix + "attention.output.LayerNorm.weight")
    unsafe layer.attention_offset = try vector(prefix + "attention.output.LayerNorm.bias")
    unsafe layer.output_gain = try vector(prefix + "output.LayerNorm.weight")
    unsafe layer.output_offset = try vector(prefix + "output.LayerNorm.bias")
  }

  private func vector(_ name: String) throws -> UnsafePointer<Float> {
    try unsafe tensors.tensor(name, [shape.hidden])
  }

  /// Every text is one segment, so its embedding is added to the positions once.
  private func places() throws -> UnsafePointer<Float> {
    let count = shape.positionCount * shape.hidden
    let positions = try unsafe tensors.tensor(
      "embeddings.position_embeddings.weight", [shape.positionCount, shape.hidden])
    let segments = try unsafe tensors.tensor("embeddings.token_type_embeddings.weight", [2, shape.hidden])
    let places = unsafe slab.take(Float.self, count)
    for index in 0..<count { unsafe places[index] = positions[index] + segments[index % shape.hidden] }
    return unsafe UnsafePointer(places)
  }

  private func bias(_ dense: Dense) throws -> UnsafePointer<Float> {
    let packed = unsafe slab.take(Float.self, dense.outputs)
    for slice in dense.slices {
      let bias = try unsafe tensors.tensor(slice.name + ".bias", [dense.outputsPerPart])
      for index in 0..<slice.count {
        unsafe packed[slice.to + index] = bias[slice.from + index] * slice.factor
      }
    }
    return unsafe UnsafePointer(packed)
  }

  private func weights(of slice: Dense.Slice, _ dense: Dense) throws -> UnsafePointer<Float> {
    let all = try unsafe tensors.tensor(slice.name + ".weight", [dense.outputsPerPart, dense.inputs])
    return unsafe all + slice.from * dense.inputs
  }

  private func packF32(_ dense: Dense, _ kernels: UnsafePointer<fn_embed_kernels>) throws -> fn_dense_f32 {
    let panels = unsafe slab.take(Float.self, dense.inputs * dense.outputs)
    for slice in dense.slices {
      let weights = try unsafe weights(of: slice, dense)
      unsafe fn_pack_f32(
        kernels, UInt32(dense.inputs), UInt32(slice.count), weights, slice.factor,
        UInt32(slice.to), panels)
    }
    return unsafe fn_dense_f32(
      inputs: UInt32(dense.inputs), outputs: UInt32(dense.outputs), panels: panels, bias: try bias(dense))
  }

  private func packI8(_ dense: Dense, _ kernels: UnsafePointer<fn_embed_kernels>) throws -> fn_dense_i8 {
    let panels = unsafe slab.take(Int8.self, dense.inputs * dense.outputs)
    let scale = unsafe slab.take(Float.self, dense.outputs)
    let lowFactor = unsafe slab.take(Float.self, dense.outputs)
    for slice in dense.slices {
      let weights = try unsafe weights(of: slice, dense)
      unsafe fn_pack_i8(
        kernels, UInt32(dense.inputs), UInt32(slice.count), weights, slice.factor,
        UInt32(slice.to), panels, scale, lowFactor)
    }
    return unsafe fn_dense_i8(
      inputs: UInt32(dense.inputs), outputs: UInt32(dense.outputs), panels: panels, scale: scale,
      low_factor: lowFactor, bias: try bias(dense))
  }
}
