#!/usr/bin/env bash
# Compares mutual scoring in PyTorch with ours on the same cores, at ViT-L/14
# shapes: seconds per pair of images and variant, and what N = 40 images in 12
# variants would take. THREADS is the number of threads (default: all cores).
# On a shared machine compare the processor times, with THREADS=1. PYTHON
# names an interpreter that has PyTorch; without it one is installed.
set -euo pipefail
cd "$(dirname "$0")/.."
threads=${THREADS:-$(nproc)}
torch=2.15.0
if [ -z "${PYTHON:-}" ]; then
  venv=${XDG_CACHE_HOME:-$HOME/.cache}/codegraph-bench-torch-$torch
  [ -x "$venv/bin/python" ] || python3 -m venv "$venv"
  "$venv/bin/pip" install -q "torch==$torch"
  PYTHON=$venv/bin/python
fi
results=$(mktemp)
trap 'rm -f "$results"' EXIT
export OMP_NUM_THREADS=$threads
"$PYTHON" bench/mutual.py --threads "$threads" >>"$results"
for fast in false true; do CGO_ENABLED=0 go run ./bench/mutual -threads "$threads" -n 40 -fast=$fast; done >>"$results"
"$PYTHON" - "$results" <<'PY'
import json, sys
rows = [json.loads(line) for line in open(sys.argv[1])]
ours = rows[-1]
pairs = 12 * 40 * 39 / 2
print(f"{'':48} {'ms wall':>8} {'ms cpu':>8} {'N=40, s cpu':>12} {'x wall':>7} {'x cpu':>7}")
for r in rows:
    print(f"{r['name']:48} {1e3*r['wall']:8.1f} {1e3*r['cpu']:8.1f} {pairs*r['cpu']:12.0f} {r['wall']/ours['wall']:7.2f} {r['cpu']/ours['cpu']:7.2f}")
PY
