// Attention of one sequence, a part of embed_lanes.h: in f32, and in 8-bit codes whose sums are exact.
// A tile of queries meets all keys, its scores become weights where they stand, and the weights meet the values.

enum { SCORE_COLUMNS = 4, SCORE_WIDTH = FN_LANES * SCORE_COLUMNS, CONTEXT_COLUMNS = FN_HEAD / FN_LANES };

FN_INLINE uint32_t padded(uint32_t length) { return (length + SCORE_WIDTH - 1) / SCORE_WIDTH * SCORE_WIDTH; }

typedef float four __attribute__((vector_size(16), aligned(4), may_alias));

// Four neighbouring words of four keys become four keys of four words, the lines `width` apart.
FN_INLINE void turn_four(const void *a, const void *b, const void *c, const void *d, void *lines, size_t width) {
  four one = *(const four *)a, two = *(const four *)b, three = *(const four *)c, last = *(const four *)d;
  four front_low = __builtin_shufflevector(one, two, 0, 4, 1, 5);
  four front_high = __builtin_shufflevector(one, two, 2, 6, 3, 7);
  four back_low = __builtin_shufflevector(three, last, 0, 4, 1, 5);
  four back_high = __builtin_shufflevector(three, last, 2, 6, 3, 7);
  float *line = lines;
  *(four *)line = __builtin_shufflevector(front_low, back_low, 0, 1, 4, 5);
  *(four *)(line + width) = __builtin_shufflevector(front_low, back_low, 2, 3, 6, 7);
  *(four *)(line + 2 * width) = __builtin_shufflevector(front_high, back_high, 0, 1, 4, 5);
  *(four *)(line + 3 * width) = __builtin_shufflevector(front_high, back_high, 2, 3, 6, 7);
}

// The scores of some queries against all keys, made into weights that sum to one.
FN_INLINE void attend_tile(int rows, uint32_t length, size_t stride, const float *query, const float *keys_turned,
                           const float *value, float *scores, float *context, size_t context_stride) {
  uint32_t width = padded(length);
  for (uint32_t other = 0; other < width; other += SCORE_WIDTH) {
    vf sums[FN_TILE][SCORE_COLUMNS];
    FN_PRODUCT(rows, SCORE_COLUMNS, FN_HEAD, query, stride, keys_turned + other, width, sums)
    FN_UNROLL for (int r = 0; r < rows; r++)
      FN_UNROLL for (int c = 0; c < SCORE_COLUMNS; c++) store(scores + r * width + other + c * FN_LANES, sums[r][c]);
  }
  float inverse[FN_TILE];
  for (int r = 0; r < rows; r++) {
    float *row = scores + r * width;
    for (uint32_t i = length; i < width; i++) row[i] = -INFINITY;
    vf highest = load(row);
    for (uint32_t i = FN_LANES; i < width; i += FN_LANES) highest = vmax(highest, load(row + i));
    vf top = all(max_of(highest)), sums = all(0);
    for (uint32_t i = 0; i < width; i += FN_LANES) {
      vf weight = fn_exp(load(row + i) - top);
      store(row + i, weight);
      sums += weight;
    }
    inverse[r] = 1.0f / sum_of(sums);
  }
  vf sums[FN_TILE][CONTEXT_COLUMNS];
  FN_PRODUCT(rows, CONTEXT_COLUMNS, length, scores, width, value, stride, sums)
  FN_UNROLL for (int r = 0; r < rows; r++)
    FN_UNROLL for (int c = 0; c < CONTEXT_COLUMNS; c++)
      store(context + r * context_stride + c * FN_LANES, sums[r][c] * inverse[r]);
}

static void attend(uint32_t length, uint32_t columns, const float *query_key_value, float *context,
                   size_t context_stride, float *scratch) {
  size_t stride = 3 * (size_t)columns;
  uint32_t width = padded(length);
  float *keys_turned = scratch, *scores = scratch + (size_t)FN_HEAD * width;
  for (uint32_t head = 0; head < columns / FN_HEAD; head++) {
    const float *query = query_key_value + head * FN_HEAD, *key = query + columns, *value = key + columns;
    for (uint32_t other = 0; other < width; other += 4) {
      // The last key again where there are no more; padding's scores are overwritten.
      const float *four_keys[4];
      FN_UNROLL for (uint32_t j = 0; j < 4; j++)
        four_keys[j] = key + (other + j < length ? other + j : length - 1) * stride;
      FN_UNROLL for (int i = 0; i < FN_HEAD; i += 4)
        turn_four(four_keys[0] + i, four_keys[1] + i, four_keys[2] + i, four_keys[3] + i,
                  keys_turned + (size_t)i * width + other, width);
    }
#define FN_TILE_OF(count, row)                                                                       \
  attend_tile(count, length, stride, query + (row) * stride, keys_turned, value, scores,             \
              context + (row) * context_stride + head * FN_HEAD, context_stride)
    FN_FOR_TILES(length, FN_TILE_OF)
#undef FN_TILE_OF
  }
}

// The quick form. Queries, keys and values become codes, each head of a sequence by its own largest magnitude; the
// weights too, the largest of a row being the highest code. A query's code stands above a middle, because the left side
// of fn_dot is unsigned; `shift` takes the middle's part out of the score again.
enum {
  QUICK_COLUMNS = 2,
  QUICK_WIDTH = FN_LANES * QUICK_COLUMNS,
  MIDDLE = (FN_CODE_MAX + 1) / 2,
  SIGNED_CODE_MAX = 127,
  QUADS = FN_HEAD / 4,
  PADDING_SCORE = -(1 << 21),  // a code past every score there is
};

typedef int32_t vi_loose __attribute__((vector_size(FN_LANES * 4), aligned(4)));

// The nearest whole number in the low bits of each lane.
FN_INLINE vi rounded(vf x) { return (vi)(x + FN_ROUND_MAGIC); }

// Steps of queries and keys never get finer than for this: scores hardly notice, and padding's score stays hopeless.
#define FN_SCORED_MAGNITUDE_MIN 0.3f
#define FN_VALUE_MAGNITUDE_MIN 1e-20f

FN_INLINE vf magnitude(const float *x, vf highest) {
  FN_UNROLL for (int i = 0; i < FN_HEAD; i += FN_LANES)
    highest = vmax(highest, __builtin_elementwise_abs(load(x + i)));
  return highest;
}

typedef struct {
  int32_t *keys;     // [QUADS][width]: four neighbouring codes of a key a lane
  int32_t *values;   // [width / 4][FN_HEAD]: the codes of four neighbouring tokens a lane
  int32_t *queries;  // [width][QUADS]
  int32_t *shift;    // [width]: what is added to every score with this key; hopelessly low for padding
  int32_t *scores;   // [FN_TILE][width]
  uint8_t *weights;  // [FN_TILE][width]
  uint32_t width;
  float exponent;    // of two, per unit of score
  float value_step;
} quick_head;

FN_INLINE void encode_quads(const float *x, float per_step, int middle, int32_t *quads) {
  FN_UNROLL for (int i = 0; i < FN_HEAD; i += FN_LANES)
    *(vb_loose *)((uint8_t *)quads + i) = __builtin_convertvector(rounded(load(x + i) * per_step) + middle, vb);
}

static void quick_encode(uint32_t length, size_t stride, const float *query, const float *key, const float *value,
                         quick_head *head) {
  vf queries = all(FN_SCORED_MAGNITUDE_MIN), keys = queries, values = all(FN_VALUE_MAGNITUDE_MIN);
  for (uint32_t row = 0; row < length; row++) {
    queries = magnitude(query + row * stride, queries);
    keys = magnitude(key + row * stride, keys);
    values = magnitude(value + row * stride, values);
  }
  float query_step = max_of(queries) / (MIDDLE - 1), key_step = max_of(keys) / SIGNED_CODE_MAX;
  head->value_step = max_of(values) / SIGNED_CODE_MAX;
  head->exponent = query_step * key_step * FN_LOG2_E;
  float per_query = 1.0f / query_step, per_key = 1.0f / key_step, per_value = 1.0f / head->value_step;
  for (uint32_t row = 0; row < head->width; row += 4) {
    int32_t quads[4][QUADS] = {0};
    FN_UNROLL for (uint32_t j = 0; j < 4; j++)
      if (row + j < length) {
        encode_quads(query + (row + j) * stride, per_query, MIDDLE, head->queries + (row + j) * QUADS);
        encode_quads(key + (row + j) * stride, per_key, 0, quads[j]);
      }
    FN_UNROLL for (int i = 0; i < QUADS; i += 4)
      turn_four(quads[0] + i, quads[1] + i, quads[2] + i, quads[3] + i, head->keys + (size_t)i * head->width + row,
                head->width);
  }
  vi middles = (vi){} + (int32_t)(MIDDLE * 0x01010101u);
  for (uint32_t other = 0; other < head->width; other += FN_LANES) {
    vi sums = (vi){};
    FN_UNROLL for (int i = 0; i < QUADS; i++)
      sums = fn_dot(sums, middles, *(const vi_loose *)(head->keys + (size_t)i * head->width + other));
    *(vi_loose *)(head->shift + other) = -sums;
  }
  for (uint32_t row = length; row < head->width; row++) head->shift[row] = PADDING_SCORE;
  for (uint32_t row = 0; row < length; row += 4)
    FN_UNROLL for (int i = 0; i < FN_HEAD; i += FN_LANES) {
      vi code[4];
      FN_UNROLL for (uint32_t j = 0; j < 4; j++) {
        uint32_t from = row + j < length ? row + j : length - 1;  // padding meets weights of zero
        code[j] = rounded(load(value + from * stride + i) * per_value);
      }
      *(vi_loose *)(head->values + (size_t)row / 4 * FN_HEAD + i) =
          (code[0] & 0xFF) | ((code[1] & 0xFF) << 8) | ((code[2] & 0xFF) << 16) | (code[3] << 24);
    }
}

// sums[r][c] = the products of `quads` lanes of a[r] with b, four at a time.
#define FN_PRODUCT_I8(rows, columns, quads, a, a_stride, b, b_stride, sums)                                     \
  FN_UNROLL for (int r = 0; r < (rows); r++) FN_UNROLL for (int c = 0; c < (columns); c++) sums[r][c] = (vi){}; \
  for (uint32_t i = 0; i < (quads); i++) {                                                                      \
    vi right[columns];                                                                                          \
    FN_UNROLL for (int c = 0; c < (columns); c++) right[c] =                                                    \
        *(const vi_loose *)((b) + (size_t)i * (b_stride) + c * FN_LANES);                                       \
    FN_UNROLL for (int r = 0; r < (rows); r++) {                                                                \
      vi left = (vi){} + (a)[(size_t)r * (a_stride) + i];                                                       \
      FN_UNROLL for (int c = 0; c < (columns); c++) sums[r][c] = fn_dot(sums[r][c], left, right[c]);            \
    }                                                                                                           \
  }

// Scores, multiples of QUICK_WIDTH, to weights 2^((score - top) * exponent) in codes; gives back their sum in codes.
FN_INLINE float weigh(uint32_t width, const int32_t *scores, int32_t top, float exponent, uint8_t *weights) {
  float shift = (float)top * exponent - FN_CODE_MAX_LOG2;
  vf sums = all(0);
  for (uint32_t i = 0; i < width; i += FN_LANES) {
    vi score = *(const vi_loose *)(scores + i);
    vf weight = exp2_of(__builtin_convertvector(score, vf) * exponent - shift);
    sums += weight;
    *(vb_loose *)(weights + i) = __builtin_convertvector(rounded(weight), vb);
  }
  return sum_of(sums);
}

FN_INLINE void quick_tile(int rows, uint32_t length, const quick_head *head, const int32_t *queries, float *context,
                          size_t context_stride) {
  uint32_t width = head->width;
  vi highest[FN_TILE];
  FN_UNROLL for (int r = 0; r < rows; r++) highest[r] = (vi){} + INT32_MIN;
  for (uint32_t other = 0; other < width; other += QUICK_WIDTH) {
    vi sums[FN_TILE][QUICK_COLUMNS];
    FN_PRODUCT_I8(rows, QUICK_COLUMNS, QUADS, queries, QUADS, head->keys + other, width, sums)
    FN_UNROLL for (int c = 0; c < QUICK_COLUMNS; c++) {
      vi shift = *(const vi_loose *)(head->shift + other + c * FN_LANES);
      FN_UNROLL for (int r = 0; r < rows; r++) {
        vi score = sums[r][c] + shift;
        highest[r] = __builtin_elementwise_max(highest[r], score);
        *(vi_loose *)(head->scores + r * width + other + c * FN_LANES) = score;
      }
    }
  }
  float inverse[FN_TILE];
  for (int r = 0; r < rows; r++)
    inverse[r] = head->value_step / fn_weigh(width, head->scores + r * width, __builtin_reduce_max(highest[r]),
                                             head->exponent, head->weights + r * width);
  vi sums[FN_TILE][CONTEXT_COLUMNS];
  const int32_t *weights = (const int32_t *)head->weights;
  FN_PRODUCT_I8(rows, CONTEXT_COLUMNS, (length + 3) / 4, weights, width / 4, head->values, FN_HEAD, sums)
  FN_UNROLL for (int r = 0; r < rows; r++) {
    FN_UNROLL for (int c = 0; c < CONTEXT_COLUMNS; c++)
      store(context + r * context_stride + c * FN_LANES, __builtin_convertvector(sums[r][c], vf) * inverse[r]);
  }
}

static void attend_quick(uint32_t length, uint32_t columns, const float *query_key_value, float *context,
                         size_t context_stride, float *scratch) {
  size_t stride = 3 * (size_t)columns;
  uint32_t width = (length + QUICK_WIDTH - 1) / QUICK_WIDTH * QUICK_WIDTH;
  quick_head head = {.width = width};
  head.keys = (int32_t *)scratch;
  head.values = head.keys + (size_t)QUADS * width;
  head.queries = head.values + (size_t)QUADS * width;
  head.shift = head.queries + (size_t)QUADS * width;
  head.scores = head.shift + width;
  head.weights = (uint8_t *)(head.scores + (size_t)FN_TILE * width);
  for (uint32_t at = 0; at < columns; at += FN_HEAD) {
    const float *query = query_key_value + at;
    quick_encode(length, stride, query, query + columns, query + 2 * columns, &head);
#define FN_TILE_OF(count, row) \
  quick_tile(count, length, &head, head.queries + (row) * QUADS, context + (row) * context_stride + at, context_stride)
    FN_FOR_TILES(length, FN_TILE_OF)
#undef FN_TILE_OF
  }
}
