// Every form of the encoder's kernels against the plain one, at sizes that leave odd tiles: each instruction set that
// this processor has.
import CKernels
import Testing

@testable import Vectors

#if canImport(Glibc)
  import Glibc
#endif

/// Proof: kernel tables hold constants only; a test reads them from any thread.
private struct Form: CustomTestStringConvertible, @unchecked Sendable {
  let kernels: fn_embed_kernels
  var testDescription: String { unsafe String(cString: fn_isa_name(kernels.isa)) }

  static let plain = unsafe Form(kernels: fn_embed_kernels_for(FN_ISA_PLAIN).pointee)
  static let all = KernelSet.all.map { unsafe Form(kernels: fn_embed_kernels_for($0.isa).pointee) }
}

private struct Values {
  var random: SeededNumbers

  init(seed: UInt64) { random = SeededNumbers(state: seed) }

  mutating func floats(_ count: Int, scale: Float = 1) -> [Float] {
    (0..<count).map { _ in Float.random(in: -scale...scale, using: &random) }
  }
}

private struct SeededNumbers: RandomNumberGenerator {
  var state: UInt64
  mutating func next() -> UInt64 {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return state ^ (state >> 31)
  }
}

/// The distance of two results, relative to the size of the expected one.
private func distance(_ got: [Float], _ expected: [Float]) -> Float {
  #expect(got.count == expected.count)
  var (difference, size): (Float, Float) = (0, 0)
  for (one, other) in zip(got, expected) {
    if !one.isFinite { return .infinity }
    difference = max(difference, abs(one - other))
    size = max(size, abs(other))
  }
  return difference / max(size, 1e-6)
}

private func gelu(_ x: Float) -> Float {
  Float(Double(x) * 0.5 * (1 + erf(Double(x) / 2.0.squareRoot())))
}

/// Rows in codes, as the kernels hand them on.
private struct Coded: Equatable {
  var codes: [UInt8]
  var step: [Float]
  var low: [Float]

  init(codes: [UInt8], step: [Float], low: [Float]) {
    (self.codes, self.step, self.low) = (codes, step, low)
  }

  init(rows: Int, count: Int) {
    let zeros = [Float](repeating: 0, count: rows)
    self.init(codes: [UInt8](repeating: 0, count: rows * count), step: zeros, low: zeros)
  }

  func values(ofRow row: Int, count: Int) -> [Float] {
    codes[row * count..<(row + 1) * count].map { step[row] * Float($0) + low[row] }
  }

  /// Codes that are not wanted are null, as the kernels have it.
  mutating func withCodes(isWanted: Bool = true, _ body: (fn_codes) -> Void) {
    unsafe codes.withUnsafeMutableBufferPointer { codes in
      unsafe step.withUnsafeMutableBufferPointer { step in
        unsafe low.withUnsafeMutableBufferPointer { low in
          let into = unsafe fn_codes(
            codes: isWanted ? codes.baseAddress : nil, step: step.baseAddress, low: low.baseAddress)
          unsafe body(into)
        }
      }
    }
  }
}

// 49 and 97: one row more than fit into one and two rounds of the layer with GELU.
private let rowCounts = [1, 2, 3, 4, 5, 6, 7, 13, 49, 97]
private let layerShapes = [(64, 64), (128, 192), (1536, 64)]

@Suite struct EmbedKernelTests {
  @Test(arguments: Form.all) fileprivate func denseLayersInF32AreThePlainOnes(form: Form) {
    var values = Values(seed: 1)
    for (inputs, outputs) in layerShapes {
      let weights = values.floats(inputs * outputs, scale: 0.1)
      let bias = values.floats(outputs)
      for rows in rowCounts where rows < 8 || inputs < 100 {
        let x = values.floats(rows * inputs, scale: 3)
        for after in [FN_AFTER_NOTHING, FN_AFTER_GELU] {
          let expected = denseF32(Form.plain, rows, inputs, outputs, x, weights, bias, after)
          let got = denseF32(form, rows, inputs, outputs, x, weights, bias, after)
          #expect(distance(got, expected) < 1e-5, "\(rows) rows, \(inputs) to \(outputs)")
        }
      }
    }
  }

  @Test(arguments: Form.all) fileprivate func denseLayersInCodesAreThePlainOnes(form: Form) {
    var values = Values(seed: 2)
    for (inputs, outputs) in layerShapes {
      let weights = values.floats(inputs * outputs, scale: 0.1)
      let bias = values.floats(outputs)
      for rows in rowCounts where rows < 8 || inputs < 100 {
        // The highest codes in a row: sums that would saturate narrow registers must not.
        let highest = Int(form.kernels.activation_max)
        var codes = (0..<rows * inputs).map { _ in UInt8.random(in: 0...UInt8(highest), using: &values.random)
        }
        for index in 0..<inputs { codes[index] = UInt8(highest) }
        let (step, low) = (values.floats(rows, scale: 0.02), values.floats(rows))
        let packed = PackedI8(form, inputs, outputs, weights, bias)
        let x = Coded(codes: codes, step: step, low: low)
        let expected = packed.plainly(rows, x)
        #expect(distance(packed.run(form, rows, x), expected) < 1e-4, "\(rows) rows, \(inputs) to \(outputs)")
        // GELU comes out in codes: half a step from what it should be, and the step no longer than need be.
        let coded = packed.runGelu(form, rows, x)
        for row in 0..<rows {
          let right = expected[row * outputs..<(row + 1) * outputs].map(gelu)
          let longest = (max(0, right.max()!) + 0.1705) / Float(highest)
          #expect(coded.step[row] <= longest * 1.001)
          let got = coded.values(ofRow: row, count: outputs)
          #expect(zip(got, right).allSatisfy { abs($0 - $1) <= coded.step[row] * 0.501 + 1e-3 })
        }
      }
    }
  }

  @Test(arguments: Form.all) fileprivate func codesStandForTheirValues(form: Form) {
    var values = Values(seed: 3)
    for count in [64, 384] {
      for rows in rowCounts {
        var x = values.floats(rows * count, scale: 5)
        if rows > 2 { for index in 0..<count { x[count + index] = 0.25 } }  // a row of one value
        let coded = encode(form, rows, count, x)
        #expect(coded.codes.allSatisfy { UInt32($0) <= form.kernels.activation_max })
        let misses = x.indices.filter { index in
          let row = index / count
          return abs(coded.step[row] * Float(coded.codes[index]) + coded.low[row] - x[index])
            > coded.step[row] * 0.501 + 1e-6
        }
        #expect(misses.isEmpty, "\(rows) rows of \(count)")
      }
    }
  }

  @Test(arguments: Form.all) fileprivate func normalisingIsThePlainOne(form: Form) {
    var values = Values(seed: 4)
    for rows in rowCounts {
      let (x, y) = (values.floats(rows * 384, scale: 4), values.floats(rows * 384, scale: 4))
      let (gain, offset) = (values.floats(384, scale: 2), values.floats(384))
      func run(_ form: Form, adding: Bool, coding: Bool = false) -> (state: [Float], coded: Coded) {
        var state = x
        var coded = Coded(rows: rows, count: coding ? 384 : 0)
        unsafe coded.withCodes(isWanted: coding) {
          unsafe form.kernels.add_normalise(UInt32(rows), 384, &state, adding ? y : nil, gain, offset, $0)
        }
        return (state, coded)
      }
      for adding in [true, false] {
        let got = run(form, adding: adding).state
        #expect(distance(got, run(.plain, adding: adding).state) < 1e-5)
        // The codes on the way are those of a walk of their own, and change nothing.
        let both = run(form, adding: adding, coding: true)
        #expect(both.state == got && both.coded == encode(form, rows, 384, got))
      }
    }
  }

  @Test(arguments: Form.all, [1, 2, 3, 5, 6, 7, 15, 16, 17, 31, 32, 33, 64, 65, 100, 129])
  fileprivate func attentionIsThePlainOne(form: Form, length: Int) {
    var values = Values(seed: UInt64(length))
    let hidden = 64
    var input = values.floats(length * 3 * hidden, scale: 2)
    // Queries come divided by the root of a head's size.
    for row in 0..<length {
      for index in 0..<hidden { input[row * 3 * hidden + index] /= Float(32).squareRoot() }
    }
    let expected = attend(.plain, length, hidden, input, isQuick: false)
    #expect(distance(attend(form, length, hidden, input, isQuick: false), expected) < 1e-5)
    let quick = attend(form, length, hidden, input, isQuick: true)
    if form.kernels.isa == FN_ISA_PLAIN {
      #expect(distance(quick, expected) == 0)
    } else {
      let highest = Float(form.kernels.activation_max)
      #expect(distance(quick, attendInCodes(length, hidden, input, highest)) < 1.5 / highest)
      #expect(distance(quick, expected) < 8 / highest)
    }
    // All-zero input gives zeros, never a division by zero.
    let zeros = [Float](repeating: 0, count: input.count)
    let none = [Float](repeating: 0, count: length * hidden)
    #expect(attend(form, length, hidden, zeros, isQuick: true) == none)
  }

  /// What the quick form computes, by its definition: codes by each head's largest magnitude, the rest in floats.
  private func attendInCodes(_ length: Int, _ hidden: Int, _ input: [Float], _ highest: Float) -> [Float] {
    var context = [Float](repeating: 0, count: length * hidden)
    for head in stride(from: 0, to: hidden, by: 32) {
      func coded(_ part: Int, _ codeMax: Float) -> (codes: [[Float]], step: Float) {
        let rows = (0..<length).map { row in
          Array(input[(row * 3 + part) * hidden + head..<(row * 3 + part) * hidden + head + 32])
        }
        let step = rows.joined().reduce(0) { max($0, abs($1)) } / codeMax
        return (rows.map { $0.map { ($0 / step).rounded(.toNearestOrEven) } }, step)
      }
      let (queries, keys, values) = (coded(0, (highest + 1) / 2 - 1), coded(1, 127), coded(2, 127))
      for (row, query) in queries.codes.enumerated() {
        let scores = keys.codes.map { key in zip(query, key).reduce(0) { $0 + $1.0 * $1.1 } }
        let top = scores.max() ?? 0
        let weights = scores.map { highest * exp(($0 - top) * queries.step * keys.step) }
        let factor = values.step / weights.reduce(0, +)
        for index in 0..<32 {
          let sum = zip(weights, values.codes).reduce(0) { $0 + $1.0.rounded(.toNearestOrEven) * $1.1[index] }
          context[row * hidden + head + index] = sum * factor
        }
      }
    }
    return context
  }

  // MARK: calling the tables

  private func denseF32(
    _ form: Form, _ rows: Int, _ inputs: Int, _ outputs: Int, _ x: [Float], _ weights: [Float],
    _ bias: [Float],
    _ after: fn_after
  ) -> [Float] {
    var panels = [Float](repeating: 0, count: inputs * outputs)
    var y = [Float](repeating: .nan, count: rows * outputs)
    unsafe withUnsafePointer(to: form.kernels) { kernels in
      unsafe fn_pack_f32(kernels, UInt32(inputs), UInt32(outputs), weights, 1, 0, &panels)
    }
    unsafe panels.withUnsafeBufferPointer { panels in
      unsafe bias.withUnsafeBufferPointer { bias in
        var layer = unsafe fn_dense_f32(
          inputs: UInt32(inputs), outputs: UInt32(outputs), panels: panels.baseAddress, bias: bias.baseAddress
        )
        unsafe form.kernels.dense_f32(UInt32(rows), x, &layer, &y, after)
      }
    }
    return y
  }

  private func encode(_ form: Form, _ rows: Int, _ count: Int, _ x: [Float]) -> Coded {
    var coded = Coded(rows: rows, count: count)
    unsafe coded.withCodes { unsafe form.kernels.encode(UInt32(rows), UInt32(count), x, $0) }
    return coded
  }

  private func attend(_ form: Form, _ length: Int, _ hidden: Int, _ input: [Float], isQuick: Bool) -> [Float] {
    // Rows of the context may stand further apart than the heads are wide; what lies between is not touched.
    let stride = hidden + 3
    var context = [Float](repeating: .nan, count: length * stride)
    var scratch = [Float](repeating: .nan, count: fn_attention_scratch(UInt32(length)))
    let kernel = unsafe isQuick ? form.kernels.attend_quick : form.kernels.attend
    unsafe kernel?(UInt32(length), UInt32(hidden), input, &context, stride, &scratch)
    #expect(context.indices.allSatisfy { context[$0].isNaN == ($0 % stride >= hidden) })
    return (0..<length).flatMap { context[$0 * stride..<$0 * stride + hidden] }
  }
}

/// A layer in 8-bit codes, in a slab of its own because kernels read panels with aligned loads.
@safe private struct PackedI8 {
  let inputs: Int
  let outputs: Int
  private let slab: EmbedSlab
  private let layer: fn_dense_i8
  private let width: Int

  init(_ form: Form, _ inputs: Int, _ outputs: Int, _ weights: [Float], _ bias: [Float]) {
    self.inputs = inputs
    self.outputs = outputs
    width = Int(form.kernels.width_i8)
    slab = EmbedSlab(byteCount: EmbedSlab.padded(inputs * outputs) + 3 * EmbedSlab.padded(outputs * 4))
    let panels = unsafe slab.take(Int8.self, inputs * outputs)
    let scale = unsafe slab.take(Float.self, outputs)
    let lowFactor = unsafe slab.take(Float.self, outputs)
    let biases = unsafe slab.take(Float.self, outputs)
    for index in 0..<outputs { unsafe biases[index] = bias[index] }
    unsafe withUnsafePointer(to: form.kernels) { kernels in
      unsafe fn_pack_i8(kernels, UInt32(inputs), UInt32(outputs), weights, 1, 0, panels, scale, lowFactor)
    }
    unsafe layer = fn_dense_i8(
      inputs: UInt32(inputs), outputs: UInt32(outputs), panels: panels, scale: scale, low_factor: lowFactor,
      bias: biases)
  }

  func run(_ form: Form, _ rows: Int, _ x: Coded) -> [Float] {
    var (y, x, layer) = unsafe ([Float](repeating: .nan, count: rows * outputs), x, layer)
    unsafe x.withCodes { unsafe form.kernels.dense_i8(UInt32(rows), $0, &layer, &y) }
    return y
  }

  func runGelu(_ form: Form, _ rows: Int, _ x: Coded) -> Coded {
    var scratch = [Float](repeating: .nan, count: Int(FN_GELU_ROWS) * outputs)
    var (y, x, layer) = unsafe (Coded(rows: rows, count: outputs), x, layer)
    unsafe x.withCodes { x in
      unsafe y.withCodes { unsafe form.kernels.dense_i8_gelu(UInt32(rows), x, &layer, &scratch, $0) }
    }
    return y
  }

  /// The same product by the formula, from the same packed weights: whole sums, then floats.
  func plainly(_ rows: Int, _ x: Coded) -> [Float] {
    var y: [Float] = []
    for row in 0..<rows {
      for output in 0..<outputs {
        let panel = output / width * inputs * width + output % width * 4
        var sum = 0
        for input in 0..<inputs {
          let weight = unsafe layer.panels[panel + input / 4 * width * 4 + input % 4]
          sum += Int(x.codes[row * inputs + input]) * Int(weight)
        }
        let scaled = unsafe Double(x.step[row]) * Double(sum) * Double(layer.scale[output])
        let value =
          unsafe scaled + Double(x.low[row]) * Double(layer.low_factor[output]) + Double(layer.bias[output])
        y.append(Float(value))
      }
    }
    return y
  }
}
