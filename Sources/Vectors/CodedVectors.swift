// Vectors at ten bits a number, a row a slot: eight bits that the walk reads and two more that only the last
// candidates need. One writer sets rows; a row that a reader may know is never set again before that reader has left.
internal import CKernels

@safe package final class CodedVectors: Sendable {
  package let dimension: Int
  package let codeStride: Int
  package let residualStride: Int
  package let codes: Slab<UInt8>
  package let residuals: Slab<UInt8>
  package let scales: Slab<Float>

  package init(dimension: Int, countMax: Int) {
    precondition(dimension > 0 && dimension <= CodedVectors.dimensionMax)
    self.dimension = dimension
    codeStride = (dimension + 63) / 64 * 64
    residualStride = codeStride * Int(FN_RESIDUAL_BITS) / 8
    codes = Slab(countMax: countMax * codeStride)
    residuals = Slab(countMax: countMax * residualStride)
    scales = Slab(countMax: countMax)
  }

  package static let dimensionMax = Int(FN_DIMENSION_MAX)
  package var bytesPerVector: Int { codeStride + residualStride + MemoryLayout<Float>.stride }

  package func open(count: Int) {
    codes.open(count: count * codeStride)
    residuals.open(count: count * residualStride)
    scales.open(count: count)
  }

  /// Numbers are finite; the caller has looked.
  package func set(_ slot: UInt32, to vector: UnsafeBufferPointer<Float>) {
    precondition(vector.count == dimension)
    let row = Int(slot)
    unsafe fn_code_encode(
      vector.baseAddress, dimension, codeStride, codes.base + row * codeStride,
      residuals.base + row * residualStride,
      scales.base + row)
  }

  /// Nothing of the vector is left.
  package func wipe(_ slot: UInt32) {
    let row = Int(slot)
    unsafe (codes.base + row * codeStride).update(repeating: 0, count: codeStride)
    unsafe (residuals.base + row * residualStride).update(repeating: 0, count: residualStride)
    unsafe scales.base[row] = 0
  }

  /// The vector that the codes stand for.
  package func vector(_ slot: UInt32) -> [Float] {
    var decoded = [Float](repeating: 0, count: dimension)
    var slab = unsafe view
    unsafe decoded.withUnsafeMutableBufferPointer { out in
      unsafe fn_code_decode(&slab, slot, dimension, out.baseAddress)
    }
    return decoded
  }

  var view: fn_code_slab {
    unsafe fn_code_slab(
      codes: codes.base, residuals: residuals.base, scales: scales.base, code_stride: codeStride)
  }
}
