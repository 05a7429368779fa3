# SPDX-License-Identifier: GPL-3.0-or-later
"""installed.py BUILD: what has to be built before “meson install --no-rebuild”, as ninja's targets."""
import json
import os
import subprocess
import sys

build = os.path.realpath(sys.argv[1])
plan = json.loads(subprocess.run(['meson', 'introspect', '--installed', build], stdout=subprocess.PIPE, check=True).stdout)
print(*[os.path.relpath(path, build) for path in plan if path.startswith(build + '/')])
