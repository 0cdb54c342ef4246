// The graph's kernels in plain C: the oracle of the others, and what a processor without them runs.
#include "graph_tables.h"

#define FN_TARGET
#define FN_KERNELS fn_graph_kernels_plain

static inline void dots4(const uint8_t *const rows[4], const int8_t *query, size_t stride, int32_t products[4]) {
  for (int r = 0; r < 4; r++) {
    int32_t sum = 0;
    for (size_t i = 0; i < stride; i++) sum += rows[r][i] * query[i];
    products[r] = sum;
  }
}

static inline void dots_with4(const uint8_t *row, const int8_t *const queries[4], size_t stride, int32_t products[4]) {
  for (int q = 0; q < 4; q++) {
    int32_t sum = 0;
    for (size_t i = 0; i < stride; i++) sum += row[i] * queries[q][i];
    products[q] = sum;
  }
}

static inline int64_t fine_dot(const uint8_t *code, const uint8_t *residual, const int16_t *query, size_t stride) {
  int64_t sum = 0;
  for (size_t i = 0; i < stride; i++) {
    size_t block = i / FN_CODE_BLOCK, within = i % FN_CODE_BLOCK;
    int low = residual[block * 16 + within % 16] >> (within / 16 * FN_RESIDUAL_BITS) & ((1 << FN_RESIDUAL_BITS) - 1);
    sum += (int64_t)query[i] * ((code[i] << FN_RESIDUAL_BITS) + low);
  }
  return sum;
}

#include "graph_kernels.h"
