# SPDX-License-Identifier: GPL-3.0-or-later
"""A Flatpak as an ordinary user has it, and the computer's owner, who plugs things in."""
import json
import os
import pathlib
import re
import signal
import subprocess
import threading
import time

ID = 'io.github.unbrick.Unbrick'
HOME = pathlib.Path.home()
OUT = HOME / 'out'
EXPORTS = HOME / '.local/share/flatpak/exports/share'
OWN = HOME / '.var/app' / ID
BUS = 991   # no computer has so many
NOISE = re.compile(r'^(dbus-daemon|Ignoring invalid max|Note that|F: |\*\*|\(/usr/libexec|\[[WE]\]|SpiRegistry|$)')


def run(*command, check=True, timeout=900, **how):
    done = subprocess.run([str(word) for word in command], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=timeout,
                          **{'cwd': HOME, **how})
    if check and done.returncode != 0:
        raise AssertionError(f'{" ".join(map(str, command))}: {done.returncode}\n{(done.stdout + done.stderr)[-3000:]}')
    return done


def said(text):
    return '\n'.join(line for line in text.split('\n') if not NOISE.match(line))


def sandbox(*options):
    """The command line for flatpak run; the last words are the program's."""
    return ['flatpak', 'run', '--user', *options]


def shell(script, *options, check=True):
    return run(*sandbox('--command=sh', *options), ID, '-c', script, check=check).stdout.strip()


def console(*words, check=True, options=(), timeout=300):
    return run(*sandbox('--command=unbrick', *options), ID, '--console', *words, check=check, timeout=timeout)


class Computer:
    """What root does for us; run.py is at the other end."""

    def __init__(self):
        self.requests = open(int(os.environ['UB_REQUESTS']), 'w')
        self.answers = open(int(os.environ['UB_ANSWERS']))

    def ask(self, do, **what):
        self.requests.write(json.dumps({'do': do, **what}) + '\n')
        self.requests.flush()
        answer = self.answers.readline().strip()
        assert answer == 'ok', f'{do} {what}: {answer}'


class Job:
    """A program in the sandbox, line by line."""

    def __init__(self, *command, env=None):
        self.process = subprocess.Popen([str(word) for word in command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=HOME,
                                        start_new_session=True, env=env)
        self.lines = []
        self.news = threading.Condition()
        threading.Thread(target=self.read, daemon=True).start()

    def read(self):
        for line in self.process.stdout:
            with self.news:
                self.lines.append(line.rstrip('\n'))
                self.news.notify_all()

    def wait_for(self, pattern, timeout=20, after=0):
        """The number of the first line from AFTER on that has PATTERN in it."""
        end = time.monotonic() + timeout
        with self.news:
            while True:
                for n in range(after, len(self.lines)):
                    if re.search(pattern, self.lines[n]):
                        return n
                if not self.news.wait(max(0, end - time.monotonic())):
                    raise AssertionError(f'no {pattern!r} within {timeout} s:\n' + '\n'.join(self.lines[-30:]))

    def stop(self):
        if self.process.poll() is None:
            run('flatpak', 'kill', ID, check=False)
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                os.killpg(self.process.pid, signal.SIGKILL)

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.stop()


class Table:
    """Numbered, as they come."""

    def __init__(self):
        self.rows = []

    def add(self, words, good, detail=''):
        self.rows.append({'check': words, 'ok': bool(good), 'detail': str(detail)})
        print(f'{"ok" if good else "NOT OK":6} {len(self.rows):2}  {words}' + (f': {detail}' if detail != '' else ''), flush=True)
        return good

    @property
    def failed(self):
        return [row for row in self.rows if not row['ok']]
