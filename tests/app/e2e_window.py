#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the window's end-to-end tests share: the firmware's parts on the phone, and the window by AT-SPI."""
import hashlib
import pathlib
import re
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / 'lab'))
from gui import BUTTON, CHECK_BOX, FRAME, LABEL, LIST_ITEM, PROGRESS_BAR, Phone, application, choose, clear_cache, wait_for  # noqa: E402, F401

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

    def find_starting(self, start):
        clear_cache(self.frame.acc)
        for node in self.frame.walk():
            if node.name.startswith(start) and node.has('VISIBLE'):
                return node
        return None

    def find_showing_button(self, name):
        clear_cache(self.frame.acc)
        for node in self.frame.walk():
            if node.role == BUTTON and node.is_called(name) and node.has('VISIBLE'):
                return node
        return None

    def find_dialog(self, part):
        """GTK 4.8 names a dialog by its title and its heading."""
        clear_cache(self.app.acc)
        for node in self.app.children():
            if part in node.name and node.name != self.frame.name:
                return node
        return None

    def get_dialog(self, part):
        return wait_for(f"dialog {part!r}", lambda: self.find_dialog(part))

    def choose(self, name, choice):
        choose(self.frame, name, choice)

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
