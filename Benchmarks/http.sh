#!/usr/bin/env bash
# What serving costs: requests a second and processor time a request, beside a bare libmicrohttpd handler that returns
# as many bytes; what happens past capacity; and what idle connections cost. Needs wrk, cc and python3.
#   Benchmarks/http.sh [seconds a step]        one JSON object on stdout
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
here="$root/Benchmarks/http"
seconds=${1:-5}
port=${PORT:-18180}
work=$(mktemp -d)
servers=()
finish() {
  for server in "${servers[@]}"; do kill "$server" 2>/dev/null || true; done
  wait 2>/dev/null || true
  rm -rf "$work"
}
trap finish EXIT
for tool in wrk cc python3; do
  command -v "$tool" >/dev/null || { echo "http.sh needs $tool: apt-get install $tool" >&2; exit 1; }
done

footnote="$root/.build/release/footnote"
[ -x "$footnote" ] || { echo "build first: make build" >&2; exit 1; }
"$footnote" add "$root/corpus/documents" --data "$work/data" --quiet >"$work/added" 2>&1 || cat "$work/added" >&2
"$footnote" serve --data "$work/data" --port "$port" >"$work/log" 2>&1 &
product=$!
servers+=("$product")
for _ in $(seq 100); do curl -fs "http://127.0.0.1:$port/health" >/dev/null && break; sleep 0.1; done
curl -fs "http://127.0.0.1:$port/health" >/dev/null || { cat "$work/log" >&2; exit 1; }

cc -O2 -o "$work/bare" "$here/bare.c" -lmicrohttpd

ticks() { awk '{ print $14 + $15 }' "/proc/$1/stat"; }

# name, process, url, script, connections; BODY in the environment
step() {
  local before after out
  before=$(ticks "$2")
  out=$(wrk -t1 -c"$5" -d"${seconds}s" -s "$here/$4.lua" "$3" | grep '^figures')
  after=$(ticks "$2")
  awk -v name="$1" -v ticks=$((after - before)) -v hz="$(getconf CLK_TCK)" -v connections="$5" '{
    ok = $2 - $6
    printf "\"%s\":{\"connections\":%d,\"requests_per_second\":%.0f,\"good_per_second\":%.0f,\"p50_ms\":%.2f,\"p99_ms\":%.2f,\"refused\":%d,\"broken\":%d,\"cpu_us_per_request\":%.1f}", \
      name, connections, $2 / ($3 / 1e6), ok / ($3 / 1e6), $4 / 1e3, $5 / 1e3, $6, $7, ticks / hz * 1e6 / $2 }' <<<"$out"
}

memory() { awk '/^VmRSS/ { print $2 }' "/proc/$1/status"; }

# name, url, what the server carried of the same, connections; BODY in the environment. Twice of that is offered: the
# pause between two requests of a connection is shortened by what the answers take, until that is so.
overload() {
  local before out after pause offered
  pause=$(awk -v peak="$3" -v connections="$4" 'BEGIN { printf "%d", connections / (2 * peak) * 1000 + 1 }')
  before=$(memory "$product")
  for _ in 1 2 3 4; do
    # Long enough for each connection to come back a few times.
    out=$(DELAY_MS=$pause CONNECTIONS=$4 wrk -t1 -c"$4" -d"$((3 * seconds + 3 * pause / 1000))s" --timeout 10s -s "$here/paced.lua" "$2" | grep '^figures')
    offered=$(awk '{ printf "%d", $2 / ($3 / 1e6) }' <<<"$out")
    if awk -v offered="$offered" -v peak="$3" 'BEGIN { exit !(offered >= 1.95 * peak) }' || [ "$pause" -le 1 ]; then break; fi
    pause=$(awk -v pause="$pause" -v offered="$offered" -v peak="$3" -v connections="$4" 'BEGIN {
      next_pause = pause - 1000 * (connections / offered - connections / (2 * peak)); printf "%d", next_pause < 1 ? 1 : next_pause }')
  done
  after=$(memory "$product")
  awk -v name="$1" -v peak="$3" -v connections="$4" -v before="$before" -v after="$after" '{
    seconds = $3 / 1e6; good = ($2 - $6 - $8) / seconds
    printf "\"%s\":{\"connections\":%d,\"offered_per_second\":%.0f,\"offered_of_peak\":%.2f,\"good_per_second\":%.0f,\"good_of_peak\":%.3f,\"refused_per_second\":%.0f,\"refused_without_retry_after\":%d,\"other_errors\":%d,\"broken\":%d,\"p50_ms\":%.2f,\"p99_ms\":%.2f,\"memory_kib_before\":%d,\"memory_kib_after\":%d}", \
      name, connections, $2 / seconds, $2 / seconds / peak, good, good / peak, $6 / seconds, $7, $8, $9, $4 / 1e3, $5 / 1e3, before, after }' <<<"$out"
}

# Of a step's figures: what it carried a second.
peak() { grep -o "\"$1\":{[^}]*" "$work/steps" | grep -o '"good_per_second":[0-9]*' | cut -d: -f2; }

bare() {
  "$work/bare" $((port + 1)) "$1" &
  servers+=("$!")
  sleep 0.3
  step "$2" "$!" "http://127.0.0.1:$((port + 1))/" get 16
  kill "$!"
  wait "$!" 2>/dev/null || true
}

size() { curl -fs "$@" | wc -c; }

url="http://127.0.0.1:$port"
export BODY='{"query":"remote work policy","n_results":3}'
searched=$(size -H 'Content-Type: application/json' -d "$BODY" "$url/search")
words='{"query":"remote work policy","n_results":3,"mode":"keyword"}'
question='{"question":"What is the remote work policy?","n_results":3}'
{
  printf '{"seconds":%d,"processors":%d,' "$seconds" "$(nproc)"
  bare "$(size "$url/health")" bare_small; printf ','
  step page "$product" "$url/page/dom.js" get 16; printf ','
  step health "$product" "$url/health" get 16; printf ','
  bare "$searched" bare_search_size; printf ','
  step search_hybrid "$product" "$url/search" post 16 | tee -a "$work/steps"; printf ','
  BODY=$words step search_keyword "$product" "$url/search" post 16 | tee -a "$work/steps"; printf ','
  BODY=$question step query "$product" "$url/query" post 16 | tee -a "$work/steps"; printf ','
  BODY=$words step search_keyword_flood "$product" "$url/search" post 512; printf ','
  overload search_hybrid_overload "$url/search" "$(peak search_hybrid)" 512; printf ','
  BODY=$words overload search_keyword_overload "$url/search" "$(peak search_keyword)" 512; printf ','
  BODY=$question overload query_overload "$url/query" "$(peak query)" 512; printf ','
  sleep 3 # until the server has noticed that the flood is over
  printf '"idle":'; python3 "$here/idle.py" "$port" "$product" "${IDLE:-10000}" | tr -d '\n'
  printf '}\n'
} | tee "$work/result" | python3 -m json.tool
