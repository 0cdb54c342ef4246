#!/usr/bin/env bash
# Compiles the kernels for 64-bit Arm and holds their NEON forms against the plain ones at awkward sizes, under
# qemu-user on other processors. Needs Debian's gcc-aarch64-linux-gnu (its C library and linker) and qemu-user-static.
# With CC=… another compiler is taken; on an Arm machine the one at hand runs as it is.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
cd "$root"
out=$(mktemp -d "${TMPDIR:-/tmp}/footnote-neon.XXXXXX")
trap 'rm -rf -- "$out"' EXIT

if [[ $(uname -m) == aarch64 ]]; then
  compiler=(${CC:-clang})
  runner=()
else
  command -v aarch64-linux-gnu-gcc >/dev/null && command -v qemu-aarch64-static >/dev/null ||
    fail "make neon needs an Arm toolchain and an emulator: apt-get install gcc-aarch64-linux-gnu qemu-user-static"
  # The kernels are built by the toolchain's clang as in the product; linking is the cross compiler's part.
  compiler=(${CC:-clang} --target=aarch64-linux-gnu)
  runner=(qemu-aarch64-static -L /usr/aarch64-linux-gnu)
fi

objects=()
for source in Sources/CKernels/*.c Tests/Kernels/differential.c; do
  object=$out/$(basename "$source" .c).o
  "${compiler[@]}" -O3 -fno-math-errno -Wall -Wextra -Werror -ISources/CKernels/include \
    $([[ ${#runner[@]} -eq 0 ]] || echo -isystem /usr/aarch64-linux-gnu/include) -c "$source" -o "$object"
  objects+=("$object")
done
if [[ ${#runner[@]} -eq 0 ]]; then
  "${compiler[@]}" "${objects[@]}" -lm -o "$out/differential"
else
  aarch64-linux-gnu-gcc "${objects[@]}" -lm -o "$out/differential"
fi
"${runner[@]}" "$out/differential" neon
