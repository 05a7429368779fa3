# SPDX-License-Identifier: GPL-3.0-or-later
"""The emulated computer: QEMU by software emulation, an agent in it that runs commands."""
import os
import queue
import socket
import subprocess
import threading
import time

PORTS = {'xhci': 'qemu-xhci', 'ehci': 'usb-ehci'}   # a phone's socket for each


class GuestError(Exception):
    pass


class Job:
    """A command in the guest; its lines as they come."""

    def __init__(self, guest, number):
        self.guest, self.number = guest, number
        self.lines, self.status = [], None
        self.news = queue.Queue()

    def take(self, line):
        if line.startswith('\001'):
            self.status = int(line[1:])
            self.news.put(None)
        else:
            self.news.put((time.monotonic(), line))

    def wait_for(self, text, timeout=60):
        """The first line not yet seen that has the text."""
        end = time.monotonic() + timeout
        while True:
            try:
                item = self.news.get(timeout=max(end - time.monotonic(), 0.01))
            except queue.Empty:
                raise GuestError(f'“{text}” was not said in {timeout} s: {self.lines}') from None
            if item is None:
                self.news.put(None)
                raise GuestError(f'ended with {self.status} and never said “{text}”: {self.lines}')
            self.lines.append(item[1])
            if text in item[1]:
                return item[1]

    def wait(self, timeout=60):
        """To its end: the status."""
        end = time.monotonic() + timeout
        while True:
            try:
                item = self.news.get(timeout=max(end - time.monotonic(), 0.01))
            except queue.Empty:
                raise GuestError(f'no end in {timeout} s: {self.lines}') from None
            if item is None:
                self.news.put(None)
                return self.status
            self.lines.append(item[1])

    def drain(self):
        """What has been said since the last look."""
        begin = len(self.lines)
        while not self.news.empty():
            item = self.news.get()
            if item is None:
                self.news.put(None)
                break
            self.lines.append(item[1])
        return self.lines[begin:]

    @property
    def text(self):
        return '\n'.join(self.lines)


class Guest:
    def __init__(self, folder, payload, work):
        self.work = work
        self.jobs, self.count = {}, 0
        self.agent = f'{work}/agent.sock'
        self.share = f'{work}/share'                # /mnt in the guest, read-only there
        os.makedirs(self.share, exist_ok=True)
        os.chmod(self.share, 0o755)
        with open(f'{work}/initrd.img', 'wb') as out:    # the kernel unpacks one after the other
            for path in (f'{folder}/initrd.img', payload):
                with open(path, 'rb') as part:
                    out.write(part.read())
        self.log = f'{work}/guest.log'
        usb = []
        for name, device in PORTS.items():
            usb += ['-device', f'{device},id={name}',
                    '-chardev', f'socket,id=phone-{name},path={self.socket(name)},server=on,wait=off',
                    '-device', f'usb-redir,chardev=phone-{name},bus={name}.0']
        self.begun = time.monotonic()
        self.qemu = subprocess.Popen(
            ['qemu-system-x86_64', '-M', 'q35', '-accel', 'tcg,thread=multi', '-cpu', 'max', '-smp', '2', '-m', '1024',
             '-nodefaults', '-no-user-config', '-display', 'none', '-no-reboot', '-serial', f'file:{self.log}',
             '-drive', f'file={folder}/root.img,format=raw,if=virtio,snapshot=on', '-device', 'virtio-rng-pci',
             '-device', 'virtio-serial-pci', '-chardev', f'socket,id=agent,path={self.agent},server=on,wait=off',
             '-device', 'virtserialport,chardev=agent,name=unbrick',
             '-virtfs', f'local,path={self.share},mount_tag=share,security_model=none,readonly=on',
             *usb, '-kernel', f'{folder}/vmlinux', '-initrd', f'{work}/initrd.img',
             '-append', 'console=ttyS0 quiet panic=-1 mitigations=off tsc=reliable nokaslr systemd.show_status=0'],
            stdin=subprocess.DEVNULL, env={**os.environ, 'TMPDIR': work})
        try:
            self.connect()
            self.boot_seconds = self.wait_for_boot()
        except BaseException:
            self.close()
            raise

    def socket(self, name):
        return f'{self.work}/phone-{name}.sock'

    def connect(self):
        self.wire = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        for _ in range(200):
            try:
                self.wire.connect(self.agent)
                break
            except OSError:
                time.sleep(0.05)
        threading.Thread(target=self.read, daemon=True).start()

    def read(self):
        for line in self.wire.makefile('r', encoding='utf-8', errors='replace', newline='\n'):
            number, _, rest = line.rstrip('\n').partition(' ')
            job = self.jobs.get(number)
            if job is not None:
                job.take(rest)

    def wait_for_boot(self):
        """Lines that are sent before the agent is there wait for it."""
        job = self.start('root', 'echo up')
        job.wait_for('up', timeout=180)
        return time.monotonic() - self.begun

    def start(self, user, command):
        self.count += 1
        job = Job(self, str(self.count))
        self.jobs[job.number] = job
        self.wire.sendall(f'{job.number} {user} {command}\n'.encode())
        return job

    def run(self, user, command, timeout=60, check=True):
        """What it said."""
        job = self.start(user, command)
        status = job.wait(timeout)
        if check and status != 0:
            raise GuestError(f'{command}: status {status}\n{job.text}')
        return job.text

    def close(self):
        self.qemu.kill()
        self.qemu.wait()
