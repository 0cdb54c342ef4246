#!/usr/bin/env bash
# Style and syntax of all that is written by hand: Swift, shell, Python. Needs nothing installed but the toolchain.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
cd "$root"

swift format lint --strict --recursive --parallel Sources Tests Package.swift

while IFS= read -r -d '' script; do
  bash -n "$script"
done < <(find scripts .ci -type f \( -name '*.sh' -o -path '.ci/run' \) -print0)

if command -v python3 >/dev/null; then
  # Parsed, not compiled: nothing is left behind in the tree.
  find . -path ./.build -prune -o -name '*.py' -print0 |
    xargs -0 --no-run-if-empty python3 -c '
import ast, sys
for path in sys.argv[1:]:
    with open(path, encoding="utf-8") as file:
        ast.parse(file.read(), path)'
fi
say "lint: clean"
