#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is needed is written down twice: for people and ./check in packages.txt, for Debian in debian/control.

packages.py build-depends   names the packages of debian/control
packages.py check TOP       compares the two; beside them the versions in debian/changelog, debian/copyright and .reuse/dep5
"""
import pathlib
import re
import sys

# comes by itself with a Debian that builds packages
BY_ITSELF = {"build-essential"}


def section(top: pathlib.Path, name: str) -> list[str]:
    text = (top / "packages.txt").read_text()
    return [line.strip() for line in text.split(f"[{name}]\n")[1].split("\n[")[0].splitlines() if line.strip() and not line.startswith("#")]


def field(top: pathlib.Path, name: str) -> list[str]:
    text = (top / "debian/control").read_text()
    value = re.search(rf"^{name}:((?:.|\n )*)", text, re.M)[1]
    return [item.strip() for item in value.split(",") if item.strip()]


def name_of(item: str) -> str:
    name = item.split()[0]
    return "debhelper" if name == "debhelper-compat" else name


def check(top: pathlib.Path) -> list[str]:
    wrong = []
    depends = field(top, "Build-Depends")
    needed = {name_of(item) for item in depends if "<!nocheck>" not in item} - {"debhelper"}
    wanted = set(section(top, "build")) - BY_ITSELF
    wrong += [f"debian/control lacks {name}" for name in sorted(wanted - needed)]
    wrong += [f"packages.txt [build] lacks {name}" for name in sorted(needed - wanted)]
    for_tests = {name_of(item) for item in depends if "<!nocheck>" in item}
    wrong += [f"packages.txt [test] lacks {name}" for name in sorted(for_tests - set(section(top, "test")))]
    recommended = {name for item in field(top, "Recommends") for name in re.findall(r"[a-z][a-z0-9.+-]+", item)}
    wrong += [f"debian/control recommends no {name}" for name in section(top, "run") if name not in recommended and not name.startswith("fonts-")]

    version = re.search(r"^  version: '([^']+)'", (top / "meson.build").read_text(), re.M)[1]
    packaged = re.match(r"unbrick \(([^)]+)\)", (top / "debian/changelog").read_text())[1]
    if packaged != version:
        wrong.append(f"debian/changelog says {packaged}, meson.build {version}")

    def licences(path: str) -> list[tuple[str, str]]:
        return re.findall(r"^Files: (\S+)\nCopyright: .*\nLicense: (\S+)", (top / path).read_text(), re.M)
    if licences("debian/copyright") != licences(".reuse/dep5"):
        wrong.append("debian/copyright and .reuse/dep5 differ")
    return wrong


def main() -> int:
    if sys.argv[1:2] == ["check"]:
        wrong = check(pathlib.Path(sys.argv[2]))
        print("\n".join(wrong) or "packages.txt and debian/control agree")
        return 1 if wrong else 0
    print("\n".join(name_of(item) for item in field(pathlib.Path(__file__).resolve().parents[2], "Build-Depends")))
    return 0


if __name__ == "__main__":
    sys.exit(main())
