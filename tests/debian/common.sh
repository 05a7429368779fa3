# SPDX-License-Identifier: GPL-3.0-or-later
# What the scripts in a root of ./check-debian share: a table in /out, a line for each thing looked at.
export DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8
unset TMPDIR XDG_RUNTIME_DIR DISPLAY WAYLAND_DISPLAY DBUS_SESSION_BUS_ADDRESS

# check WORDS COMMAND…: the command's words are in the log
check() {
  words=$1
  shift
  echo "--- $words"
  if "$@"; then
    echo "ok $words" >>/out/table
  else
    echo "FAILED $words" >>/out/table
  fi
}

# a user like any other
useradd -m -s /bin/sh shop 2>/dev/null || true
as_user() {
  runuser -u shop -- env HOME=/home/shop "$@"
}
