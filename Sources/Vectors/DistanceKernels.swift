// Which instruction set the kernels use, as Swift sees it.
internal import CKernels

/// The processor's best set; tests ask for each and hold it against `plain`.
package enum InstructionSet: String, CaseIterable, Sendable {
  case plain, neon, avx2, avx512

  package static var current: InstructionSet {
    InstructionSet(fn_isa_current())
  }

  /// Those that this processor runs.
  package static var available: [InstructionSet] {
    switch current {
    case .avx512: [.plain, .avx2, .avx512]
    case .avx2: [.plain, .avx2]
    case .neon: [.plain, .neon]
    case .plain: [.plain]
    }
  }

  init(_ isa: fn_isa) {
    switch isa {
    case FN_ISA_AVX512: self = .avx512
    case FN_ISA_AVX2: self = .avx2
    case FN_ISA_NEON: self = .neon
    default: self = .plain
    }
  }

  var isa: fn_isa {
    switch self {
    case .plain: FN_ISA_PLAIN
    case .neon: FN_ISA_NEON
    case .avx2: FN_ISA_AVX2
    case .avx512: FN_ISA_AVX512
    }
  }
}
