# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the time goes between a phone's arrival and our first byte, seen in the guest: ub-stamp tells when the node came, was given
to the user and was opened; the kernel's usbmon when the phone was configured and when the first byte was handed to it."""
import re
import time

STAMP = re.compile(r'(\d+\.\d+) (create|attrib|open) (\d+) (\d+)$')
MONITOR = re.compile(r'\w+ (\d+) S (Co|Bo):(\d+):(\d+):(\d+)')
WRAP = 4096                 # s; usbmon's clock begins again


class Stages:
    def __init__(self, guest):
        self.guest = guest
        guest.run('root', 'modprobe usbmon')
        self.jobs = [guest.start('root', 'exec /usr/lib/unbrick-system/ub-stamp'),
                     guest.start('root', 'exec grep --line-buffered -E " S (Co:.* s 00 09 |Bo:)" /sys/kernel/debug/usb/usbmon/0u')]
        time.sleep(0.5)

    def close(self):
        self.guest.run('root', 'pkill -x ub-stamp; pkill -x grep', check=False)

    def read(self):
        """{(bus, number): {what: [seconds]}} since the last time."""
        found = {}
        for line in self.jobs[0].drain():
            if match := STAMP.search(line):
                when, what, bus, number = match.groups()
                found.setdefault((int(bus), int(number)), {}).setdefault(what, []).append(float(when) % WRAP)
        for line in self.jobs[1].drain():
            if match := MONITOR.search(line):
                when, what, bus, number, _ = match.groups()
                found.setdefault((int(bus), int(number)), {}).setdefault(what, []).append(int(when) / 1e6)
        return found

    def take(self):
        """Of one phone that was talked to: how long each stage took, in s; None if that cannot be told."""
        time.sleep(0.05)
        for found in self.read().values():
            if not all(what in found for what in ('create', 'open', 'Co', 'Bo')):
                continue
            create, configured, first = found['create'][0], found['Co'][0], found['Bo'][0]
            opened = max([t for t in found['open'] if t <= first], default=None)
            if opened is None:
                continue
            given = max([t for t in found.get('attrib', []) if t <= opened], default=create)
            return {'node': max(configured - create, 0.0), 'given': max(given - configured, 0.0), 'open': opened - max(given, configured), 'first': first - opened}
        return None
