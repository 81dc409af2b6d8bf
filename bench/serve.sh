#!/usr/bin/env bash
# Starts a server on a free port of the loopback and loads it from eight clients
# at once, each with a batch of fifty small rendered images; see bench/serve.
# Arguments go to bench/serve, such as -clients 4. THREADS is the server's number
# of threads (default: all cores).
set -euo pipefail
cd "$(dirname "$0")/.."
export CGO_ENABLED=0
work=$(mktemp -d)
server=
trap '[ -z "$server" ] || kill "$server"; wait; rm -rf "$work"' EXIT
go build -o "$work/codegraph" ./cmd/codegraph
go build -o "$work/load" ./bench/serve
"$work/codegraph" serve --addr 127.0.0.1:0 --data "$work/data" --threads "${THREADS:-0}" >"$work/url" 2>"$work/log" &
server=$!
until [ -s "$work/url" ]; do kill -0 "$server" || { cat "$work/log"; exit 1; }; sleep 0.1; done
url=$(cat "$work/url")
"$work/load" -url "${url%/}" "$@" || { tail -20 "$work/log"; exit 1; }
