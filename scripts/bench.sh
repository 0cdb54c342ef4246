#!/usr/bin/env bash
# The figures of this machine, one JSON object a line. Always: the sample library added to an empty one, then its
# questions. With BENCH_DATA=<a data folder of the peers' benchmark> the engine's own tasks on it as well.
# BENCH_THREADS (default: all cores) is for those. Your own library is not touched.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
"$root/scripts/setup.sh"
"$root/scripts/build.sh"

footnote=$root/.build/release/footnote
work=$(mktemp -d "${TMPDIR:-/tmp}/footnote-bench.XXXXXX")
trap 'rm -rf -- "$work"' EXIT

say "the sample library is added to an empty one"
"$footnote" add "$root/corpus/documents" --data "$work/library" --json | tr -d '\n' && echo
say "its questions are asked"
"$footnote" eval "$root/corpus/questions.jsonl" --data "$work/library" --json | tr -d '\n' && echo

if [[ -z ${BENCH_DATA:-} ]]; then
  say "BENCH_DATA names no data folder: the engine's tasks embed, ann, keyword, pdf and ingest are left out"
  exit 0
fi
for task in embed ann keyword pdf ingest; do
  say "$task on '$BENCH_DATA'"
  mkdir "$work/$task"
  "$footnote" bench "$task" --data "$BENCH_DATA" --threads "${BENCH_THREADS:-$(nproc)}" --tmp "$work/$task"
done
