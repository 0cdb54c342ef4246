// The tables of kernels, one an instruction set; fn_graph_kernels_for chooses among those that this build has.
#pragma once
#include "graph.h"

extern const fn_graph_kernels fn_graph_kernels_plain;
#if defined(__x86_64__)
extern const fn_graph_kernels fn_graph_kernels_avx2;
extern const fn_graph_kernels fn_graph_kernels_avx512;
#elif defined(__aarch64__)
extern const fn_graph_kernels fn_graph_kernels_neon;
#endif
