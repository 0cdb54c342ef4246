# Footnote's front door. Each target is a script in scripts/; docs/setup.md tells what they do and need.
# `make run PORT=9000` serves on another port.

.DEFAULT_GOAL := help
.PHONY: help run build install test kill-loop hostile-test long-test tsan page-test client-test phoenix-test llama-test neon bench ceilings lint fresh clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-9s %s\n", $$1, $$2 }' Makefile

run: ## install what is missing, build, serve on http://127.0.0.1:8080 (PORT=n for another port, OCR=1 to read scans)
	@scripts/run.sh

build: ## the release binary, .build/release/footnote
	@scripts/setup.sh && scripts/build.sh

install: ## the built binary, model, manual page, completions and systemd unit below PREFIX (/usr/local) and DESTDIR
	@scripts/install.sh

test: ## every test
	@scripts/test.sh

kill-loop: ## 200 kills in the middle of ingest (FOOTNOTE_KILLS=n, FOOTNOTE_KILL_SEED=n)
	@FOOTNOTE_KILLS=$${FOOTNOTE_KILLS:-200} scripts/test.sh --filter KillLoopTests

hostile-test: ## every hostile file of the shared data sets through the release binary's workers
	@scripts/build.sh
	@FOOTNOTE_HOSTILE=all FOOTNOTE_TEST_BINARY=$$PWD/.build/release/footnote scripts/test.sh --filter HostileSetTests

long-test: ## the long form of the endurance tests: a thousand rounds of adding and removing
	@RETRIEVAL_ROUNDS=1000 scripts/test.sh --filter 'EnduranceTests|KeywordLifeTests'

tsan: ## the retrieval core under the thread sanitizer
	@scripts/tsan.sh

page-test: ## the web page in a real browser (needs chromium and chromium-driver)
	@scripts/page-test.sh

client-test: ## the official openai and mcp clients, Prometheus' parser and schemathesis against the server (EXAMPLES=n)
	@scripts/client-test.sh

phoenix-test: ## a question's way as Arize Phoenix from PyPI shows it
	@scripts/phoenix-test.sh

llama-test: ## the chat client against llama.cpp's own server (compiles it once, for a quarter of an hour)
	@scripts/llama-test.sh

neon: ## the kernels for 64-bit Arm against the plain ones, emulated (needs gcc-aarch64-linux-gnu and qemu-user-static)
	@scripts/neon.sh

bench: ## figures of this machine; a table against the peers where BENCH_PEERS, BENCH_DATA and BENCH_VENV name them
	@scripts/bench.sh

ceilings: ## what share of the processor the encoder's kernels reach, layer by layer
	@Benchmarks/ceilings.sh

lint: ## style and syntax, no build
	@scripts/lint.sh

fresh: ## prove the set-up in a clean Debian 12 root (needs root and debootstrap)
	@scripts/fresh.sh

clean: ## remove what was built; the model and your library stay
	@rm -rf .build
