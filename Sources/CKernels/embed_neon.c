// The kernels in 128-bit vectors for 64-bit Arm. Codes stop at 127 so that they are signed numbers too, and two
// products fit into 16 bits.
#if defined(__aarch64__)
#include <arm_neon.h>

#define FN_LANES 4
#define FN_COLUMNS 4
#define FN_CODE_MAX 127
#define FN_CODE_MAX_LOG2 6.98868469f
#define FN_WEIGHT_MAX 127

static inline __attribute__((always_inline)) int32x4_t dot(int32x4_t sums, int8x16_t codes, int8x16_t weights) {
  int16x8_t low = vmull_s8(vget_low_s8(codes), vget_low_s8(weights));
  int16x8_t high = vmull_high_s8(codes, weights);
  // Neighbours added twice: products 0..3 meet in lane 0, 4..7 in lane 1, and so on.
  return vaddq_s32(sums, vpaddq_s32(vpaddlq_s16(low), vpaddlq_s16(high)));
}

#define fn_dot(sums, codes, weights) \
  (vi) dot((int32x4_t)(sums), vreinterpretq_s8_s32((int32x4_t)(codes)), vreinterpretq_s8_s32((int32x4_t)(weights)))
#define fn_weigh weigh
#define fn_exp exp_of
#define fn_gelu gelu
#define fn_gelu_quick gelu_quick
#include "embed_lanes.h"

const fn_embed_kernels fn_embed_neon = FN_TABLE(FN_ISA_NEON);
#endif
