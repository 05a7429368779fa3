# SPDX-License-Identifier: GPL-3.0-or-later
# What ./run, ./check and ./bench share. Read with ".", from the top of the tree.
# UB_BUILD names the build folder; the checks add -check and -asan to it.

UB_BUILD=${UB_BUILD:-build}
export LC_ALL=C.UTF-8
# whoever puts another python3 or meson in front of the system's gets the system's here: only that one knows GObject
PATH=/usr/bin:/bin:$PATH
export PATH

say() { printf '%s\n' "$*"; }
die() { printf '%s\n' "$*" >&2; exit 1; }

# the packages of the named sections
packages_of() {
  for section in "$@"; do
    awk -v want="[$section]" '/^\[/ { on = ($1 == want); next } on && !/^[[:space:]]*(#|$)/ { print $1 }' packages.txt
  done
}

missing_of() {
  for package in $(packages_of "$@"); do
    [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || printf '%s ' "$package"
  done
}

as_root() {
  if [ "$(id -u)" = 0 ]; then
    env DEBIAN_FRONTEND=noninteractive "$@"
  elif command -v sudo >/dev/null; then
    sudo env DEBIAN_FRONTEND=noninteractive "$@"
  else
    die "These packages are needed, and installing them needs root or sudo: $missing"
  fi
}

# installs what is missing of the named sections of packages.txt; asks apt nothing if nothing is
need_packages() {
  if ! command -v dpkg-query >/dev/null; then
    say "This is no Debian: please see to it yourself that what packages.txt lists is there."
    return
  fi
  missing=$(missing_of "$@")
  [ -n "$missing" ] || return 0
  say "Installing: $missing"
  as_root apt-get -q -o Acquire::Retries=3 update || say "Some package lists could not be fetched; trying with those there are."
  # shellcheck disable=SC2086  # a list of words
  as_root apt-get -q -y --no-install-recommends -o Acquire::Retries=3 -o DPkg::Lock::Timeout=600 install $missing
}

# configure FOLDER OPTIONS…
configure() {
  [ -f "$1/build.ninja" ] || meson setup "$@"
}

# what running from the build folder FOLDER needs: not the tests
program_targets() {
  ninja -C "$1" -t targets all | sed -n 's/: [^ ]*$//; /^src\/unbrick$/p; /^data\/gschemas\.compiled$/p; /^po\/.*\.mo$/p'
}
