// The graph's kernels for AVX2. Codes are widened to 16 bits: vpmaddubsw would saturate.
#if defined(__x86_64__)
#include <immintrin.h>

#include "graph_tables.h"

#define FN_TARGET __attribute__((target("avx2,fma")))
#define FN_KERNELS fn_graph_kernels_avx2

FN_TARGET static inline int32_t sum_of_lanes(__m256i lanes) {
  __m128i sum = _mm_add_epi32(_mm256_castsi256_si128(lanes), _mm256_extracti128_si256(lanes, 1));
  sum = _mm_add_epi32(sum, _mm_shuffle_epi32(sum, 0x4E));
  sum = _mm_add_epi32(sum, _mm_shuffle_epi32(sum, 0xB1));
  return _mm_cvtsi128_si32(sum);
}

FN_TARGET static inline void dots4(const uint8_t *const rows[4], const int8_t *query, size_t stride,
                                   int32_t products[4]) {
  __m256i sums[4] = {_mm256_setzero_si256(), _mm256_setzero_si256(), _mm256_setzero_si256(), _mm256_setzero_si256()};
  for (size_t i = 0; i < stride; i += 16) {
    __m256i q = _mm256_cvtepi8_epi16(_mm_load_si128((const __m128i *)(query + i)));
    for (int r = 0; r < 4; r++) {
      __m256i row = _mm256_cvtepu8_epi16(_mm_load_si128((const __m128i *)(rows[r] + i)));
      sums[r] = _mm256_add_epi32(sums[r], _mm256_madd_epi16(row, q));
    }
  }
  for (int r = 0; r < 4; r++) products[r] = sum_of_lanes(sums[r]);
}

FN_TARGET static inline void dots_with4(const uint8_t *row, const int8_t *const queries[4], size_t stride,
                                        int32_t products[4]) {
  __m256i sums[4] = {_mm256_setzero_si256(), _mm256_setzero_si256(), _mm256_setzero_si256(), _mm256_setzero_si256()};
  for (size_t i = 0; i < stride; i += 16) {
    __m256i code = _mm256_cvtepu8_epi16(_mm_load_si128((const __m128i *)(row + i)));
    for (int q = 0; q < 4; q++) {
      __m256i query = _mm256_cvtepi8_epi16(_mm_load_si128((const __m128i *)(queries[q] + i)));
      sums[q] = _mm256_add_epi32(sums[q], _mm256_madd_epi16(code, query));
    }
  }
  for (int q = 0; q < 4; q++) products[q] = sum_of_lanes(sums[q]);
}

FN_TARGET static inline int64_t fine_dot(const uint8_t *code, const uint8_t *residual, const int16_t *query,
                                         size_t stride) {
  const __m256i mask = _mm256_set1_epi16((1 << FN_RESIDUAL_BITS) - 1);
  __m256i sum = _mm256_setzero_si256();
  for (size_t block = 0; block < stride / FN_CODE_BLOCK; block++) {
    __m256i low = _mm256_cvtepu8_epi16(_mm_loadu_si128((const __m128i *)(residual + block * 16)));
    for (int part = 0; part < 4; part++) {
      size_t at = block * FN_CODE_BLOCK + (size_t)part * 16;
      __m256i high = _mm256_cvtepu8_epi16(_mm_load_si128((const __m128i *)(code + at)));
      __m256i w = _mm256_add_epi16(_mm256_slli_epi16(high, FN_RESIDUAL_BITS), _mm256_and_si256(low, mask));
      sum = _mm256_add_epi32(sum, _mm256_madd_epi16(w, _mm256_load_si256((const __m256i *)(query + at))));
      low = _mm256_srli_epi16(low, FN_RESIDUAL_BITS);
    }
  }
  __m256i wide = _mm256_add_epi64(_mm256_cvtepi32_epi64(_mm256_castsi256_si128(sum)),
                                  _mm256_cvtepi32_epi64(_mm256_extracti128_si256(sum, 1)));
  __m128i two = _mm_add_epi64(_mm256_castsi256_si128(wide), _mm256_extracti128_si256(wide, 1));
  return _mm_cvtsi128_si64(two) + _mm_extract_epi64(two, 1);
}

#include "graph_kernels.h"
#endif
