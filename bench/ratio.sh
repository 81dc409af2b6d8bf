#!/usr/bin/env bash
# ratio.sh FOLDER...: whole scans of each folder by the program as it was at
# commit OLD and as it is, in turns, ROUNDS times (1), with further flags in
# FLAGS: processor seconds, seconds and their ratios. Machines are noisy and
# shared: trust the ratio of processor seconds.
#
#	OLD=0f7f6bb bash bench/ratio.sh photos nuts
set -euo pipefail
cd "$(git -C "$(dirname "$0")" rev-parse --show-toplevel)"
old=${OLD:?name the commit to compare with}
work=$(mktemp -d)
trap 'git worktree remove --force "$work/tree" 2>/dev/null || true; rm -rf "$work"' EXIT
git worktree add -q --detach "$work/tree" "$old"
(cd "$work/tree" && go build -o "$work/old" ./cmd/codegraph)
go build -o "$work/new" ./cmd/codegraph

# seconds WHICH FOLDER: processor seconds and seconds of one scan.
seconds() {
	rm -rf "$work/out"
	TIMEFORMAT='%U %S %R'
	{ time "$work/$1" scan -q ${FLAGS:-} -o "$work/out" "$2" >/dev/null 2>"$work/err" || [ $? -eq 3 ]; } 2>&1 |
		awk '{printf "%.2f %.2f\n", $1 + $2, $3}'
}

echo "instructions: $(grep -o -w -e avx2 -e avx512f -e avx512_vnni -e amx_int8 /proc/cpuinfo 2>/dev/null | sort -u | tr '\n' ' ')"
for folder; do
	for ((r = 0; r < ${ROUNDS:-1}; r++)); do
		read -r cpu0 wall0 < <(seconds old "$folder")
		read -r cpu1 wall1 < <(seconds new "$folder")
		awk -v f="$folder" -v a="$cpu0" -v b="$cpu1" -v c="$wall0" -v d="$wall1" \
			'BEGIN {printf "%s: processor %.1f s, was %.1f: %.2f; clock %.1f s, was %.1f: %.2f\n", f, b, a, b/a, d, c, d/c}'
	done
done
