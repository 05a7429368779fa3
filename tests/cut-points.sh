#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# cut-points.sh BUILD [STRIDE]: every cut point of every kind of job (see tests/engine/test-cut-points.c), in the build folder
# BUILD; with STRIDE only each so-manyth. Says for each kind of job how many points there were and how many failed.
set -eu

build=${1:?usage: cut-points.sh BUILD [STRIDE]}
stride=${2:-1}
# everything is synced to disk, at every point: where memory can be the disk, nobody waits for it
if [ -z "${TMPDIR-}" ] && [ -w /dev/shm ]; then export TMPDIR=/dev/shm; fi
log=$(mktemp -t ub-cut-XXXXXX)
trap 'rm -f "$log"' EXIT

ninja -C "$build" tests/test-engine-cut-points >"$log" 2>&1 || { tail -n 20 "$log"; exit 2; }
status=0
# the program goes on behind a failure, so that every kind of job is counted
for name in $("$build"/tests/test-engine-cut-points -l | grep '^/'); do
  UB_CUT_STRIDE=$stride G_DEBUG=fatal-criticals "$build"/tests/test-engine-cut-points -p "$name" >"$log" 2>&1 || status=1
  grep -E '^# .*(points,|FAILED)' "$log" || { tail -n 5 "$log"; status=1; }
done
exit $status
