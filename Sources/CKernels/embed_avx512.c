// The kernels in 512-bit vectors, with VNNI's dot product of four 8-bit numbers a lane.
#if defined(__x86_64__)
#include <immintrin.h>

#define FN_TARGET "avx512f,avx512bw,avx512vl,avx512dq,avx512vnni,fma"
#pragma clang attribute push(__attribute__((target(FN_TARGET))), apply_to = function)

#define FN_LANES 16
#define FN_COLUMNS 4
#define FN_CODE_MAX 255
#define FN_WEIGHT_MAX 127
#define fn_dot(sums, codes, weights) (vi) _mm512_dpbusd_epi32((__m512i)(sums), (__m512i)(codes), (__m512i)(weights))
#include "embed_lanes.h"

#pragma clang attribute pop

const fn_embed_kernels fn_embed_avx512 = FN_TABLE(FN_ISA_AVX512);
#endif
