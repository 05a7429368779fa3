#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The console program on phones of every dialect, over real libusb: asked, flashed, read and restored, pulled out, locked.

test_dialects.py UB-LAB UNBRICK [TEST…]
"""
import pathlib
import re
import sys
import time
import unittest

from bench import Bench, BenchTest, read_parts

BenchTest.lab, BenchTest.unbrick = sys.argv[1:3]
PHONES = {
    "legacy": ("--chip", "MT6580", "--enter", "preloader"),
    "xflash_emmc": ("--chip", "MT6765", "--enter", "bootrom"),
    "xflash_ufs": ("--chip", "MT6785", "--storage", "ufs", "--enter", "preloader"),
    "xml_ufs": ("--chip", "MT6789", "--storage", "ufs", "--enter", "bootrom"),
}
LOCKED = ("--secure", "7", "--agent-login")
FAILED, REFUSED = 1, 5
GONE_S = 60
# where agents keep a note of what they did
NOTES = "flashinfo"


def read_map(bench: Bench, options: tuple[str, ...]) -> list:
    return read_parts(bench.firmware, "UFS" if "ufs" in options else "EMMC")


def hash_all(bench: Bench, options: tuple[str, ...]) -> dict:
    """The whole phone, but for the agents' notes."""
    return bench.hash_around([part for part in read_map(bench, options) if part.name == NOTES])


class Dialect(BenchTest):
    """Run for every phone; the names are put together below."""

    def check_info(self, options):
        bench = self.bench(*options)
        before = bench.hashes()
        said = bench.run("info", str(bench.firmware))
        self.assertIn("Chip: " + options[1], said)
        self.assertIn("Answered: " + ("boot ROM" if "bootrom" in options else "preloader"), said)
        self.assertIn("Storage: " + ("UFS" if "ufs" in options else "eMMC"), said)
        self.assertIn("Port: 1-1 high", said)
        self.assertEqual(bench.writes(), 0)
        self.assertEqual(bench.hashes(), before)

    def check_download(self, options):
        """Answers come byte by byte; everything in the firmware is then on the phone, and nothing besides has changed."""
        bench = self.bench(*options, "--fragmented")
        parts = read_map(bench, options)
        written = [part for part in parts if part.data is not None or part.name == NOTES]
        for part in written:
            # but for legacy ones, agents erase a boot region before they write a preloader to it
            part.is_whole = part.skip > 0 and options[1] != "MT6580"
        before = bench.hash_around(written)
        bench.run("flash", str(bench.firmware), "--verify")
        self.check_images(bench, parts)
        self.assertEqual(bench.hash_around(written), before)

    def check_format_and_restore(self, options):
        bench = self.bench(*options)
        before = hash_all(bench, options)
        lent = f"--firmware={bench.firmware}"
        bench.run("read", "-o", str(bench.folder / "copy"), lent)
        self.assertEqual(bench.writes(), 0)
        bench.run("flash", str(bench.firmware), "--mode=format", "--yes")
        self.check_images(bench, read_map(bench, options))
        self.assertNotEqual(hash_all(bench, options), before)
        bench.run("restore", str(bench.folder / "copy"), "--yes", "--accept=danger", "--expert", lent)
        self.assertEqual(hash_all(bench, options), before)

    def check_pulled_out(self, options):
        """In the middle of a firmware upgrade, twice, and plugged in again: as if nothing had happened."""
        undisturbed, bench = self.bench(*options), self.bench(*options)
        for one in undisturbed, bench:
            one.start("flash", str(one.firmware), "--mode=upgrade", "--yes")
            one.wait_for("Waiting for the phone")
            for pulled_after in (700000, 300000) if one is bench else ():
                one(f"mischief unplug-after-bytes {pulled_after}")
                one("plug")
                self.wait_until_gone(one)
                self.assertGreater(one.writes(), 0)
            one("plug")
            said = one.end()
        self.assertIn("Nothing is lost", said)
        self.assertEqual(hash_all(bench, options), hash_all(undisturbed, options))

    def wait_until_gone(self, bench):
        """By the phone, for what the program says of it depends on how far it came."""
        end = time.monotonic() + GONE_S
        while "present=0" not in bench("state"):
            self.assertLess(time.monotonic(), end, "the phone stays")
            time.sleep(0.01)


for phone, words in PHONES.items():
    for check in "info", "download", "format_and_restore", "pulled_out":
        setattr(Dialect, f"test_{check}_{phone}", lambda self, check=check, words=words: getattr(self, f"check_{check}")(words))


class Slow(BenchTest):
    """The agent's USB goes from full speed to high speed, and the phone comes back as another one."""

    def check(self, *options):
        bench = self.bench(*options)
        bench("mischief full-speed")
        bench.start("flash", str(bench.firmware), "--verify")
        bench.wait_for("Waiting for the phone")
        bench("plug")
        self.assertIn("speed=full", bench("state"))
        bench.wait_for("Writing")
        self.assertIn("product=2001 speed=high", bench("state"))
        bench.end()
        self.check_images(bench, read_map(bench, options))

    def test_legacy(self):
        self.check("--chip", "MT6580")

    def test_xflash_boot_rom(self):
        self.check("--chip", "MT6765", "--enter", "bootrom")

    def test_xflash_preloader(self):
        self.check("--chip", "MT6765")

    def test_xml_stays_slow(self):
        """Its agents know no such command."""
        bench = self.bench("--chip", "MT6789", "--storage", "ufs")
        bench("mischief full-speed")
        self.assertIn("Port: 1-1 full", bench.run("info", str(bench.firmware)))


class Locked(BenchTest):
    """A phone of a maker that locks it, with the maker's files and without."""

    def check_without(self, words, *options):
        bench = self.bench(*options)
        before = bench.hashes()
        said = bench.run("flash", str(bench.firmware), status=REFUSED)
        self.assertIn("its maker's signed loader, or wants its maker's login", said)
        self.assertIn("Nothing has been written", said)
        self.assertIn(words, said)
        self.assertIn("files with DA, auth or cert in their names", said)
        self.assertEqual(bench.writes(), 0)
        self.assertEqual(bench.hashes(), before)

    def check_with(self, *options):
        """The files lie elsewhere, so that only what was said leads to them."""
        bench = self.bench(*options)
        parts = read_map(bench, options)
        files = []
        for option, name in ("--auth", "auth_sv5.auth"), ("--cert", "root.cert"), ("--key", "practice_key.pem"):
            (bench.firmware / name).rename(bench.folder / name)
            files += [option, str(bench.folder / name)]
        bench.run("flash", str(bench.firmware), *files, "--verify")
        self.check_images(bench, parts)
        bench("unplug")
        self.assertRegex(bench.run("info", str(bench.firmware), *files), "login is asked for .SLA.")

    def test_xflash_without(self):
        self.check_without("there is no key file", *PHONES["xflash_emmc"], *LOCKED)

    def test_xflash_with(self):
        self.check_with(*PHONES["xflash_emmc"], *LOCKED)

    def test_xml_without(self):
        self.check_without("there is no key file", *PHONES["xml_ufs"], *LOCKED)

    def test_xml_with(self):
        self.check_with(*PHONES["xml_ufs"], *LOCKED)

    def test_legacy_with(self):
        self.check_with(*PHONES["legacy"], "--secure", "7")

    def test_another_makers_key(self):
        bench = self.bench(*PHONES["xflash_ufs"], *LOCKED)
        key = pathlib.Path(__file__).parent.parent / "data" / "keys" / "pkcs8.pem"
        said = bench.run("flash", str(bench.firmware), f"--key={key}", status=REFUSED)
        self.assertIn("login", said)
        self.assertEqual(bench.writes(), 0)


class Storages(BenchTest):
    def test_phone_knows_best(self):
        """A map of both; the phone has UFS, whatever was said."""
        options = PHONES["xml_ufs"]
        bench = self.bench(*options)
        bench.run("flash", str(bench.firmware), "--storage=emmc")
        self.check_images(bench, read_map(bench, options))

    def test_nand(self):
        """No practice phone has it; a map of it is refused in words, before anything is looked for on the cable."""
        bench = self.bench(*PHONES["legacy"])
        text = next(bench.firmware.glob("*scatter.txt"))
        text.write_text(re.sub("HW_STORAGE_EMMC", "HW_STORAGE_NAND", re.sub(r"\bEMMC\b", "NAND", text.read_text())))
        said = bench.talk("flash", str(bench.firmware), status=FAILED)
        self.assertIn("This firmware is for a phone with NAND memory", said)
        self.assertIn("Nothing has been written", said)


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], *sys.argv[3:]])
