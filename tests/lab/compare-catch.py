#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who catches a phone that is there for a moment: Unbrick and mtkclient (unchanged, kept elsewhere) beside each other in one run, on the same virtual bus.

compare-catch.py BUILD MTKCLIENT [PLUGS [THEIR-PLUGS [CHIP]]]

Each client is started afresh, known to be waiting (mtkclient: at its hint, which it prints when it has polled for 1.5 s), and waits on for a random part
of a second. Then the phone comes, and goes after its window unless a start command's four bytes have come by then: that is what "caught" means. The time
is from just before the node appears to the first byte to the phone. Clients take turns, plug by plug, with the same pauses. Prints a Markdown table.
About six seconds a plug of both.
"""
import os
import pathlib
import random
import statistics
import subprocess
import sys
import tempfile
import time

# its name, what comes, the window in ms, and a command to the lab a second before (nullable)
ROWS = [
    ("preloader", "preloader", 2000, None),
    ("preloader", "preloader", 800, None),
    ("preloader", "preloader", 300, None),
    ("preloader", "preloader", 150, None),
    ("boot ROM", "bootrom", 2000, None),
    ("boot ROM", "bootrom", 800, None),
    ("boot ROM", "bootrom", 300, None),
    ("preloader, after Android", "preloader", 800, "plug android mtp+adb"),
    ("preloader, a modem manager's bytes first", "preloader", 800, "stray"),
]
START_COMMAND = 4
START_S = 30


class Client:
    def __init__(self, name: str, command: list[str], waiting: str):
        self.name, self.command, self.waiting = name, command, waiting


class Lab:
    """A phone and a client that is waiting for it; outlives the client."""

    def __init__(self, lab: str, chip: str, client: Client, folder: pathlib.Path):
        self.log = folder / "client.log"
        self.log.write_text("")
        script = 'log=$1; shift; "$@" >"$log" 2>&1 </dev/null; exec sleep 1000'
        self.process = subprocess.Popen([lab, "--phone", chip, "--user-size", "4M", "--window", "60000", "--", "sh", "-c", script, "sh", str(self.log), *client.command],
                                        cwd=folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1,
                                        env={**os.environ, "XDG_DATA_HOME": str(folder), "XDG_CACHE_HOME": str(folder), "LC_ALL": "C.UTF-8"})
        end = time.monotonic() + START_S
        while client.waiting not in self.log.read_text(errors="replace"):
            if time.monotonic() > end:
                raise SystemExit(f"{client.name} never waited:\n{self.log.read_text(errors='replace')[-2000:]}")
            time.sleep(0.02)

    def __call__(self, command: str) -> str:
        self.process.stdin.write(command + "\n")
        answer = self.process.stdout.readline().strip()
        if not answer.startswith("ok"):
            raise SystemExit(f"{command}: {answer}")
        return answer[2:].strip()

    def close(self) -> None:
        self("quit")
        self.process.wait(20)


def catch(lab: str, chip: str, client: Client, kind: str, window: int, pause: float, before: str | None) -> tuple[bool, float | None]:
    """Whether it was caught, and ms to the first byte."""
    with tempfile.TemporaryDirectory(prefix="catch-") as folder:
        bench = Lab(lab, chip, client, pathlib.Path(folder))
        if before:
            bench(before)
            time.sleep(1)
            bench("unplug")
        time.sleep(pause)
        bench(f"cycle 1 {window} 0 {kind}")
        time.sleep(window / 1000 + 0.2)
        first, size = bench("visits").split(" ")[0].split("/")
        bench.close()
    return int(size) >= START_COMMAND, None if first == "none" else int(first) / 1000


def describe(results: list[tuple[bool, float | None]]) -> str:
    times = [ms for caught, ms in results if ms is not None]
    caught = f"{sum(caught for caught, ms in results)} of {len(results)}"
    return f"{caught} | {statistics.median(times):.1f} | {max(times):.1f}" if times else f"{caught} | – | –"


def compare(lab: str, chip: str, clients: list[tuple[Client, int]], name: str, kind: str, window: int, before: str | None) -> None:
    results: list[list] = [[] for _ in clients]
    for i in range(max(n for _, n in clients)):
        pause = random.uniform(0.2, 1.2)
        for (client, n), got in zip(clients, results):
            if i < n:
                got.append(catch(lab, chip, client, kind, window, pause, before))
    times = [[ms for _, ms in got if ms is not None] for got in results]
    ratio = f"{statistics.median(times[1]) / statistics.median(times[0]):.0f}" if all(times) else "–"
    print(f"| {name} | {window / 1000:g} s | {' | '.join(map(describe, results))} | {ratio} |", flush=True)


def main() -> None:
    build, mtkclient = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2]).resolve()
    plugs = int(sys.argv[3]) if len(sys.argv) > 3 else 20
    theirs = int(sys.argv[4]) if len(sys.argv) > 4 else plugs
    chip = sys.argv[5] if len(sys.argv) > 5 else "MT6580"
    random.seed(5)
    clients = [(Client("Unbrick", [str(build / "src/unbrick"), "--console", "info"], "Waiting for the phone"), plugs),
               (Client("mtkclient", ["/usr/bin/python3", str(mtkclient / "mtk.py"), "printgpt"], "Hint:"), theirs)]
    lab = str(build / "tests/lab/ub-lab")
    for client, _ in clients:  # warm
        catch(lab, chip, client, "preloader", 2000, 0.5, None)
    print("| phone | window | Unbrick: caught | median ms | worst ms | mtkclient: caught | median ms | worst ms | ratio of medians |\n|---|---|---|---|---|---|---|---|---|")
    for row in ROWS:
        compare(lab, chip, clients, *row)


if __name__ == "__main__":
    main()
