# SPDX-License-Identifier: GPL-3.0-or-later
"""The whole program, killed (SIGKILL) in the middle of its job on a virtual USB bus, and started again.

kill_points.py UB-LAB UNBRICK POINTS [KIND…]

For each kind of job: the flash after a job that was killed at one of POINTS places, spread over all of it, and gone on with by a
program started anew, must be the flash after an undisturbed job. Says how many points there were and how many failed."""
import concurrent.futures
import contextlib
import glob
import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading

KIB, MIB = 1 << 10, 1 << 20
BOOT = 64 * KIB
PATIENCE = 90  # seconds a program may take
YES = ('--yes', '--accept', 'danger,incomplete-copy,repair')
KILLED = 128 + 9
LEGACY = ()
XFLASH, XFLASH_UFS, XML, XML_UFS = (('--phone', chip, '--storage', storage) for chip, storage in (
    ('MT6765', 'emmc'), ('MT6785', 'ufs'), ('MT6789', 'emmc'), ('MT6789', 'ufs')))
BOOT_ROM = ('--enter', 'bootrom')
# the job, whether the firmware is of the other layout, and the phone
KINDS = {
    'download': ('download', False, LEGACY),
    'upgrade': ('upgrade', True, LEGACY),
    'upgrade-ebr': ('upgrade', True, ('--phone', 'MT6582', '--table', 'ebr', *BOOT_ROM)),
    'format': ('format', True, BOOT_ROM),
    'repair': ('repair', False, LEGACY),
    'restore': ('restore', False, LEGACY),
    'xflash-download': ('download', False, (*XFLASH, *BOOT_ROM)),
    'xflash-upgrade': ('upgrade', True, XFLASH),
    'xflash-format': ('format', True, (*XFLASH_UFS, *BOOT_ROM)),
    'xflash-repair': ('repair', False, XFLASH_UFS),
    'xflash-restore': ('restore', False, XFLASH_UFS),
    'xml-download': ('download', False, XML_UFS),
    'xml-upgrade': ('upgrade', True, XML),
    'xml-format': ('format', True, (*XML, *BOOT_ROM)),
    'xml-repair': ('repair', False, XML_UFS),
    'xml-restore': ('restore', False, XML),
}


class Failure(Exception):
    pass


class Lab:
    """A phone, and programs started one after the other that see no other."""

    def __init__(self, folder, options, record):
        """record: begin and end of what framed agents keep for themselves, in the user area, or None"""
        self.framed = '--storage' in options
        self.user = (16 if self.framed else 8) * MIB
        self.record = record
        self.fifo = f'{folder}/words'
        self.data = f'{folder}/data'
        os.makedirs(self.data, exist_ok=True)
        os.mkfifo(self.fifo)
        script = 'while read -r line; do eval "$line"; done <"$0"'
        self.process = subprocess.Popen(
            [LAB, '--user-size', str(self.user), '--boot-size', str(BOOT), '--image-size', '5M' if self.framed else '1536K', *options,
             '--', 'sh', '-c', script, self.fifo],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, bufsize=1,
            env={**os.environ, 'HOME': folder, 'XDG_DATA_HOME': folder, 'XDG_STATE_HOME': folder})
        self.words = open(self.fifo, 'w')
        self.log = []

    def __call__(self, command):
        self.process.stdin.write(command + '\n')
        answer = self.process.stdout.readline().strip()
        if not answer.startswith('ok'):
            raise Failure(f'{command}: {answer}')
        return answer[3:]

    def close(self):
        for pipe in (self.words, self.process.stdin):
            with contextlib.suppress(OSError):
                pipe.close()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
        self.process.stdout.close()
        self.process.stderr.close()

    def wait_for(self, start):
        for line in self.process.stderr:
            self.log.append(line.strip())
            if line.startswith(start):
                return line.strip()
        raise Failure(f'never said {start!r}')

    def run(self, *words, kill=None):
        """The exit status of a program on a phone that is plugged in as soon as it waits."""
        line = ' '.join("'" + word.replace("'", "'\\''") + "'" for word in (UNBRICK, '--console', *words, '--data-dir', self.data))
        self.log.append('$ ' + ' '.join(words))
        self.words.write(f'{line} & echo "pid $!" >&2; wait $!; echo "status $?" >&2\n')
        self.words.flush()
        pid = int(self.wait_for('pid ').split()[1])
        clock = threading.Timer(PATIENCE, os.kill, (pid, 14))
        clock.start()
        try:
            if kill:
                self(f'kill {pid} {kill}')
            self('plug')
            return int(self.wait_for('status ').split()[1])
        finally:
            clock.cancel()
            self('unplug')

    def flash(self):
        begin, end = self.record or (self.user, self.user)
        ranges = (('EMMC_BOOT1', 0, BOOT), ('EMMC_BOOT2', 0, BOOT), ('EMMC_USER', 0, begin), ('EMMC_USER', end, self.user))
        return [self(f'hash {region} {start} {stop - start}') for region, start, stop in ranges if stop > start]

    def journals(self):
        return glob.glob(f'{self.data}/jobs/*')


def read_parts(folder, storage):
    """Name to what a scatter of either kind says of the partition, for one storage."""
    with open(glob.glob(f'{folder}/*scatter.*')[0]) as f:
        values = re.findall(r'(\w+)(?:: |>)([^<\n]+)', f.read())
    parts, part = [], {}
    for key, value in values:
        if key == 'partition_name':
            part = {}
            parts.append(part)
        part[key] = value
    return {part['partition_name']: part for part in parts if part['storage'] == f'HW_STORAGE_{storage}'}


def find_record(part, storage, user):
    """Where the part lies that framed agents write to as they like."""
    start = int(part['physical_start_addr'], 0)
    if start >= 0xffff0000:
        start = user - (start - 0xffff0000) * (512 if storage == 'UFS' else 128) * KIB
    return start, start + int(part['partition_size'], 0)


class Kind:
    def __init__(self, name, folder):
        self.name = name
        self.folder = folder
        self.job, self.other, self.options = KINDS[name]
        self.storage = 'UFS' if 'ufs' in self.options else 'EMMC'
        self.record = None
        self.a, self.b = f'{folder}/a', f'{folder}/b'
        self.lock = threading.Lock()
        self.n_runs = 0
        self.n_missed = 0  # the job was over before it came that far

    def open_lab(self):
        with self.lock:
            self.n_runs += 1
            folder = f'{self.folder}/run-{self.n_runs}'
        os.mkdir(folder)
        return Lab(folder, self.options, self.record)

    def must(self, lab, *words):
        status = lab.run(*words)
        if status != 0:
            raise Failure(f'{" ".join(words)}: status {status}')

    def prepare(self, lab):
        """Brings the phone to where the job begins; the words of the job."""
        if self.job == 'repair':
            self.must(lab, 'flash', '--mode', 'download', *YES, self.a)
            for name, part in read_parts(self.a, self.storage).items():
                if name in ('lk', 'boot', 'system', 'lk_a', 'boot_a', 'super'):
                    middle = os.path.getsize(f'{self.a}/{part["file_name"]}') // 2
                    lab(f'poke EMMC_USER {int(part["physical_start_addr"], 0) + middle} {"5a" * 64}')
        if self.job == 'restore':
            copy = f'{os.path.dirname(lab.data)}/copy'
            self.must(lab, 'read', '--out', copy, '--firmware', self.a)
            self.must(lab, 'erase', '--all', '--boot', '--expert', *YES, '--firmware', self.a)
            return ('restore', *YES, '--firmware', self.a, copy)
        return ('flash', '--mode', self.job, *YES, self.b if self.other else self.a)

    def undisturbed(self):
        lab = self.open_lab()
        try:
            lab(f'firmware {self.a}')
            lab(f'firmware-other {self.b}')
            if lab.framed:
                lab.record = self.record = find_record(read_parts(self.a, self.storage)['flashinfo'], self.storage, lab.user)
            words = self.prepare(lab)
            first = self.counts(lab)
            self.before = lab.flash()
            self.must(lab, *words)
            self.after = lab.flash()
            self.counted = {key: value - first[key] for key, value in self.counts(lab).items()}
        except Failure as e:
            raise Failure('\n'.join([*lab.log, str(e)]))
        finally:
            lab.close()

    @staticmethod
    def counts(lab):
        return {key: int(value) for key, value in (pair.split('=') for pair in lab('counts').split())}

    def points(self, n):
        """Half of them by transfers, the others by bytes there and back."""
        def spread(key, line, share):
            count = max(2, int(n * share))
            return [f'{line} {1 + i * (self.counted[key] - 1) // (count - 1)}' for i in range(count)]
        return [*spread('messages', 'unplug-after-messages', 0.5), *spread('to-phone', 'unplug-after-bytes', 0.25),
                *spread('from-phone', 'unplug-after-output-bytes', 0.25)]

    def go_on(self, lab, words):
        if lab.journals():
            self.must(lab, 'go-on', *YES, '--firmware', self.a)
            return
        now = lab.flash()
        if now == self.after:
            return
        if now != self.before:
            raise Failure('killed in the middle of the job, and there is no journal')
        self.must(lab, *words)

    def check(self, point):
        """None, or what went wrong."""
        lab = self.open_lab()
        try:
            words = self.prepare(lab)
            status = lab.run(*words, kill=point)
            if status == KILLED:
                self.go_on(lab, words)
            elif status == 0:
                self.n_missed += 1
            else:
                raise Failure(f'status {status} instead of a kill')
            if lab.flash() != self.after:
                raise Failure('other bytes than after an undisturbed job')
            if lab.journals():
                raise Failure('the job is done and its journal still there')
            return None
        except Failure as e:
            return '\n'.join([f'{self.name}: {point}', *('    ' + line for line in lab.log[-25:]), f'    {e}'])
        finally:
            lab.close()
            shutil.rmtree(os.path.dirname(lab.data))


def check_kind(name, n_points, workers):
    base = '/dev/shm' if os.access('/dev/shm', os.W_OK) else None
    with tempfile.TemporaryDirectory(prefix='ub-kill-', dir=base) as folder:
        kind = Kind(name, folder)
        kind.undisturbed()
        points = kind.points(n_points)
        with concurrent.futures.ThreadPoolExecutor(workers) as pool:
            troubles = [trouble for trouble in pool.map(kind.check, points) if trouble]
        for trouble in troubles:
            print(trouble)
        print(f'{name}: {len(points) - kind.n_missed} points, {len(troubles)} failures', flush=True)
        return len(troubles)


def main():
    names = sys.argv[4:] or list(KINDS)
    failures = sum(check_kind(name, int(sys.argv[3]), min(2, os.cpu_count() or 1)) for name in names)
    return 1 if failures else 0


if __name__ == '__main__':
    LAB, UNBRICK = sys.argv[1:3]
    sys.exit(main())
