#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Verbs one after the other on one phone, which keeps what was written to it: read, erase, restore; killed, and gone on with.

test-console-lab.py UB-LAB UNBRICK
"""
import os
import pathlib
import re
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "lab"))
from bench import BenchTest  # noqa: E402

BenchTest.lab, BenchTest.unbrick = sys.argv[1:3]


class ConsoleLab(BenchTest):
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
