# SPDX-License-Identifier: GPL-3.0-or-later
"""Everything that ./check-system shows. One boot serves all of it.

run.py --guest FOLDER --payload FILE --redir PROGRAM --summary FILE [--plugs N] [SCENARIO…]"""
import argparse
import os
import pathlib
import shutil
import signal
import sys
import tempfile
import time
import traceback

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / 'lab'))

from bench import find_wrong, read_parts  # noqa: E402
from guest import Guest, GuestError       # noqa: E402
from phone import Phone, PhoneError       # noqa: E402
from stages import Stages                 # noqa: E402
from table import Table                   # noqa: E402

WAITING = 'Waiting for the phone'
DENIED = 'does not let'         # how the program says that it may not open the port
BROKEN = 'cannot talk to it'
BLIND = 'cannot be seen from here'
INFO = 'exec unbrick --console info'
RULE = '/usr/lib/udev/rules.d/60-unbrick.rules'
FORCE = '/etc/udev/rules.d/90-probe.rules'
LONG = ('--window', '60000')   # a preloader that has time
STOPPED = 6
BUSY = 2                       # jobs for each processor; we alone are about one
DONE, NO_AGENT = 0, 3          # of “info” without a firmware: it was asked all that can be asked without an agent


ALL = ('catch', 'ports', 'sandbox', 'modem_manager', 'grabber', 'permission', 'flash', 'pulled', 'driver', 'keys', 'seen', 'broken')


class System:
    def __init__(self, options, work):
        self.options, self.work, self.table = options, work, Table()
        self.guest = Guest(options.guest, options.payload, work)
        self.table.add('from QEMU’s start to a session on seat0', f'{self.guest.boot_seconds:.1f} s')
        self.show_versions()
        self.guest.run('root', 'mount -t 9p -o trans=virtio,version=9p2000.L,ro,msize=512000 share /mnt')
        self.guest.run('root', 'for i in $(seq 100); do loginctl --no-legend list-sessions | grep -q seat0 && exit; sleep 0.2; done; exit 1')

    def show_versions(self):
        said = self.guest.run('root', 'uname -r; udevadm --version; ModemManager --version | head -n 1 | cut -d" " -f2; unbrick --version').split('\n')
        self.table.add('kernel, systemd, ModemManager', ', '.join(said[:3]))

    def phone(self, *options, port='xhci'):
        return Phone(self.options.redir, self.guest.socket(port), *options)

    def set_rules(self, on=True):
        """As installed, or as if our program had come without it."""
        self.guest.run('root', (f'[ -e {RULE} ] || mv /root/60-unbrick.rules {RULE}' if on else f'[ ! -e {RULE} ] || mv {RULE} /root/')
                       + '; udevadm control --reload')

    def clean(self):
        """After a scenario, whatever came of it."""
        self.guest.run('root', f'pkill -x unbrick; pkill -x grabber; rm -f {FORCE}; systemctl stop ModemManager', check=False)
        self.set_rules()

    # --- catching ---

    def catch_one(self, phone, user='shop', command=INFO, stages=None):
        """A waiting program and a phone that comes; what the phone saw."""
        job = self.guest.start(user, command)
        job.wait_for(WAITING)
        if stages:
            stages.read()
        phone.forget_news()
        phone('plug')
        what = phone.wait_for('handshake', 'left')
        status = job.wait() if what == 'handshake' else None
        seen = phone.last()
        seen.update(caught=what == 'handshake' and status in (DONE, NO_AGENT), status=status, said=job.text)
        if stages and seen['caught']:
            seen['stages'] = stages.take()
        if status is None:
            self.guest.run('root', 'pkill -x unbrick', check=False)
            job.wait()
        phone('unplug')
        time.sleep(0.3)
        return seen

    def catch(self, name, phone, n, **how):
        """A row for N plugs; what the phone saw at each."""
        seen = [self.catch_one(phone, **how) for _ in range(n)]
        caught = [one for one in seen if one['caught']]
        junk = sum(one['junk'] for one in seen)
        load = os.getloadavg()[0]
        # an emulated processor that has to wait for a real one proves nothing about a window of some hundred ms
        busy = load > BUSY * os.cpu_count() and len(caught) < n
        text = f'{len(caught)} of {n}' + (f', {junk} bytes of others before ours' if junk else '') + (f' (this machine is busy: load {load:.0f})' if busy else '')
        self.table.add(name, text, None if busy else len(caught) == n, caught=len(caught), plugs=n, junk=junk, load=round(load, 1))
        for one in seen:
            if not one['caught']:
                print('      missed:', {k: v for k, v in one.items() if k != 'said'}, one['said'][-300:], flush=True)
        return caught

    def show_times(self, name, caught):
        self.table.figures(f'{name}: attach to SET_CONFIGURATION (the kernel’s own)', [one['configured'] for one in caught])
        self.table.figures(f'{name}: SET_CONFIGURATION to first byte', [one['talked'] - one['configured'] for one in caught])
        self.table.figures(f'{name}: first byte to handshake done', [one['handshake'] - one['talked'] for one in caught])
        self.table.figures(f'{name}: attach to first byte', [one['talked'] for one in caught])

    def show_stages(self, caught):
        stages = [one['stages'] for one in caught if one.get('stages')]
        for key, words in (('node', 'the node is there to SET_CONFIGURATION'), ('given', '… to udev’s rules are done (who may open it)'),
                           ('open', '… to our last open()'), ('first', '… to the first byte handed to the kernel')):
            self.table.figures(f'stages in the guest: {words}', [one[key] for one in stages])

    def scenario_catch(self):
        everyone = []
        stages = Stages(self.guest)
        with self.phone() as phone:
            for window in (2000, 800, 300):
                phone(f'window {window}')
                everyone += self.catch(f'caught, window of {window} ms, ordinary user', phone, self.options.plugs, stages=stages)
        stages.close()
        self.show_times('xHCI', everyone)
        self.show_stages(everyone)

    def scenario_ports(self):
        n = max(self.options.plugs // 3, 3)
        with self.phone() as phone:
            phone('window 2000')
            for speed in 'full', 'super':
                phone(f'speed {speed}')
                self.catch(f'caught, {speed} speed', phone, n)
        with self.phone('--enter', 'bootrom') as phone:
            self.catch('caught, boot ROM', phone, n)
        with self.phone(port='ehci') as phone:
            phone('window 800')
            self.show_times('EHCI', self.catch('caught, window of 800 ms, EHCI', phone, n))

    def scenario_sandbox(self):
        """As in a Flatpak: no network, so no uevents; no /run/udev."""
        inside = ('exec bwrap --ro-bind / / --dev-bind /dev /dev --proc /proc --tmpfs /tmp --tmpfs /run --bind /home/shop /home/shop '
                  '--unshare-net --unshare-pid --unshare-ipc --die-with-parent unbrick --console info')
        with self.phone() as phone:
            phone('window 800')
            self.show_times('sandbox', self.catch('caught, window of 800 ms, in a sandbox without udev', phone, self.options.plugs // 2, command=inside))

    # --- others at the port ---

    def count_junk(self, phone, seconds):
        """What others say to a phone that nobody of us talks to."""
        phone.forget_news()
        phone('plug')
        time.sleep(seconds)
        seen = phone.last()
        phone('unplug')
        time.sleep(0.3)
        return seen

    def scenario_modem_manager(self):
        n = max(self.options.plugs // 3, 3)
        force = ('SUBSYSTEM=="usb", ENV{DEVTYPE}=="usb_device", ATTR{idVendor}=="0e8d", ENV{ID_MM_DEVICE_PROCESS}="1"')
        for forced in False, True:
            for rule in False, True:
                self.set_rules(rule)
                self.guest.run('root', (f"echo '{force}' >{FORCE}" if forced else f'rm -f {FORCE}') + '; udevadm control --reload')
                self.guest.run('root', 'systemctl restart ModemManager && sleep 4 && systemctl is-active ModemManager', timeout=90)
                words = ('told to probe' if forced else 'as installed') + (', our rule' if rule else ', no rule')
                with self.phone(*LONG) as phone:
                    seen = self.count_junk(phone, 9)
                    self.table.add(f'ModemManager {words}: bytes to a phone left alone', f'{seen["junk"]}' + (f' ({seen["begin"][:24]})' if seen['begin'] else ''),
                                   seen['junk'] == 0 if rule and not forced else None, junk=seen['junk'])
                    phone('window 2000')
                    self.catch(f'caught beside ModemManager {words}', phone, n, user='shop' if rule else 'root')
                if forced:
                    self.come_late(f'caught after ModemManager has probed ({words})', 'shop' if rule else 'root')

    def come_late(self, name, user, grabber=''):
        """Our program starts when others have already talked."""
        with self.phone(*LONG) as phone:
            phone('plug')
            talked = phone.wait_for('talked', timeout=20)
            job = self.guest.start(user, INFO)
            what = phone.wait_for('handshake', timeout=20)
            status = job.wait() if what else None
            seen = phone.last()
            self.table.add(name, f'{"yes" if what else "no"}, {seen["junk"]} bytes of others before ours', bool(talked and what and status in (DONE, NO_AGENT)), junk=seen['junk'])
            if not what:
                print('      ', job.drain(), flush=True)

    def scenario_grabber(self):
        grab = ('cp /bin/sh /run/grabber; exec /run/grabber -c "until [ -c /dev/ttyACM0 ]; do sleep 0.01; done; exec 3<>/dev/ttyACM0; '
                'echo held; printf \'AT\\r\' >&3; while read -r line <&3; do echo got \\$line; done; echo hung up; sleep 60"')
        held = self.guest.start('root', grab)
        self.come_late('another program has ttyACM0 and talked first: caught', 'shop')
        said = held.drain()
        self.table.add('… and it was told to hang up', 'yes' if 'hung up' in said else 'no', 'held' in said and 'hung up' in said)

    # --- permission ---

    def scenario_permission(self):
        with self.phone(*LONG) as phone:
            self.set_rules(False)
            job = self.guest.start('shop', INFO)
            job.wait_for(WAITING)
            phone('plug')
            phone.wait_for('configured')
            said = job.wait_for(DENIED, timeout=20)
            self.table.add('no rule, ordinary user: said', said.strip(), True)
            self.table.add('… and nothing was sent', f'{phone.last()["begin"] or "nothing"}', phone.last()['talked'] < 0)
            begin = time.monotonic()
            self.set_rules(True)
            self.guest.run('root', 'udevadm trigger --action=add --subsystem-match=usb')
            what = phone.wait_for('handshake', timeout=20)
            waited = time.monotonic() - begin
            status = job.wait()
            self.table.add('… the rule comes, the same program goes on by itself', f'{"yes" if what else "no"}, {waited:.1f} s after the rule',
                           bool(what) and status in (DONE, NO_AGENT), seconds=round(waited, 2))
            phone('unplug')
            job = self.guest.start('remote', INFO)
            job.wait_for(WAITING)
            phone('plug')
            said = job.wait_for(DENIED, timeout=20)
            self.table.add('the rule, but a user who does not sit at the computer: said', said.strip(), phone.last()['talked'] < 0)
            begin = time.monotonic()
            self.guest.run('root', 'pkill -INT -x unbrick', check=False)
            status = job.wait(20)
            self.table.add('… and Ctrl+C ends the waiting', f'status {status}, {time.monotonic() - begin:.1f} s', status == STOPPED)
            phone('unplug')

    # --- whole jobs ---

    def firmware(self, phone, name):
        phone(f'firmware {self.guest.share}/{name}')
        return pathlib.Path(self.guest.share, name)

    def flash(self, name, *options, pull=None):
        storage = 'UFS' if 'ufs' in options else 'EMMC'
        with self.phone(*options) as phone:
            folder = self.firmware(phone, name.replace(' ', '-'))
            job = self.guest.start('shop', f'exec unbrick --console flash /mnt/{folder.name}')
            job.wait_for(WAITING)
            if pull:
                phone(f'mischief unplug-after-bytes {pull}')
            phone('plug')
            begin = time.monotonic()
            if pull:
                job.wait_for('The connection dropped', timeout=120)
                writes = int(phone.state()['writes'])
                time.sleep(1)
                phone('plug')
            status = job.wait(240)
            seconds = time.monotonic() - begin
            parts = read_parts(folder, storage)
            images = sum(part.data is not None for part in parts)
            wrong = find_wrong(phone, parts)
            good = status == DONE and images > 5 and not wrong and (not pull or writes > 0)
            self.table.add(name, f'{images - len(wrong)} of {images} images byte-exact, {seconds:.0f} s' + ('' if good else f': status {status}, {wrong}'), good,
                           images=images, wrong=wrong, seconds=round(seconds, 1))
            if not good:
                print('\n'.join('      ' + line for line in job.lines[-12:]), flush=True)
            shutil.rmtree(folder)

    def scenario_flash(self):
        self.flash('flash by the preloader, MT6580', '--chip', 'MT6580')
        self.flash('flash by the boot ROM, MT6580', '--chip', 'MT6580', '--enter', 'bootrom')
        self.flash('flash, XFLASH agent, MT6765', '--chip', 'MT6765', '--enter', 'bootrom')
        self.flash('flash, XML agent, UFS, MT6789', '--chip', 'MT6789', '--storage', 'ufs', '--user-size', '4M')

    def scenario_pulled(self):
        self.flash('cable pulled while writing and plugged in again, MT6580', '--chip', 'MT6580', pull=3000000)
        self.flash('cable pulled while writing and plugged in again, MT6765', '--chip', 'MT6765', pull=3000000)

    def scenario_driver(self):
        """The kernel gets its port back when we are done."""
        with self.phone('--enter', 'bootrom') as phone:
            job = self.guest.start('shop', INFO)
            job.wait_for(WAITING)
            phone('plug')
            job.wait()
            said = self.guest.run('root', 'for i in $(seq 50); do [ -c /dev/ttyACM0 ] && break; sleep 0.1; done; ls /dev/ttyACM0; '
                                          'for i in /sys/bus/usb/drivers/cdc_acm/*:*; do basename $i; done', check=False)
            self.table.add('cdc_acm back at the port afterwards', said.replace('\n', ' '), '/dev/ttyACM0' in said.split('\n')[0] and ':1.' in said)

    def scenario_keys(self):
        """Preloader, not ours in time; then by keys the boot ROM at the same port."""
        with self.phone() as phone:
            folder = self.firmware(phone, 'keys')
            job = self.guest.start('shop', f'exec unbrick --console info /mnt/{folder.name}')
            job.wait_for(WAITING)
            phone('mischief silent-at-command boot:FD')
            phone('plug')
            phone.wait_for('handshake')
            time.sleep(0.5)
        with self.phone('--enter', 'bootrom') as phone:
            phone('plug')
            what = phone.wait_for('handshake', timeout=30)
            status = job.wait()
            self.table.add('from preloader to boot ROM at the same port', f'status {status}', bool(what) and status == DONE)
            if status != DONE:
                print(job.text[-600:], flush=True)

    def scenario_seen(self):
        """A phone that comes and goes and is then switched on: each told once."""
        with self.phone() as phone:
            job = self.guest.start('shop', 'exec unbrick --console watch')
            job.wait_for('Waiting for the phone')
            phone('window 800')
            for command in 'plug', 'plug', 'android':
                phone.forget_news()
                phone(command)
                if command == 'plug':
                    phone.wait_for('left window')
                time.sleep(1.5)
            phone('unplug')
            time.sleep(1)
            self.guest.run('root', 'pkill -x unbrick', check=False)
            job.wait()
            seen = [line.split() for line in job.lines if ' 0e8d:' in line]
            told = [words[2] + words[3][5:] for words in seen]
            self.table.add('watch: a preloader that comes twice, then a phone switched on', ' '.join(told),
                           told == ['+2000', '-2000', '+2000', '-2000', '+201d', '-201d'])

    def watch_broken(self, user, kind):
        """What “watch” says to a phone that cannot even tell who it is."""
        with self.phone() as phone:
            job = self.guest.start(user, 'exec unbrick --console watch')
            begun = job.wait_for('Waiting for the phone').strip()
            blind = any(BLIND in line for line in [begun, *job.lines])
            phone(f'broken {kind}')
            begin = time.monotonic()
            try:
                said = job.wait_for(BROKEN, timeout=5 if blind else 90).strip()
            except GuestError:
                said = ''
            seconds = time.monotonic() - begin
            phone('unplug')
            self.guest.run('root', 'pkill -x unbrick', check=False)
            job.wait()
            return said, seconds, blind

    def scenario_broken(self):
        """Seen by root in the kernel's log, by all where the kernel tells the state of its ports; else it must be said that it cannot be seen."""
        for kind, words in (('stalls', 'refuses to tell who it is'), ('garbage', 'tells nonsense'), ('silent', 'says nothing')):
            for user in 'root', 'shop':
                said, seconds, blind = self.watch_broken(user, kind)
                text = f'“{said}”, {seconds:.0f} s' if said else 'says that it could not see one' if blind else 'nothing'
                self.table.add(f'watch, {user}: a phone that {words}', text, bool(said) or blind and user != 'root', seconds=round(seconds, 1))

    def run(self):
        for name in self.options.scenarios or ALL:
            begin = time.monotonic()
            print(f'-- {name}', flush=True)
            try:
                getattr(self, 'scenario_' + name)()
            except (GuestError, PhoneError, AssertionError, ValueError, OSError) as error:
                self.table.add(name, f'stopped: {error}'[:600], False)
                traceback.print_exc()
            self.clean()
            print(f'   ({time.monotonic() - begin:.0f} s)', flush=True)


def main():
    parser = argparse.ArgumentParser()
    for name in 'guest', 'payload', 'redir', 'summary':
        parser.add_argument('--' + name, required=True)
    parser.add_argument('--plugs', type=int, default=30)
    parser.add_argument('scenarios', nargs='*', choices=[[], *ALL])
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))   # so that QEMU goes with us
    work = tempfile.mkdtemp(prefix='unbrick-system-')
    system = None
    try:
        system = System(options, work)
        system.run()
    except GuestError as error:
        print(error)
        with open(f'{work}/guest.log', errors='replace') as log:
            print(log.read()[-3000:])
        return 1
    finally:
        if system:
            system.guest.close()
            system.table.write(options.summary, seconds=round(time.monotonic() - system.guest.begun), load=os.getloadavg()[0])
        shutil.rmtree(work, ignore_errors=True)
    if system.table.bad:
        print('does not hold: ' + '; '.join(system.table.bad))
        return 1
    return 0


if __name__ == '__main__':
    sys.exit(main())
