# SPDX-License-Identifier: GPL-3.0-or-later
"""What tests of the console program share: a phone that outlives it, its firmware's map, and a folder for each of them."""
import hashlib
import os
import pathlib
import re
import shlex
import struct
import subprocess
import tempfile
import unittest

USER_SIZE = 4 << 20  # the smallest practice phone
BOOT_SIZE = 4 << 20
SIZES = {"BOOT1": BOOT_SIZE, "BOOT2": BOOT_SIZE, "USER": USER_SIZE}
UFS_NAMES = {"LU0": "BOOT1", "LU1": "BOOT2", "LU2": "USER"}


class Bench:
    """A phone on a virtual bus, and a shell beside it that is given one line after the other."""

    def __init__(self, lab: str, unbrick: str, folder: pathlib.Path, *options: str):
        self.unbrick = unbrick
        self.folder = folder
        self.firmware = folder / "firmware"
        self.said: list[str] = []
        pipe = folder / "lines"
        os.mkfifo(pipe)
        script = f'while read -r line; do eval "$line"; done < {shlex.quote(str(pipe))}'
        self.process = subprocess.Popen(
            [lab, "--user-size", f"{USER_SIZE}", "--firmware", str(self.firmware), *options, "--", "sh", "-c", script],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, bufsize=1,
            env={**os.environ, "HOME": str(folder), "XDG_DATA_HOME": str(folder / "data"), "XDG_CACHE_HOME": str(folder / "cache"), "LC_ALL": "C.UTF-8"})
        self.lines = open(pipe, "w", buffering=1)

    def __call__(self, command: str) -> str:
        """A command to the lab."""
        self.process.stdin.write(command + "\n")
        answer = self.process.stdout.readline().strip()
        assert answer.startswith("ok"), f"{command}: {answer}"
        return answer[2:].strip()

    def wait_for(self, pattern: str) -> re.Match:
        for line in self.process.stderr:
            self.said.append(line.rstrip())
            if found := re.search(pattern, line):
                return found
            if line.startswith("status "):
                break
        raise AssertionError(f"never said {pattern!r}: {self.said}")

    def start(self, *words: str) -> None:
        self.said.clear()
        # its number is said before the program says anything
        call = shlex.join(["sh", "-c", 'echo pid $$; exec "$@"', "sh", self.unbrick, "--console", *words])
        self.lines.write(f"{call} </dev/null & wait $!; echo status $?\n")
        self.pid = int(self.wait_for(r"^pid (\d+)")[1])

    def end(self, status: int | None = 0) -> str:
        got = int(self.wait_for(r"^status (\d+)")[1])
        assert status in (None, got), f"status {got} instead of {status}: {self.said}"
        return "\n".join(self.said)

    def plug(self) -> None:
        self.wait_for("Waiting for the phone")
        self("unplug")
        self("plug")

    def run(self, *words: str, status: int | None = 0) -> str:
        self.start(*words)
        self.plug()
        return self.end(status)

    def talk(self, *words: str, status: int | None = 0) -> str:
        """Verbs that need no phone, or refuse before they look for one."""
        self.start(*words)
        return self.end(status)

    def hashes(self) -> dict[str, str]:
        """Of each region; UFS answers to eMMC's names, too."""
        return {f"EMMC_{name}": self(f"hash EMMC_{name} 0 {size}") for name, size in SIZES.items()}

    def hash_around(self, parts: list["Part"]) -> dict[tuple[str, int], str]:
        """Of what is between @parts."""
        return {(region, at): self(f"hash EMMC_{region} {at} {size}")
                for region, end in SIZES.items() for at, size in find_gaps(parts, region, end)}

    def writes(self) -> int:
        return int(re.search(r"writes=(\d+)", self("state"))[1])

    def close(self) -> None:
        """The shell may have come to its end, and the lab with it."""
        try:
            self.process.stdin.write("quit\n")
        except BrokenPipeError:
            pass
        self.process.communicate(timeout=20)
        self.lines.close()


def expand(data: bytes) -> bytes:
    """What an image puts on the phone: an Android sparse one of raw and filled chunks is opened."""
    if data[:4] != b"\x3a\xff\x26\xed":
        return data
    block, chunks = struct.unpack_from("<I4xI", data, 12)
    at, out = 28, b""
    for _ in range(chunks):
        kind, blocks, size = struct.unpack_from("<H2xII", data, at)
        assert kind in (0xCAC1, 0xCAC2), hex(kind)
        out += data[at + 12:at + size] * (1 if kind == 0xCAC1 else blocks * block // 4)
        at += size
    return out


class Part:
    """A row of a map, in either of its formats; regions by what they are on eMMC."""

    def __init__(self, folder: pathlib.Path, text: str, unit: int):
        def field(name: str) -> str:
            return re.search(rf"\b{name}(?:: *|>)([^\s<]+)", text)[1]

        self.name = field("partition_name")
        self.storage = field("storage").removeprefix("HW_STORAGE_")
        self.start, self.size = int(field("physical_start_addr"), 16), int(field("partition_size"), 16)
        if self.start >> 16 == 0xFFFF:  # so many units before the end
            self.start = USER_SIZE - (self.start & 0xFFFF) * unit
        self.regions = [UFS_NAMES.get(name, name) for name in re.findall(r"LU\d|BOOT\d|USER", field("region"))]
        file = folder / field("file_name")
        self.data = expand(file.read_bytes()) if field("is_download") == "true" and file.is_file() else None
        self.block = 4096 if self.storage == "UFS" else 512
        self.is_whole = False  # all of its region is taken for written
        # the storage's own header before a preloader
        self.skip = (0x1000 if self.storage == "UFS" else 0x800) if self.name.startswith("preloader") else 0

    @property
    def end(self) -> int:
        """Of what is written: up to the next block."""
        if self.is_whole:
            return BOOT_SIZE
        if self.data is None:
            return self.start + self.size
        return self.start + -(-(self.skip + len(self.data)) // self.block) * self.block


def read_parts(folder: pathlib.Path, storage: str) -> list[Part]:
    """The rows of @storage."""
    text = next(path for path in folder.glob("*scatter.*")).read_text()
    rows, unit = [], 0
    for row in re.split(r"\n *- partition_index|<partition_index ", text):
        rows += [Part(folder, row, unit)] if unit else []
        if found := re.search(r"\bblock_size(?:: *|>)(\w+)", row):
            unit = int(found[1], 16)
    return [row for row in rows if row.storage == storage]


def find_wrong(lab, parts: list[Part]) -> list[str]:
    """The parts whose images are not where they belong; @lab is given commands."""
    return [f"{part.name} in {region}" for part in parts if part.data is not None for region in part.regions
            if lab(f"hash EMMC_{region} {part.start + part.skip} {len(part.data)}") != hashlib.sha256(part.data).hexdigest()]


def find_gaps(parts: list[Part], region: str, end: int) -> list[tuple[int, int]]:
    """Offset and size of what is between some parts of a region."""
    at, gaps = 0, []
    for part in sorted((p for p in parts if region in p.regions), key=lambda p: p.start):
        if part.start > at:
            gaps.append((at, part.start - at))
        at = max(at, part.end)
    return gaps + [(at, end - at)] if at < end else gaps


class BenchTest(unittest.TestCase):
    lab = unbrick = ""

    def setUp(self):
        self.dir = tempfile.TemporaryDirectory(prefix="unbrick-test-")
        self.folder = pathlib.Path(self.dir.name)
        self.benches: list[Bench] = []
        self.addCleanup(self.clean)

    def clean(self):
        for bench in self.benches:
            bench.close()
        self.dir.cleanup()

    def bench(self, *options: str) -> Bench:
        folder = self.folder / f"bench{len(self.benches)}"
        folder.mkdir()
        self.benches.append(Bench(self.lab, self.unbrick, folder, *options))
        return self.benches[-1]

    def check_images(self, bench: Bench, parts: list[Part]) -> None:
        self.assertGreater(len([part for part in parts if part.data is not None]), 5)
        self.assertEqual(find_wrong(bench, parts), [])
