#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs the program's console as a script does: verbs, exit statuses, JSON, a pipe and a terminal. Speaks TAP.

test-console-program.py UNBRICK [CASE…]
"""
import fcntl
import json
import os
import pathlib
import pty
import re
import signal
import subprocess
import sys
import tempfile
import termios
import time

program = sys.argv[1]
KEYS = pathlib.Path(__file__).resolve().parent.parent / "data" / "keys"
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

    def console(self, *arguments: str, status: int | None = 0) -> subprocess.CompletedProcess:
        """What the program says without a terminal; @status None: any."""
        done = self.run("--console", *arguments, stdin=subprocess.DEVNULL)
        assert status in (None, done.returncode), f"status {done.returncode} instead of {status}\n{done.stdout}\n{done.stderr}"
        return done

    def terminal(self, *arguments: str, answer: str, word: bytes = b"Type") -> tuple[int, str]:
        """The same on a terminal: @answer is typed when @word is read."""
        master, slave = pty.openpty()
        child = subprocess.Popen([program, "--console", *arguments], env={**self.env, "TERM": "xterm"}, stdout=slave, stderr=slave, stdin=slave,
                                 start_new_session=True, preexec_fn=lambda: fcntl.ioctl(slave, termios.TIOCSCTTY, 0))  # so that Ctrl+C is one
        os.close(slave)
        text = b""
        try:
            while chunk := os.read(master, 4096):
                text += chunk
                if answer and word in text:
                    os.write(master, answer.encode())
                    answer = ""
        except OSError:  # how a terminal says that it is over
            pass
        os.close(master)
        return child.wait(100), text.decode()

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
    verbs = ("check", "plan", "flash", "read", "restore", "erase", "test", "part", "copies", "go-on", "info", "watch", "permission", "support")
    for word in (*verbs, "Exit status", "  6  "):
        assert word in text, text
    for verb in verbs:
        assert f" {verb} " in home.console(verb, "--help").stdout
    assert "--wait" in home.console("flash", "--help").stdout


@case
def support(home):
    """Everything for whoever helps, and nobody named; the last job is the one of that data folder."""
    text = home.console("support").stdout
    for part in ("== Program ==\nUnbrick ", "GLib ", "libusb ", "Kernel: Linux ", "== Permission ==", "== On the cable ==",
                 "== Last job ==\nnone", "== Unfinished jobs ==\nnone", "== Log =="):
        assert part in text, f"{part!r} is not in\n{text}"
    data = str(home.folder / "elsewhere")
    home.console(FAST, "flash", "--yes", "--trace", "--data-dir", data)
    done = home.console("support", "--data-dir", data, "--json")
    text = json.loads(done.stdout)["text"]
    for part in ("result: done\n", "phone.chip: MT6580", "kind=write name=boot", "trace:\n"):
        assert part in text, f"{part!r} is not in\n{text}"
    assert str(home.folder) not in text and os.uname().nodename not in text, text
    assert "masked" in done.stderr, done.stderr


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
    home.console("plan", firmware, "--mode", "dance", status=2)
    home.console("plan", firmware, "--mode", "readback", status=2)
    home.console("plan", firmware, "--preloader", "maybe", status=2)
    home.console("plan", firmware, "--only", "no-such-part", status=2)
    home.console("plan", firmware, "--storage", "ufs", status=2)


@case
def both_sets(home):
    """Of a phone that has two sets of parts; and what is opened need not be the map."""
    folder = home.folder / "two-sets"
    home.console(f"--practice=MT6789,ufs,speed=0,folder={folder}", "plan")
    for options, names in (((), {"boot_a"}), (("--both-sets",), {"boot_a", "boot_b"})):
        for firmware in (folder, folder / "download_agent" / "flash.xml"):
            planned = json.loads(home.console("plan", str(firmware), "--json", "--storage=ufs", *options).stdout)
            written = {s["partition"] for s in planned["steps"] if s["step"] == "write" and s["partition"].startswith("boot_")}
            assert written == names, written
    assert "DA_BR.bin: MTK_DA_v6" in (text := home.console("check", str(folder), "--quick").stdout) and "fits the chip" in text, text
    (folder / "download_agent" / "DA_BR.bin").unlink()
    text = home.console("check", str(folder), "--quick").stdout
    assert "no download agent for MT6789" in text and "--agent FILE" in text, text


@case
def makers_files(home):
    done = home.console(FAST, "info", "--key", str(KEYS / "public.pem"), status=5)
    assert "public.pem: a public key" in done.stderr, done.stderr
    home.console(FAST, "info", "--key", str(home.folder / "nothing"), status=3)
    home.console(FAST, "info", "--auth", str(home.folder / "nothing"), status=3)
    home.console(FAST, "info", "--cert", str(home.folder), status=3)
    home.console(FAST, "info", "--memory-from", str(home.folder / "nothing"), status=3)
    # an open phone does not look at them
    text = home.console(FAST, "info", "--key", str(KEYS / "pkcs8.pem"), "--auth", str(KEYS / "answer.bin"), "--cert", str(KEYS / "answer.bin")).stdout
    assert "Protection: open" in text, text


@case
def makers_files_wanted(home):
    """A locked phone that has not got them says how they are named."""
    done = home.console("--practice=MT6765,speed=0,secure=7", "info", status=5)
    assert "--auth, --cert and --key" in done.stderr, done.stderr


@case
def one_of_two_sets(home):
    image = home.folder / "boot.img"
    image.write_bytes(b"ANDROID!" + bytes(8192 - 8))
    for slot in "ab":
        phone = f"--practice=MT6789,speed=0,slot={slot}"
        assert f"starts from: {slot}" in home.console(phone, "info").stdout
        assert json.loads(home.console(phone, "info", "--json").stdout)["active_slot"] == slot
        done = home.console(phone, "part", "boot", str(image), "--json")
        written = json.loads(done.stdout)
        assert written["result"] == "done" and f"boot_{slot}" in done.stdout, done.stdout


@case
def info_json(home):
    found = json.loads(home.console(FAST, "info", "--json").stdout)
    assert found["sector_size"] == 512 and found["login_done"] is False and found["protection"] == "open", found


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
    assert sum(s["bytes"] for s in planned["steps"]) == planned["bytes"]
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
    status, text = home.terminal("--practice=MT6580,speed=40M", "flash", answer="")
    assert status == 0, text
    assert "\r\033[K" in text and "[#" in text and "Done: " in text, text


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
def test_from_boot_rom(home):
    """A job without a firmware is lent the memory settings of one."""
    home.console(FAST + ",small,boot-rom", "test")


@case
def wrong_chip(home):
    firmware = home.firmware()
    done = home.console("--practice=MT6572,speed=0", "flash", str(firmware), status=5)
    assert "Things to try" in done.stderr, done.stderr


@case
def cable_pulled(home):
    """Nobody plugs it in again: it says what to do, gives up in the end, and knows that the job can go on."""
    done = home.console(FAST + ",image=8M,mischief=unplug-after-bytes 4000000", "flash", "--wait", "4", status=None)
    assert done.returncode in (4, 7), done
    assert "Details" in done.stderr and "go-on" in done.stderr, done.stderr
    assert "Nothing is lost: plug the phone in again" in done.stdout, done.stdout


@case
def cable_slipped(home):
    done = home.console(FAST + ",image=8M,replug,mischief=unplug-after-bytes 4000000", "flash")
    assert re.search(r"^Done: ", done.stdout, re.M), done.stdout
    assert "unfinished" not in home.console(FAST, "go-on").stderr


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
    done = home.console(FAST, "watch", "--for", "2", "--json")
    seen = [json.loads(line) for line in done.stdout.splitlines()]
    assert seen[0]["kind"] == "preloader" and seen[0]["present"] and seen[0]["access"] == "ok", seen
    assert "Switch the phone off" in done.stderr, done.stderr


@case
def stay(home):
    """What the phone does afterwards: told, and kept."""
    done = home.console(FAST, "flash", "--yes", "--stay", "--report", str(home.folder / "reports"))
    assert "The phone has started" in done.stdout, done.stdout
    report, = (home.folder / "reports").glob("*.json")
    assert json.loads(report.read_text())["after"] == "started"
    report = json.loads(home.console(FAST, "flash", "--yes", "--stay", "--json").stdout)
    assert report["result"] == "done" and report["after"] == "started", report
    assert json.loads(home.console(FAST, "flash", "--yes", "--json").stdout)["after"] is None
    home.console(FAST, "flash", "--yes", "--stay", "--power-off", status=2)


def interrupt(home, number):
    child = subprocess.Popen([program, "--console", "--practice=MT6580,image=32M,speed=8M", "flash"], env=home.env, stdout=subprocess.PIPE,
                             stderr=subprocess.PIPE, text=True)
    for line in child.stdout:
        if "%" in line:
            break
    child.send_signal(number)
    out, err = child.communicate(timeout=60)
    assert child.returncode == 6, (number, child.returncode, out, err)
    assert "Stopped" in err, err


@case
def interrupted(home):
    """By hand, by the system, and by a terminal that is closed."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        interrupt(home, number)


@case
def leaves_nothing_behind(home):
    home.console(FAST, "flash")
    assert not list(home.folder.glob("unbrick-practice-*"))


SMALL = "--practice=MT6580,speed=0,small"


def files_of(folder: pathlib.Path) -> dict[str, bytes]:
    """The parts of a copy, by name."""
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file() and path.suffix == ".bin"}


@case
def plan_of_each_mode(home):
    firmware = str(home.firmware())
    for mode in ("download", "upgrade", "format", "repair"):
        planned = json.loads(home.console("plan", firmware, "--mode", mode, "--json").stdout)
        assert planned["mode"] == mode and not planned["blocked"], planned
        for name in ("destructive", "danger", "seconds", "written", "erased", "kept", "lost", "keeps"):
            assert name in planned, name
        assert planned["destructive"] == (mode in ("upgrade", "format")), planned
    text = home.console("plan", firmware, "--mode", "format").stdout
    assert re.search(r"^Erased: ", text, re.M) and re.search(r"^Kept: .*nvram", text, re.M | re.I), text


@case
def nothing_without_a_yes(home):
    """Neither a terminal nor --yes: refused before anything is looked at, a firmware or a phone."""
    nothing = str(home.folder / "nothing")
    for words in (["flash", nothing, "--mode=upgrade"], ["flash", nothing, "--mode=format"], ["erase", "--part", "cache"], ["erase", "--all"], ["restore", nothing]):
        done = home.console(*words, status=2)
        assert "--yes" in done.stderr, done.stderr


@case
def no_is_no(home):
    """On a terminal the plan is shown first; what is not the word is a no."""
    for words in (["flash", "--mode=format"], ["erase", "--part", "cache"]):
        for answer in ("no\n", "y\n", "\n", "\x04"):
            status, text = home.terminal(SMALL, *words, answer=answer)
            assert status == 6 and "Nothing was changed" in text and "Waiting" not in text, text
    status, text = home.terminal(SMALL, "flash", "--mode=format", answer="yes\n")
    assert status == 0 and "Erased: " in text and "Done: " in text, text


@case
def stopped_at_the_question(home):
    """Ctrl+C is a no, too."""
    status, text = home.terminal(SMALL, "flash", "--mode=upgrade", answer="\x03")
    assert status == 6 and "Waiting" not in text, (status, text)


@case
def each_mode(home):
    for mode in ("upgrade", "format"):
        done = home.console(SMALL, "flash", f"--mode={mode}", "--yes", "--verify")
        assert re.search(r"^Done: ", done.stdout, re.M) and re.search(r"^Safety copy: ", done.stdout, re.M), done.stdout
        assert re.search(r"^(Green|Amber): ", done.stdout, re.M), done.stdout


@case
def other_layout(home):
    home.console(SMALL + ",other", "flash", status=5)
    for mode in ("upgrade", "format"):
        home.console(SMALL + ",other", "flash", f"--mode={mode}", "--yes")


@case
def repair(home):
    done = home.console(SMALL, "flash", "--mode=repair", "--yes")
    assert "Done: " in done.stdout, done.stdout
    # nobody there to ask: the question in the middle is a no
    done = home.console(SMALL, "flash", "--mode=repair", status=5)
    assert "Nothing was written" in done.stderr, done.stderr
    home.console(SMALL, "flash", "--mode=repair", "--accept=repair")
    home.console(SMALL, "flash", "--mode=repair", "--accept=everything", status=2)


@case
def questions_in_the_middle(home):
    """The session's own questions: typed, refused, stopped, answered beforehand, or nobody there."""
    danger = ("erase", "--part", "nvram", "--expert", "--yes")
    status, text = home.terminal(SMALL, *danger, answer="yes\n")
    assert status == 0 and "nvram" in text and "Done" in text, text
    for answer in ("no\n", "\n", "\x04", "\x03"):
        status, text = home.terminal(SMALL, *danger, answer=answer)
        assert status == 6 and "Nothing was written" in text, (answer, status, text)
    status, text = home.terminal(SMALL, "flash", "--mode=repair", answer="no\n")
    assert status == 6 and "Nothing was written" in text, text
    status, text = home.terminal(SMALL, "flash", "--mode=repair", answer="yes\n")
    assert status == 0, text
    # a plan's yes is not a danger's
    done = home.console(SMALL, *danger, status=5)
    assert "Nothing was written" in done.stderr, done.stderr
    home.console(SMALL, *danger, "--accept=danger")
    json.loads(home.console(SMALL, *danger, "--accept=danger", "--json").stdout)


@case
def words_of_places(home):
    out = str(home.folder / "copy")
    for range in ("EMMC_USER", "EMMC_USER:0", "EMMC_USER:0:0", "EMMC_USER:-1:4K", "EMMC_USER:0:4Q", "MOON:0:4K", "EMMC_BOOT1_BOOT2:0:4K",
                  "EMMC_USER:0:99999999999G", "EMMC_USER:0x:4K", ":0:4K"):
        home.console("read", "--range", range, "-o", out, status=2)
    home.console("read", "--range", "EMMC_USER:0:4K", "--part", "boot", "-o", out, status=2)
    home.console("read", "--part", ",", "-o", out, status=2)
    home.console("read", status=2)
    home.console("erase", "--yes", status=2)
    home.console("erase", "--part", "cache", "--boot", "--yes", status=2)
    home.console("part", "recovery", status=2)
    home.console("restore", "--yes", status=2)
    home.console("restore", str(home.folder / "nothing"), "--yes", status=3)
    home.console("part", "recovery", str(home.folder / "nothing"), status=3)
    home.console("copies", "dance", status=2)
    home.console("copies", "prune", status=2)
    home.console("copies", "prune", "--size", "much", status=2)
    assert not (home.folder / "copy").exists()


@case
def read_whole(home):
    out = home.folder / "copy"
    done = home.console(SMALL, "read", "-o", str(out))
    assert f"Read into: {out}" in done.stdout, done.stdout
    manifest = json.loads((out / "manifest.json").read_text())
    assert manifest, manifest
    assert len(list(out.glob("*catter*"))) == 1
    home.console("copies", "verify", str(out))
    assert "already" in home.console(SMALL, "read", "-o", str(out), status=2).stderr.replace("there is", "already")


@case
def read_parts_and_ranges(home):
    whole, parts, place = (home.folder / name for name in ("whole", "parts", "place"))
    home.console(SMALL, "read", "-o", str(whole))
    home.console(SMALL, "read", "--part", "nvram,boot1", "--part", "proinfo", "-o", str(parts))
    home.console(SMALL, "read", "--range", "EMMC_USER:0:32K", "-o", str(place))
    assert len(files_of(parts)) == 3, files_of(parts).keys()
    first, = files_of(place).values()
    assert len(first) == 32768 and any(content.startswith(first) for content in files_of(whole).values())
    home.console(SMALL, "read", "--part", "no-such-part", "-o", str(home.folder / "nothing"), status=None)
    assert not (home.folder / "nothing").exists()


@case
def restore_refuses(home):
    """A flipped byte, another phone: nothing is written."""
    out = home.folder / "copy"
    home.console(SMALL + ",serial=1", "read", "-o", str(out))
    for expert in ((), ("--expert", "--accept=danger")):
        done = home.console(SMALL + ",serial=2", "restore", str(out), "--part=nvram", "--yes", *expert, status=None)
        assert done.returncode != 0 and "Nothing was written" in done.stderr, done
    home.console(SMALL + ",serial=1", "restore", str(out), "--yes", "--part", "no-such-part", status=2)
    done = home.console(SMALL + ",serial=1", "restore", str(out), "--yes", "--part", "recovery")
    assert "Done: " in done.stdout, done.stdout
    name, content = max(files_of(out).items(), key=lambda item: len(item[1]))
    with open(out / name, "r+b") as file:
        file.write(bytes([content[0] ^ 1]))
    done = home.console(SMALL + ",serial=1", "restore", str(out), "--yes", status=3)
    assert name in done.stderr, done.stderr
    done = home.console("copies", "verify", str(out), status=3)
    assert name in done.stderr, done.stderr


@case
def erase_and_test(home):
    done = home.console(SMALL, "erase", "--part", "cache", "--yes")
    assert "Done in " in done.stdout and "Safety copy: " in done.stdout, done.stdout
    # what is the phone's own wants more than a yes
    home.console(SMALL, "erase", "--part", "nvram", "--yes", status=None)
    done = home.console(SMALL, "test")
    assert "Done: " in done.stdout, done.stdout


@case
def test_finds_what_cannot_be_read(home):
    done = home.console(SMALL + ",mischief=read-fail 1048576", "test", status=None)
    assert "0x" in done.stdout or "cannot" in done.stdout, done.stdout


@case
def single_part(home):
    firmware = home.firmware()
    planned = json.loads(home.console("plan", str(firmware), "--json").stdout)
    images = {step["partition"]: step["image"] for step in planned["steps"] if step["step"] == "write"}
    practice = "--practice=MT6580,speed=0"
    done = home.console(practice, "part", "recovery", images["recovery"])
    assert "Done: 1 partition" in done.stdout, done.stdout
    assert home.console(practice, "part", "no-such-part", images["recovery"], status=None).returncode != 0
    assert home.console(practice, "part", "nvram", images["recovery"], status=None).returncode != 0


@case
def copies(home):
    data = home.folder / "shop"
    where = f"--data-dir={data}"
    assert "no safety copies" in home.console("copies", where).stdout
    for serial in ("1", "1", "2"):
        home.console(f"{SMALL},serial={serial}", "flash", where)
    listed = json.loads(home.console("copies", "list", "--json", where).stdout)["copies"]
    assert len(listed) == 3 and len({copy["phone"] for copy in listed}) == 2, listed
    assert [copy["time"] for copy in listed] == sorted((copy["time"] for copy in listed), reverse=True), listed
    assert all(str(data) in copy["path"] for copy in listed), listed
    names = {part["name"].lower() for part in listed[0]["parts"] if part["protected"]}
    assert "nvram" in names and "proinfo" in names, names
    text = home.console("copies", where).stdout
    assert len(re.findall(r"^Phone: ", text, re.M)) == 2 and all(copy["path"] in text for copy in listed), text
    home.console("copies", "verify", where)
    # what is no copy is never removed, and nothing without a yes
    home.console("copies", "remove", str(home.folder), "--yes", where, status=2)
    home.console("copies", "remove", listed[0]["path"], where, status=2)
    home.console("copies", "remove", listed[0]["path"], "--yes", where)
    assert not pathlib.Path(listed[0]["path"]).exists()
    home.console("copies", "prune", "--size", "1", where)
    left = json.loads(home.console("copies", "list", "--json", where).stdout)["copies"]
    assert len(left) == 1, left
    assert list(data.rglob("*.json")), "reports"


@case
def go_on_with_nothing(home):
    assert "no unfinished job" in home.console("go-on").stdout


@case
def left_half_done(home):
    """The program gave up waiting: every verb that begins a job mentions it, and it can be given up."""
    where = f"--data-dir={home.folder / 'shop'}"
    home.console(SMALL + ",mischief=unplug-after-bytes 900000", "flash", "--mode=format", "--yes", "--wait", "4", where, status=None)
    done = home.console(SMALL, "test", where)
    assert "go-on" in done.stderr, done.stderr
    home.console("go-on", where, status=2)
    home.console("go-on", "--job", "7", "--yes", where, status=2)
    done = home.console("go-on", "--yes", where, status=3)  # the practice phone took its firmware along
    assert "already been written" in done.stderr, done.stderr
    listed = json.loads(home.console("copies", "--json", where).stdout)["copies"]
    done = home.console("copies", "remove", listed[-1]["path"], "--yes", where, status=2)
    assert "unfinished" in done.stderr, done.stderr
    home.console("go-on", "--forget", "--yes", where)
    assert "no unfinished job" in home.console("go-on", where).stdout
    home.console("copies", "verify", where)


@case
def practice_stays_apart(home):
    """Copies of a practice phone are not found among those of real ones."""
    home.console(SMALL, "flash")
    assert json.loads(home.console("copies", "--json").stdout)["copies"] == []
    assert not (home.folder / "data").exists() or not list((home.folder / "data").rglob("manifest.json"))


tests = [function for function in tests if function.__name__ in sys.argv[2:]] or tests
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
