#!/usr/bin/env bash
# Brings the clients of Tests/Faces/requirements.txt into .build/clients, once. Without a package index the tests that
# need them are left out, and say so.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
cd "$root"
folder=.build/clients
stamp=$folder/requirements.txt
cmp --silent Tests/Faces/requirements.txt "$stamp" && exit 0
say "fetching the clients that the server is tested with"
rm -rf "$folder"
if python3 -m pip install --quiet --disable-pip-version-check --target "$folder" -r Tests/Faces/requirements.txt >&2; then
  cp Tests/Faces/requirements.txt "$stamp"
else
  say "the clients cannot be fetched: the tests that need them are left out"
  rm -rf "$folder"
fi
