#!/bin/sh
# Retrieval quality on every set with ground truth below DATA: Benchmarks/quality/run.sh DATA [SET...]
# Prints a table, then one JSON object.
set -eu
data=${1:?usage: run.sh DATA [SET...]}
shift
here=$(cd "$(dirname "$0")" && pwd)
prepared=$(mktemp -d)
trap 'rm -rf "$prepared"' EXIT
python3 "$here/prepare.py" "$data" "$prepared" "$@"
"${FOOTNOTE:-$here/../../.build/release/footnote}" bench quality --data "$prepared"
