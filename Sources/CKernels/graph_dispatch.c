// Which kernels an instruction set has.
#include "graph_tables.h"

const fn_graph_kernels *fn_graph_kernels_for(fn_isa isa) {
  switch (isa) {
#if defined(__x86_64__)
    case FN_ISA_AVX512: return &fn_graph_kernels_avx512;
    case FN_ISA_AVX2: return &fn_graph_kernels_avx2;
#elif defined(__aarch64__)
    case FN_ISA_NEON: return &fn_graph_kernels_neon;
#endif
    default: return &fn_graph_kernels_plain;
  }
}
