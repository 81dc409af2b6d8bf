#!/usr/bin/env bash
# Renders batches with known truth and prints the table of docs/ablation.md:
#
#   bench/ablation.sh SEEDS WORKDIR [FOLDER…]
#
# per kind and seed a batch with a recurring defect (34 good, 10 rare, 12
# recurring), one without (44 good, 12 rare), one of washers of which 30 % are
# a harmless variant, and one of fabric with 15 recurring. FOLDERs are further batches in the MVTec AD layout.
set -euo pipefail
cd "$(dirname "$0")/.."
seeds=$1 work=$2
shift 2
go build -o "$work/" ./cmd/codegraph ./bench/ablation
sets=()
render() { # NAME FLAGS…
  local name=$1; shift
  [ -d "$work/$name" ] || "$work/codegraph" synth --size 256 --out "$work/$name" "$@" >/dev/null
  sets+=("$work/$name")
}
for seed in $(seq "$seeds"); do
  for kind in washer fabric bracket; do
    render "$kind-$seed" --kind $kind --seed "$seed" --good 34 --rare 10 --recurring 12
    render "$kind-none-$seed" --kind $kind --seed "$seed" --good 44 --rare 12 --recurring 0
  done
  render "washer-variant-$seed" --kind washer --seed "$seed" --good 34 --rare 10 --recurring 12 --variant-share 0.3
  render "fabric-quarter-$seed" --kind fabric --seed "$seed" --good 34 --rare 10 --recurring 15
done
"$work/ablation" "${sets[@]}" "$@"
