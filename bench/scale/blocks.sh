#!/bin/bash
# Holds jobs in strips of 1, 7 and all images against a scan with the table in
# memory, and a scan within --max-memory, in strips and with tokens on disk, too.
#
#   bench/scale/blocks.sh PROGRAM PHOTOS WORK
set -euo pipefail
program=$(realpath "$1") photos=$(realpath "$2") work=$(realpath -m "$3")
here=$(realpath "$(dirname "$0")")
mkdir -p "$work"
# shellcheck source=bench/scale/common.sh
. "$here/common.sh"
time_it scan "$program" scan --quiet --no-report "${options[@]}" --out "$work/scan" "$photos"
images=$(python3 -c 'import json, sys; print(len(json.load(open(sys.argv[1]))["images"]))' "$work/scan/results.json")
for block in 1 7 "$images"; do
  rm -rf "$work/job"
  "$program" job plan --quiet "${options[@]}" --block "$block" "$work/job" "$photos"
  time_it "strips of $block" "$program" job run --quiet --no-report --runner local:2 --out "$work/strips$block" "$work/job"
  compare "strips$block"
done
# The least limit that the plan takes: the scan says what it needs.
limit=64
until "$program" scan --quiet --no-report "${options[@]}" --max-memory "${limit}MiB" --spill-dir "$work" --out "$work/bounded" "$photos" 2> "$work/refused"; do
  limit=$((limit * 5 / 4))
done
echo "within $limit MiB:"
compare bounded
