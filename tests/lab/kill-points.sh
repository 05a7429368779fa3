#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# kill-points.sh BUILD POINTS [KIND…]: the program of the build folder BUILD, killed at POINTS places of each kind of job and started
# again; see kill_points.py.
set -eu

build=$(cd "${1:?usage: kill-points.sh BUILD POINTS [KIND…]}" && pwd)
points=${2:?usage: kill-points.sh BUILD POINTS [KIND…]}
shift 2
log=$(mktemp -t ub-kill-XXXXXX)
trap 'rm -f "$log"' EXIT

ninja -C "$build" >"$log" 2>&1 || { tail -n 20 "$log"; exit 2; }
export GSETTINGS_BACKEND=memory LC_ALL=C.UTF-8 G_DEBUG=fatal-criticals
/usr/bin/python3 "$(dirname "$0")/kill_points.py" "$build/tests/lab/ub-lab" "$build/src/unbrick" "$points" "$@"
