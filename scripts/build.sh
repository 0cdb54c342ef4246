#!/usr/bin/env bash
# Builds the release binary, .build/release/footnote. Asked again with nothing changed it is done in milliseconds: it
# holds the names, sizes and times of everything the build reads, and the toolchain's, against those of the last build.
# They are noted before the build starts, so a file saved meanwhile is built the next time.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
cd "$root"

swift=$(command -v swift) ||
  fail "there is no 'swift' on the PATH. Footnote needs a Swift 6.2 toolchain or a later one: https://www.swift.org/install"

stamp=.build/footnote-release.stamp
binary=.build/release/footnote

# prompts/ and scripts/build.sh count: the one may be embedded, the other holds the flags.
inputs() {
  local folders=(Sources)
  [[ -d prompts ]] && folders+=(prompts)
  find Package.swift scripts/build.sh "${folders[@]}" -type f -printf '%p %s %T@\n' | LC_ALL=C sort
  stat --dereference --format='%n %s %Y' "$swift"
}

before=$(inputs)
[[ -x $binary && -r $stamp && $before == "$(<"$stamp")" ]] && exit 0

mkdir -p .build 2>/dev/null && [[ -w .build ]] ||
  fail "'$root/.build' cannot be written by $(id -un 2>/dev/null || id -u). Clone Footnote into a folder of your own."
rm -f "$stamp"
say "building (release)"
# The Swift runtime goes into the binary: it starts quicker and runs where there is no toolchain.
swift build --configuration release --product footnote --static-swift-stdlib >&2
printf '%s\n' "$before" >"$stamp"
