// The kernels in 256-bit vectors. vpmaddubsw adds two products in 16 bits and saturates, so codes stop at 127: two
// products then stay under 32,767 and the sums are exact.
#if defined(__x86_64__)
#include <immintrin.h>

#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)

#define FN_LANES 8
#define FN_COLUMNS 2
#define FN_CODE_MAX 127
#define FN_CODE_MAX_LOG2 6.98868469f
#define FN_WEIGHT_MAX 127
#define fn_dot(sums, codes, weights)                                                     \
  ((sums) + (vi)_mm256_madd_epi16(_mm256_maddubs_epi16((__m256i)(codes), (__m256i)(weights)), _mm256_set1_epi16(1)))
#define fn_weigh weigh
#define fn_exp exp_of
#define fn_gelu gelu
#define fn_gelu_quick gelu_quick
#include "embed_lanes.h"

#pragma clang attribute pop

const fn_embed_kernels fn_embed_avx2 = FN_TABLE(FN_ISA_AVX2);
#endif
