#!/usr/bin/env bash
# The retrieval core under the thread sanitizer: readers, writer, publishing and snapshots at once. With the plain
# kernels, because the sanitizer sees no loads of more than sixteen bytes, and in a build folder of its own.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
"$root/scripts/setup.sh"
cd "$root"
export FOOTNOTE_KERNELS=plain TSAN_OPTIONS="${TSAN_OPTIONS:-halt_on_error=1}"
exec swift test --disable-xctest --sanitize=thread --scratch-path .build/tsan \
  --filter "${1:-GraphRaceTests|KeywordLifeTests/readersBesideAWriter|RetrievalIndexTests|EnduranceTests}"
