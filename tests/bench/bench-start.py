#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Time from the program's start to its window being mapped, on an X display (./bench brings a private Xvfb, cairo).

bench-start.py UNBRICK
"""
import statistics
import subprocess
import sys
import time

ROUNDS = 11

times = []
for number in range(ROUNDS):
    begin = time.monotonic()
    child = subprocess.Popen([sys.argv[1], "--practice"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    # asked again and again: its own --sync looks only twice a second
    while subprocess.run(["xdotool", "search", "--onlyvisible", "--pid", str(child.pid)], capture_output=True).returncode != 0:
        if child.poll() is not None or time.monotonic() - begin > 30:
            sys.exit("start: no window came")
    took = (time.monotonic() - begin) * 1000
    child.terminate()
    child.wait(10)
    # the first start reads everything from the disk
    if number > 0:
        times.append(took)
print(f"start, window mapped: median {statistics.median(times):.0f} ms, worst {max(times):.0f} ms")
