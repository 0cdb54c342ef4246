#!/usr/bin/env bash
# Installs the Debian packages of packages.txt that are missing; says and does nothing where all are there.
# It never removes a package, and reads the package lists anew only where they are stale or absent.
# OCR=1 asks for those of packages-ocr.txt too: text recognition for pages that are pictures.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

lists=("$root/scripts/packages.txt")
[[ ${OCR:-} != 1 ]] || lists+=("$root/scripts/packages-ocr.txt")
mapfile -t wanted < <(sed -e 's/#.*//' -e 's/[[:space:]]*$//' -e '/^$/d' "${lists[@]}")

if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
  [[ -n ${FOOTNOTE_NO_APT:-} ]] && exit 0
  fail "this system has no apt, so its packages cannot be installed for you. Footnote needs what Debian calls" \
    "${wanted[*]}. Install their like and set FOOTNOTE_NO_APT=1 to go on without this check."
fi

missing=()
installed=$(dpkg-query --show --showformat='${db:Status-Status} ${Package}\n' "${wanted[@]}" 2>/dev/null || true)
for package in "${wanted[@]}"; do
  grep -qxF "installed $package" <<<"$installed" || missing+=("$package")
done
[[ ${#missing[@]} -gt 0 ]] || exit 0

cannot() {
  fail "these system packages are missing: ${missing[*]}. $1 Let someone who may install packages run" \
    "'apt-get update && apt-get install ${missing[*]}' once, then start again."
}

# How to become root: not at all, by sudo without a password, or by sudo that asks, where there is someone to ask.
if [[ $(id -u) -eq 0 ]]; then
  as_root=(env)
elif ! command -v sudo >/dev/null; then
  cannot "You are not root and there is no sudo."
elif sudo -n true 2>/dev/null; then
  as_root=(sudo -n env)
elif [[ -t 0 && -t 2 ]]; then
  say "sudo may ask for your password, to install: ${missing[*]}"
  as_root=(sudo env)
else
  cannot "You are not root and sudo needs a password."
fi

apt() {
  "${as_root[@]}" DEBIAN_FRONTEND=noninteractive apt-get --yes --quiet --no-install-recommends --no-remove \
    -o Dpkg::Use-Pty=0 -o APT::Update::Error-Mode=any "$@" </dev/null >&2
}

say "installing system packages: ${missing[*]}"
if ! apt --simulate install "${missing[@]}" >/dev/null 2>&1 || ! apt install "${missing[@]}"; then
  say "reading the package lists anew"
  apt update || cannot "The package lists could not be read (see above): no network, or no package source."
  apt install "${missing[@]}" || cannot "apt-get could not install them (see above)."
fi
