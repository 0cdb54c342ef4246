// The graph's kernels for AVX-512 with VNNI: 64 products of bytes an instruction.
#if defined(__x86_64__)
#include <immintrin.h>

#include "graph_tables.h"

#define FN_TARGET __attribute__((target("avx2,fma,avx512f,avx512bw,avx512vl,avx512dq,avx512vnni")))
#define FN_KERNELS fn_graph_kernels_avx512

// Four sums of 16 lanes each become four numbers: pairs are folded together, halving the lanes each time.
FN_TARGET static inline void store_sums4(__m512i sum0, __m512i sum1, __m512i sum2, __m512i sum3, int32_t products[4]) {
  __m512i even = _mm512_add_epi32(_mm512_unpacklo_epi32(sum0, sum1), _mm512_unpackhi_epi32(sum0, sum1));
  __m512i odd = _mm512_add_epi32(_mm512_unpacklo_epi32(sum2, sum3), _mm512_unpackhi_epi32(sum2, sum3));
  __m512i all = _mm512_add_epi32(_mm512_unpacklo_epi64(even, odd), _mm512_unpackhi_epi64(even, odd));
  __m256i half = _mm256_add_epi32(_mm512_castsi512_si256(all), _mm512_extracti64x4_epi64(all, 1));
  __m128i four = _mm_add_epi32(_mm256_castsi256_si128(half), _mm256_extracti128_si256(half, 1));
  _mm_storeu_si128((__m128i *)products, four);
}

FN_TARGET static inline void dots4(const uint8_t *const rows[4], const int8_t *query, size_t stride,
                                   int32_t products[4]) {
  __m512i sum0 = _mm512_setzero_si512(), sum1 = sum0, sum2 = sum0, sum3 = sum0;
  for (size_t i = 0; i < stride; i += 64) {
    __m512i q = _mm512_load_si512(query + i);
    sum0 = _mm512_dpbusd_epi32(sum0, _mm512_load_si512(rows[0] + i), q);
    sum1 = _mm512_dpbusd_epi32(sum1, _mm512_load_si512(rows[1] + i), q);
    sum2 = _mm512_dpbusd_epi32(sum2, _mm512_load_si512(rows[2] + i), q);
    sum3 = _mm512_dpbusd_epi32(sum3, _mm512_load_si512(rows[3] + i), q);
  }
  store_sums4(sum0, sum1, sum2, sum3, products);
}

FN_TARGET static inline void dots_with4(const uint8_t *row, const int8_t *const queries[4], size_t stride,
                                        int32_t products[4]) {
  __m512i sum0 = _mm512_setzero_si512(), sum1 = sum0, sum2 = sum0, sum3 = sum0;
  for (size_t i = 0; i < stride; i += 64) {
    __m512i code = _mm512_load_si512(row + i);
    sum0 = _mm512_dpbusd_epi32(sum0, code, _mm512_load_si512(queries[0] + i));
    sum1 = _mm512_dpbusd_epi32(sum1, code, _mm512_load_si512(queries[1] + i));
    sum2 = _mm512_dpbusd_epi32(sum2, code, _mm512_load_si512(queries[2] + i));
    sum3 = _mm512_dpbusd_epi32(sum3, code, _mm512_load_si512(queries[3] + i));
  }
  store_sums4(sum0, sum1, sum2, sum3, products);
}

FN_TARGET static inline int64_t fine_dot(const uint8_t *code, const uint8_t *residual, const int16_t *query,
                                         size_t stride) {
  const __m512i mask = _mm512_set1_epi16((1 << FN_RESIDUAL_BITS) - 1);
  const __m512i shift = _mm512_inserti64x4(_mm512_setzero_si512(), _mm256_set1_epi16(FN_RESIDUAL_BITS), 1);
  __m512i sum = _mm512_setzero_si512();
  for (size_t block = 0; block < stride / FN_CODE_BLOCK; block++) {
    __m256i bytes = _mm256_cvtepu8_epi16(_mm_loadu_si128((const __m128i *)(residual + block * 16)));
    // The upper half holds the numbers 16 further on: one step of shift more.
    __m512i low = _mm512_srlv_epi16(_mm512_broadcast_i64x4(bytes), shift);
    for (int part = 0; part < 2; part++) {
      size_t at = block * FN_CODE_BLOCK + (size_t)part * 32;
      __m512i high = _mm512_cvtepu8_epi16(_mm256_load_si256((const __m256i *)(code + at)));
      __m512i w = _mm512_add_epi16(_mm512_slli_epi16(high, FN_RESIDUAL_BITS), _mm512_and_si512(low, mask));
      sum = _mm512_add_epi32(sum, _mm512_madd_epi16(w, _mm512_load_si512(query + at)));
      low = _mm512_srli_epi16(low, 2 * FN_RESIDUAL_BITS);
    }
  }
  __m512i wide = _mm512_add_epi64(_mm512_cvtepi32_epi64(_mm512_castsi512_si256(sum)),
                                  _mm512_cvtepi32_epi64(_mm512_extracti64x4_epi64(sum, 1)));
  return _mm512_reduce_add_epi64(wide);
}

#include "graph_kernels.h"
#endif
