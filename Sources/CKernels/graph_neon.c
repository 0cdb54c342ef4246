// The graph's kernels for NEON. It multiplies signed bytes only, so the codes' offset is taken off and added back.
#if defined(__aarch64__)
#include <arm_neon.h>

#include "graph_tables.h"

#define FN_TARGET
#define FN_KERNELS fn_graph_kernels_neon

static inline void dots4(const uint8_t *const rows[4], const int8_t *query, size_t stride, int32_t products[4]) {
  const uint8x16_t flip = vdupq_n_u8(0x80);
  int32x4_t sums[4] = {vdupq_n_s32(0), vdupq_n_s32(0), vdupq_n_s32(0), vdupq_n_s32(0)};
  int32x4_t query_sum = vdupq_n_s32(0);
  for (size_t i = 0; i < stride; i += 16) {
    int8x16_t q = vld1q_s8(query + i);
    query_sum = vpadalq_s16(query_sum, vpaddlq_s8(q));
    for (int r = 0; r < 4; r++) {
      int8x16_t row = vreinterpretq_s8_u8(veorq_u8(vld1q_u8(rows[r] + i), flip));
      sums[r] = vpadalq_s16(sums[r], vmull_s8(vget_low_s8(row), vget_low_s8(q)));
      sums[r] = vpadalq_s16(sums[r], vmull_s8(vget_high_s8(row), vget_high_s8(q)));
    }
  }
  int32_t offset = 128 * vaddvq_s32(query_sum);
  for (int r = 0; r < 4; r++) products[r] = vaddvq_s32(sums[r]) + offset;
}

static inline void dots_with4(const uint8_t *row, const int8_t *const queries[4], size_t stride, int32_t products[4]) {
  const uint8x16_t flip = vdupq_n_u8(0x80);
  for (int each = 0; each < 4; each++) {
    int32x4_t sum = vdupq_n_s32(0), query_sum = vdupq_n_s32(0);
    for (size_t i = 0; i < stride; i += 16) {
      int8x16_t q = vld1q_s8(queries[each] + i), code = vreinterpretq_s8_u8(veorq_u8(vld1q_u8(row + i), flip));
      query_sum = vpadalq_s16(query_sum, vpaddlq_s8(q));
      sum = vpadalq_s16(sum, vmull_s8(vget_low_s8(code), vget_low_s8(q)));
      sum = vpadalq_s16(sum, vmull_s8(vget_high_s8(code), vget_high_s8(q)));
    }
    products[each] = vaddvq_s32(sum) + 128 * vaddvq_s32(query_sum);
  }
}

static inline int64_t fine_dot(const uint8_t *code, const uint8_t *residual, const int16_t *query, size_t stride) {
  const uint8x16_t mask = vdupq_n_u8((1 << FN_RESIDUAL_BITS) - 1);
  int32x4_t sums[2] = {vdupq_n_s32(0), vdupq_n_s32(0)};
  for (size_t block = 0; block < stride / FN_CODE_BLOCK; block++) {
    uint8x16_t low = vld1q_u8(residual + block * 16);
    for (size_t at = block * FN_CODE_BLOCK; at < (block + 1) * FN_CODE_BLOCK; at += 16) {
      uint8x16_t high = vld1q_u8(code + at), bits = vandq_u8(low, mask);
      uint16x8_t u0 = vaddw_u8(vshll_n_u8(vget_low_u8(high), FN_RESIDUAL_BITS), vget_low_u8(bits));
      uint16x8_t u1 = vaddw_u8(vshll_n_u8(vget_high_u8(high), FN_RESIDUAL_BITS), vget_high_u8(bits));
      int16x8_t w0 = vreinterpretq_s16_u16(u0), w1 = vreinterpretq_s16_u16(u1);
      int16x8_t q0 = vld1q_s16(query + at), q1 = vld1q_s16(query + at + 8);
      sums[0] = vmlal_s16(vmlal_s16(sums[0], vget_low_s16(w0), vget_low_s16(q0)), vget_high_s16(w0), vget_high_s16(q0));
      sums[1] = vmlal_s16(vmlal_s16(sums[1], vget_low_s16(w1), vget_low_s16(q1)), vget_high_s16(w1), vget_high_s16(q1));
      low = vshrq_n_u8(low, FN_RESIDUAL_BITS);
    }
  }
  return vaddlvq_s32(sums[0]) + vaddlvq_s32(sums[1]);
}

#include "graph_kernels.h"
#endif
