// Which instruction set the kernels use. Chosen once, on first use; FOOTNOTE_KERNELS=plain|avx2|avx512|neon
// lowers the choice (never raises it above what the processor has), so that tests can hold each against the plain one.
#pragma once

typedef enum {
  FN_ISA_PLAIN = 0,
  FN_ISA_NEON = 1,
  FN_ISA_AVX2 = 2,
  FN_ISA_AVX512 = 3  // AVX-512 F, BW, VL, DQ and VNNI
} fn_isa;

// The best set this processor has, lowered by FOOTNOTE_KERNELS.
fn_isa fn_isa_current(void);

// The name that FOOTNOTE_KERNELS takes for it.
const char *fn_isa_name(fn_isa isa);
