#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The window, end to end, by AT-SPI, with a phone on a virtual USB bus.

gui-session.sh e2e_download.py UB-LAB UNBRICK
"""
import hashlib
import pathlib
import re
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / 'lab'))
from gui import BUTTON, CHECK_BOX, FRAME, PROGRESS_BAR, Phone, application, clear_cache, wait_for  # noqa: E402

LAB, APP = sys.argv[1:3]
MIB = 1 << 20
USER, BOOT = 128 * MIB, 4 * MIB
HEADER, BLOCK = 0x800, 512   # bytes
t0 = time.monotonic()


def log(what):
    print(f'{time.monotonic() - t0:6.2f} s  {what}', flush=True)


class Part:
    def __init__(self, folder, text):
        def field(name):
            return re.search(rf'\b{name}: *(\S+)', text).group(1)

        self.name = field('partition_name')
        self.start = int(field('physical_start_addr'), 16)
        self.size = int(field('partition_size'), 16)
        self.region = field('region')
        self.download = field('is_download') == 'true'
        file = folder / field('file_name')
        self.data = file.read_bytes() if self.download and file.is_file() else None

    @property
    def skip(self):
        """What stands before the image: boot1 and boot2 hold a preloader behind a header of the storage's own."""
        return HEADER if self.name == 'preloader' else 0

    @property
    def end(self):
        """Of what is written: the image, up to the next block."""
        return self.start + -(-(self.skip + len(self.data)) // BLOCK) * BLOCK

    @property
    def regions(self):
        return ['EMMC_BOOT1', 'EMMC_BOOT2'] if self.region == 'EMMC_BOOT1_BOOT2' else [self.region]


def read_parts(folder):
    scatter = next(folder.glob('*scatter*.txt')).read_text()
    return [Part(folder, text) for text in re.split(r'\n- partition_index', scatter)[1:]]


def find_gaps(parts, region, end):
    """What is not to be written: (offset, size) of everything between the images of a region."""
    at, gaps = 0, []
    for part in sorted((p for p in parts if region in p.regions), key=lambda p: p.start):
        if part.start > at:
            gaps.append((at, part.start - at))
        at = max(at, part.end)
    if at < end:
        gaps.append((at, end - at))
    return gaps


def hash_gaps(phone, written):
    return {(region, offset): phone(f'hash {region} {offset} {size}')
            for region, end in (('EMMC_USER', USER), ('EMMC_BOOT1', BOOT), ('EMMC_BOOT2', BOOT))
            for offset, size in find_gaps(written, region, end)}


def check_images(phone, written):
    for part in written:
        for region in part.regions:
            if part.skip:
                head = bytes.fromhex(phone(f'peek {region} {part.start} 16'))
                assert head.startswith(b'EMMC_BOOT'), f'{part.name} in {region} begins with {head!r}'
            found = phone(f'hash {region} {part.start + part.skip} {len(part.data)}')
            assert found == hashlib.sha256(part.data).hexdigest(), f'{part.name} in {region} differs from its image'


class Window:
    def __init__(self):
        self.app = application('unbrick')
        self.frame = self.app.get(FRAME, 'Unbrick')
        self.words = wait_for('words', self.find_words)
        self.download = self.frame.get(BUTTON, 'Download')
        self.bar = self.frame.get(PROGRESS_BAR, 'Progress')
        wait_for('Download to be ready', lambda: self.download.has('SENSITIVE'))
        log(f'firmware open: {self.words.name!r}')

    def find_words(self):
        for node in self.frame.walk():
            if node.name and node.name.startswith('Ready:'):
                return node
        return None

    def find_showing(self, name):
        clear_cache(self.frame.acc)
        for node in self.frame.walk():
            # GTK 4.8 knows no "showing"; what is hidden is not in the tree
            if node.name == name and node.has('VISIBLE'):
                return node
        return None

    def untick(self, name):
        check = self.frame.get(CHECK_BOX, name)
        assert check.has('CHECKED'), name
        check.do('row.toggle')
        wait_for(f'{name} unticked', lambda: not check.has('CHECKED'))
        log(f'{name} is not ticked any more')

    def watch(self, ends):
        """The words the bar says until it says one of ends; a colour is a phase in words."""
        phases = []
        end = time.monotonic() + 60
        while time.monotonic() < end:
            words = self.words.name
            if not phases or phases[-1] != words:
                phases.append(words)
                log(f'  {words}')
            if words.startswith(ends):
                return phases
            time.sleep(0.002)
        raise AssertionError(f'no end after 60 s: {phases}')


def has_phase(phases, start):
    return any(words.startswith(start) for words in phases)


def start(folder):
    return Phone([LAB, '--phone', 'MT6580', '--user-size', '128M', '--image-size', '32M', '--firmware', str(folder)],
                 [APP, str(folder)])


def test_download(folder):
    with start(folder) as phone:
        window = Window()
        window.untick('logo')
        written = [p for p in read_parts(folder) if p.data is not None and p.name != 'logo']
        assert {'preloader', 'lk', 'boot', 'system'} <= {p.name for p in written}
        before = hash_gaps(phone, written)
        window.download.do('click')
        wait_for('the window to wait', lambda: window.find_showing('Waiting for the phone'))
        phone('plug')
        phases = window.watch(('Done', 'Not finished'))
        assert phases[-1].startswith('Done')
        assert has_phase(phases, "Starting the phone's loader"), 'red was not said'
        assert has_phase(phases, 'Writing start-up code'), 'purple was not said'
        assert has_phase(phases, 'Writing system'), 'yellow was not said'
        wait_for('the green circle', lambda: window.find_showing('Green circle with a tick'))
        check_images(phone, written)
        changed = [k for k, v in hash_gaps(phone, written).items() if before[k] != v]
        assert not changed, f'changed, and should not have: {changed}'
        log(f'{len(written)} images are on the phone, {len(before)} stretches between them as before')


def test_cable(folder):
    with start(folder) as phone:
        window = Window()
        written = [p for p in read_parts(folder) if p.data is not None]
        before = hash_gaps(phone, written)
        window.download.do('click')
        phone('mischief unplug-after-bytes 20000000')
        phone('plug')
        phases = window.watch(('Done', 'Not finished'))
        log(f'cable pulled: {phases[-1]!r}')
        assert phases[-1] == 'Not finished: the phone is only partly written'
        wait_for('words about the cable', lambda: window.find_showing('The connection was lost while writing'))
        wait_for('Download to be possible again', lambda: window.download.has('SENSITIVE'))
        phone('mischief none')
        window.download.do('click')
        wait_for('the window to wait', lambda: window.find_showing('Waiting for the phone'))
        phone('unplug')
        phone('plug')
        phases = window.watch(('Done', 'Not finished:'))
        assert phases[-1].startswith('Done'), phases
        wait_for('the green circle', lambda: window.find_showing('Green circle with a tick'))
        check_images(phone, written)
        assert hash_gaps(phone, written) == before, 'something else changed'
        log('second try: everything is on the phone')


for test in (test_download, test_cable):
    with tempfile.TemporaryDirectory(prefix='unbrick-e2e-') as name:
        test(pathlib.Path(name))
print('ok')
