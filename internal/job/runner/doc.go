// Package runner hands the steps of a job to what runs them: processes of this
// machine, or Slurm, Spark or Kubernetes. It starts no cluster and retries nothing
// on one: it writes what the engine takes, and submits that where the engine's
// command is there.
package runner
