// BM25 in whole numbers. Every score is a sum of fixed-point contributions, so it does not depend on the order in
// which terms, segments or instruction sets add them up: the fast search and the naive one agree to the last bit.
//
// A posting is one 32-bit word: `local document << 16 | count code << 8 | length code`. The low twelve bits index
// the table of impacts, count / (count + k1 * (1 - b + b * length / average)) in 65,536ths.
// Invariants: codes never fall as counts and lengths rise; a contribution is at least 1, so that a touched document
// is told from an untouched one.
#if canImport(Glibc)
  import Glibc
#endif

enum KeywordScale {
  /// Scores count in these parts of one.
  static let scoreUnit = 65_536.0
  static let impactCount = 4_096

  /// The commonest case, up to eight, is exact.
  static let countOfCode: [UInt32] = [1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 16, 24, 32, 64, 128, 255]
  static let codeOfCount: [UInt8] = (0...255).map { count in
    UInt8(countOfCode.lastIndex { $0 <= max(1, count) } ?? 0)
  }

  @inline(__always)
  static func countCode(_ count: UInt32) -> UInt32 { UInt32(codeOfCount[Int(min(count, 255))]) }

  /// Exact to 63, then sixteen steps an octave.
  @inline(__always)
  static func lengthCode(_ length: UInt32) -> UInt32 {
    if length < 64 { return length }
    let octave = UInt32(31 - length.leadingZeroBitCount)
    return min(255, 64 + (octave - 6) * 16 + (length >> (octave - 4)) & 15)
  }

  /// The middle of the lengths that share a code.
  static func length(ofCode code: UInt32) -> Double {
    if code < 64 { return Double(code) }
    let octave = (code - 64) / 16 + 6
    let low = (16 + (code - 64) % 16) << (octave - 4)
    let width = UInt32(1) << (octave - 4)
    return Double(low) + Double(width - 1) / 2
  }

  static func lengthNorm(code: UInt32, averageLength: Double, options: KeywordOptions) -> Double {
    let ratio = averageLength > 0 ? length(ofCode: code) / averageLength : 1
    return options.k1 * (1 - options.b + options.b * ratio)
  }

  /// The impact of every count and length code.
  static func impacts(averageLength: Double, options: KeywordOptions) -> [UInt16] {
    var norms: [Double] = []
    for code in UInt32(0)..<256 {
      norms.append(lengthNorm(code: code, averageLength: averageLength, options: options))
    }
    return (0..<impactCount).map { index in
      let count = Double(countOfCode[index >> 8])
      return UInt16(min(65_535, (65_536 * count / (count + norms[index & 255])).rounded()))
    }
  }

  /// Never negative, as Lucene has it.
  static func idf(documents: Int, holding: Int) -> Double {
    log(1 + (Double(documents) - Double(holding) + 0.5) / (Double(holding) + 0.5))
  }

  static func weight(_ value: Double) -> UInt32 {
    UInt32(min(Double(UInt32.max), (value * scoreUnit).rounded()))
  }

  @inline(__always)
  static func contribution(impact: UInt16, weight: UInt32) -> UInt32 {
    UInt32(truncatingIfNeeded: (UInt64(impact) * UInt64(weight)) >> 16) + 1
  }

  static func score(_ fixed: UInt32) -> Float { Float(Double(fixed) / scoreUnit) }
}
