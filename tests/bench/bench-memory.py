#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Peak memory of the console flashing a small and a large sparse image: it should not grow with the image.

bench-memory.py UNBRICK

The practice phone forgets what is written, so that what is measured is ours; start-up code, which is read back, is left out.
Making the practice firmware is in the figures, too.
"""
import os
import subprocess
import sys
import tempfile

SIZES = ("256M", "4G")
PHONES = (("MT6580", "system"), ("MT6785,ufs", "system"), ("MT6789,ufs", "super"))


def peak(program: str, chip: str, words: str, arguments: list[str], env: dict) -> float:
    """MiB, as the kernel counted them for that one child."""
    child = subprocess.Popen([program, f"--practice={chip},speed=0,sparse,forgetful,{words}", "--console", *arguments], env=env,
                             stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(child.pid, 0)
    if status != 0:
        sys.exit(f"memory: status {os.waitstatus_to_exitcode(status)} with {chip}, {words}")
    return usage.ru_maxrss / 1024


with tempfile.TemporaryDirectory(prefix="bench-memory-") as home:
    env = {**os.environ, "HOME": home, "XDG_CACHE_HOME": home + "/cache", "XDG_DATA_HOME": home + "/data", "TMPDIR": home}
    for chip, part in PHONES:
        for size in SIZES:
            mib = peak(sys.argv[1], chip, f"image={size}", ["flash", "--only", part], env)
            print(f"memory, {chip}, flashing {size}iB sparse: peak {mib:.0f} MiB", flush=True)
