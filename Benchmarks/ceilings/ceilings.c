// What share of this processor the encoder's kernels reach, layer by layer: the ceilings from loops that touch
// registers only, each layer of all-MiniLM-L6-v2 alone, the whole encoder, and the libraries beside it. One thread;
// times are CPU time, the best of several runs, so that a busy machine disturbs them little. Weights and activations
// are random: the kernels' time does not depend on them. ceilings.sh builds and runs it.
//   ceilings [TOKENS A GROUP] [SEQUENCE LENGTH] [ISA]
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "embed.h"
#if defined(__x86_64__)
#include <immintrin.h>
#endif
#ifdef WITH_OPENBLAS
#include <cblas.h>
void openblas_set_num_threads(int count);
#endif
#ifdef WITH_DNNL
#include <dnnl.h>
#endif

enum { HIDDEN = 384, INNER = 1536, LAYERS = 6, ROUNDS = 15, REGISTERS = 24 };

static double cpu_seconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static void *memory(size_t bytes) {
  void *block = aligned_alloc(64, (bytes + 63) / 64 * 64);
  if (block == NULL) abort();
  memset(block, 0, bytes);
  return block;
}

static float *floats(size_t count, float scale) {
  static uint64_t state = 1;
  float *x = memory(count * sizeof(float));
  for (size_t i = 0; i < count; i++) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    x[i] = ((float)(state >> 40) / 8388608.0f - 1) * scale;
  }
  return x;
}

// Seconds of one `step`, the best of ROUNDS; each round lasts a few milliseconds.
#define BEST(seconds, step)                                          \
  double seconds = 1e9;                                              \
  {                                                                  \
    step;                                                            \
    double began = cpu_seconds();                                    \
    step;                                                            \
    int repeats = (int)(4e-3 / (cpu_seconds() - began + 1e-9)) + 1;  \
    for (int round = 0; round < ROUNDS; round++) {                   \
      began = cpu_seconds();                                         \
      for (int again = 0; again < repeats; again++) { step; }                  \
      double took = (cpu_seconds() - began) / repeats;               \
      if (took < seconds) seconds = took;                            \
    }                                                                \
  }

// The most this processor multiplies and adds out of registers, in Gop/s (a multiplication and an addition are two).
typedef struct {
  double f32, codes;
} ceilings;

#if defined(__x86_64__)
#define PEAK(name, target_name, type, zero, one_step)                                  \
  __attribute__((target(target_name), noinline)) static void name(long loops) {       \
    type sums[REGISTERS], left = zero, right = zero;                                   \
    for (int r = 0; r < count; r++) sums[r] = zero;                                    \
    __asm__ volatile("" : "+v"(left), "+v"(right));                                    \
    for (long i = 0; i < loops; i++) {                                                 \
      _Pragma("clang loop unroll(full)") for (int r = 0; r < count; r++) {             \
        one_step;                                                                      \
        __asm__ volatile("" : "+v"(sums[r]));                                          \
      }                                                                                \
    }                                                                                  \
  }
enum { count = 12 };
PEAK(f32_512, "avx512f", __m512, _mm512_setzero_ps(), sums[r] = _mm512_fmadd_ps(left, right, sums[r]))
PEAK(codes_512, "avx512f,avx512vnni", __m512i, _mm512_setzero_si512(),
     sums[r] = _mm512_dpbusd_epi32(sums[r], left, right))
PEAK(f32_256, "avx2,fma", __m256, _mm256_setzero_ps(), sums[r] = _mm256_fmadd_ps(left, right, sums[r]))
PEAK(codes_256, "avx2", __m256i, _mm256_setzero_si256(),
     sums[r] = _mm256_add_epi32(sums[r], _mm256_madd_epi16(_mm256_maddubs_epi16(left, right), left)))

static ceilings measured_ceilings(fn_isa isa) {
  long loops = 100000;
  int wide = isa == FN_ISA_AVX512;
  BEST(f32, (wide ? f32_512 : f32_256)(loops));
  BEST(codes, (wide ? codes_512 : codes_256)(loops));
  double lanes = wide ? 16 : 8;
  return (ceilings){2 * lanes * count * (double)loops / f32 / 1e9, 8 * lanes * count * (double)loops / codes / 1e9};
}
#else
static ceilings measured_ceilings(fn_isa isa) { (void)isa; return (ceilings){0, 0}; }
#endif

static void line(const char *what, double seconds, double operations, uint32_t tokens, double ceiling) {
  double gops = operations / seconds / 1e9;
  printf("%-34s %8.0f ns a token", what, seconds / tokens * 1e9);
  if (operations > 0) printf(" %7.1f Gop/s", gops);
  if (operations > 0 && ceiling > 0) printf(" %5.0f %%", 100 * gops / ceiling);
  printf("\n");
}

static const struct {
  const char *name;
  uint32_t inputs, outputs;
  fn_after after;
} shapes[4] = {
    {"query, key, value", HIDDEN, 3 * HIDDEN, FN_AFTER_NOTHING},
    {"attention output", HIDDEN, HIDDEN, FN_AFTER_NOTHING},
    {"intermediate, GELU (codes: and coded)", HIDDEN, INNER, FN_AFTER_GELU},
    {"output", INNER, HIDDEN, FN_AFTER_NOTHING},
};

static fn_encoder *make_encoder(const fn_embed_kernels *kernels, int quantised) {
  fn_encoder *encoder = memory(sizeof *encoder);
  *encoder = (fn_encoder){
      .kernels = kernels, .hidden = HIDDEN, .intermediate = INNER, .layer_count = LAYERS, .vocabulary = 1000,
      .positions = 512, .quantised = quantised, .words = floats(1000 * HIDDEN, 0.05f),
      .places = floats(512 * HIDDEN, 0.05f), .gain = floats(HIDDEN, 1), .offset = floats(HIDDEN, 0.1f)};
  for (int at = 0; at < LAYERS; at++) {
    fn_encoder_layer *layer = &encoder->layers[at];
    layer->attention_gain = layer->output_gain = floats(HIDDEN, 1);
    layer->attention_offset = layer->output_offset = floats(HIDDEN, 0.1f);
    for (int i = 0; i < 4; i++) {
      uint32_t inputs = shapes[i].inputs, outputs = shapes[i].outputs;
      float *weights = floats((size_t)inputs * outputs, 0.05f), *bias = floats(outputs, 0.1f);
      if (quantised) {
        int8_t *panels = memory((size_t)inputs * outputs);
        float *scale = memory(outputs * 4), *low_factor = memory(outputs * 4);
        fn_pack_i8(kernels, inputs, outputs, weights, 1, 0, panels, scale, low_factor);
        layer->i8[i] = (fn_dense_i8){inputs, outputs, panels, scale, low_factor, bias};
      } else {
        float *panels = memory((size_t)inputs * outputs * 4);
        fn_pack_f32(kernels, inputs, outputs, weights, 1, 0, panels);
        layer->f32[i] = (fn_dense_f32){inputs, outputs, panels, bias};
      }
      free(weights);
    }
  }
  return encoder;
}

static double flops_of(uint32_t tokens, uint32_t length) {
  double dense = 2.0 * 4 * HIDDEN * HIDDEN + 2.0 * 2 * HIDDEN * INNER;
  return LAYERS * (double)tokens * (dense + 4.0 * length * HIDDEN);
}

static void measure_ours(const fn_embed_kernels *kernels, int quantised, uint32_t tokens, uint32_t length,
                         double ceiling) {
  fn_encoder *encoder = make_encoder(kernels, quantised);
  float *x = floats((size_t)tokens * INNER, 1), *y = memory((size_t)tokens * INNER * 4);
  float *added = floats((size_t)tokens * HIDDEN, 1);
  fn_codes codes = {memory((size_t)tokens * INNER), memory(tokens * 4), memory(tokens * 4)};
  fn_codes inner = {memory((size_t)tokens * INNER), memory(tokens * 4), memory(tokens * 4)};
  printf("%s, %s, %u tokens in sequences of %u\n", quantised ? "8-bit codes" : "f32", fn_isa_name(kernels->isa), tokens,
         length);
  for (int i = 0; i < 4; i++) {
    uint32_t inputs = shapes[i].inputs;
    double operations = 2.0 * tokens * inputs * shapes[i].outputs;
    if (quantised) {
      kernels->encode(tokens, inputs, x, codes);
      BEST(seconds, if (shapes[i].after == FN_AFTER_GELU)
        kernels->dense_i8_gelu(tokens, codes, &encoder->layers[0].i8[i], y, inner);
        else kernels->dense_i8(tokens, codes, &encoder->layers[0].i8[i], y));
      line(shapes[i].name, seconds, operations, tokens, ceiling);
    } else {
      BEST(seconds, kernels->dense_f32(tokens, x, &encoder->layers[0].f32[i], y, shapes[i].after));
      line(shapes[i].name, seconds, operations, tokens, ceiling);
    }
  }
  float *heads = floats((size_t)tokens * 3 * FN_HEADS_COLUMNS, 1), *scratch = memory(fn_attention_scratch(length) * 4);
  fn_attend attend = quantised ? kernels->attend_quick : kernels->attend;
  BEST(attention, for (uint32_t first = 0; first < HIDDEN; first += FN_HEADS_COLUMNS)
    for (uint32_t at = 0; at < tokens; at += length)
      attend(length, FN_HEADS_COLUMNS, heads + (size_t)at * 3 * FN_HEADS_COLUMNS, y + (size_t)at * HIDDEN + first,
             HIDDEN, scratch));
  line("attention", attention, 4.0 * tokens * length * HIDDEN, tokens, ceiling);
  if (quantised) {
    BEST(narrow, kernels->encode(tokens, HIDDEN, x, codes));
    line("context to codes", narrow, 0, tokens, 0);
  }
  fn_codes wanted = quantised ? codes : (fn_codes){0};
  BEST(normalise, kernels->add_normalise(tokens, HIDDEN, x, added, encoder->gain, encoder->offset, wanted));
  line(quantised ? "adding, normalising, coding" : "adding and normalising", normalise, 0, tokens, 0);
  uint32_t sequences = tokens / length, *ids = memory(tokens * 4), *starts = memory((sequences + 1) * 4);
  for (uint32_t i = 0; i < tokens; i++) ids[i] = i * 37 % 1000;
  for (uint32_t i = 0; i <= sequences; i++) starts[i] = i * length;
  void *workspace = memory(fn_encoder_workspace(encoder, tokens, length));
  float *vectors = memory((size_t)sequences * HIDDEN * 4);
  BEST(whole, fn_encoder_run(encoder, sequences, ids, starts, workspace, vectors));
  line("the whole encoder", whole, flops_of(tokens, length), tokens, ceiling);
}

static void measure_libraries(uint32_t tokens, ceilings most) {
  (void)tokens, (void)most;
#ifdef WITH_OPENBLAS
  openblas_set_num_threads(1);
  printf("OpenBLAS sgemm\n");
  for (int i = 0; i < 4; i++) {
    int m = (int)tokens, k = (int)shapes[i].inputs, n = (int)shapes[i].outputs;
    float *x = floats((size_t)m * (size_t)k, 1), *w = floats((size_t)k * (size_t)n, 1);
    float *y = memory((size_t)m * (size_t)n * 4);
    BEST(seconds, cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, m, n, k, 1, x, k, w, n, 0, y, n));
    line(shapes[i].name, seconds, 2.0 * m * k * n, tokens, most.f32);
  }
#endif
#ifdef WITH_DNNL
  printf("oneDNN sgemm, u8s8s32\n");
  for (int i = 0; i < 4; i++) {
    dnnl_dim_t m = tokens, k = shapes[i].inputs, n = shapes[i].outputs;
    float *x = floats((size_t)(m * k), 1), *w = floats((size_t)(k * n), 1), *y = memory((size_t)(m * n) * 4);
    BEST(f32, dnnl_sgemm('N', 'N', m, n, k, 1, x, k, w, n, 0, y, n));
    line(shapes[i].name, f32, 2.0 * (double)(m * k * n), tokens, most.f32);
    uint8_t *codes = memory((size_t)(m * k));
    int8_t *weights = memory((size_t)(k * n));
    int32_t none = 0;
    BEST(i8, dnnl_gemm_u8s8s32('N', 'N', 'F', m, n, k, 1, codes, k, 0, weights, n, 0, 0, (int32_t *)y, n, &none));
    line("  in codes", i8, 2.0 * (double)(m * k * n), tokens, most.codes);
  }
#endif
}

int main(int argc, char **argv) {
  uint32_t tokens = argc > 1 ? (uint32_t)atoi(argv[1]) : 192;
  uint32_t length = argc > 2 ? (uint32_t)atoi(argv[2]) : tokens;
  if (length == 0 || length > 512 || tokens == 0 || tokens % length != 0) {
    fprintf(stderr, "usage: ceilings [TOKENS] [LENGTH]: whole sequences of at most 512 tokens\n");
    return 2;
  }
  const fn_embed_kernels *kernels = fn_embed_kernels_for(fn_isa_current());
  ceilings most = measured_ceilings(kernels->isa);
  printf("ceilings: f32 %.0f GFLOP/s, codes %.0f Gop/s\n", most.f32, most.codes);
  measure_ours(kernels, 1, tokens, length, most.codes);
  measure_ours(kernels, 0, tokens, length, most.f32);
  measure_libraries(tokens, most);
  return 0;
}
