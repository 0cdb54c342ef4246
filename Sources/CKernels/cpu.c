// Asks the processor once which instruction sets it has. No build flag depends on the build host.
#include "cpu.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

const char *fn_isa_name(fn_isa isa) {
  switch (isa) {
    case FN_ISA_AVX512: return "avx512";
    case FN_ISA_AVX2: return "avx2";
    case FN_ISA_NEON: return "neon";
    case FN_ISA_PLAIN: break;
  }
  return "plain";
}

static fn_isa detect(void) {
#if defined(__x86_64__)
  __builtin_cpu_init();
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl")
      && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vnni"))
    return FN_ISA_AVX512;
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return FN_ISA_AVX2;
#elif defined(__aarch64__)
  return FN_ISA_NEON;
#endif
  return FN_ISA_PLAIN;
}

fn_isa fn_isa_current(void) {
  // Detection is idempotent, so a race between first callers is harmless: both store the same value.
  static _Atomic int known = -1;
  int isa = atomic_load_explicit(&known, memory_order_relaxed);
  if (isa >= 0) return (fn_isa)isa;
  fn_isa best = detect();
  const char *asked = getenv("FOOTNOTE_KERNELS");
  if (asked != NULL) {
    for (int lower = 0; lower <= (int)best; lower++)
      if (strcmp(asked, fn_isa_name((fn_isa)lower)) == 0) {
        if (lower == FN_ISA_NEON && best != FN_ISA_NEON) continue;
        best = (fn_isa)lower;
        break;
      }
  }
  atomic_store_explicit(&known, (int)best, memory_order_relaxed);
  return best;
}
