#!/bin/bash
# Brings up Slurm on this machine, runs a job of strips on it, kills a worker in
# the middle, and holds the result against that of a scan.
#
#   bench/scale/slurm.sh PROGRAM PHOTOS WORK
#
# Needs root and the Debian packages slurmctld, slurmd, slurm-client and munge.
# Everything it starts it ends.
set -euo pipefail
program=$(realpath "$1") photos=$(realpath "$2") work=$(realpath -m "$3")
here=$(realpath "$(dirname "$0")")
mkdir -p "$work"/{run,state,spool}
cpus=$(nproc) host=$(hostname -s)

install -d -o munge -g munge /run/munge /var/log/munge
[ -s /etc/munge/munge.key ] || { head -c 1024 /dev/urandom > /etc/munge/munge.key; chown munge: /etc/munge/munge.key; chmod 400 /etc/munge/munge.key; }
[ -S /run/munge/munge.socket.2 ] || { setpriv --reuid munge --regid munge --clear-groups munged; ours=1; }
cat > "$work/slurm.conf" <<CONF
ClusterName=test
SlurmctldHost=$host(127.0.0.1)
SlurmUser=root
AuthType=auth/munge
StateSaveLocation=$work/state
SlurmdSpoolDir=$work/spool
SlurmctldPidFile=$work/run/slurmctld.pid
SlurmdPidFile=$work/run/slurmd.pid
SlurmctldPort=16817
SlurmdPort=16818
ProctrackType=proctrack/pgid
TaskPlugin=task/none
SchedulerParameters=requeue_delay=0,sched_interval=2
SchedulerType=sched/backfill
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
ReturnToService=2
MpiDefault=none
SwitchType=switch/none
KillWait=1
NodeName=$host NodeAddr=127.0.0.1 CPUs=$cpus State=UNKNOWN
PartitionName=all Nodes=ALL Default=YES MaxTime=INFINITE State=UP OverSubscribe=NO
CONF
export SLURM_CONF=$work/slurm.conf
slurmctld -D > "$work/slurmctld.log" 2>&1 & controller=$!
slurmd -D > "$work/slurmd.log" 2>&1 & daemon=$!
stop() {
  scancel --user="$(id -un)" 2>/dev/null || true
  kill "$daemon" "$controller" 2>/dev/null || true
  [ -z "${ours:-}" ] || kill "$(cat /run/munge/munged.pid)" 2>/dev/null || true
  wait 2>/dev/null || true
}
trap stop EXIT
for _ in $(seq 60); do sinfo -h -o %t 2>/dev/null | grep -q idle && break; sleep 0.5; done
sinfo

# shellcheck source=bench/scale/common.sh
. "$here/common.sh"
plan
kill_one strip &
time_it slurm "$program" job run --quiet --no-report --runner slurm --cpus 1 --scripts "$work/scripts" --out "$work/slurm" "$work/job"
compare slurm
