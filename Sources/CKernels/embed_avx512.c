// The kernels in 512-bit vectors, with VNNI's dot product of four 8-bit numbers a lane.
#if defined(__x86_64__)
#include <immintrin.h>
#include <stdint.h>

#define FN_TARGET "avx512f,avx512bw,avx512vl,avx512dq,avx512vnni,fma"
#pragma clang attribute push(__attribute__((target(FN_TARGET))), apply_to = function)

#define FN_LANES 16
#define FN_COLUMNS 4
#define FN_CODE_MAX 255
#define FN_CODE_MAX_LOG2 7.99435344f
#define FN_WEIGHT_MAX 127
#define fn_dot(sums, codes, weights) (vi) _mm512_dpbusd_epi32((__m512i)(sums), (__m512i)(codes), (__m512i)(weights))
#define fn_weigh weigh_by_octaves
#define fn_exp exp_by_scale
#define fn_gelu gelu_by_table
#define fn_gelu_quick gelu_quick_by_table
#include "embed_gelu_table.h"
#include "embed_math.h"

#define FN_INLINE_512 static inline __attribute__((always_inline))

// The piece of |x|: the nearest step, in the low bits that a look-up reads.
FN_INLINE_512 __m512i piece_of(__m512 magnitude, float steps) {
  __m512 nearest = _mm512_fmadd_ps(magnitude, _mm512_set1_ps(steps), _mm512_set1_ps(FN_ROUND_MAGIC));
  return _mm512_castps_si512(_mm512_min_ps(nearest, _mm512_set1_ps(FN_ROUND_MAGIC + FN_GELU_PIECES - 1)));
}

FN_INLINE_512 __m512 from_pieces(__m512i piece, __m512 t, int powers, const float (*pieces)[FN_GELU_PIECES]) {
  __m512 value = _mm512_permutexvar_ps(piece, _mm512_loadu_ps(pieces[powers - 1]));
  for (int power = powers - 2; power >= 0; power--)
    value = _mm512_fmadd_ps(value, t, _mm512_permutexvar_ps(piece, _mm512_loadu_ps(pieces[power])));
  return value;
}

FN_INLINE_512 __m512 gelu_by_table(__m512 x) {
  __m512 t = _mm512_abs_ps(x);
  return _mm512_fmadd_ps(x, _mm512_set1_ps(0.5f), from_pieces(piece_of(t, FN_GELU_STEPS), t, 4, fn_gelu_pieces));
}

FN_INLINE_512 __m512 gelu_quick_by_table(__m512 x) {
  __m512 t = _mm512_abs_ps(x);
  __m512i piece = piece_of(t, FN_GELU_QUICK_STEPS);
  return _mm512_fmadd_ps(x, _mm512_set1_ps(0.5f), from_pieces(piece, t, 3, fn_gelu_quick_pieces));
}

// For x <= 0: two to the fraction by a polynomial off by 1e-7 of the value, times two to the whole part.
FN_INLINE_512 __m512 exp_by_scale(__m512 x) {
  static const float terms[6] = {0.99999994f, 0.6931530833f, 0.2401536107f, 0.0558263175f, 0.0089893416f,
                                 0.0018775762f};
  __m512 y = x * FN_LOG2_E;
  __m512 fraction = _mm512_reduce_ps(y, _MM_FROUND_TO_NEG_INF), p = _mm512_set1_ps(terms[5]);
  for (int power = 4; power >= 0; power--) p = _mm512_fmadd_ps(p, fraction, _mm512_set1_ps(terms[power]));
  return _mm512_scalef_ps(p, y);
}

// 255 * 256 * 2^-f as OCTAVE_0 - OCTAVE_1 * f + OCTAVE_2 * f * f, off by 1.7e-03 of the value.
enum { OCTAVE_0 = 65167, OCTAVE_1 = 43477, OCTAVE_2 = 11006 };

// As `weigh` of embed_lanes_attention.h, on 16-bit numbers: how far a score lies below the top, in 256ths of an octave,
// goes through a parabola by its fraction and through a shift by its whole octaves.
FN_INLINE_512 float weigh_by_octaves(uint32_t width, const int32_t *scores, int32_t top, float exponent,
                                     uint8_t *weights) {
  // Where a unit of score is four octaves only the top has a weight; more would overflow.
  float unit = exponent < 4 ? exponent * 256 : 1024;
  // One octave more keeps the weights below 2^15: signed numbers.
  __m512 units = _mm512_set1_ps(unit), start = _mm512_set1_ps((float)top * unit + 256);
  __m512i least = _mm512_set1_epi16(256), none = _mm512_setzero_si512(), sums = none;
  __m512i flat = _mm512_set1_epi16((int16_t)OCTAVE_0), slope = _mm512_set1_epi16((int16_t)OCTAVE_1);
  __m512i curve = _mm512_set1_epi16((int16_t)OCTAVE_2);
  __m512i ones = _mm512_set1_epi16(1);
  __m256i order = _mm256_setr_epi32(0, 2, 4, 6, 1, 3, 5, 7);
  for (uint32_t i = 0; i < width; i += 32) {
    __m512 first = _mm512_cvtepi32_ps(_mm512_loadu_si512(scores + i));
    __m512 second = _mm512_cvtepi32_ps(_mm512_loadu_si512(scores + i + 16));
    __m512i below = _mm512_packs_epi32(_mm512_cvtps_epi32(_mm512_fnmadd_ps(first, units, start)),
                                       _mm512_cvtps_epi32(_mm512_fnmadd_ps(second, units, start)));
    below = _mm512_max_epi16(below, least);
    __m512i fraction = _mm512_slli_epi16(below, 8);
    __m512i weight = _mm512_sub_epi16(slope, _mm512_mulhi_epu16(fraction, curve));
    weight = _mm512_sub_epi16(flat, _mm512_mulhi_epu16(fraction, weight));
    weight = _mm512_srlv_epi16(weight, _mm512_srli_epi16(below, 8));
    // The sum is that of the weights before they are rounded: many small ones count.
    sums = _mm512_dpwssd_epi32(sums, weight, ones);
    weight = _mm512_avg_epu16(_mm512_srli_epi16(weight, 6), none);
    // Packing has left quarters of the two halves side by side.
    __m256i codes = _mm256_permutevar8x32_epi32(_mm512_cvtepi16_epi8(weight), order);
    _mm256_storeu_si256((__m256i *)(weights + i), codes);
  }
  return (float)_mm512_reduce_add_epi32(sums) / 128;
}

#include "embed_lanes.h"

#pragma clang attribute pop

const fn_embed_kernels fn_embed_avx512 = FN_TABLE(FN_ISA_AVX512);
#endif
