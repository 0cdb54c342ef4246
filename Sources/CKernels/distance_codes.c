// Coding of vectors. A number x becomes w = round(x / step) + offset in 8 + FN_RESIDUAL_BITS bits with a step a vector;
// the upper 8 bits are the code that the walk reads, the lower ones the residual that only the last candidates need.
// A block of 64 codes has 16 residual bytes: byte j holds the numbers j, j + 16, j + 32 and j + 48, lowest bits first.
#include <math.h>
#include <string.h>

#include "graph.h"

enum {
  FINE_STEPS = 1 << FN_RESIDUAL_BITS,
  FINE_HALF = 128 * FINE_STEPS + FINE_STEPS / 2,  // w of the number zero
  FINE_REACH = 127 * FINE_STEPS + FINE_STEPS / 2 - 1,  // the largest distance from zero that both sides have
  RESIDUAL_LANES = 16
};

static float largest_magnitude(const float *vector, size_t dimension) {
  float largest = 0;
  for (size_t i = 0; i < dimension; i++) {
    float magnitude = fabsf(vector[i]);
    largest = magnitude > largest ? magnitude : largest;
  }
  return largest;
}

// 1 / x for the steps; zero for a vector of zeros and for one too small to divide by.
static float reciprocal_or_zero(float x) {
  float r = 1 / x;
  return isfinite(r) ? r : 0;
}

void fn_code_encode(const float *vector, size_t dimension, size_t code_stride, uint8_t *code, uint8_t *residual,
                    float *scale) {
  float step = largest_magnitude(vector, dimension) / FINE_REACH;
  float per_step = reciprocal_or_zero(step);
  memset(residual, 0, code_stride * FN_RESIDUAL_BITS / 8);
  for (size_t i = 0; i < code_stride; i++) {
    float x = i < dimension ? vector[i] * per_step : 0;
    int w = (int)lrintf(x) + FINE_HALF;
    code[i] = (uint8_t)(w >> FN_RESIDUAL_BITS);
    size_t block = i / FN_CODE_BLOCK, within = i % FN_CODE_BLOCK;
    unsigned low = (unsigned)(w & (FINE_STEPS - 1));
    residual[block * RESIDUAL_LANES + within % RESIDUAL_LANES] |=
        (uint8_t)(low << (within / RESIDUAL_LANES * FN_RESIDUAL_BITS));
  }
  *scale = step * FINE_STEPS;
}

void fn_code_decode(const fn_code_slab *slab, uint32_t slot, size_t dimension, float *vector) {
  const uint8_t *code = slab->codes + (size_t)slot * slab->code_stride;
  const uint8_t *residual = slab->residuals + (size_t)slot * (slab->code_stride * FN_RESIDUAL_BITS / 8);
  float step = slab->scales[slot] / FINE_STEPS;
  for (size_t i = 0; i < dimension; i++) {
    size_t block = i / FN_CODE_BLOCK, within = i % FN_CODE_BLOCK;
    int low = residual[block * RESIDUAL_LANES + within % RESIDUAL_LANES]
                  >> (within / RESIDUAL_LANES * FN_RESIDUAL_BITS) & (FINE_STEPS - 1);
    vector[i] = (float)((code[i] << FN_RESIDUAL_BITS) + low - FINE_HALF) * step;
  }
}

fn_code_query fn_code_query_of_vector(const float *vector, size_t dimension, size_t code_stride, int8_t *values) {
  float step = largest_magnitude(vector, dimension) / 127;
  float per_step = reciprocal_or_zero(step);
  int32_t sum = 0;
  for (size_t i = 0; i < code_stride; i++) {
    values[i] = i < dimension ? (int8_t)lrintf(vector[i] * per_step) : 0;
    sum += values[i];
  }
  return (fn_code_query){values, 128 * sum, step};
}

fn_code_query fn_code_query_of_row(const fn_code_slab *slab, uint32_t slot, int8_t *values) {
  const uint8_t *code = slab->codes + (size_t)slot * slab->code_stride;
  int32_t sum = 0;
  for (size_t i = 0; i < slab->code_stride; i++) {
    values[i] = (int8_t)(code[i] ^ 0x80);
    sum += values[i];
  }
  return (fn_code_query){values, 128 * sum, slab->scales[slot]};
}

fn_fine_query fn_fine_query_of_vector(const float *vector, size_t dimension, size_t code_stride, int16_t *values) {
  // The narrowest kernel adds stride / 8 products of a value and a w in one 32-bit lane: that sum must fit.
  int64_t reach = INT32_MAX / ((int64_t)(code_stride / 8) * (256 * FINE_STEPS));
  if (reach > INT16_MAX) reach = INT16_MAX;
  float step = largest_magnitude(vector, dimension) / (float)reach;
  float per_step = reciprocal_or_zero(step);
  int64_t sum = 0;
  for (size_t i = 0; i < code_stride; i++) {
    values[i] = i < dimension ? (int16_t)lrintf(vector[i] * per_step) : 0;
    sum += values[i];
  }
  return (fn_fine_query){values, FINE_HALF * sum, step / FINE_STEPS};
}

uint64_t fn_entry_make(float score, uint32_t slot) {
  uint32_t bits;
  memcpy(&bits, &score, sizeof bits);
  // Flips a float's bits so that unsigned order is falling order.
  bits ^= (uint32_t)((int32_t)bits >> 31) | 0x80000000u;
  return (uint64_t)~bits << 32 | (uint64_t)slot << 2;
}

float fn_entry_score(uint64_t entry) {
  uint32_t bits = ~(uint32_t)(entry >> 32);
  bits ^= bits & 0x80000000u ? 0x80000000u : 0xFFFFFFFFu;
  float score;
  memcpy(&score, &bits, sizeof score);
  return score;
}
