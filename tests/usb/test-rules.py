#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The udev rule names the same products as the id table: those we flash, and no others.

test-rules.py TOP"""
import pathlib
import re
import sys

top = pathlib.Path(sys.argv[1])
table = (top / "src/usb/ub-usb-ids.c").read_text()
vendors = dict(re.findall(r"#define (VENDOR_\w+) (0x[0-9a-f]+)", table))
rows = re.findall(r"\{ (\w+), (0x[0-9a-f]{4}), UB_SIGHTING_(BOOT_ROM|PRELOADER|AGENT),", table)
wanted = {(int(vendors.get(vendor, vendor), 16), int(product, 16)) for vendor, product, _ in rows}
rules = (top / "data/60-unbrick.rules").read_text()
named = {(int(v, 16), int(p, 16)) for v, p in re.findall(r'ATTR\{idVendor\}=="(\w+)", ATTR\{idProduct\}=="(\w+)"', rules)}

assert wanted, "no rows found in the id table"
for vendor, product in sorted(wanted ^ named):
    print(f"{vendor:04x}:{product:04x} is only in the {'table' if (vendor, product) in wanted else 'rule'}")
for line in rules.splitlines():
    if line.startswith("ATTR") and not all(word in line for word in ("uaccess", "ID_MM_DEVICE_IGNORE", "MTP_NO_PROBE")):
        sys.exit(f"incomplete: {line}")
sys.exit(wanted != named)
