#!/bin/bash
# Brings up Spark on this machine, a master and two workers, runs a job of strips
# on it, kills a worker process and an executor in the middle, and holds the result
# against that of a scan.
#
#   bench/scale/spark.sh PROGRAM PHOTOS WORK SPARK_HOME
#
# SPARK_HOME is the folder pyspark of the PyPI package of that name; Java 17 is
# needed, Python is not but for the comparison. Everything it starts it ends.
set -euo pipefail
program=$(realpath "$1") photos=$(realpath "$2") work=$(realpath -m "$3")
export SPARK_HOME=$(realpath "$4") SPARK_LOCAL_IP=127.0.0.1
here=$(realpath "$(dirname "$0")")
mkdir -p "$work"
class=org.apache.spark.deploy
start() { # name, class, arguments
  local name=$1
  shift
  "$SPARK_HOME/bin/spark-class" "$@" > "$work/$name.log" 2>&1 &
  pids+=($!)
}
pids=()
stop() {
  kill "${pids[@]}" 2>/dev/null || true
  wait 2>/dev/null || true
}
trap stop EXIT
export SPARK_MASTER=spark://127.0.0.1:17077
start master $class.master.Master --host 127.0.0.1 --port 17077 --webui-port 18080
for _ in $(seq 120); do grep -q 'Starting Spark master' "$work/master.log" && break; sleep 0.5; done
for w in 1 2; do
  start worker$w $class.worker.Worker --host 127.0.0.1 --cores 1 --memory 1g --work-dir "$work/worker$w" --webui-port $((18080 + w)) $SPARK_MASTER
done

# shellcheck source=bench/scale/common.sh
. "$here/common.sh"
plan
kill_executor() {
  local pid
  while [ "$(find "$work/job/strip" -name '*.done' 2>/dev/null | wc -l)" -lt 5 ]; do sleep 0.05; done
  for pid in $(pgrep -f CoarseGrainedExecutorBackend); do
    if grep -qz "SPARK_HOME=$SPARK_HOME" "/proc/$pid/environ"; then # ours
      kill -9 "$pid" && echo "killed executor $pid" && return
    fi
  done
  echo "there was no executor to kill"
}
kill_one strip &
kill_executor &
cd "$work" # spark-sql writes its catalogue to the working folder
export PATH=$SPARK_HOME/bin:$PATH
time_it spark "$program" job run --quiet --no-report --runner spark --cpus 1 --scripts "$work/scripts" --out "$work/spark" "$work/job"
compare spark
