#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# screenshots.sh BUILD [FOLDER]: takes the pictures in data/screenshots anew, or puts them into FOLDER.
# Needs xdotool and ImageMagick's import beside what the tests need.
set -eu
here=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd)
build=$(CDPATH= cd -- "$1" && pwd)
folder=${2-$here/../../data/screenshots}
mkdir -p "$folder"
folder=$(CDPATH= cd -- "$folder" && pwd)
for program in xdotool import; do
  command -v $program >/dev/null || { echo "$program is missing" >&2; exit 1; }
done
GSETTINGS_SCHEMA_DIR=$build/data exec "$here/gui-session.sh" \
  /usr/bin/python3 "$here/screenshots.py" "$build/tests/lab/ub-lab" "$build/src/unbrick" "$folder"
