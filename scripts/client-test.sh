#!/usr/bin/env bash
# The long form of the tests with other people's clients, against the release binary.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
cd "$root"
scripts/setup.sh
scripts/build.sh
scripts/clients.sh
PYTHONPATH="$root/.build/clients" exec python3 Tests/Faces/clients.py .build/release/footnote corpus/documents --examples "${EXAMPLES:-100}"
