#!/usr/bin/env bash
# The web page in headless Chromium against the real server; `--pictures FOLDER` also takes the README's pictures.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
cd "$root"
command -v chromedriver >/dev/null ||
  fail "the page's tests drive a browser. Install it once: apt-get install chromium chromium-driver"
"$root/scripts/setup.sh"
"$root/scripts/build.sh"
exec python3 Tests/Page/page_test.py "$root/.build/release/footnote" "$root/corpus/documents" "$@"
