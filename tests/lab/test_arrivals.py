# SPDX-License-Identifier: GPL-3.0-or-later
"""Whatever a cable can show, as the unmodified program sees it: named, counted, caught, and left alone where it is no phone of ours.

test_arrivals.py UB-LAB UNBRICK"""
import contextlib
import json
import os
import pathlib
import re
import selectors
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest

LAB, UNBRICK = sys.argv[1:3]
PATIENCE_S = 15
# pages; a sanitizer keeps what was freed
GROWTH = 64 if "ASAN_OPTIONS" not in os.environ else 16384
# what is plugged in, and as what it is told
KINDS = [
    ("android mtp", "0e8d:2008", "android", ["mtp"]),
    ("android adb", "0e8d:201c", "android", ["adb"]),
    ("android mtp+adb", "0e8d:201d", "android", ["mtp", "adb"]),
    ("android charging", "0e8d:200a", "android", ["charging"]),
    ("android storage", "0e8d:2003", "android", ["adb", "storage"]),
    ("android tether", "0e8d:2004", "android", ["tether"]),
    ("fastboot", "18d1:d00d", "fastboot", []),
    ("fastboot mediatek", "0e8d:201c", "fastboot", []),
    ("fastbootd", "18d1:4ee0", "fastboot", []),
    ("recovery", "18d1:d001", "recovery", ["adb"]),
    ("recovery twrp", "18d1:4ee2", "recovery", ["mtp", "adb"]),
    ("meta", "0e8d:2007", "meta", []),
    ("unknown", "2717:ff99", "unknown", []),
]
OURS = [
    ("own-ids", "1bbb:f00f", "preloader", ["own-ids"]),
    ("preloader", "0e8d:2000", "preloader", []),
    ("bootrom", "0e8d:0003", "boot-rom", []),
]
STRANGERS = ["arduino", "modem", "serial", "disk"]
WATCH = ("watch", "--json")


class Lab:
    """A phone's port, which outlives the program in front of it."""

    def __init__(self, *words: str, options: tuple[str, ...] = (), beside: str = ":"):
        self.folder = tempfile.TemporaryDirectory(prefix="arrivals-")
        env = {**os.environ, "HOME": self.folder.name, "XDG_DATA_HOME": self.folder.name, "XDG_CACHE_HOME": self.folder.name, "LC_ALL": "C.UTF-8"}
        script = f"({beside}) >/dev/null 2>&1 & " + """sh -c 'echo "pid $$"; exec "$@"' sh "$@" </dev/null; echo "status $?"; exec sleep 100"""
        self.process = subprocess.Popen([LAB, "--user-size", "4M", "--window", "60000", *options, "--", "sh", "-c", script, "sh", UNBRICK, "--console", *words],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=env)
        self.said: list[str] = []
        self.rest = b""
        os.set_blocking(self.process.stderr.fileno(), False)
        self.selector = selectors.DefaultSelector()
        self.selector.register(self.process.stderr, selectors.EVENT_READ)
        self.pid = int(self.wait_for(r"^pid (\d+)$")[1])

    def __call__(self, command: str) -> str:
        self.process.stdin.write(command.encode() + b"\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline().decode().strip()
        assert answer.startswith("ok"), f"{command}: {answer}"
        return answer[2:].strip()

    def read(self, seconds: float) -> bool:
        """What is said by then, or less; False when there will be no more."""
        if not self.selector.select(seconds):
            return True
        data = self.process.stderr.read(65536)
        *lines, self.rest = (self.rest + (data or b"")).split(b"\n")
        self.said += [line.decode() for line in lines]
        return data != b""

    def wait_for(self, pattern: str, after: int = 0, seconds: float = PATIENCE_S) -> re.Match:
        """The first line said like that, from the one on with number @after."""
        end = time.monotonic() + seconds
        while True:
            for line in self.said[after:]:
                if found := re.search(pattern, line):
                    return found
            if time.monotonic() > end or not self.read(max(0.0, end - time.monotonic())):
                raise AssertionError(f"never said {pattern!r}: {self.said[after:]}")

    def sightings(self) -> list[dict]:
        """Of `watch --json`, so far."""
        self.read(0)
        return [json.loads(line) for line in self.said if line.startswith("{")]

    def wait_for_sighting(self, after: int = 0, **wanted) -> dict:
        """The first one like that, from the one on with number @after."""
        end = time.monotonic() + PATIENCE_S
        while True:
            for sighting in self.sightings()[after:]:
                if wanted.items() <= sighting.items():
                    return sighting
            if time.monotonic() > end or not self.read(max(0.0, end - time.monotonic())):
                raise AssertionError(f"never seen {wanted}: {self.sightings()[after:]}")

    def stats(self) -> dict[str, int]:
        return {name: int(value) for name, value in (pair.split("=") for pair in self("stats").split())}

    def visits(self) -> list[tuple[int | None, int]]:
        """µs to the first byte, and bytes."""
        pairs = [visit.split("/") for visit in self("visits").split()]
        return [(None if first == "none" else int(first), int(size)) for first, size in pairs]

    def end(self) -> str:
        """Of a program that ends by itself: all that it said."""
        self.wait_for(r"^status \d+$")
        self.pid = 0
        return "\n".join(self.said)

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        with contextlib.suppress(ProcessLookupError):
            if self.pid:
                os.kill(self.pid, signal.SIGTERM)
        self("quit")
        self.process.communicate(timeout=20)
        self.selector.close()
        self.folder.cleanup()


def wait_until(what: str, function, seconds: float = PATIENCE_S):
    end = time.monotonic() + seconds
    while not (value := function()):
        assert time.monotonic() < end, f"never: {what}"
        time.sleep(0.01)
    return value


class Named(unittest.TestCase):
    """Everything that comes is named at once, and only what is ours is ever opened."""

    def check_kinds(self, lab: Lab) -> None:
        lab.wait_for("Watching")
        for thing, ids, kind, traits in KINDS + OURS:
            with self.subTest(thing=thing):
                before = len(lab.sightings())
                lab(f"plug {thing}")
                vendor, product = ids.split(":")
                seen = lab.wait_for_sighting(before, present=True, port="1-1", vendor=vendor, product=product)
                self.assertEqual((seen["kind"], seen["traits"]), (kind, traits))
                lab("unplug")
                lab.wait_for_sighting(before, present=False, port="1-1", vendor=vendor, product=product)
                self.assertEqual(len(lab.sightings()), before + 2, lab.sightings()[before:])

    def test_kinds(self):
        with Lab(*WATCH) as lab:
            self.check_kinds(lab)
            # watching is no reason to open anything
            self.assertEqual(lab.stats()["opens"], 0)

    def test_without_messages(self):
        """The same by inotify alone, as in a sandbox."""
        with Lab(*WATCH) as lab:
            lab.wait_for("Watching")
            lab("mute")
            self.check_kinds(lab)

    def test_broken(self):
        """A port where something stands that is no device: as the kernel says of the port, or in its log."""
        with Lab(*WATCH) as lab:
            lab.wait_for("Watching")
            lab("@3 plug broken")
            self.assertIn("default", lab.wait_for_sighting(kind="broken", port="1-3", present=True)["fault"])
            lab("@3 unplug")
            lab.wait_for_sighting(kind="broken", port="1-3", present=False)
        with Lab(*WATCH, options=("--kmsg",)) as lab:
            lab.wait_for("Watching")
            lab("old-kernel")
            lab("kmsg 6 usb 1-2: new high-speed USB device number 5 using xhci_hcd")
            lab("@3 plug broken")
            self.assertIn("error -71", lab.wait_for_sighting(kind="broken", port="1-3", present=True)["fault"])
            lab("@3 plug preloader")
            lab.wait_for_sighting(kind="preloader", port="1-3", present=True)

    def test_broken_unseen(self):
        """Where neither tells, nothing is made up."""
        with Lab(*WATCH) as lab:
            lab.wait_for("Watching")
            lab("old-kernel")
            lab("plug broken")
            lab("@2 cycle 8 200 200 fastboot")
            wait_until("the last of them", lambda: len([seen for seen in lab.sightings() if not seen["present"]]) == 8)
            self.assertEqual({seen["kind"] for seen in lab.sightings()}, {"fastboot"})

    def test_strangers(self):
        """What is no phone, and phones that are in no mood to be written: never touched, by one that waits for a phone least of all."""
        with Lab("info") as lab:
            lab.wait_for("Waiting for the phone")
            for thing in [*STRANGERS, *(kind[0] for kind in KINDS)]:
                lab(f"cycle 1 150 1 {thing}")
                wait_until("it to be gone", lambda: lab("cycle") == "0")
            stats = lab.stats()
            self.assertEqual((stats["opens"], stats["claims"]), (0, 0))
            lab("plug preloader")
            self.assertIn("MT6580", lab.end())
            self.assertGreater(lab.stats()["claims"], 0)

    def test_strangers_are_not_told(self):
        with Lab(*WATCH) as lab:
            lab.wait_for("Watching")
            for thing in STRANGERS:
                lab(f"cycle 1 150 1 {thing}")
                wait_until("it to be gone", lambda: lab("cycle") == "0")
            lab("plug fastboot")
            lab.wait_for_sighting(kind="fastboot")
            self.assertEqual(len(lab.sightings()), 1, lab.sightings())

    def test_two_ports(self):
        with Lab(*WATCH) as lab:
            lab.wait_for("Watching")
            lab("plug android mtp")
            lab("@2 plug fastboot")
            lab.wait_for_sighting(port="1-1", kind="android", present=True)
            lab.wait_for_sighting(port="1-2", kind="fastboot", present=True)


class Counted(unittest.TestCase):
    """One that comes and goes: each visit is told, how long it was, and how long between."""

    def count(self, lab: Lab, n: int) -> None:
        lab.wait_for_sighting(present=False, appearances=n)
        # one too many would come before it
        lab("@2 plug fastboot")
        lab.wait_for_sighting(kind="fastboot")
        comings = [seen for seen in lab.sightings() if seen["present"] and seen["port"] == "1-1"]
        goings = [seen for seen in lab.sightings() if not seen["present"]]
        self.assertEqual([seen["appearances"] for seen in comings], list(range(1, n + 1)))
        self.assertEqual([seen["appearances"] for seen in goings], list(range(1, n + 1)))
        for came, went in zip(comings, goings):
            self.assertAlmostEqual(went["stayed"], went["time"] - came["time"], delta=0.002)
        for went, came in zip(goings, comings[1:]):
            self.assertAlmostEqual(came["away"], came["time"] - went["time"], delta=0.002)

    def test_comes_and_goes(self):
        with Lab(*WATCH) as lab:
            lab.wait_for("Watching")
            lab("cycle 5 150 250 preloader")
            self.count(lab, 5)

    def test_without_messages(self):
        with Lab(*WATCH) as lab:
            lab.wait_for("Watching")
            lab("mute")
            lab("cycle 5 150 250 preloader")
            self.count(lab, 5)

    def test_a_hundred_visits(self):
        """Neither files nor memory grow by visits (troubles 9)."""
        with Lab(*WATCH) as lab:
            lab.wait_for("Watching")
            self.cycle(lab, 20)
            files, pages = self.measure(lab.pid)

            def is_enough() -> bool:
                lab.read(0.1)
                return lab.sightings()[-1]["appearances"] > 50

            self.cycle_until(lab, "preloader", is_enough)
            files_after, pages_after = self.measure(lab.pid)
            self.assertEqual(files_after, files)
            self.assertLess(pages_after - pages, GROWTH, "pages of memory")

    def test_a_hundred_visits_that_say_nothing(self):
        """The same for one that waits, opens each and is never answered."""
        with Lab("info") as lab:
            lab.wait_for("Waiting for the phone")
            self.cycle(lab, 20, "deaf")
            files, pages = self.measure(lab.pid)
            self.cycle_until(lab, "deaf", lambda: lab.stats()["claims"] > 50)
            files_after, pages_after = self.measure(lab.pid)
            self.assertEqual(files_after, files)
            self.assertLess(pages_after - pages, GROWTH, "pages of memory")
            lab("plug preloader")
            self.assertIn("MT6580", lab.end())

    def cycle_until(self, lab: Lab, what: str, is_enough) -> None:
        """On a busy computer some are too short to be seen: it is those that were that are counted."""
        for _ in range(10):
            self.cycle(lab, 80, what)
            if is_enough():
                return
        self.fail("not even one in fifteen was seen")

    def cycle(self, lab: Lab, n: int, what: str = "preloader") -> None:
        lab(f"cycle {n} 25 10 {what}")
        wait_until("the last visit", lambda: lab("cycle") == "0" and lab("first-byte") == "none", 20)
        time.sleep(0.2)

    def measure(self, pid: int) -> tuple[int, int]:
        time.sleep(0.1)
        return len(os.listdir(f"/proc/{pid}/fd")), int(pathlib.Path(f"/proc/{pid}/statm").read_text().split()[1])


class Caught(unittest.TestCase):
    """At its first visit, however short; and whatever stands in the way is told at once, and waited out."""

    def catch(self, lab: Lab, line: str) -> tuple[int, int]:
        lab.wait_for("Waiting for the phone")
        lab(line)
        wait_until("the handshake", lambda: any(size >= 4 for _, size in lab.visits()))
        visits = lab.visits()
        self.assertEqual(len(visits), 1, visits)
        return visits[0]

    def test_a_window_of_800_ms(self):
        times = []
        for i in range(10):
            with Lab("info") as lab:
                times.append(self.catch(lab, "cycle 10 800 3000 preloader")[0])
                self.assertIn("MT6580", lab.end())
        print(f"first byte after {sorted(times)[5] / 1000:.1f} ms, at worst {max(times) / 1000:.1f} ms", file=sys.stderr)

    def test_a_window_of_100_ms_without_messages(self):
        with Lab("info") as lab:
            lab.wait_for("Waiting for the phone")
            lab("mute")
            self.catch(lab, "cycle 10 100 3000 bootrom")
            self.assertIn("MT6580", lab.end())

    def test_its_makers_own_numbers(self):
        with Lab("info") as lab:
            self.catch(lab, "cycle 10 800 3000 own-ids")
            self.assertIn("MT6580", lab.end())

    def test_after_android(self):
        with Lab("info") as lab:
            lab.wait_for("Waiting for the phone")
            lab("plug android mtp+adb")
            time.sleep(0.3)
            self.catch(lab, "cycle 10 800 3000 preloader")
            self.assertIn("MT6580", lab.end())

    def test_modem_manager(self):
        with Lab("info") as lab:
            lab("stray")
            self.catch(lab, "cycle 10 2000 3000 preloader")
            self.assertIn("MT6580", lab.end())

    def test_keys_pressed_later(self):
        """The preloader was missed; the boot ROM comes at the same port."""
        with Lab("info") as lab:
            lab.wait_for("Waiting for the phone")
            lab("mischief unplug-after-messages 3")
            lab("plug preloader")
            wait_until("the phone to be gone", lambda: "present=0" in lab("state"))
            lab("plug bootrom")
            text = lab.end()
            self.assertIn("MT6580", text)
            self.assertRegex(text, "(?i)answered: boot rom")

    def test_denied_and_allowed(self):
        with Lab("info") as lab:
            lab.wait_for("Waiting for the phone")
            before = len(lab.said)
            lab("deny")
            lab("plug preloader")
            lab.wait_for("(?i)permission|not let|not allowed", before)
            lab("allow")
            self.assertIn("MT6580", lab.end())

    def test_held_and_released(self):
        with Lab("info") as lab:
            lab.wait_for("Waiting for the phone")
            before = len(lab.said)
            lab("hold")
            lab("plug preloader")
            lab.wait_for("(?i)another program", before)
            lab("release")
            self.assertIn("MT6580", lab.end())

    def test_held_by_somebody_by_name(self):
        """A program that has the phone open is named."""
        with tempfile.TemporaryDirectory(prefix="arrivals-") as folder:
            program = shutil.copy("/bin/sleep", f"{folder}/stranger")
            node = "/dev/bus/usb/001/002"
            with Lab("info", beside=f"until [ -e {node} ]; do sleep 0.05; done; exec {program} 4 <{node}") as lab:
                lab.wait_for("Waiting for the phone")
                before = len(lab.said)
                lab("hold")
                lab("plug preloader")
                wait_until("the stranger", lambda: lab.stats()["opens"] > 0)
                lab.wait_for("stranger", before)
                lab("release")
                self.assertIn("MT6580", lab.end())


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1] + sys.argv[3:])
