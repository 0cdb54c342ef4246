// The kernels in 512-bit vectors, with VNNI's dot product of four 8-bit numbers a lane.
#if defined(__x86_64__)
#include <immintrin.h>

#define FN_TARGET "avx512f,avx512bw,avx512vl,avx512dq,avx512vnni,fma"
#pragma clang attribute push(__attribute__((target(FN_TARGET))), apply_to = function)

#define FN_LANES 16
#define FN_COLUMNS 4
#define FN_CODE_MAX 255
#define FN_CODE_MAX_LOG2 7.99435344f
#define FN_WEIGHT_MAX 127
#define fn_dot(sums, codes, weights) (vi) _mm512_dpbusd_epi32((__m512i)(sums), (__m512i)(codes), (__m512i)(weights))
#define fn_exp2 exp2_scaled
#include "embed_math.h"

static inline __attribute__((always_inline)) __m512 exp2_scaled(__m512 x) {
  __m512 r = _mm512_reduce_ps(x, _MM_FROUND_TO_NEG_INF);
  __m512 p = r * FN_EXP2_TERM_3 + FN_EXP2_TERM_2;
  p = p * r + FN_EXP2_TERM_1;
  p = p * r + FN_EXP2_TERM_0;
  return _mm512_scalef_ps(p, x);
}

#include "embed_lanes.h"

#pragma clang attribute pop

const fn_embed_kernels fn_embed_avx512 = FN_TABLE(FN_ISA_AVX512);
#endif
