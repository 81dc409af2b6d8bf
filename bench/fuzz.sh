#!/usr/bin/env bash
# Fuzzes each target of the tree, one after the other, and prints how many inputs each
# tried a second. What fails is kept by go test in the testdata of its package.
#
#	bash bench/fuzz.sh                 # ten minutes each
#	bash bench/fuzz.sh 15s 'Fuzz.*Parse'
set -uo pipefail
cd "$(dirname "$0")/.."
time=${1:-10m} only=${2:-Fuzz}
failed=0
# Targets that write files do it in memory, where there is such a folder.
if [ -w /dev/shm ]; then export TMPDIR=/dev/shm; fi
while read -r package target; do
  log=$(go test -run '^$' -fuzz "^$target\$" -fuzztime "$time" -fuzzminimizetime 5s "$package" 2>&1) || failed=1
  printf '%-40s %-20s %s\n' "$package" "$target" "$(awk '/execs:/ {
    for (i = 1; i < NF; i++) if ($i == "execs:") n = $(i + 1)
    sub(/s$/, "", $3); if (split($3, t, "m") == 2) $3 = 60 * t[1] + t[2]; if ($3 > 0) seconds = $3
  } /^--- FAIL|Failing input/ { bad = 1 } END { printf "%d inputs, %d a second%s", n, seconds ? n / seconds : 0, bad ? ", FAILED" : "" }' <<<"$log")"
  if grep -q '^--- FAIL' <<<"$log"; then printf '%s\n' "$log" | tail -n 20; fi
done < <(grep -rEo --include='*_test.go' "^func ($only)[A-Za-z]*\(f \*testing\.F" . |
  sed -E 's|^(.*)/[^/]*:func ([A-Za-z]*).*|\1 \2|' | grep -E " Fuzz" | sort)
exit $failed
