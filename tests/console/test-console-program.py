#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs the program's console as a script does: verbs, exit statuses, JSON, a pipe and a terminal. Speaks TAP.

test-console-program.py UNBRICK
"""
import json
import os
import pathlib
import pty
import re
import signal
import subprocess
import sys
import tempfile
import time

program = sys.argv[1]
FAST = "--practice=MT6580,speed=0"
tests = []


def case(function):
    tests.append(function)
    return function


class Home:
    """A home of its own for every case, so that cases cannot see each other, nor the person's own settings."""

    def __init__(self, folder: str):
        self.folder = pathlib.Path(folder)
        self.env = {**os.environ, "HOME": folder, "XDG_CACHE_HOME": folder + "/cache", "XDG_DATA_HOME": folder + "/data",
                    "XDG_CONFIG_HOME": folder + "/config", "TMPDIR": folder, "LC_ALL": "C.UTF-8"}
        # the console needs no display, and must not look for one
        for name in ("DISPLAY", "WAYLAND_DISPLAY"):
            self.env.pop(name, None)

    def run(self, *arguments: str, **options) -> subprocess.CompletedProcess:
        return subprocess.run([program, *arguments], env=self.env, capture_output=True, text=True, timeout=100, **options)

    def console(self, *arguments: str, status: int = 0) -> subprocess.CompletedProcess:
        done = self.run("--console", *arguments)
        assert done.returncode == status, f"status {done.returncode} instead of {status}\n{done.stdout}\n{done.stderr}"
        return done

    def firmware(self) -> pathlib.Path:
        """A practice firmware that stays after the program has ended."""
        folder = self.folder / "firmware"
        self.console(f"--practice=MT6580,speed=0,folder={folder}", "plan")
        return folder


@case
def version(home):
    done = home.run("--version")
    assert done.returncode == 0 and re.match(r"unbrick \d+\.\d+", done.stdout), done


@case
def help_names_verbs_and_statuses(home):
    text = home.console("--help").stdout
    for word in ("check", "plan", "flash", "info", "watch", "Exit status", "  6  "):
        assert word in text, text
    assert "--wait" in home.console("flash", "--help").stdout


@case
def usage(home):
    home.console(status=2)
    home.console("dance", status=2)
    home.console("flash", status=2)
    home.console("check", "a", "b", status=2)
    home.console("flash", "--no-such-option", "x", status=2)
    home.console("watch", "--for", "-1", status=2)
    home.console("--practice=nonsense", "plan", status=2)
    firmware = str(home.firmware())
    home.console("plan", firmware, "--mode", "format", status=2)
    home.console("plan", firmware, "--only", "no-such-part", status=2)
    home.console("plan", firmware, "--storage", "ufs", status=2)


@case
def missing_firmware(home):
    done = home.console("check", str(home.folder / "nothing"), status=3)
    assert "Things to try" in done.stderr and "Details" in done.stderr, done.stderr


@case
def not_a_firmware(home):
    (home.folder / "notes.txt").write_text("shopping list\n")
    home.console("check", str(home.folder / "notes.txt"), status=3)


@case
def check(home):
    firmware = home.firmware()
    text = home.console("check", str(firmware)).stdout
    assert "MT6580" in text and "system" in text, text
    found = json.loads(home.console("check", str(firmware), "--json").stdout)
    assert found["good"] and found["chip"] == "MT6580", found
    names = [p["name"].lower() for p in found["partitions"]]
    assert "nvram" in names and "system" in names, names
    assert [p for p in found["partitions"] if p["name"].lower() == "nvram"][0]["role"] == "protected"


@case
def plan(home):
    firmware = home.firmware()
    planned = json.loads(home.console("plan", str(firmware), "--json").stdout)
    written = [s for s in planned["steps"] if s["step"] == "write"]
    assert written and not planned["blocked"] and planned["mode"] == "download", planned
    assert sum(s["bytes"] for s in written) == planned["bytes"]
    assert "nvram" not in [s["partition"].lower() for s in written]
    one = written[-1]["partition"]
    only = json.loads(home.console("plan", str(firmware), "--only", one, "--json").stdout)
    assert {s["partition"] for s in only["steps"] if s["step"] == "write"} == {one}, only


@case
def flash_in_a_pipe(home):
    done = home.console(FAST, "flash")
    assert "\r" not in done.stdout and "\033" not in done.stdout, done.stdout
    assert re.search(r"^Done: \d+ partitions, ", done.stdout, re.M), done.stdout


@case
def flash_on_a_terminal(home):
    master, slave = pty.openpty()
    child = subprocess.Popen([program, "--console", "--practice=MT6580,speed=40M", "flash"], env={**home.env, "TERM": "xterm"}, stdout=slave, stderr=slave, stdin=slave)
    os.close(slave)
    text = b""
    try:
        while chunk := os.read(master, 4096):
            text += chunk
    except OSError:  # how a terminal says that it is over
        pass
    assert child.wait(100) == 0, text
    assert b"\r\033[K" in text and b"[#" in text and b"Done: " in text, text


@case
def flash_report(home):
    reports = home.folder / "reports"
    report = json.loads(home.console(FAST, "flash", "--json", "--report", str(reports)).stdout)
    assert isinstance(report, dict), report
    assert len(list(reports.glob("*.json"))) == 1


@case
def flash_other_chips(home):
    for chip in ("MT6572", "MT6592", "MT8127"):
        home.console(f"--practice={chip},speed=0", "flash")


@case
def flash_from_boot_rom(home):
    home.console(FAST + ",boot-rom", "flash")


@case
def wrong_chip(home):
    firmware = home.firmware()
    done = home.console("--practice=MT6572,speed=0", "flash", str(firmware), status=5)
    assert "Things to try" in done.stderr, done.stderr


@case
def cable_pulled(home):
    done = home.console(FAST + ",image=8M,mischief=unplug-after-bytes 4000000", "flash", status=7)
    assert "Details" in done.stderr, done.stderr


@case
def damaged_image(home):
    firmware = home.firmware()
    planned = json.loads(home.console("plan", str(firmware), "--json").stdout)
    image = pathlib.Path([s["image"] for s in planned["steps"] if s.get("partition") == "system"][0])
    image.write_bytes(b"\x3a\xff\x26\xed" + b"\xff" * 60)  # an Android sparse header full of nonsense
    assert "system" in home.console("check", str(firmware), status=3).stdout
    home.console("flash", str(firmware), "--wait", "1", status=3)


@case
def info(home):
    found = json.loads(home.console(FAST, "info", "--json").stdout)
    assert found["chip"] == "MT6580" and found["storage"] == "eMMC" and found["user_size"] > 0, found
    assert "MT6580" in home.console(FAST, "info").stdout


@case
def no_phone(home):
    firmware = home.firmware()
    done = home.console("flash", str(firmware), "--wait", "1", "--port", "250-1", status=4)
    assert "Things to try" in done.stderr, done.stderr


@case
def watch(home):
    text = home.console(FAST, "watch", "--for", "2").stdout
    assert re.search(r"\+\s+0e8d:2000\s+preloader", text), text


@case
def interrupted(home):
    child = subprocess.Popen([program, "--console", "--practice=MT6580,image=32M,speed=2M", "flash"], env=home.env, stdout=subprocess.PIPE,
                             stderr=subprocess.PIPE, text=True)
    for line in child.stdout:
        if "%" in line:
            break
    child.send_signal(signal.SIGINT)
    out, err = child.communicate(timeout=60)
    assert child.returncode == 6, (child.returncode, out, err)
    assert "Stopped" in err, err


@case
def leaves_nothing_behind(home):
    home.console(FAST, "flash")
    assert not list(home.folder.glob("unbrick-practice-*"))


failed = 0
print(f"1..{len(tests)}")
for number, function in enumerate(tests, 1):
    with tempfile.TemporaryDirectory(prefix="unbrick-test-") as folder:
        begin = time.monotonic()
        try:
            function(Home(folder))
            verdict = "ok"
        except Exception as error:  # a case that breaks must not hide the ones behind it
            failed += 1
            verdict = "not ok"
            for line in f"{type(error).__name__}: {error}".splitlines():
                print(f"# {line}")
        print(f"{verdict} {number} {function.__name__} ({time.monotonic() - begin:.1f} s)", flush=True)
sys.exit(1 if failed else 0)
