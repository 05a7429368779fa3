#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# run.sh SECONDS [NAME…]: builds the fuzz targets with clang, ASan, UBSan and libFuzzer in a folder of
# its own, runs each (or those named) that long over tests/data/fuzz/NAME, and says what it found.
# FUZZ_DIR keeps the build and what was found; without it both go to a new temporary folder.
set -eu

seconds=${1:?usage: run.sh SECONDS [NAME…]}
shift
source=$(cd "$(dirname "$0")/../.." && pwd)
work=${FUZZ_DIR:-$(mktemp -d -t ub-fuzz-XXXXXX)}
mkdir -p "$work"

if [ $# -eq 0 ]; then
  for file in "$source"/tests/fuzz/fuzz-*.c; do
    name=$(basename "$file" .c)
    [ "$name" = fuzz-main ] || [ "$name" = fuzz-warnings ] || set -- "$@" "${name#fuzz-}"
  done
fi

export CC=clang CFLAGS='-fsanitize=fuzzer-no-link -fno-sanitize-recover=all'
[ -f "$work/build/build.ninja" ] \
  || meson setup "$work/build" "$source" -Dfuzz=true -Db_sanitize=address,undefined -Db_lundef=false >"$work/setup.log" 2>&1 \
  || { tail -n 20 "$work/setup.log"; exit 2; }

failed=0
for name; do
  ninja -C "$work/build" "tests/fuzz/libfuzzer-$name" >"$work/$name.build" 2>&1 || { tail -n 20 "$work/$name.build"; exit 2; }
  mkdir -p "$work/$name.new" "$work/$name.found"
  seeds=$source/tests/data/fuzz/$name
  [ -d "$seeds" ] || seeds=
  result=passed
  "$work/build/tests/fuzz/libfuzzer-$name" -max_total_time="$seconds" -max_len=65536 -rss_limit_mb=1024 -timeout=10 \
    -print_final_stats=1 -artifact_prefix="$work/$name.found/" "$work/$name.new" ${seeds:+"$seeds"} >"$work/$name.log" 2>&1 \
    || { result=FAILED; failed=1; }
  runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$work/$name.log")
  printf '%-12s %s, %s runs, %s findings\n' "$name" "$result" "${runs:-?}" "$(ls "$work/$name.found" | wc -l)"
  [ "$result" = passed ] || grep -E 'ERROR|SUMMARY|runtime error|assert' "$work/$name.log" | head -n 5
done
[ "$failed" -eq 0 ] || echo "logs and inputs: $work"
exit "$failed"
