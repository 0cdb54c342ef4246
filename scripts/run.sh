#!/usr/bin/env bash
# Sets up, builds and serves: what `make run` does. PORT chooses the port; the sample library is added on the first
# start only, which the binary itself knows by its data directory.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
"$root/scripts/setup.sh"
"$root/scripts/build.sh"
exec "$root/.build/release/footnote" serve --host 127.0.0.1 --port "${PORT:-8080}" \
  --first-run-add "$root/corpus/documents"
