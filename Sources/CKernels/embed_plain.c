// The plain form of every kernel: the oracle of the others, and what an unknown processor runs. Written to be read.
#include <math.h>

#include "embed.h"
#include "embed_math.h"
#include "embed_tables.h"

enum { WIDTH = 16 };

static float gelu(float x) { return 0.5f * x * (1.0f + erff(x * 0.70710678118654752f)); }

static void dense_f32(uint32_t rows, const float *x, const fn_dense_f32 *w, float *y, fn_after after) {
  for (uint32_t row = 0; row < rows; row++)
    for (uint32_t output = 0; output < w->outputs; output++) {
      const float *panel = w->panels + (size_t)(output / WIDTH) * w->inputs * WIDTH + output % WIDTH;
      float sum = 0;
      for (uint32_t input = 0; input < w->inputs; input++)
        sum += x[(size_t)row * w->inputs + input] * panel[(size_t)input * WIDTH];
      sum += w->bias[output];
      y[(size_t)row * w->outputs + output] = after == FN_AFTER_GELU ? gelu(sum) : sum;
    }
}

static void dense_i8(uint32_t rows, fn_codes x, const fn_dense_i8 *w, float *y) {
  for (uint32_t row = 0; row < rows; row++)
    for (uint32_t output = 0; output < w->outputs; output++) {
      const int8_t *panel = w->panels + (size_t)(output / WIDTH) * w->inputs * WIDTH + output % WIDTH * 4;
      int32_t sum = 0;
      for (uint32_t input = 0; input < w->inputs; input++)
        sum += (int32_t)x.codes[(size_t)row * w->inputs + input] * panel[(size_t)(input / 4) * WIDTH * 4 + input % 4];
      float above_low = x.step[row] * ((float)sum * w->scale[output]);
      y[(size_t)row * w->outputs + output] = above_low + (x.low[row] * w->low_factor[output] + w->bias[output]);
    }
}

static void encode_between(float low, float high, uint32_t row, uint32_t count, const float *values, fn_codes codes) {
  fn_encode_row(low, high, fn_embed_plain.activation_max, &codes.step[row], &codes.low[row]);
  float per_step = 1.0f / codes.step[row];
  for (uint32_t i = 0; i < count; i++)
    codes.codes[(size_t)row * count + i] = (uint8_t)((values[i] - low) * per_step + 0.5f);
}

static void encode(uint32_t rows, uint32_t count, const float *x, fn_codes codes) {
  for (uint32_t row = 0; row < rows; row++) {
    const float *values = x + (size_t)row * count;
    float low = values[0], high = values[0];
    for (uint32_t i = 1; i < count; i++) {
      low = fminf(low, values[i]);
      high = fmaxf(high, values[i]);
    }
    encode_between(low, high, row, count, values, codes);
  }
}

static void dense_i8_gelu(uint32_t rows, fn_codes x, const fn_dense_i8 *w, float *scratch, fn_codes y) {
  for (uint32_t row = 0; row < rows; row++) {
    fn_codes one = {x.codes + (size_t)row * w->inputs, x.step + row, x.low + row};
    dense_i8(1, one, w, scratch);
    float high = 0;
    for (uint32_t i = 0; i < w->outputs; i++) {
      scratch[i] = gelu(scratch[i]);
      high = fmaxf(high, scratch[i]);
    }
    encode_between(FN_GELU_LOW, high, row, w->outputs, scratch, y);
  }
}

static void add_normalise(uint32_t rows, uint32_t count, float *x, const float *y, const float *gain,
                          const float *offset, fn_codes codes) {
  for (uint32_t row = 0; row < rows; row++) {
    float *values = x + (size_t)row * count;
    double mean = 0, variance = 0;
    for (uint32_t i = 0; i < count; i++) {
      if (y != NULL) values[i] += y[(size_t)row * count + i];
      mean += values[i];
    }
    mean /= count;
    for (uint32_t i = 0; i < count; i++) variance += (values[i] - mean) * (values[i] - mean);
    double inverse = 1 / sqrt(variance / count + (double)FN_NORMALISE_EPSILON);
    for (uint32_t i = 0; i < count; i++) values[i] = (float)((values[i] - mean) * inverse) * gain[i] + offset[i];
  }
  if (codes.codes != NULL) encode(rows, count, x, codes);
}

static void attend(uint32_t length, uint32_t columns, const float *query_key_value, float *context,
                   size_t context_stride, float *scratch) {
  size_t stride = 3 * (size_t)columns;
  for (uint32_t head = 0; head < columns / FN_HEAD; head++)
    for (uint32_t row = 0; row < length; row++) {
      const float *query = query_key_value + row * stride + head * FN_HEAD;
      float highest = -INFINITY, sum = 0;
      for (uint32_t other = 0; other < length; other++) {
        const float *key = query_key_value + other * stride + columns + head * FN_HEAD;
        scratch[other] = 0;
        for (uint32_t i = 0; i < FN_HEAD; i++) scratch[other] += query[i] * key[i];
        highest = fmaxf(highest, scratch[other]);
      }
      for (uint32_t other = 0; other < length; other++) {
        scratch[other] = expf(scratch[other] - highest);
        sum += scratch[other];
      }
      float *out = context + row * context_stride + head * FN_HEAD;
      for (uint32_t i = 0; i < FN_HEAD; i++) out[i] = 0;
      for (uint32_t other = 0; other < length; other++) {
        const float *value = query_key_value + other * stride + 2 * columns + head * FN_HEAD;
        for (uint32_t i = 0; i < FN_HEAD; i++) out[i] += scratch[other] / sum * value[i];
      }
    }
}

const fn_embed_kernels fn_embed_plain = {
    .isa = FN_ISA_PLAIN,
    .width_f32 = WIDTH,
    .width_i8 = WIDTH,
    .activation_max = 255,
    .weight_max = 127,
    .dense_f32 = dense_f32,
    .dense_i8 = dense_i8,
    .dense_i8_gelu = dense_i8_gelu,
    .encode = encode,
    .add_normalise = add_normalise,
    .attend = attend,
    .attend_quick = attend,
};
