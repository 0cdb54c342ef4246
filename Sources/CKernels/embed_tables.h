// The tables of kernels as the files of this folder know them, and what the forms of `encode` must agree on.
#pragma once
#include "embed.h"

extern const fn_embed_kernels fn_embed_plain;
#if defined(__x86_64__)
extern const fn_embed_kernels fn_embed_avx2, fn_embed_avx512;
#elif defined(__aarch64__)
extern const fn_embed_kernels fn_embed_neon;
#endif

// Step and low of a row between its extremes. A row of one value gets a step that is never zero.
static inline void fn_encode_row(float low, float high, uint32_t code_max, float *step, float *base) {
  float span = high - low;
  *step = span > 1e-20f ? span / (float)code_max : 1e-20f;
  *base = low;
}
