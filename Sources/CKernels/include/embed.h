// The arithmetic of a BERT encoder with 32 numbers a head: dense layers in f32 and in 8 bits, attention, normalising.
// One table of functions per instruction set; the plain one is the oracle. All of them are pure: they write only where
// the caller points, keep no state, and give a row the same bits whatever rows stand beside it.
#pragma once
#include <stddef.h>
#include <stdint.h>

#include "cpu.h"

enum {
  FN_HEAD = 32,       // numbers a head
  FN_HEADS_COLUMNS = 64,  // numbers of the heads that are computed together: whole panels of every instruction set
  FN_GELU_ROWS = 48,  // rows that dense_i8_gelu holds in f32 at a time
};

// What a dense layer does with its result before storing it.
typedef enum { FN_AFTER_NOTHING = 0, FN_AFTER_GELU = 1 } fn_after;

// y = x * W' + bias. Panels of `width` outputs: [outputs / width][inputs][width].
typedef struct {
  uint32_t inputs, outputs;
  const float *panels;
  const float *bias;
} fn_dense_f32;

// The same on 8-bit codes. Panels: [outputs / width][inputs / 4][width][4]. A weight is scale * code; an activation is
// step * code + low, so `low_factor`, scale * (sum of an output's weight codes), takes the lows out of the inner loop.
typedef struct {
  uint32_t inputs, outputs;
  const int8_t *panels;
  const float *scale, *low_factor, *bias;
} fn_dense_i8;

// Activations of `rows` tokens as codes: value = step[row] * code + low[row].
typedef struct {
  uint8_t *codes;
  float *step, *low;
} fn_codes;

// Heads of `columns` numbers together: query_key_value [length][3 * columns] to `columns` numbers of every row of
// context, whose rows are `stride` apart. The queries come scaled; `scratch` holds fn_attention_scratch(length) floats.
typedef void (*fn_attend)(uint32_t length, uint32_t columns, const float *query_key_value, float *context,
                          size_t stride, float *scratch);

typedef struct {
  fn_isa isa;
  uint32_t width_f32, width_i8;       // outputs a panel
  uint32_t activation_max;            // highest code of an activation: 255, or 127 where 16-bit sums would saturate
  uint32_t weight_max;                // highest code of a weight: 127 or 63, for the same reason
  void (*dense_f32)(uint32_t rows, const float *x, const fn_dense_f32 *w, float *y, fn_after after);
  void (*dense_i8)(uint32_t rows, fn_codes x, const fn_dense_i8 *w, float *y);
  // The same with GELU behind it, straight to codes; FN_GELU_LOW is the low of every row. `scratch` holds
  // FN_GELU_ROWS * outputs floats.
  void (*dense_i8_gelu)(uint32_t rows, fn_codes x, const fn_dense_i8 *w, float *scratch, fn_codes y);
  // x [rows][count] to codes; count is a multiple of 64.
  void (*encode)(uint32_t rows, uint32_t count, const float *x, fn_codes codes);
  // x = normalised(x + y) * gain + offset, row by row; y may be null. Where codes.codes is not null it gets the codes
  // of the result too, those that `encode` would give.
  void (*add_normalise)(uint32_t rows, uint32_t count, float *x, const float *y, const float *gain, const float *offset,
                        fn_codes codes);
  // Some heads of one sequence: in f32, and in 8-bit codes, which the codes of the layer that follows hardly notice.
  fn_attend attend, attend_quick;
} fn_embed_kernels;

// The table of an instruction set; null where this build or processor does not have it.
const fn_embed_kernels *fn_embed_kernels_for(fn_isa isa);

size_t fn_attention_scratch(uint32_t length);

// Packs rows of `weights` [outputs][inputs] from output `first` on into a layer that has room for all of them, times
// `factor`. The i8 form also fills scale and low_factor.
void fn_pack_f32(const fn_embed_kernels *kernels, uint32_t inputs, uint32_t outputs, const float *weights, float factor,
                 uint32_t first, float *panels);
void fn_pack_i8(const fn_embed_kernels *kernels, uint32_t inputs, uint32_t outputs, const float *weights, float factor,
                uint32_t first, int8_t *panels, float *scale, float *low_factor);

// A whole encoder. Every pointer is borrowed; exactly one of f32 and i8 is used, as `quantised` says.
enum { FN_LAYERS_MAX = 24 };
typedef struct {
  // Query-key-value, attention output, intermediate, output. The outputs of the first stand in groups of heads:
  // FN_HEADS_COLUMNS of the queries, as many of the keys, as many of the values, then the next group.
  fn_dense_f32 f32[4];
  fn_dense_i8 i8[4];
  const float *attention_gain, *attention_offset, *output_gain, *output_offset;
} fn_encoder_layer;

typedef struct {
  const fn_embed_kernels *kernels;
  uint32_t hidden, intermediate, layer_count, vocabulary, positions;
  int quantised;
  const float *words, *places, *gain, *offset;  // places: position plus segment embedding
  fn_encoder_layer layers[FN_LAYERS_MAX];
} fn_encoder;

// Bytes of workspace for sequences of this many tokens together, none longer than `length_max`.
size_t fn_encoder_workspace(const fn_encoder *encoder, uint32_t tokens, uint32_t length_max);

// Sequences one after the other, no padding: sequence i is ids[starts[i]] to ids[starts[i + 1] - 1]. Writes one unit
// vector of `hidden` numbers a sequence, and, unless `states` is NULL, one a token. Ids and lengths must lie within
// vocabulary and positions.
void fn_encoder_run(const fn_encoder *encoder, uint32_t sequences, const uint32_t *ids, const uint32_t *starts,
                    void *workspace, float *vectors, float *states);

// For each of `rows` vectors the largest dot product with any of `others` vectors, of which there is at least one.
void fn_embed_nearest(uint32_t hidden, uint32_t rows, const float *vectors, uint32_t others, const float *other_vectors,
                      float *nearest);
