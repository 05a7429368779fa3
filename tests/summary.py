#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Counts what meson wrote down of its test runs and prints one line of figures.

A program that speaks TAP counts with each of its cases, any other as one. A log that is not there
(the build failed) is a failure. The exit status says whether anything failed.
"""
import json
import pathlib
import re
import sys

CASE = re.compile(r"^(not )?ok\b([^#\n]*)(#\s*(skip|todo)\b)?", re.I | re.M)
FINE = {"OK", "EXPECTEDFAIL"}


def count(test: dict) -> tuple[int, int, int, list[str]]:
    """(passed, failed, skipped, what failed) of one test program."""
    name, result = test["name"], test["result"]
    if result == "SKIP":
        cases = [c for c in CASE.finditer(test.get("stdout") or "")]
        return 0, 0, max(1, len(cases)), []
    passed = failed = skipped = 0
    wrong = []
    for case in CASE.finditer(test.get("stdout") or ""):
        if case[4]:
            skipped += 1
        elif case[1]:
            failed += 1
            wrong.append(f"{name}: {case[2].strip()}")
        else:
            passed += 1
    if result not in FINE and not failed:
        failed += 1
        wrong.append(f"{name}: {result.lower()}, exit status {test.get('returncode')}")
    elif passed + failed + skipped == 0:
        passed = 1
    return passed, failed, skipped, wrong


def main(paths: list[str]) -> int:
    total = [0, 0, 0]
    wrong = []
    for path in map(pathlib.Path, paths):
        where = path.parent.parent.name
        if not path.exists():
            total[1] += 1
            wrong.append(f"{where}: not built")
            continue
        for line in path.read_text(errors="replace").splitlines():
            *figures, names = count(json.loads(line))
            total = [a + b for a, b in zip(total, figures)]
            wrong += [f"{where}: {name}" for name in names]
    for line in wrong:
        print(f"failed: {line}")
    print("{} passed, {} failed, {} skipped".format(*total))
    return 1 if total[1] else 0


sys.exit(main(sys.argv[1:]))
