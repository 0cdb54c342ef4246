#!/usr/bin/env bash
# The figures of this machine. Always: the sample library added to an empty one, then its questions, as JSON. Beside the
# peers, where these name their benchmark: all engines in one run, each in a fresh process, taking turns, and a table of
# the medians at the end. Your own library is not touched.
#   BENCH_PEERS    the folder of the peers' harness (with run_all.py)
#   BENCH_DATA     its data folder
#   BENCH_VENV     the Python environment with the peers' libraries
#   BENCH_TASKS    which tasks (default embed,hnsw,bm25,pdf,e2e; hnsw400 takes an hour)
#   BENCH_THREADS  thread counts (default 1,2)       BENCH_ROUNDS  rounds (default 1)
#   BENCH_ONLY     a regular expression on task/engine/threads (default: all)
#   BENCH_RESULTS  a folder that keeps every measurement (default: none is kept)
# With BENCH_DATA alone, our engine's tasks on it as JSON.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

# Named wrongly, they are told before anything is built.
for name in BENCH_PEERS BENCH_DATA BENCH_VENV; do
  [[ -z ${!name:-} || -d ${!name} ]] || fail "$name names '${!name}', and there is no such folder"
done
[[ -z ${BENCH_PEERS:-} || -r $BENCH_PEERS/run_all.py ]] || fail "BENCH_PEERS names '$BENCH_PEERS', which has no run_all.py"
[[ -z ${BENCH_VENV:-} || -x $BENCH_VENV/bin/python ]] || fail "BENCH_VENV names '$BENCH_VENV', which has no bin/python"

"$root/scripts/setup.sh"
"$root/scripts/build.sh"

footnote=$root/.build/release/footnote
work=$(mktemp -d "${TMPDIR:-/tmp}/footnote-bench.XXXXXX")
trap 'rm -rf -- "$work"' EXIT

if [[ -z ${BENCH_ONLY:-} ]]; then
  say "the sample library is added to an empty one"
  "$footnote" add "$root/corpus/documents" --data "$work/library" --json | tr -d '\n' && echo
  say "its questions are asked"
  "$footnote" eval "$root/corpus/questions.jsonl" --data "$work/library" --json | tr -d '\n' && echo
fi

if [[ -n ${BENCH_PEERS:-} && -n ${BENCH_DATA:-} && -n ${BENCH_VENV:-} ]]; then
  results=${BENCH_RESULTS:-$work/results}
  say "peers and Footnote in one run; this takes minutes to an hour, and is as true as the machine is quiet"
  # engines.json calls `footnote` by name; files that engines name go to the work folder.
  PATH="$root/.build/release:$PATH" TMPDIR=$work "$BENCH_VENV/bin/python" "$BENCH_PEERS/run_all.py" \
    --data "$BENCH_DATA" --results "$results" --external "$root/Benchmarks/engines.json" \
    --tasks "${BENCH_TASKS:-embed,hnsw,bm25,pdf,e2e}" --threads "${BENCH_THREADS:-1,2}" \
    --rounds "${BENCH_ROUNDS:-1}" --only "${BENCH_ONLY:-}"
  exit 0
fi

say "for a table against the peers set BENCH_PEERS (their harness), BENCH_DATA (its data folder) and BENCH_VENV (Python)"
[[ -n ${BENCH_DATA:-} ]] || exit 0
for task in embed ann keyword pdf ingest; do
  say "$task on '$BENCH_DATA'"
  mkdir "$work/$task"
  "$footnote" bench "$task" --data "$BENCH_DATA" --threads "${BENCH_THREADS:-$(nproc)}" --tmp "$work/$task"
done
