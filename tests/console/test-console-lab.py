#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Verbs one after the other on one phone, which keeps what was written to it: read, erase, restore; killed, and gone on with.

test-console-lab.py UB-LAB UNBRICK
"""
import os
import pathlib
import re
import shlex
import subprocess
import sys
import tempfile
import unittest

LAB, UNBRICK = sys.argv[1:3]
USER_SIZE = 4 << 20  # the smallest practice phone
BOOT_SIZE = 4 << 20


class Bench:
    """A phone on a virtual bus, and a shell beside it that is given one line after the other."""

    def __init__(self, folder: pathlib.Path, *options: str):
        self.folder = folder
        self.firmware = folder / "firmware"
        self.said: list[str] = []
        pipe = folder / "lines"
        os.mkfifo(pipe)
        script = f'while read -r line; do eval "$line"; done < {shlex.quote(str(pipe))}'
        self.process = subprocess.Popen(
            [LAB, "--user-size", f"{USER_SIZE}", "--firmware", str(self.firmware), *options, "--", "sh", "-c", script],
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
        raise AssertionError(f"never said {pattern!r}: {self.said}")

    def start(self, *words: str) -> None:
        self.said.clear()
        call = shlex.join([UNBRICK, "--console", *words])
        self.lines.write(f"{call} </dev/null & echo pid $!; wait $!; echo status $?\n")
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
        return {region: self(f"hash {region} 0 {size}") for region, size in
                (("EMMC_BOOT1", BOOT_SIZE), ("EMMC_BOOT2", BOOT_SIZE), ("EMMC_USER", USER_SIZE))}

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


class ConsoleLab(unittest.TestCase):
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
        self.benches.append(Bench(folder, *options))
        return self.benches[-1]

    def test_read_erase_restore(self):
        bench = self.bench()
        lent = f"--firmware={bench.firmware}"
        before = bench.hashes()
        bench.run("read", "-o", str(bench.folder / "copy"), lent)
        self.assertEqual(bench.hashes(), before)
        self.assertEqual(bench.writes(), 0)
        bench.run("erase", "--all", "--yes", lent)
        erased = bench.hashes()
        self.assertNotEqual(erased["EMMC_USER"], before["EMMC_USER"])
        self.assertEqual(erased["EMMC_BOOT1"], before["EMMC_BOOT1"])
        bench.run("restore", str(bench.folder / "copy"), "--yes", lent)
        self.assertEqual(bench.hashes(), before)

    def test_wiped_to_the_ground(self):
        """Boot regions, tables and all that is the phone's own: gone, and back."""
        bench = self.bench()
        lent = f"--firmware={bench.firmware}"
        bench.run("read", "-o", str(bench.folder / "copy"), lent)
        before = bench.hashes()
        bench.run("erase", "--all", "--boot", "--expert", "--yes", "--accept=danger", lent)
        erased = bench.hashes()
        for region, digest in before.items():
            self.assertNotEqual(erased[region], digest, region)
        bench.run("restore", str(bench.folder / "copy"), "--yes", "--accept=danger", "--expert", lent)
        self.assertEqual(bench.hashes(), before)

    def test_flashed_and_back(self):
        """A safety copy is enough to bring back what is the phone's own."""
        bench = self.bench()
        bench.run("flash", str(bench.firmware), "--mode=format", "--yes", "--verify")
        text = bench.talk("copies")
        copy = re.search(r"(/\S+)$", text.splitlines()[-2])[1]
        bench.run("restore", copy, "--part=nvram", "--expert", "--accept=danger", "--yes", f"--firmware={bench.firmware}", status=None)
        bench.talk("copies", "verify")

    def test_killed_and_gone_on(self):
        undisturbed = self.bench()
        undisturbed.run("flash", str(undisturbed.firmware), "--mode=format", "--yes")
        wanted = undisturbed.hashes()
        bench = self.bench()
        flash = ("flash", str(bench.firmware), "--mode=format", "--yes")
        bench("mischief unplug-after-bytes 700000")
        bench.start(*flash)
        bench.plug()
        bench.wait_for("Nothing is lost")
        os.kill(bench.pid, 9)
        bench.end(137)
        self.assertGreater(bench.writes(), 0)
        self.assertNotEqual(bench.hashes(), wanted)
        # whoever asks for something else is told; nothing happens without a yes
        text = bench.talk("test", "--wait=1", f"--firmware={bench.firmware}", status=4)
        self.assertIn("go-on", text)
        self.assertIn("--yes", bench.talk("go-on", status=2))
        bench.run("go-on", "--yes")
        self.assertEqual(bench.hashes(), wanted)
        self.assertIn("no unfinished job", bench.talk("go-on"))

    def test_slipped_and_gone_on(self):
        undisturbed = self.bench()
        undisturbed.run("flash", str(undisturbed.firmware), "--mode=upgrade", "--yes")
        bench = self.bench()
        bench("mischief unplug-after-bytes 700000")
        bench.start("flash", str(bench.firmware), "--mode=upgrade", "--yes")
        bench.plug()
        bench.wait_for("Nothing is lost")
        bench("plug")
        text = bench.end()
        self.assertEqual(bench.hashes(), undisturbed.hashes())
        self.assertIn("Done: ", text)

    def test_stopped_and_gone_on(self):
        """Ctrl+C while it waits for the phone to come back: the state is told, and the job is kept."""
        bench = self.bench()
        bench("mischief unplug-after-bytes 700000")
        bench.start("flash", str(bench.firmware), "--mode=upgrade", "--yes")
        bench.plug()
        bench.wait_for("Nothing is lost")
        os.kill(bench.pid, 2)
        text = bench.end(6)
        self.assertIn("half done", text)
        self.assertIn("Safety copy: ", text)
        bench.run("go-on", "--yes")

    def test_single_part_and_back(self):
        bench = self.bench()
        before = bench.hashes()
        image = next(path for path in bench.firmware.iterdir() if "boot" in path.name and path.suffix == ".img")
        text = bench.run("part", "recovery", str(image), f"--firmware={bench.firmware}")
        self.assertNotEqual(bench.hashes(), before)
        copy = re.search(r"^Safety copy: (.*)$", text, re.M)[1]
        bench.run("restore", copy, "--part=recovery", "--yes", f"--firmware={bench.firmware}")
        self.assertEqual(bench.hashes(), before)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
