# shellcheck shell=bash
# What every script here shares; sourced, never run. It sets `root`, HOME and the cache's place, and the ways to speak.
# It must stay quick (a second `make run` starts in under two seconds) and must not change anything on the machine,
# except for HOME where the caller has none: then the account's own home, else a folder inside .build.
set -euo pipefail
export LC_ALL=C.UTF-8

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)

say() { printf 'footnote: %s\n' "$*" >&2; }

# One paragraph: what is wrong and the way out.
fail() {
  printf 'footnote: %s\n' "$*" >&2
  exit 1
}

if [[ -z ${HOME:-} ]]; then
  HOME=$(getent passwd "$(id -u)" 2>/dev/null | cut -d: -f6) || HOME=
  [[ -n $HOME && -d $HOME && -w $HOME ]] || HOME=$root/.build/home
  export HOME
fi

# An empty or relative XDG path counts as unset: https://specifications.freedesktop.org/basedir-spec/latest/
cache_home=${XDG_CACHE_HOME:-}
[[ $cache_home == /* ]] || cache_home=$HOME/.cache
model_cache=$cache_home/footnote/models/all-MiniLM-L6-v2

# The binary looks where the scripts put the model, whatever HOME it will see.
export FOOTNOTE_MODEL="${FOOTNOTE_MODEL:-$model_cache}"
