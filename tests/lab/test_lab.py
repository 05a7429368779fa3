# SPDX-License-Identifier: GPL-3.0-or-later
"""ub-lab itself: a phone comes, is talked to by an unmodified program, goes and misbehaves.

test_lab.py UB-LAB LAB-SHAKE"""
import hashlib
import os
import subprocess
import sys
import tempfile
import time
import unittest

LAB, SHAKE = sys.argv[1:3]
LISTENER = """
import ctypes, sys, time
udev = ctypes.CDLL("libudev.so.1")
udev.udev_new.restype = udev.udev_monitor_new_from_netlink.restype = ctypes.c_void_p
udev.udev_monitor_new_from_netlink.argtypes = [ctypes.c_void_p, ctypes.c_char_p]
udev.udev_monitor_enable_receiving.argtypes = udev.udev_monitor_unref.argtypes = [ctypes.c_void_p]
context = udev.udev_new()
def listen():
    monitor = udev.udev_monitor_new_from_netlink(context, b"udev")
    udev.udev_monitor_enable_receiving(monitor)
    return monitor
monitor = listen()
print("listening", flush=True)
if "deaf" in sys.argv:
    time.sleep(60)
while True:
    udev.udev_monitor_unref(monitor)
    monitor = listen()
"""


class Lab:
    def __init__(self, options=(), times=1, command=None):
        self.process = subprocess.Popen([LAB, *options, '--', *(command or [SHAKE, str(times)])], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, bufsize=1)

    def __call__(self, command):
        self.process.stdin.write(command + '\n')
        return self.process.stdout.readline().strip()

    def seen(self):
        return self.process.stderr.readline().strip()

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        if self.process.poll() is None:
            self('quit')
        self.process.communicate(timeout=20)


class LabTest(unittest.TestCase):
    def test_preloader(self):
        with Lab() as lab:
            self.assertEqual(lab('plug'), 'ok /dev/bus/usb/001/002')
            self.assertEqual(lab.seen(), '1-1 0e8d2000 6580')
            self.assertEqual(lab.process.wait(10), 0)

    def test_boot_rom_at_start(self):
        with Lab(['--enter', 'bootrom', '--plug-at-start', '--port', '3']) as lab:
            self.assertEqual(lab.seen(), '1-3 0e8d0003 6580')

    def test_byte_by_byte(self):
        with Lab(['--fragmented']) as lab:
            lab('plug')
            self.assertEqual(lab.seen(), '1-1 0e8d2000 6580')

    def test_modem_manager(self):
        with Lab() as lab:
            self.assertEqual(lab('stray'), 'ok')
            lab('plug')
            self.assertEqual(lab.seen(), '1-1 0e8d2000 6580')

    def test_without_uevents(self):
        with Lab(times=2) as lab:
            lab('plug')
            self.assertEqual(lab.seen(), '1-1 0e8d2000 6580')
            lab('unplug')
            lab('mute')
            lab('plug')
            self.assertEqual(lab.seen(), '1-1 0e8d2000 6580')

    def test_denied_then_allowed(self):
        with Lab() as lab:
            lab('deny')
            lab('android')
            lab('unplug')
            lab('plug')
            self.assertIn('in=0', lab('stats'))
            lab('allow')
            self.assertEqual(lab.seen(), '1-1 0e8d2000 6580')

    def test_held(self):
        with Lab() as lab:
            lab('hold')
            lab('plug')
            lab('release')
            self.assertEqual(lab.seen(), '1-1 0e8d2000 6580')

    def test_two_phones(self):
        with Lab(times=2) as lab:
            lab('plug')
            first = lab.seen()
            lab('unplug')
            lab('@2 plug')
            self.assertEqual([first[:3], lab.seen()[:3]], ['1-1', '1-2'])

    def test_listener_that_comes_and_goes(self):
        """umockdev alone ends at a listener that is gone when its turn comes."""
        with Lab(command=['/usr/bin/python3', '-c', LISTENER]) as lab:
            lab.seen()
            for _ in range(20):
                self.assertTrue(lab('plug').startswith('ok'))
                self.assertEqual(lab('unplug'), 'ok')

    def test_listener_that_is_deaf(self):
        """… and at one that does not read."""
        with Lab(command=['/usr/bin/python3', '-c', LISTENER, 'deaf']) as lab:
            lab.seen()
            for _ in range(4):
                self.assertTrue(lab('plug').startswith('ok'))
                self.assertEqual(lab('unplug'), 'ok')

    def test_window(self):
        """A preloader nobody talks to boots on."""
        with Lab(['--window', '200'], command=['sleep', '30']) as lab:
            lab('plug')
            state = lab('state')
            self.assertIn('product=2000', state)
            end = time.monotonic() + 10
            while 'present=1' in state and time.monotonic() < end:
                time.sleep(0.02)
                state = lab('state')
            self.assertIn('present=0', state)

    def test_flash(self):
        with Lab(command=['sleep', '30']) as lab:
            self.assertEqual(lab('poke EMMC_USER 0x1000 00112233'), 'ok')
            self.assertEqual(lab('peek EMMC_USER 4096 4'), 'ok 00112233')
            self.assertEqual(lab('hash EMMC_USER 4096 4'), 'ok ' + hashlib.sha256(b'\x00\x11\x22\x33').hexdigest())
            self.assertTrue(lab('hash EMMC_USER 0 0xffffffffffff').startswith('error: EMMC_USER ends at'))
            self.assertTrue(lab('mischief dance').startswith('error: '))
            self.assertEqual(lab('mischief dram-fail'), 'ok')
            self.assertTrue(lab('@9 plug').startswith('error: ports are'))

    def test_firmware(self):
        with tempfile.TemporaryDirectory() as folder, Lab(command=['sleep', '30']) as lab:
            self.assertEqual(lab(f'firmware {folder}/fw'), 'ok')
            self.assertTrue(any('scatter' in name for name in os.listdir(f'{folder}/fw')))

    def test_kill(self):
        with Lab(['--user-size', '8M', '--boot-size', '65536', '--serial', '3'], times=3, command=['sh', '-c', f'echo $$; exec {SHAKE} 3']) as lab:
            pid = int(lab.seen())
            self.assertTrue(lab('kill x unplug-after-messages 3').startswith('error'))
            self.assertEqual(lab(f'kill {pid} unplug-after-messages 3'), 'ok')
            lab('plug')
            self.assertEqual(lab.process.wait(10), 128 + 9)

    def test_status(self):
        with Lab(command=['sh', '-c', 'exit 7']) as lab:
            self.assertEqual(lab.process.wait(10), 7)
        with Lab(command=['sleep', '30']) as lab:
            lab('quit')
            self.assertEqual(lab.process.wait(10), 128 + 15)


if __name__ == '__main__':
    unittest.main(argv=sys.argv[:1])
