#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every file says whose it is and what may be done with it: reuse lint, on what git keeps. 77 where reuse or git are not there, or this is no
clone.

test_licences.py SOURCE
"""
import pathlib
import shutil
import subprocess
import sys
import tempfile

source = pathlib.Path(sys.argv[1])
if not shutil.which("reuse") or not shutil.which("git") or not (source / ".git").exists():
    sys.exit(77)
listed = subprocess.run(["git", "-C", source, "ls-files", "-z"], capture_output=True, text=True)
if listed.returncode:
    sys.exit(77)
# a copy of what is kept: whatever else lies about is nobody's business, and reuse asks git of every build folder
with tempfile.TemporaryDirectory() as folder:
    top = pathlib.Path(folder)
    for name in filter(None, listed.stdout.split("\0")):
        if (source / name).is_file():
            (top / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source / name, top / name, follow_symlinks=False)
    done = subprocess.run(["reuse", "--no-multiprocessing", "--root", folder, "lint"], capture_output=True, text=True)
    # beside the one in COPYING, where people look for it
    same = (top / "COPYING").read_bytes() == (top / "LICENSES/GPL-3.0-or-later.txt").read_bytes()
errors = [line for line in done.stderr.splitlines() if "ERROR" in line or "rror:" in line]
if done.returncode or errors or not same:
    print(done.stdout, done.stderr, sep="\n")
    print("" if same else "COPYING and LICENSES/GPL-3.0-or-later.txt differ")
    sys.exit(1)
print(done.stdout.strip().splitlines()[-1])
