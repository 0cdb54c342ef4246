// Packing the weights, and the forward pass: sequences stand one after the other without padding; the dense layers see
// them as rows, attention sees one sequence at a time. Nothing is allocated here, and no row's result depends on the
// other sequences of the batch.
#include <math.h>
#include <string.h>

#include "embed_tables.h"

// Rows of the intermediate layer at a time, so that they are still in the second-level cache when they are read.
enum { INTERMEDIATE_ROWS = 96, ALIGNMENT = 64 };

const fn_embed_kernels *fn_embed_kernels_for(fn_isa isa) {
  switch (isa) {
    case FN_ISA_PLAIN: return &fn_embed_plain;
#if defined(__x86_64__)
    case FN_ISA_AVX2: return &fn_embed_avx2;
    case FN_ISA_AVX512: return &fn_embed_avx512;
#elif defined(__aarch64__)
    case FN_ISA_NEON: return &fn_embed_neon;
#endif
    default: return NULL;
  }
}

size_t fn_attention_scratch(uint32_t length) {
  // In f32 32 lines of keys and 6 of scores; the quick form needs less. Each is padded to the widest panel there is.
  return (size_t)(FN_HEAD + 6) * ((length + 63) / 64 * 64);
}

void fn_pack_f32(const fn_embed_kernels *kernels, uint32_t inputs, uint32_t outputs, const float *weights, float factor,
                 uint32_t first, float *panels) {
  uint32_t width = kernels->width_f32;
  for (uint32_t output = 0; output < outputs; output++) {
    uint32_t at = first + output;
    float *panel = panels + (size_t)(at / width) * inputs * width + at % width;
    for (uint32_t input = 0; input < inputs; input++)
      panel[(size_t)input * width] = weights[(size_t)output * inputs + input] * factor;
  }
}

void fn_pack_i8(const fn_embed_kernels *kernels, uint32_t inputs, uint32_t outputs, const float *weights, float factor,
                uint32_t first, int8_t *panels, float *scale, float *low_factor) {
  uint32_t width = kernels->width_i8;
  for (uint32_t output = 0; output < outputs; output++) {
    const float *row = weights + (size_t)output * inputs;
    uint32_t at = first + output;
    int8_t *panel = panels + (size_t)(at / width) * inputs * width + (size_t)(at % width) * 4;
    float highest = 1e-20f;
    for (uint32_t input = 0; input < inputs; input++) highest = fmaxf(highest, fabsf(row[input]));
    float per_step = (float)kernels->weight_max / highest;
    int32_t sum = 0;
    for (uint32_t input = 0; input < inputs; input += 4, panel += (size_t)width * 4)
      for (uint32_t i = 0; i < 4; i++) {
        float code = row[input + i] * per_step;
        panel[i] = (int8_t)(code + (code < 0 ? -0.5f : 0.5f));
        sum += panel[i];
      }
    scale[at] = highest / (float)kernels->weight_max * factor;
    low_factor[at] = scale[at] * (float)sum;
  }
}

// The parts of the workspace for one run.
typedef struct {
  float *state, *query_key_value, *context, *added, *intermediate, *scratch;
  fn_codes codes, inner_codes;
  size_t bytes;
} fn_parts;

static void *take(char *base, size_t *at, size_t bytes) {
  void *part = base + *at;
  *at += (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
  return part;
}

static fn_codes take_codes(char *base, size_t *at, size_t rows, size_t count) {
  uint8_t *codes = take(base, at, rows * count);
  float *step = take(base, at, rows * sizeof(float));
  return (fn_codes){codes, step, take(base, at, rows * sizeof(float))};
}

static fn_parts divide(const fn_encoder *encoder, uint32_t tokens, uint32_t length_max, void *workspace) {
  fn_parts parts;
  size_t at = 0, hidden = encoder->hidden;
  parts.state = take(workspace, &at, tokens * hidden * sizeof(float));
  parts.query_key_value = take(workspace, &at, tokens * 3 * (size_t)FN_HEADS_COLUMNS * sizeof(float));
  parts.added = take(workspace, &at, tokens * hidden * sizeof(float));
  parts.context = take(workspace, &at, tokens * hidden * sizeof(float));
  size_t rows = encoder->quantised ? FN_GELU_ROWS : INTERMEDIATE_ROWS;
  parts.intermediate = take(workspace, &at, rows * encoder->intermediate * sizeof(float));
  parts.scratch = take(workspace, &at, fn_attention_scratch(length_max) * sizeof(float));
  parts.codes = take_codes(workspace, &at, tokens, hidden);
  parts.inner_codes = take_codes(workspace, &at, INTERMEDIATE_ROWS, encoder->intermediate);
  parts.bytes = at;
  return parts;
}

size_t fn_encoder_workspace(const fn_encoder *encoder, uint32_t tokens, uint32_t length_max) {
  static char nowhere;
  return divide(encoder, tokens, length_max, &nowhere).bytes;
}

static const fn_codes no_codes;

static void attend_all(fn_attend attend, uint32_t sequences, const uint32_t *starts, size_t hidden, uint32_t first,
                       const fn_parts *parts) {
  for (uint32_t sequence = 0; sequence < sequences; sequence++) {
    size_t start = starts[sequence];
    attend((uint32_t)(starts[sequence + 1] - start), FN_HEADS_COLUMNS,
           parts->query_key_value + start * 3 * FN_HEADS_COLUMNS, parts->context + start * hidden + first, hidden,
           parts->scratch);
  }
}

static void embed_words(const fn_encoder *encoder, uint32_t sequences, const uint32_t *ids, const uint32_t *starts,
                        const fn_parts *parts) {
  float *state = parts->state;
  size_t hidden = encoder->hidden;
  for (uint32_t sequence = 0; sequence < sequences; sequence++)
    for (uint32_t token = starts[sequence]; token < starts[sequence + 1]; token++) {
      const float *word = encoder->words + ids[token] * hidden;
      const float *place = encoder->places + (token - starts[sequence]) * hidden;
      for (size_t i = 0; i < hidden; i++) state[token * hidden + i] = word[i] + place[i];
    }
  encoder->kernels->add_normalise(starts[sequences], encoder->hidden, state, NULL, encoder->gain, encoder->offset,
                                  encoder->quantised ? parts->codes : no_codes);
}

static void run_layer_f32(const fn_encoder *encoder, const fn_encoder_layer *layer, uint32_t sequences,
                          const uint32_t *starts, const fn_parts *parts) {
  const fn_embed_kernels *kernels = encoder->kernels;
  uint32_t hidden = encoder->hidden, tokens = starts[sequences];
  // Group by group, so that a group's queries, keys and values are still in the cache when they are read.
  for (uint32_t first = 0; first < hidden; first += FN_HEADS_COLUMNS) {
    fn_dense_f32 heads = {hidden, 3 * FN_HEADS_COLUMNS, layer->f32[0].panels + 3 * (size_t)first * hidden,
                          layer->f32[0].bias + 3 * first};
    kernels->dense_f32(tokens, parts->state, &heads, parts->query_key_value, FN_AFTER_NOTHING);
    attend_all(kernels->attend, sequences, starts, hidden, first, parts);
  }
  float *added = parts->added;
  kernels->dense_f32(tokens, parts->context, &layer->f32[1], added, FN_AFTER_NOTHING);
  kernels->add_normalise(tokens, hidden, parts->state, added, layer->attention_gain, layer->attention_offset, no_codes);
  for (uint32_t row = 0; row < tokens; row += INTERMEDIATE_ROWS) {
    uint32_t rows = tokens - row < INTERMEDIATE_ROWS ? tokens - row : INTERMEDIATE_ROWS;
    float *state = parts->state + (size_t)row * hidden;
    kernels->dense_f32(rows, state, &layer->f32[2], parts->intermediate, FN_AFTER_GELU);
    kernels->dense_f32(rows, parts->intermediate, &layer->f32[3], added, FN_AFTER_NOTHING);
    kernels->add_normalise(rows, hidden, state, added, layer->output_gain, layer->output_offset, no_codes);
  }
}

// Begins and ends with the state's codes beside the state.
static void run_layer_i8(const fn_encoder *encoder, const fn_encoder_layer *layer, uint32_t sequences,
                         const uint32_t *starts, const fn_parts *parts) {
  const fn_embed_kernels *kernels = encoder->kernels;
  uint32_t hidden = encoder->hidden, tokens = starts[sequences];
  const fn_dense_i8 *all = &layer->i8[0];
  for (uint32_t first = 0; first < hidden; first += FN_HEADS_COLUMNS) {
    fn_dense_i8 heads = {hidden,
                         3 * FN_HEADS_COLUMNS,
                         all->panels + 3 * (size_t)first * hidden,
                         all->scale + 3 * first,
                         all->low_factor + 3 * first,
                         all->bias + 3 * first};
    kernels->dense_i8(tokens, parts->codes, &heads, parts->query_key_value);
    attend_all(kernels->attend_quick, sequences, starts, hidden, first, parts);
  }
  float *added = parts->context;  // read once it is in codes
  kernels->encode(tokens, hidden, parts->context, parts->codes);
  kernels->dense_i8(tokens, parts->codes, &layer->i8[1], added);
  kernels->add_normalise(tokens, hidden, parts->state, added, layer->attention_gain, layer->attention_offset,
                         parts->codes);
  for (uint32_t row = 0; row < tokens; row += INTERMEDIATE_ROWS) {
    uint32_t rows = tokens - row < INTERMEDIATE_ROWS ? tokens - row : INTERMEDIATE_ROWS;
    float *state = parts->state + (size_t)row * hidden;
    fn_codes codes = {parts->codes.codes + (size_t)row * hidden, parts->codes.step + row, parts->codes.low + row};
    kernels->dense_i8_gelu(rows, codes, &layer->i8[2], parts->intermediate, parts->inner_codes);
    kernels->dense_i8(rows, parts->inner_codes, &layer->i8[3], added);
    kernels->add_normalise(rows, hidden, state, added, layer->output_gain, layer->output_offset, codes);
  }
}

static void make_unit(uint32_t hidden, float *vector) {
  double squares = 0;
  for (uint32_t i = 0; i < hidden; i++) squares += (double)vector[i] * vector[i];
  float inverse = squares > 0 ? (float)(1 / sqrt(squares)) : 0;
  for (uint32_t i = 0; i < hidden; i++) vector[i] *= inverse;
}

// The mean of a sequence's tokens at unit length.
static void pool(uint32_t hidden, uint32_t length, const float *state, float *vector) {
  memset(vector, 0, hidden * sizeof(float));
  for (uint32_t token = 0; token < length; token++)
    for (uint32_t i = 0; i < hidden; i++) vector[i] += state[(size_t)token * hidden + i];
  make_unit(hidden, vector);
}

// Sums of 16 lanes, always in the same order: the same bytes on every processor that rounds as IEEE asks.
static float dot(uint32_t hidden, const float *left, const float *right) {
  float lanes[16] = {0};
  for (uint32_t i = 0; i + 16 <= hidden; i += 16)
    for (int lane = 0; lane < 16; lane++) lanes[lane] += left[i + lane] * right[i + lane];
  float sum = 0;
  for (int lane = 0; lane < 16; lane++) sum += lanes[lane];
  for (uint32_t i = hidden & ~15u; i < hidden; i++) sum += left[i] * right[i];
  return sum;
}

void fn_embed_nearest(uint32_t hidden, uint32_t rows, const float *vectors, uint32_t others, const float *other_vectors,
                      float *nearest) {
  for (uint32_t row = 0; row < rows; row++) {
    const float *vector = vectors + (size_t)row * hidden;
    nearest[row] = dot(hidden, vector, other_vectors);
    for (uint32_t other = 1; other < others; other++) {
      float product = dot(hidden, vector, other_vectors + (size_t)other * hidden);
      if (product > nearest[row]) nearest[row] = product;
    }
  }
}

void fn_encoder_run(const fn_encoder *encoder, uint32_t sequences, const uint32_t *ids, const uint32_t *starts,
                    void *workspace, float *vectors, float *states) {
  uint32_t length_max = 0;
  for (uint32_t sequence = 0; sequence < sequences; sequence++) {
    uint32_t length = starts[sequence + 1] - starts[sequence];
    if (length > length_max) length_max = length;
  }
  fn_parts parts = divide(encoder, starts[sequences], length_max, workspace);
  embed_words(encoder, sequences, ids, starts, &parts);
  for (uint32_t layer = 0; layer < encoder->layer_count; layer++)
    (encoder->quantised ? run_layer_i8 : run_layer_f32)(encoder, &encoder->layers[layer], sequences, starts, &parts);
  for (uint32_t sequence = 0; sequence < sequences; sequence++)
    pool(encoder->hidden, starts[sequence + 1] - starts[sequence],
         parts.state + (size_t)starts[sequence] * encoder->hidden, vectors + (size_t)sequence * encoder->hidden);
  if (!states) return;
  memcpy(states, parts.state, (size_t)starts[sequences] * encoder->hidden * sizeof(float));
  for (uint32_t token = 0; token < starts[sequences]; token++)
    make_unit(encoder->hidden, states + (size_t)token * encoder->hidden);
}
