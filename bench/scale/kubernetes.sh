#!/bin/bash
# Holds the manifests of a job against the published schema of Kubernetes.
#
#   bench/scale/kubernetes.sh PROGRAM PHOTOS WORK VALIDATE
#
# VALIDATE is the command of the PyPI package kubernetes-validate. No cluster is
# needed.
set -euo pipefail
program=$(realpath "$1") photos=$(realpath "$2") work=$(realpath -m "$3") validate=$(realpath "$4")
rm -rf "$work/job" "$work/scripts"
mkdir -p "$work"
"$program" job plan --quiet --size 160 --align off "$work/job" "$photos"
"$program" job run --runner kubernetes --no-start --image registry/codegraph:1 --claim photos \
  --memory 4Gi --parallel 50 --scripts "$work/scripts" "$work/job" > /dev/null
for version in 1.33 1.37; do
  for f in "$work"/scripts/*.yaml; do
    "$validate" --strict -k $version "$f"
    sed 's/completionMode: Indexed/completionMode: 3/; s/completions:/completion:/' "$f" > "$work/broken.yaml"
    if "$validate" --strict --quiet -k $version "$work/broken.yaml" > /dev/null 2>&1; then
      echo "a broken manifest passes"
      exit 1
    fi
  done
done
