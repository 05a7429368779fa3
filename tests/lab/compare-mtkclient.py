#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The same job by mtkclient (unchanged, kept elsewhere) and by Unbrick, through the same virtual bus to the same practice phone.

compare-mtkclient.py BUILD MTKCLIENT [MIB [CHIP[:ufs]…]]

Writes the firmware's system image, MIB of it, to its part. From plugging in to the end of the program; Unbrick's safety copy is in its time. CPU is the
client's alone, start of the program included. What mtkclient said is kept beside the phone's firmware if it failed.
"""
import pathlib
import subprocess
import sys
import tempfile
import time

CHIPS = ["MT6580", "MT6765", "MT6785:ufs", "MT6789"]
PARTS = ("system", "super")
STOCK = {"MT6789": ["--stock"]}  # without it mtkclient wants to change the agent
WAITING = ("Please disconnect", "Waiting for PreLoader", "Hint:")
TIMEOUT = 300


def cpu_seconds(text: str) -> float:
    """The last line of sh's `times`: user and system time of its children."""
    total = 0.0
    for word in text.split("\n")[1].split():
        minutes, seconds = word.rstrip("s").split("m")
        total += 60 * float(minutes) + float(seconds)
    return total


def lab_command(build: pathlib.Path, chip: str, home: pathlib.Path, mib: int) -> list[str]:
    name, _, storage = chip.partition(":")
    return [str(build / "tests/lab/ub-lab"), "--phone", name, *(["--storage", storage] if storage else []), "--user-size", f"{2 * mib + 512}M",
            "--image-size", f"{mib}M", "--firmware", str(home / "firmware")]


def run_client(build: pathlib.Path, chip: str, home: pathlib.Path, mib: int, command: list[str], wait_for: tuple[str, ...]) -> dict:
    """One client on a fresh phone."""
    log, times = home / "client.log", home / "times"
    lab = lab_command(build, chip, home, mib)
    shell = ["sh", "-c", 'log=$1 times=$2; shift 2; "$@" >"$log" 2>&1; status=$?; times >"$times"; exit $status', "sh", str(log), str(times)]
    log.write_text("")
    with subprocess.Popen([*lab, "--", *shell, *command], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, cwd=home) as child:
        begin = time.monotonic()
        while time.monotonic() < begin + 30 and child.poll() is None and not any(word in log.read_text(errors="replace") for word in wait_for):
            time.sleep(0.05)
        begin = time.monotonic()
        child.stdin.write(b"plug\n")
        child.stdin.flush()
        try:
            status = child.wait(TIMEOUT)
        except subprocess.TimeoutExpired:
            child.kill()
            status = -1
        seconds = time.monotonic() - begin
    return {"seconds": seconds, "status": status, "cpu": cpu_seconds(times.read_text()) if times.exists() else 0.0, "log": log.read_text(errors="replace")}


def compare(build: pathlib.Path, mtkclient: pathlib.Path, chip: str, mib: int) -> None:
    with tempfile.TemporaryDirectory(prefix="compare-") as folder:
        home = pathlib.Path(folder)
        firmware = home / "firmware"
        subprocess.run([*lab_command(build, chip, home, mib), "--", "true"], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, check=False)
        part = next(name for name in PARTS if (firmware / f"{name}.img").exists())
        container = next(iter([*firmware.rglob("*DA*.bin"), *firmware.rglob("*da*.bin")]), None)
        ours = run_client(build, chip, home, mib, [str(build / "src/unbrick"), "--console", "flash", "--only", part, str(firmware),
                                                   "--data-dir", str(home / "data"), "--wait", "60"], ("",))
        theirs = run_client(build, chip, home, mib, ["/usr/bin/python3", str(mtkclient / "mtk.py"), "w", part, str(firmware / f"{part}.img"),
                                                     "--loader", str(container), *STOCK.get(chip.partition(":")[0], [])], WAITING)
    gib = mib / 1024
    wrote = "Wrote" in theirs["log"]
    print(f"compare, {chip}, {mib} MiB: Unbrick {ours['seconds']:.2f} s, {ours['cpu'] / gib:.2f} CPU s/GiB (status {ours['status']}); "
          f"mtkclient {theirs['seconds']:.2f} s, {theirs['cpu'] / gib:.2f} CPU s/GiB (status {theirs['status']}{'' if wrote else ', nothing written'}); "
          f"ratio {theirs['seconds'] / ours['seconds']:.1f}", flush=True)
    for client in (ours, theirs):
        if client["status"] != 0 or (client is theirs and not wrote):
            print("\n".join(client["log"].replace("\r", "\n").split("\n")[-15:]))


def main() -> None:
    build, mtkclient = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2]).resolve()
    mib = int(sys.argv[3]) if len(sys.argv) > 3 else 512
    for chip in sys.argv[4:] or CHIPS:
        compare(build, mtkclient, chip, mib)


if __name__ == "__main__":
    main()
