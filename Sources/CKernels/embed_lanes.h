// Every kernel once more, in vectors of FN_LANES floats: included by one file per instruction set, which first defines
//   FN_LANES, FN_COLUMNS (vectors a panel; a panel is FN_LANES * FN_COLUMNS outputs),
//   FN_CODE_MAX, FN_CODE_MAX_LOG2 (its binary logarithm), FN_WEIGHT_MAX,
//   fn_dot(sums, codes, weights): sums += four 8-bit products a lane, exactly,
//   fn_exp(x): e to the power of x <= 0, off by 2e-7 of the value,
//   fn_weigh: see `weigh` in embed_lanes_attention.h,
//   fn_gelu(x), fn_gelu_quick(x): GELU to within 5e-6 and 1e-4.
// A register tile is FN_TILE rows by a panel. Each row's sums run in the same order whatever tile it stands in, so a
// row gets the same bits in any batch. Multiplications and additions fuse where the target can.
#include <math.h>
#include <string.h>

#include "embed.h"
#include "embed_math.h"
#include "embed_tables.h"

enum { FN_TILE = 6, FN_WIDTH = FN_LANES * FN_COLUMNS };

typedef float vf __attribute__((vector_size(FN_LANES * 4)));
typedef int32_t vi __attribute__((vector_size(FN_LANES * 4)));
typedef float vf_loose __attribute__((vector_size(FN_LANES * 4), aligned(4)));
typedef uint8_t vb __attribute__((vector_size(FN_LANES)));
typedef uint8_t vb_loose __attribute__((vector_size(FN_LANES), aligned(1)));

#define FN_INLINE static inline __attribute__((always_inline))
#define FN_UNROLL _Pragma("clang loop unroll(full)")

FN_INLINE vf load(const float *p) { return *(const vf_loose *)p; }
FN_INLINE void store(float *p, vf x) { *(vf_loose *)p = x; }
FN_INLINE vf all(float x) { return (vf){} + x; }
FN_INLINE vf vmax(vf a, vf b) { return __builtin_elementwise_max(a, b); }
FN_INLINE vf vmin(vf a, vf b) { return __builtin_elementwise_min(a, b); }

// Pairwise, halves first: the same order on every call.
FN_INLINE float sum_of(vf x) {
  float lanes[FN_LANES];
  memcpy(lanes, &x, sizeof x);
  for (int half = FN_LANES / 2; half > 0; half /= 2)
    for (int i = 0; i < half; i++) lanes[i] += lanes[i + half];
  return lanes[0];
}

FN_INLINE float max_of(vf x) { return __builtin_reduce_max(x); }
FN_INLINE float min_of(vf x) { return __builtin_reduce_min(x); }

FN_INLINE vf gelu_with(vf x, float edge, int count, const float *terms) {
  vf clamped = vmin(vmax(x, all(-edge)), all(edge));
  vf s = clamped * clamped * (2.0f / (edge * edge)) - 1.0f;
  vf p = all(terms[count - 1]);
  FN_UNROLL for (int i = count - 2; i >= 0; i--) p = p * s + terms[i];
  return x * (clamped * p + 0.5f);
}

FN_INLINE vf gelu(vf x) { return gelu_with(x, FN_GELU_EDGE, FN_GELU_TERMS, fn_gelu_terms); }
FN_INLINE vf gelu_quick(vf x) {
  return gelu_with(x, FN_GELU_QUICK_EDGE, FN_GELU_QUICK_TERMS, fn_gelu_quick_terms);
}

// For x <= 0.
FN_INLINE vf exp_of(vf x) {
  x = vmax(x, all(FN_EXP_LOW));
  vf shifted = x * FN_LOG2_E + FN_ROUND_MAGIC;
  vf n = shifted - FN_ROUND_MAGIC;
  vf r = x - n * FN_LN2_HIGH;
  r = r - n * FN_LN2_LOW;
  vf p = r * (1.0f / 720) + 1.0f / 120;
  p = p * r + 1.0f / 24;
  p = p * r + 1.0f / 6;
  p = p * r + 0.5f;
  p = p * r + 1.0f;
  p = p * r + 1.0f;
  // The low bits of `shifted` hold n; moved into the exponent they multiply by 2^n.
  return (vf)((vi)p + ((vi)shifted << 23));
}

// Two to the power of x <= 0, quickly.
FN_INLINE vf exp2_of(vf x) {
  x = vmax(x, all(-126.0f));
  vf shifted = x - 0.5f + FN_ROUND_MAGIC;
  vf r = x - (shifted - FN_ROUND_MAGIC);
  vf p = r * FN_EXP2_TERM_3 + FN_EXP2_TERM_2;
  p = p * r + FN_EXP2_TERM_1;
  p = p * r + FN_EXP2_TERM_0;
  return (vf)((vi)p + ((vi)shifted << 23));
}

// Runs `tile` on the rows in tiles of FN_TILE, the last one smaller. A constant row count lets each form unroll.
#define FN_FOR_TILES(rows, tile)                                \
  for (uint32_t row = 0; row < (rows); row += FN_TILE) {        \
    switch ((rows) - row) {                                     \
      case 1: tile(1, row); break;                              \
      case 2: tile(2, row); break;                              \
      case 3: tile(3, row); break;                              \
      case 4: tile(4, row); break;                              \
      case 5: tile(5, row); break;                              \
      default: tile(FN_TILE, row); break;                       \
    }                                                           \
  }

// y[r][c] = sum over i of x[r][i] * b[i][c], for `rows` rows and FN_LANES * columns outputs.
#define FN_PRODUCT(rows, columns, count, x, x_stride, b, b_stride, sums)                                   \
  FN_UNROLL for (int r = 0; r < (rows); r++) FN_UNROLL for (int c = 0; c < (columns); c++) sums[r][c] = all(0); \
  for (uint32_t i = 0; i < (count); i++) {                                                                 \
    vf right[columns];                                                                                     \
    FN_UNROLL for (int c = 0; c < (columns); c++) right[c] = load((b) + (size_t)i * (b_stride) + c * FN_LANES); \
    FN_UNROLL for (int r = 0; r < (rows); r++) {                                                           \
      vf left = all((x)[(size_t)r * (x_stride) + i]);                                                      \
      FN_UNROLL for (int c = 0; c < (columns); c++) sums[r][c] += left * right[c];                         \
    }                                                                                                      \
  }

FN_INLINE void dense_f32_tile(int rows, const float *x, const fn_dense_f32 *w, uint32_t output, float *y,
                              fn_after after) {
  vf sums[FN_TILE][FN_COLUMNS];
  const float *panel = w->panels + (size_t)output * w->inputs;
  FN_PRODUCT(rows, FN_COLUMNS, w->inputs, x, w->inputs, panel, FN_WIDTH, sums)
  FN_UNROLL for (int c = 0; c < FN_COLUMNS; c++) {
    vf bias = load(w->bias + output + c * FN_LANES);
    FN_UNROLL for (int r = 0; r < rows; r++) {
      vf sum = sums[r][c] + bias;
      store(y + (size_t)r * w->outputs + output + c * FN_LANES, after == FN_AFTER_GELU ? fn_gelu(sum) : sum);
    }
  }
}

static void dense_f32(uint32_t rows, const float *x, const fn_dense_f32 *w, float *y, fn_after after) {
  for (uint32_t output = 0; output < w->outputs; output += FN_WIDTH) {
#define FN_TILE_OF(count, row) \
  dense_f32_tile(count, x + (size_t)(row) * w->inputs, w, output, y + (size_t)(row) * w->outputs, after)
    FN_FOR_TILES(rows, FN_TILE_OF)
#undef FN_TILE_OF
  }
}

// With `highest`, GELU follows and the largest value of each row is kept there, lane by lane.
FN_INLINE void dense_i8_tile(int rows, const uint8_t *codes, const float *step, const float *low, const fn_dense_i8 *w,
                             uint32_t output, float *y, vf *highest) {
  vi sums[FN_TILE][FN_COLUMNS];
  const int8_t *panel = w->panels + (size_t)output * w->inputs;
  FN_UNROLL for (int r = 0; r < rows; r++) FN_UNROLL for (int c = 0; c < FN_COLUMNS; c++) sums[r][c] = (vi){};
  for (uint32_t i = 0; i < w->inputs; i += 4, panel += FN_WIDTH * 4) {
    vi right[FN_COLUMNS];
    FN_UNROLL for (int c = 0; c < FN_COLUMNS; c++) right[c] = *(const vi *)(panel + c * FN_LANES * 4);
    FN_UNROLL for (int r = 0; r < rows; r++) {
      int32_t four;
      memcpy(&four, codes + (size_t)r * w->inputs + i, 4);
      vi left = (vi){} + four;
      FN_UNROLL for (int c = 0; c < FN_COLUMNS; c++) sums[r][c] = fn_dot(sums[r][c], left, right[c]);
    }
  }
  FN_UNROLL for (int c = 0; c < FN_COLUMNS; c++) {
    uint32_t at = output + c * FN_LANES;
    vf scale = load(w->scale + at), low_factor = load(w->low_factor + at), bias = load(w->bias + at);
    FN_UNROLL for (int r = 0; r < rows; r++) {
      vf value = __builtin_convertvector(sums[r][c], vf) * scale * step[r] + (low_factor * low[r] + bias);
      if (highest != NULL) {
        value = fn_gelu_quick(value);
        highest[r] = vmax(highest[r], value);
      }
      store(y + (size_t)r * w->outputs + at, value);
    }
  }
}

FN_INLINE void dense_i8_rows(uint32_t rows, fn_codes x, const fn_dense_i8 *w, float *y, vf *highest) {
  for (uint32_t output = 0; output < w->outputs; output += FN_WIDTH) {
#define FN_TILE_OF(count, row)                                                                        \
  dense_i8_tile(count, x.codes + (size_t)(row) * w->inputs, x.step + (row), x.low + (row), w, output, \
                y + (size_t)(row) * w->outputs, highest == NULL ? NULL : highest + (row))
    FN_FOR_TILES(rows, FN_TILE_OF)
#undef FN_TILE_OF
  }
}

static void dense_i8(uint32_t rows, fn_codes x, const fn_dense_i8 *w, float *y) { dense_i8_rows(rows, x, w, y, NULL); }

FN_INLINE fn_codes codes_from(fn_codes x, uint32_t row, uint32_t count) {
  return (fn_codes){x.codes + (size_t)row * count, x.step + row, x.low + row};
}

FN_INLINE void encode_values(uint32_t count, const float *values, float step, float low, uint8_t *codes) {
  float per_step = 1.0f / step;
  vf scale = all(per_step), shift = all(0.5f - low * per_step);
  for (uint32_t i = 0; i < count; i += FN_LANES) {
    vi code = __builtin_convertvector(load(values + i) * scale + shift, vi);
    *(vb_loose *)(codes + i) = __builtin_convertvector(code, vb);
  }
}

static void dense_i8_gelu(uint32_t rows, fn_codes x, const fn_dense_i8 *w, float *scratch, fn_codes y) {
  for (uint32_t first = 0; first < rows; first += FN_GELU_ROWS) {
    uint32_t some = rows - first < FN_GELU_ROWS ? rows - first : FN_GELU_ROWS;
    vf highest[FN_GELU_ROWS];
    for (uint32_t row = 0; row < some; row++) highest[row] = all(0);
    dense_i8_rows(some, codes_from(x, first, w->inputs), w, scratch, highest);
    fn_codes to = codes_from(y, first, w->outputs);
    for (uint32_t row = 0; row < some; row++) {
      fn_encode_row(FN_GELU_LOW, max_of(highest[row]), FN_CODE_MAX, &to.step[row], &to.low[row]);
      encode_values(w->outputs, scratch + (size_t)row * w->outputs, to.step[row], to.low[row],
                    to.codes + (size_t)row * w->outputs);
    }
  }
}

// Several walks over a few rows at a time: the reduction that ends one row's walk hides behind the next row's.
enum { ROWS_TOGETHER = 8 };

static void encode(uint32_t rows, uint32_t count, const float *x, fn_codes codes) {
  for (uint32_t first = 0; first < rows; first += ROWS_TOGETHER) {
    uint32_t end = rows - first < ROWS_TOGETHER ? rows : first + ROWS_TOGETHER;
    for (uint32_t row = first; row < end; row++) {
      const float *values = x + (size_t)row * count;
      vf low = load(values), high = low, low2 = load(values + FN_LANES), high2 = low2;
      for (uint32_t i = 0; i < count; i += 2 * FN_LANES) {
        vf value = load(values + i), value2 = load(values + i + FN_LANES);
        low = vmin(low, value);
        high = vmax(high, value);
        low2 = vmin(low2, value2);
        high2 = vmax(high2, value2);
      }
      fn_encode_row(min_of(vmin(low, low2)), max_of(vmax(high, high2)), FN_CODE_MAX, &codes.step[row], &codes.low[row]);
    }
    for (uint32_t row = first; row < end; row++)
      encode_values(count, x + (size_t)row * count, codes.step[row], codes.low[row], codes.codes + (size_t)row * count);
  }
}

static void add_normalise(uint32_t rows, uint32_t count, float *x, const float *y, const float *gain,
                          const float *offset, fn_codes codes) {
  for (uint32_t first = 0; first < rows; first += ROWS_TOGETHER) {
    uint32_t end = rows - first < ROWS_TOGETHER ? rows : first + ROWS_TOGETHER;
    float mean[ROWS_TOGETHER], inverse[ROWS_TOGETHER];
    for (uint32_t row = first; row < end; row++) {
      float *values = x + (size_t)row * count;
      vf sums = all(0), sums2 = all(0);
      for (uint32_t i = 0; i < count; i += 2 * FN_LANES) {
        vf value = load(values + i), value2 = load(values + i + FN_LANES);
        if (y != NULL) {
          value += load(y + (size_t)row * count + i);
          value2 += load(y + (size_t)row * count + i + FN_LANES);
          store(values + i, value);
          store(values + i + FN_LANES, value2);
        }
        sums += value;
        sums2 += value2;
      }
      mean[row - first] = sum_of(sums + sums2) / (float)count;
    }
    for (uint32_t row = first; row < end; row++) {
      const float *values = x + (size_t)row * count;
      vf squares = all(0), squares2 = all(0);
      for (uint32_t i = 0; i < count; i += 2 * FN_LANES) {
        vf distance = load(values + i) - mean[row - first];
        vf distance2 = load(values + i + FN_LANES) - mean[row - first];
        squares += distance * distance;
        squares2 += distance2 * distance2;
      }
      inverse[row - first] = 1.0f / sqrtf(sum_of(squares + squares2) / (float)count + FN_NORMALISE_EPSILON);
    }
    for (uint32_t row = first; row < end; row++) {
      float *values = x + (size_t)row * count;
      vf scale = all(inverse[row - first]), shift = all(mean[row - first]), low = all(INFINITY), high = -low;
      for (uint32_t i = 0; i < count; i += FN_LANES) {
        vf value = (load(values + i) - shift) * scale * load(gain + i) + load(offset + i);
        store(values + i, value);
        low = vmin(low, value);
        high = vmax(high, value);
      }
      if (codes.codes != NULL)
        fn_encode_row(min_of(low), max_of(high), FN_CODE_MAX, &codes.step[row], &codes.low[row]);
    }
    if (codes.codes == NULL) continue;
    for (uint32_t row = first; row < end; row++)
      encode_values(count, x + (size_t)row * count, codes.step[row], codes.low[row], codes.codes + (size_t)row * count);
  }
}

#include "embed_lanes_attention.h"

#define FN_TABLE(which)                                                                       \
  {                                                                                           \
    .isa = which, .width_f32 = FN_WIDTH, .width_i8 = FN_WIDTH, .activation_max = FN_CODE_MAX, \
    .weight_max = FN_WEIGHT_MAX, .dense_f32 = dense_f32, .dense_i8 = dense_i8, .dense_i8_gelu = dense_i8_gelu,\
    .encode = encode, .add_normalise = add_normalise, .attend = attend,                       \
    .attend_quick = attend_quick                                                              \
  }
