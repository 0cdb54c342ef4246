#!/usr/bin/env bash
# Puts the built binary, the model, the manual page, the shells' completions and systemd's unit in their places.
#   PREFIX (default /usr/local) is where it will run from, DESTDIR a root to write below, as packagers know them.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
cd "$root"
prefix=${PREFIX:-/usr/local}
target=${DESTDIR:-}$prefix
binary=.build/release/footnote
[[ -x $binary ]] || fail "there is no $binary yet: 'make build' makes it"
for file in model.safetensors vocab.txt tokenizer.json; do
  [[ -r $FOOTNOTE_MODEL/$file ]] || fail "the model is not in $FOOTNOTE_MODEL: 'make build' brings it"
done

install -D -m 755 "$binary" "$target/bin/footnote"
install -D -m 644 -t "$target/share/footnote/all-MiniLM-L6-v2" \
  "$FOOTNOTE_MODEL/model.safetensors" "$FOOTNOTE_MODEL/vocab.txt" "$FOOTNOTE_MODEL/tokenizer.json"

made=$(mktemp -d)
trap 'rm -rf "$made"' EXIT
"$binary" man >"$made/footnote.1"
for shell in bash zsh fish; do "$binary" completions "$shell" >"$made/$shell"; done
sed -e "s|@BINDIR@|$prefix/bin|; s|@DATADIR@|$prefix/share|" packaging/footnote.service >"$made/unit"
install -D -m 644 "$made/footnote.1" "$target/share/man/man1/footnote.1"
install -D -m 644 "$made/bash" "$target/share/bash-completion/completions/footnote"
install -D -m 644 "$made/zsh" "$target/share/zsh/site-functions/_footnote"
install -D -m 644 "$made/fish" "$target/share/fish/vendor_completions.d/footnote.fish"
install -D -m 644 "$made/unit" "$target/lib/systemd/system/footnote.service"
say "installed below $target"
