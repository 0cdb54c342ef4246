#!/usr/bin/env bash
# A question's way as Arize Phoenix from PyPI shows it (a few hundred megabytes, brought once into .build/phoenix).
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
cd "$root"
folder=.build/phoenix
if [[ ! -x $folder/bin/phoenix ]]; then
  say "fetching Arize Phoenix"
  python3 -m venv "$folder" || fail "python3 cannot make an environment: apt-get install python3-venv"
  "$folder/bin/python" -m pip install --quiet --disable-pip-version-check "arize-phoenix==20.26.1" >&2 \
    || fail "Arize Phoenix cannot be fetched: the package index is out of reach"
fi
binary=${FOOTNOTE_TEST_BINARY:-.build/release/footnote}
if [[ -z ${FOOTNOTE_TEST_BINARY:-} ]]; then
  scripts/setup.sh
  scripts/build.sh
fi
exec "$folder/bin/python" Tests/Faces/phoenix.py "$binary" corpus/documents
