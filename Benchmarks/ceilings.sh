#!/usr/bin/env bash
# What share of this processor the encoder's kernels reach, layer by layer, beside OpenBLAS and oneDNN where Debian's
# libopenblas-dev and libdnnl-dev are installed (they are for this comparison only; Footnote does not need them).
#   Benchmarks/ceilings.sh [TOKENS [SEQUENCE LENGTH]]      FOOTNOTE_KERNELS=avx2 measures another instruction set
source "$(dirname "${BASH_SOURCE[0]}")/../scripts/lib.sh"
cd "$root"
out=$(mktemp -d "${TMPDIR:-/tmp}/footnote-ceilings.XXXXXX")
trap 'rm -rf -- "$out"' EXIT

libraries=()
if pkg-config --exists openblas; then
  libraries+=(-DWITH_OPENBLAS $(pkg-config --cflags --libs openblas))
else
  say "OpenBLAS is left out: apt-get install libopenblas-dev"
fi
if [[ -e /usr/include/dnnl.h ]]; then
  libraries+=(-DWITH_DNNL -ldnnl)
else
  say "oneDNN is left out: apt-get install libdnnl-dev"
fi
clang -O3 -fno-math-errno -Wall -Wextra -ISources/CKernels/include -o "$out/ceilings" \
  Benchmarks/ceilings/ceilings.c Sources/CKernels/*.c "${libraries[@]}" -lm
export OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1
"$out/ceilings" "$@"
