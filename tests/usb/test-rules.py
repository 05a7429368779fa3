#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The udev rule names the same products as the id table: those we flash, and no others. The program prints what the build made,
without a display and without a home; and udev itself takes it, where udevadm can tell.

test-rules.py TOP RULES UNBRICK"""
import pathlib
import re
import shutil
import subprocess
import sys

top, made, program = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]), sys.argv[3]
table = (top / "src/usb/ub-usb-ids.c").read_text()
vendors = dict(re.findall(r"#define (VENDOR_\w+) (0x[0-9a-f]+)", table))
rows = re.findall(r"\{ (\w+), (0x[0-9a-f]{4}), UB_SIGHTING_(BOOT_ROM|PRELOADER|AGENT),", table)
wanted = {(int(vendors.get(vendor, vendor), 16), int(product, 16)) for vendor, product, _ in rows}
rules = made.read_text()
named = [(int(v, 16), int(p, 16)) for v, p in re.findall(r'^ATTR\{idVendor\}=="([0-9a-f]{4})", ATTR\{idProduct\}=="([0-9a-f]{4})", ', rules, re.M)]

assert made.name < "71", f"{made.name}: access is given at 71 to those that are tagged by then"
assert wanted, "no rows found in the id table"
for vendor, product in sorted(wanted ^ set(named)):
    print(f"{vendor:04x}:{product:04x} is only in the {'table' if (vendor, product) in wanted else 'rule'}")
assert wanted == set(named) and len(named) == len(set(named))
for line in rules.splitlines():
    # the product as well as the vendor, and all three of what we want for it
    if "idVendor" in line and not re.search(r'idProduct.*TAG\+="uaccess", ENV\{ID_MM_DEVICE_IGNORE\}="1", ENV\{MTP_NO_PROBE\}="1"$', line):
        sys.exit(f"incomplete: {line}")
    if not re.match(r'(#|ATTR\{idVendor\}|(ACTION|SUBSYSTEM|ENV\{DEVTYPE\})[!=]=.*GOTO="unbrick_end"$|LABEL="unbrick_end"$)', line):
        sys.exit(f"what is this: {line}")

printed = subprocess.run([program, "--print-udev-rules"], env={"HOME": "/nonexistent", "ASAN_OPTIONS": "detect_leaks=0"}, capture_output=True, timeout=60)
assert printed.returncode == 0 and not printed.stderr, printed
assert printed.stdout.decode() == rules, "the program prints something else"
own = subprocess.run([program, "--print-udev-rules", "2a45:0c02"], capture_output=True, timeout=60)
line = 'ATTR{idVendor}=="2a45", ATTR{idProduct}=="0c02", TAG+="uaccess", ENV{ID_MM_DEVICE_IGNORE}="1", ENV{MTP_NO_PROBE}="1"\n'
assert own.returncode == 0 and own.stdout.decode() == rules.replace("LABEL=", line + "LABEL="), own
for word in ("2a45", "2a45:*", '2a45:0c0"'):
    refused = subprocess.run([program, "--print-udev-rules", word], capture_output=True, timeout=60)
    assert refused.returncode == 2 and not refused.stdout, refused
with open("/dev/full", "w") as full:
    assert subprocess.run([program, "--print-udev-rules"], stdout=full, timeout=60).returncode != 0, "half a rule passed for a whole one"

udevadm = shutil.which("udevadm", path="/usr/bin:/bin:/usr/sbin:/sbin")
if udevadm and subprocess.run([udevadm, "verify", "--help"], capture_output=True).returncode == 0:
    subprocess.run([udevadm, "verify", "--resolve-names=never", str(made)], check=True)
