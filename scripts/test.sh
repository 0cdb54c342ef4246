#!/usr/bin/env bash
# Sets up, builds the tests and runs every one; the test runner has the last word and sets the exit status.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
"$root/scripts/setup.sh"
"$root/scripts/clients.sh"
cd "$root"
# All tests are Swift Testing's; without this flag an empty XCTest run speaks first.
exec swift test --disable-xctest "$@"
