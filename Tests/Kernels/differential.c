// Holds the encoder's and the graph's kernels of one instruction set against the plain ones at sizes that leave odd
// tiles, without Swift: for processors that are emulated (scripts/neon.sh). Prints what differs; status 1 if anything.
//   differential neon|avx2|avx512
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "embed.h"
#include "graph.h"

static int failures, checks;
static uint64_t state = 7;

static float number(float scale) {
  state = state * 6364136223846793005u + 1442695040888963407u;
  return ((float)(state >> 40) / 8388608.0f - 1) * scale;
}

static void *memory(size_t bytes) {
  void *block = aligned_alloc(64, (bytes + 63) / 64 * 64 + 64);
  if (block == NULL) abort();
  memset(block, 0, bytes);
  return block;
}

static float *numbers(size_t count, float scale) {
  float *x = memory(count * sizeof(float));
  for (size_t i = 0; i < count; i++) x[i] = number(scale);
  return x;
}

static void check(int holds, const char *what, uint32_t size, double figure) {
  checks++;
  if (holds) return;
  failures++;
  printf("%s, size %u: %g\n", what, size, figure);
}

// The largest difference, relative to the largest expected number; infinite for what is no number.
static double distance(const float *got, const float *expected, size_t count) {
  double difference = 0, size = 1e-6;
  for (size_t i = 0; i < count; i++) {
    if (!isfinite(got[i])) return INFINITY;
    difference = fmax(difference, fabs((double)got[i] - (double)expected[i]));
    size = fmax(size, fabs((double)expected[i]));
  }
  return difference / size;
}

static const uint32_t rows_tried[] = {1, 2, 3, 4, 5, 6, 7, 13, 49, 97};
enum { ROWS_TRIED = sizeof rows_tried / sizeof *rows_tried, ROWS_MAX = 97 };

typedef struct {
  const fn_embed_kernels *kernels;
  fn_dense_f32 f32;
  fn_dense_i8 i8;
} layer;

static layer pack(const fn_embed_kernels *kernels, uint32_t inputs, uint32_t outputs, const float *weights,
                  const float *bias) {
  float *panels = memory((size_t)inputs * outputs * 4), *scale = memory(outputs * 4), *low = memory(outputs * 4);
  int8_t *codes = memory((size_t)inputs * outputs);
  fn_pack_f32(kernels, inputs, outputs, weights, 1, 0, panels);
  fn_pack_i8(kernels, inputs, outputs, weights, 1, 0, codes, scale, low);
  return (layer){kernels, {inputs, outputs, panels, bias}, {inputs, outputs, codes, scale, low, bias}};
}

static fn_codes make_codes(uint32_t rows, uint32_t count) {
  return (fn_codes){memory((size_t)rows * count), memory(rows * 4), memory(rows * 4)};
}

static float *decoded(fn_codes codes, uint32_t rows, uint32_t count) {
  float *x = memory((size_t)rows * count * 4);
  for (uint32_t row = 0; row < rows; row++)
    for (uint32_t i = 0; i < count; i++)
      x[(size_t)row * count + i] = codes.step[row] * codes.codes[(size_t)row * count + i] + codes.low[row];
  return x;
}

static void dense_layers(const fn_embed_kernels *form, const fn_embed_kernels *plain, uint32_t inputs,
                         uint32_t outputs) {
  float *weights = numbers((size_t)inputs * outputs, 0.1f), *bias = numbers(outputs, 1);
  layer ours = pack(form, inputs, outputs, weights, bias), oracle = pack(plain, inputs, outputs, weights, bias);
  for (int at = 0; at < ROWS_TRIED; at++) {
    uint32_t rows = rows_tried[at];
    size_t count = (size_t)rows * outputs;
    float *x = numbers((size_t)rows * inputs, 3), *got = memory(count * 4), *expected = memory(count * 4);
    for (int after = 0; after <= 1; after++) {
      form->dense_f32(rows, x, &ours.f32, got, (fn_after)after);
      plain->dense_f32(rows, x, &oracle.f32, expected, (fn_after)after);
      check(distance(got, expected, count) < 1e-5, "dense, f32", rows, distance(got, expected, count));
    }
    // The highest codes first: sums that would saturate narrow registers must not.
    fn_codes codes = make_codes(rows, inputs), coded = make_codes(rows, outputs);
    form->encode(rows, inputs, x, codes);
    for (uint32_t i = 0; i < inputs; i++) codes.codes[i] = (uint8_t)form->activation_max;
    form->dense_i8(rows, codes, &ours.i8, got);
    // The oracle on the same codes and weights: where both forms pack with the same highest code they agree.
    if (form->weight_max == plain->weight_max) {
      plain->dense_i8(rows, codes, &oracle.i8, expected);
      check(distance(got, expected, count) < 1e-4, "dense, codes", rows, distance(got, expected, count));
    }
    float *scratch = memory((size_t)FN_GELU_ROWS * outputs * 4);
    form->dense_i8_gelu(rows, codes, &ours.i8, scratch, coded);
    float *values = decoded(coded, rows, outputs);
    for (size_t i = 0; i < count; i++) {
      double right = got[i] * 0.5 * (1 + erf(got[i] / sqrt(2)));
      double off = fabs(values[i] - right) / (coded.step[i / outputs] * 0.501 + 1e-3);
      if (off > 1) { check(0, "dense, GELU, codes", rows, off); break; }
    }
    checks++;
    free(x), free(got), free(expected), free(scratch), free(values);
  }
}

static void rows_of_numbers(const fn_embed_kernels *form, const fn_embed_kernels *plain) {
  enum { COUNT = 384 };
  float *gain = numbers(COUNT, 2), *offset = numbers(COUNT, 1);
  for (int at = 0; at < ROWS_TRIED; at++) {
    uint32_t rows = rows_tried[at];
    size_t count = (size_t)rows * COUNT;
    float *x = numbers(count, 4), *y = numbers(count, 4), *got = memory(count * 4), *expected = memory(count * 4);
    fn_codes codes = make_codes(rows, COUNT), again = make_codes(rows, COUNT);
    memcpy(got, x, count * 4), memcpy(expected, x, count * 4);
    form->add_normalise(rows, COUNT, got, y, gain, offset, codes);
    plain->add_normalise(rows, COUNT, expected, y, gain, offset, (fn_codes){0});
    check(distance(got, expected, count) < 1e-5, "normalising", rows, distance(got, expected, count));
    form->encode(rows, COUNT, got, again);
    check(memcmp(codes.codes, again.codes, count) == 0, "codes on the way", rows, 0);
    float *values = decoded(again, rows, COUNT);
    for (size_t i = 0; i < count; i++)
      if (fabsf(values[i] - got[i]) > again.step[i / COUNT] * 0.501f + 1e-6f) {
        check(0, "codes", rows, values[i] - got[i]);
        break;
      }
    checks++;
    free(x), free(y), free(got), free(expected), free(values);
  }
}

static void attention(const fn_embed_kernels *form, const fn_embed_kernels *plain) {
  static const uint32_t lengths[] = {1, 2, 3, 5, 6, 7, 15, 16, 17, 31, 32, 33, 63, 64, 65, 100, 129, 256};
  for (size_t at = 0; at < sizeof lengths / sizeof *lengths; at++) {
    uint32_t length = lengths[at];
    size_t columns = FN_HEADS_COLUMNS, count = length * columns;
    float *input = numbers(count * 3, 2), *scratch = memory(fn_attention_scratch(length) * 4);
    for (size_t i = 0; i < count * 3; i++)
      if (i % (3 * columns) < columns) input[i] /= sqrtf(FN_HEAD);
    float *got = memory(count * 4), *expected = memory(count * 4);
    plain->attend(length, FN_HEADS_COLUMNS, input, expected, columns, scratch);
    form->attend(length, FN_HEADS_COLUMNS, input, got, columns, scratch);
    check(distance(got, expected, count) < 1e-5, "attention, f32", length, distance(got, expected, count));
    form->attend_quick(length, FN_HEADS_COLUMNS, input, got, columns, scratch);
    double off = distance(got, expected, count) * form->activation_max;
    check(off < 8, "attention, codes", length, off);
    free(input), free(scratch), free(got), free(expected);
  }
}

// A batch gives the bits that its sequences give alone, and the vector is near the plain one's.
static void whole_encoder(const fn_embed_kernels *form, const fn_embed_kernels *plain) {
  enum { HIDDEN = 128, INNER = 256, WORDS = 50, LAYERS = 2 };
  static const uint32_t lengths[] = {1, 13, 64, 7, 33};
  enum { SEQUENCES = 5, TOKENS = 118 };
  const uint32_t inputs[4] = {HIDDEN, HIDDEN, HIDDEN, INNER}, outputs[4] = {3 * HIDDEN, HIDDEN, INNER, HIDDEN};
  fn_encoder encoders[2] = {{.kernels = form}, {.kernels = plain}};
  float *words = numbers(WORDS * HIDDEN, 1), *places = numbers(256 * HIDDEN, 0.2f), *ones = numbers(HIDDEN, 0.1f);
  float *zeros = numbers(HIDDEN, 0.1f);
  for (int i = 0; i < HIDDEN; i++) ones[i] += 1;
  for (int e = 0; e < 2; e++) {
    encoders[e].hidden = HIDDEN, encoders[e].intermediate = INNER, encoders[e].layer_count = LAYERS;
    encoders[e].vocabulary = WORDS, encoders[e].positions = 256, encoders[e].words = words;
    encoders[e].places = places, encoders[e].gain = ones, encoders[e].offset = zeros;
  }
  for (int l = 0; l < LAYERS; l++)
    for (int i = 0; i < 4; i++) {
      float *weights = numbers((size_t)inputs[i] * outputs[i], 0.2f), *bias = numbers(outputs[i], 0.1f);
      for (int e = 0; e < 2; e++) {
        layer packed = pack(encoders[e].kernels, inputs[i], outputs[i], weights, bias);
        fn_encoder_layer *to = &encoders[e].layers[l];
        to->f32[i] = packed.f32, to->i8[i] = packed.i8;
        to->attention_gain = to->output_gain = ones, to->attention_offset = to->output_offset = zeros;
      }
    }
  uint32_t ids[TOKENS], starts[SEQUENCES + 1] = {0};
  for (uint32_t i = 0; i < TOKENS; i++) ids[i] = i * 31 % WORDS;
  for (int i = 0; i < SEQUENCES; i++) starts[i + 1] = starts[i] + lengths[i];
  for (int quantised = 0; quantised <= 1; quantised++) {
    float *vectors[2];
    for (int e = 0; e < 2; e++) {
      encoders[e].quantised = quantised;
      vectors[e] = memory(SEQUENCES * HIDDEN * 4);
      void *workspace = memory(fn_encoder_workspace(&encoders[e], TOKENS, 64));
      fn_encoder_run(&encoders[e], SEQUENCES, ids, starts, workspace, vectors[e], NULL);
      for (int i = 0; i < SEQUENCES; i++) {
        float alone[HIDDEN];
        uint32_t ends[2] = {0, lengths[i]};
        fn_encoder_run(&encoders[e], 1, ids + starts[i], ends, workspace, alone, NULL);
        check(memcmp(alone, vectors[e] + i * HIDDEN, sizeof alone) == 0, "alone and in a batch", lengths[i], 0);
      }
    }
    for (int i = 0; i < SEQUENCES; i++) {
      double cosine = 0;
      for (int j = 0; j < HIDDEN; j++) cosine += (double)vectors[0][i * HIDDEN + j] * vectors[1][i * HIDDEN + j];
      check(cosine > (quantised ? 0.99 : 0.99999), "encoder", lengths[i], cosine);
    }
  }
}

// All arithmetic of the graph is in integers: every form gives the same bits.
static void graph(const fn_graph_kernels *form, const fn_graph_kernels *plain) {
  static const uint32_t dimensions[] = {1, 7, 63, 64, 65, 100, 384, 1000, 4096};
  enum { SLOTS = 23 };
  for (size_t at = 0; at < sizeof dimensions / sizeof *dimensions; at++) {
    uint32_t dimension = dimensions[at];
    size_t stride = (dimension + FN_CODE_BLOCK - 1) / FN_CODE_BLOCK * FN_CODE_BLOCK;
    uint8_t *codes = memory(stride * SLOTS), *residuals = memory(stride * SLOTS);
    float *scales = memory(SLOTS * 4), *vector = memory(dimension * 4);
    uint32_t slots[SLOTS];
    fn_code_slab slab = {codes, residuals, scales, stride};
    for (uint32_t slot = 0; slot < SLOTS; slot++) {
      // Every third one is at the extremes, where narrow sums would overflow.
      for (uint32_t i = 0; i < dimension; i++) vector[i] = slot % 3 ? number(0.2f) : i % 2 && slot % 2 ? -1 : 1;
      fn_code_encode(vector, dimension, stride, codes + slot * stride,
                     residuals + slot * (stride * FN_RESIDUAL_BITS / 8), &scales[slot]);
      slots[slot] = SLOTS - 1 - slot;
    }
    for (int extreme = 0; extreme <= 2; extreme++) {
      for (uint32_t i = 0; i < dimension; i++) vector[i] = extreme ? (extreme == 2 && i % 2 ? -1 : 1) : number(1);
      int8_t *values = memory(stride);
      int16_t *fine_values = memory(stride * 2);
      fn_code_query query = fn_code_query_of_vector(vector, dimension, stride, values);
      fn_fine_query fine = fn_fine_query_of_vector(vector, dimension, stride, fine_values);
      for (size_t n = 0; n <= SLOTS; n++) {
        float got[SLOTS] = {0}, expected[SLOTS] = {0};
        form->scores(&slab, &query, slots, n, got), plain->scores(&slab, &query, slots, n, expected);
        check(memcmp(got, expected, sizeof got) == 0, "graph, scores", dimension, (double)n);
        form->fine_scores(&slab, &fine, slots, n, got), plain->fine_scores(&slab, &fine, slots, n, expected);
        check(memcmp(got, expected, sizeof got) == 0, "graph, fine scores", dimension, (double)n);
        uint64_t lists[2][SLOTS] = {0}, distances[2] = {0};
        size_t lengths[2] = {form->scan(&slab, &query, slots, n, lists[0], 0, 9),
                             plain->scan(&slab, &query, slots, n, lists[1], 0, 9)};
        check(lengths[0] == lengths[1] && memcmp(lists[0], lists[1], sizeof lists[0]) == 0, "graph, scan", dimension,
              (double)n);
        uint32_t chosen[2][SLOTS] = {0};
        int8_t *rows = memory(stride * SLOTS);
        size_t chosen_count = form->choose(&slab, lists[1], lengths[1], 5, rows, chosen[0], &distances[0]);
        check(chosen_count == plain->choose(&slab, lists[1], lengths[1], 5, rows, chosen[1], &distances[1])
                  && memcmp(chosen[0], chosen[1], sizeof chosen[0]) == 0 && distances[0] == distances[1],
              "graph, choose", dimension, (double)n);
        free(rows);
      }
      // A ring with a few chords: both walk it the same way.
      enum { DEGREE = 5 };
      uint32_t links[SLOTS * DEGREE];
      for (uint32_t slot = 0; slot < SLOTS; slot++)
        for (uint32_t j = 0; j < DEGREE; j++)
          links[slot * DEGREE + j] = j == DEGREE - 1 && slot % 2 ? FN_NO_LINK : (slot + 1 + j * j) % SLOTS;
      fn_graph_level level = {slab, links, DEGREE, NULL, DEGREE, SLOTS};
      uint64_t alive = (1u << SLOTS) - 1, walked[2] = {0}, filter = 0x5A5A5A5A;
      fn_graph_accept accept = {&alive, extreme ? &filter : NULL, SLOTS};
      uint64_t entries[2][64] = {0};
      size_t found[2];
      for (int e = 0; e < 2; e++) {
        const fn_graph_kernels *kernels = e == 0 ? form : plain;
        uint32_t touched[SLOTS];
        uint64_t visited = 0;
        fn_graph_scratch scratch = {&visited, 1, touched, SLOTS, entries[e], 64, 0};
        uint32_t entry = kernels->descend(&level, &query, 3, &walked[e]);
        found[e] = kernels->walk(&level, &query, &accept, entry, 7, 1000, &scratch);
        check(visited == 0, "graph, bits left behind", dimension, (double)visited);
        walked[e] += scratch.distances;
      }
      check(found[0] == found[1] && walked[0] == walked[1]
                && memcmp(entries[0], entries[1], found[0] * sizeof(uint64_t)) == 0,
            "graph, walk", dimension, (double)found[0]);
      free(values), free(fine_values);
    }
    free(codes), free(residuals), free(scales), free(vector);
  }
}

int main(int argc, char **argv) {
  fn_isa isa = fn_isa_current();
  if (argc != 2 || strcmp(argv[1], fn_isa_name(isa)) != 0) {
    fprintf(stderr, "this processor runs the kernels '%s', not '%s'\n", fn_isa_name(isa), argc == 2 ? argv[1] : "");
    return 1;
  }
  const fn_embed_kernels *form = fn_embed_kernels_for(isa), *plain = fn_embed_kernels_for(FN_ISA_PLAIN);
  dense_layers(form, plain, 64, 64);
  dense_layers(form, plain, 128, 192);
  dense_layers(form, plain, 1536, 64);
  rows_of_numbers(form, plain);
  attention(form, plain);
  whole_encoder(form, plain);
  graph(fn_graph_kernels_for(isa), fn_graph_kernels_for(FN_ISA_PLAIN));
  printf("%s: %d checks, %d failures\n", fn_isa_name(isa), checks, failures);
  return failures > 0;
}
