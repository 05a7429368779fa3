# SPDX-License-Identifier: GPL-3.0-or-later
"""The practice phone, outside the emulated computer."""
import queue
import subprocess
import threading
import time


class PhoneError(Exception):
    pass


class Phone:
    """ub-redir: a call is a command, what comes back is what follows “ok ”."""

    def __init__(self, program, socket, *options):
        self.process = subprocess.Popen([program, *options, socket], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1)
        self.answers, self.news = queue.Queue(), queue.Queue()
        self.seen = []
        threading.Thread(target=self.read, daemon=True).start()
        if self.answer() != 'ready':
            raise PhoneError('ub-redir is not ready')

    def read(self):
        for line in self.process.stdout:
            line = line.rstrip('\n')
            (self.news if line.startswith('! ') else self.answers).put(line)
        self.answers.put('error: ub-redir ended')
        self.news.put('! -1 ended')

    def answer(self):
        try:
            return self.answers.get(timeout=60)
        except queue.Empty:
            raise PhoneError('ub-redir does not answer') from None

    def __call__(self, command):
        self.process.stdin.write(command + '\n')
        answer = self.answer()
        if not answer.startswith('ok'):
            raise PhoneError(f'{command}: {answer}')
        return answer[3:]

    def last(self):
        """What came of the last plug."""
        words = dict(word.split('=', 1) for word in self('last').split(' '))
        return {'configured': float(words['configured']), 'talked': float(words['talked']), 'handshake': float(words['handshake']),
                'junk': int(words['junk']), 'begin': words['begin']}

    def state(self):
        return dict(word.split('=', 1) for word in self('state').split(' '))

    def forget_news(self):
        while not self.news.empty():
            self.seen.append(self.news.get())

    def wait_for(self, *whats, timeout=30):
        """The next piece of news that begins with one of these; '' if none comes in time."""
        end = time.monotonic() + timeout
        while True:
            try:
                line = self.news.get(timeout=max(end - time.monotonic(), 0.001))
            except queue.Empty:
                return ''
            self.seen.append(line)
            what = line.split(' ', 2)[2]
            if what.startswith(whats):
                return what

    def close(self):
        if self.process.poll() is None:
            try:
                self.process.stdin.write('quit\n')
                self.process.wait(10)
            except (OSError, subprocess.TimeoutExpired):
                self.process.kill()
                self.process.wait()

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.close()
