#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# gui-session.sh COMMAND...: runs COMMAND with a private X server, session bus and
# accessibility bus, and a home of its own.  Its exit status is COMMAND's.
set -eu
here=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd)
if [ "${GUI_SESSION-}" != inner ]; then
  tmp=$(mktemp -d)
  trap 'rm -rf "$tmp"' EXIT
  mkdir -m 700 "$tmp/run" "$tmp/home"
  # HOME, XDG_*, GSETTINGS_BACKEND: no settings of the host's.
  # GSK_RENDERER, GDK_DEBUG (GTK to 4.14), GDK_DISABLE (since): no Mesa, the same pixels everywhere.
  # GTK_A11Y: complain loudly if there is no accessibility bus.
  set +e
  env HOME="$tmp/home" XDG_RUNTIME_DIR="$tmp/run" XDG_CONFIG_HOME="$tmp/home" XDG_DATA_HOME="$tmp/home" \
      XDG_CACHE_HOME="$tmp/home" GSETTINGS_BACKEND=memory GTK_A11Y="${GTK_A11Y-atspi}" \
      GDK_BACKEND=x11 GSK_RENDERER=cairo GDK_DEBUG=gl-disable GDK_DISABLE=gl,vulkan \
      GUI_SESSION=inner LC_ALL=C.UTF-8 \
    xvfb-run -a -s "-screen 0 1280x800x24 -noreset -nolisten tcp" \
    dbus-run-session --config-file="$here/session.conf" -- "$0" "$@"
  status=$?
  set -e
  exit $status
fi
# org.a11y.Bus: started here, as the bus above can activate nothing.
/usr/libexec/at-spi-bus-launcher --launch-immediately 2>/dev/null &
launcher=$!
trap 'kill $launcher 2>/dev/null || true' EXIT
i=0
until gdbus call --session --dest org.a11y.Bus --object-path /org/a11y/bus \
      --method org.a11y.Bus.GetAddress >/dev/null 2>&1; do
  i=$((i + 1))
  [ $i -lt 100 ] || { echo "no accessibility bus" >&2; exit 99; }
  sleep 0.05
done
"$@"
