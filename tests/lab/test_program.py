# SPDX-License-Identifier: GPL-3.0-or-later
"""The whole program with real libusb: a phone on a virtual bus is flashed, pulled out, denied.

test_program.py UB-LAB UNBRICK"""
import hashlib
import os
import re
import subprocess
import sys
import tempfile
import unittest

LAB, UNBRICK = sys.argv[1:3]
LOST = 7       # "the phone went away or fell silent in the middle"
NO_PHONE = 4   # "no phone came, or its port may not be opened"


class Flash:
    """unbrick --console flash, under ub-lab; the lab stays after the program's end."""

    def __init__(self, folder, *options, words=()):
        script = '"$@"; echo "status $?"; exec sleep 60'
        self.process = subprocess.Popen(
            [LAB, '--firmware', folder, *options, '--', 'sh', '-c', script, 'sh', UNBRICK, '--console', 'flash', folder, *words],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, bufsize=1,
            env={**os.environ, 'HOME': folder, 'XDG_DATA_HOME': folder, 'XDG_STATE_HOME': folder})
        self.said = []

    def __call__(self, command):
        self.process.stdin.write(command + '\n')
        return self.process.stdout.readline().strip()

    def wait_for(self, start):
        """The first line that starts so."""
        for line in self.process.stderr:
            self.said.append(line.strip())
            if line.startswith(start):
                return line.strip()
        raise AssertionError(f'never said {start!r}: {self.said}')

    def status(self):
        return int(self.wait_for('status ').split()[1])

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        if self.process.poll() is None:
            self('quit')
        self.process.communicate(timeout=20)


def find_image(folder, name):
    """Path and start of a partition's image, from the scatter."""
    scatter = next(n for n in os.listdir(folder) if n.endswith('scatter.txt'))
    with open(f'{folder}/{scatter}') as f:
        part = f.read().split(f'partition_name: {name}\n')[1]
    file = re.search(r'file_name: (\S+)', part).group(1)
    return f'{folder}/{file}', int(re.search(r'physical_start_addr: (\S+)', part).group(1), 0)


class ProgramTest(unittest.TestCase):
    def setUp(self):
        self.dir = tempfile.TemporaryDirectory()
        self.folder = self.dir.name

    def tearDown(self):
        self.dir.cleanup()

    def check_image(self, flash, name):
        path, start = find_image(self.folder, name)
        with open(path, 'rb') as f:
            data = f.read()
        wanted = hashlib.sha256(data).hexdigest()
        self.assertEqual(flash(f'hash EMMC_USER {start} {len(data)}'), f'ok {wanted}', name)

    def flash(self, *options, before=()):
        with Flash(self.folder, *options) as flash:
            for command in before:
                flash(command)
            flash.wait_for('Waiting for the phone')
            flash('plug')
            self.assertEqual(flash.status(), 0, flash.said)
            for name in ('boot', 'recovery', 'system'):
                self.check_image(flash, name)

    def test_preloader(self):
        self.flash()

    def test_boot_rom(self):
        self.flash('--enter', 'bootrom')

    def test_byte_by_byte(self):
        self.flash('--fragmented')

    def test_plugged_in_before(self):
        with Flash(self.folder, '--enter', 'bootrom', '--plug-at-start') as flash:
            self.assertEqual(flash.status(), 0, flash.said)

    def test_modem_manager(self):
        self.flash(before=['stray'])

    def test_without_uevents(self):
        with Flash(self.folder) as flash:
            flash.wait_for('Waiting for the phone')
            flash('mute')
            flash('plug')
            self.assertEqual(flash.status(), 0, flash.said)

    def test_permission_comes_late(self):
        with Flash(self.folder) as flash:
            flash('deny')
            flash.wait_for('Waiting for the phone')
            flash('plug')
            flash('allow')
            self.assertEqual(flash.status(), 0, flash.said)

    def test_pulled_out(self):
        with Flash(self.folder) as flash:
            flash('mischief unplug-after-bytes 3000000')
            flash.wait_for('Waiting for the phone')
            flash('plug')
            flash.wait_for('The connection dropped')
            flash('plug')
            self.assertEqual(flash.status(), 0, flash.said)
            for name in ('boot', 'recovery', 'system'):
                self.check_image(flash, name)

    def test_pulled_out_for_good(self):
        with Flash(self.folder, words=['--wait=2']) as flash:
            flash('mischief unplug-after-bytes 3000000')
            flash.wait_for('Waiting for the phone')
            flash('plug')
            self.assertIn(flash.status(), (LOST, NO_PHONE), flash.said)

    def test_switched_on(self):
        with Flash(self.folder, words=['--wait=1']) as flash:
            flash('android')
            self.assertEqual(flash.status(), NO_PHONE, flash.said)


if __name__ == '__main__':
    unittest.main(argv=sys.argv[:1])
