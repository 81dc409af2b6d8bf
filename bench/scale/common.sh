# What the scripts here share: program, photos and work are set.
options=(--size 160 --grid 10 --align off)

# plan scans the photographs for comparison and plans a job of them.
plan() {
  time_it scan "$program" scan --quiet --no-report "${options[@]}" --out "$work/scan" "$photos"
  rm -rf "$work/job"
  "$program" job plan "${options[@]}" "$work/job" "$photos"
}

# time_it runs a command and says how long it took.
time_it() {
  local what=$1 start end
  shift
  start=$(date +%s.%N)
  "$@"
  end=$(date +%s.%N)
  echo "$what: $(echo "$end - $start" | bc) s of wall time"
}

# kill_one kills a worker of a stage once two of its steps are done.
kill_one() {
  local pid
  while [ "$(find "$work/job/$1" -name '*.done' 2>/dev/null | wc -l)" -lt 2 ]; do sleep 0.05; done
  for _ in $(seq 200); do
    for pid in $(pgrep -f "job $1 $work/job" || true); do
      if [ "$(readlink "/proc/$pid/exe")" = "$program" ]; then
        kill -9 "$pid" && echo "killed worker $pid" && return
      fi
    done
    sleep 0.05
  done
  echo "there was no worker to kill"
}

# compare holds the files of a run against those of the scan, byte by byte, and
# results.json but for when and how long it ran.
compare() {
  "$program" job status "$work/job"
  diff -r --exclude results.json "$work/scan" "$work/$1" || { echo "OTHER FILES"; exit 1; }
  python3 - "$work/scan/results.json" "$work/$1/results.json" <<'PY'
import json, sys
a, b = (json.load(open(f)) for f in sys.argv[1:])
for d in (a, b):
    d.pop("run")
same = a == b
print("same results" if same else "OTHER RESULTS", f"({len(a['images'])} images, {len(a['families'])} families)")
sys.exit(not same)
PY
}
