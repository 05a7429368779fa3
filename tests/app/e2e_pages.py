#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""All of a phone is read back, parts of it are erased, and all is put back, by the pages and the history.

gui-session.sh e2e_pages.py UB-LAB UNBRICK
"""
import pathlib
import sys
import tempfile

from e2e_window import BOOT, BUTTON, CHECK_BOX, USER, Phone, Window, clear_cache, log, read_parts, wait_for
from gui import Atspi, GLib

LAB, APP = sys.argv[1:3]
COPIES = pathlib.Path.home() / 'Unbrick copies'


class Pages(Window):
    def open(self, name):
        """A page of the window; the others are in the tree, too."""
        tab = self.frame.get(Atspi.Role.PAGE_TAB, name)
        tab.do('click')
        # a button takes its time, and one that is not there yet hears no click
        wait_for(f'{name} to be open', lambda: tab.has('SELECTED'))
        return wait_for(name, lambda: self.frame.find(Atspi.Role.PANEL, name))

    def press(self, page, name):
        button = page.get(BUTTON, name)
        wait_for(f'{name} to be possible', lambda: button.has('SENSITIVE'))
        button.do('click')

    def confirm(self, name):
        """Says yes in the dialog that is the plan: since GTK 4.10 an alert, as it says of itself."""
        def look():
            clear_cache(self.app.acc)
            return next((n for n in self.app.children() if n.role in (Atspi.Role.DIALOG, Atspi.Role.ALERT)), None)
        wait_for('the dialog', look).get(BUTTON, name).do('click')

    def plug(self, phone, end):
        wait_for('the window to wait', lambda: self.find_showing('Waiting for the phone'))
        phone('plug')
        wait_for(end, lambda: self.find_showing(end), timeout=60)
        phone('unplug')
        log(end)


def do_entry(page, action):
    """What can be done with the newest job: actions of its row."""
    def look():
        clear_cache(page.acc)
        for node in page.walk():
            try:
                if action in node.actions:
                    node.do(action)
                    return True
            except GLib.Error:   # a node that says it has actions, and has none
                pass
        return False
    wait_for(action, look)


def type_text(node, text):
    Atspi.EditableText.set_text_contents(node.acc.get_editable_text_iface(), text)


def hash_all(phone):
    return [phone(f'hash {region} 0 {size}') for region, size in (('EMMC_USER', USER), ('EMMC_BOOT1', BOOT), ('EMMC_BOOT2', BOOT))]


def hash_part(phone, part):
    return phone(f'hash {part.region} {part.start} {part.size}')


def flip(folder):
    """One bit of the largest file."""
    path = max(folder.iterdir(), key=lambda p: p.stat().st_blocks)
    with path.open('r+b') as file:
        file.seek(1 << 20)
        byte = file.read(1)[0]
        file.seek(1 << 20)
        file.write(bytes([byte ^ 1]))
    return path.name


def test_there_and_back(folder):
    lab = [LAB, '--phone', 'MT6580', '--user-size', '128M', '--image-size', '32M', '--firmware', str(folder)]
    with Phone(lab, [APP, str(folder)]) as phone:
        window = Pages()
        nvram = next(p for p in read_parts(folder) if p.name == 'nvram')
        before, kept = hash_all(phone), hash_part(phone, nvram)

        window.press(window.open('Readback'), 'Read back')
        window.plug(phone, 'Read from the phone')
        copy, = COPIES.iterdir()
        assert (copy / 'manifest.json').is_file()
        assert hash_all(phone) == before, 'reading has changed the phone'

        page = window.open('Format')
        assert not page.get(CHECK_BOX, 'nvram').has('SENSITIVE'), 'nvram has no lock'
        for name in ('expdb', 'system'):
            page.get(CHECK_BOX, name).do('row.toggle')
        window.press(page, 'Erase…')
        window.confirm('Erase')
        window.plug(phone, 'Erased on the phone')
        assert hash_all(phone) != before, 'nothing was erased'
        assert hash_part(phone, nvram) == kept, 'nvram was touched'

        do_entry(window.open('History'), 'entry.show-copy')
        wait_for('the safety copy', lambda: window.find_starting('A safety copy:'))
        window.press(window.open('Readback'), 'Back to the list of copies')
        # the newest job is the erasing, the one before it the reading
        page = window.open('History')
        type_text(page.find(name='Search the history'), 'Read back')
        wait_for('one job to be left', lambda: sum(n.is_called('Do It Again') and n.role == BUTTON for n in page.walk()) == 1)
        do_entry(page, 'entry.restore')
        window.confirm('Restore')
        window.plug(phone, 'Put back on the phone')
        assert hash_all(phone) == before, 'the phone is not as it was'
        log('the phone is as it was')

        name = flip(copy)
        window.open('History')
        do_entry(page, 'entry.show-copy')
        words = wait_for('the damage', lambda: window.find_starting('This copy cannot be used'), timeout=30)
        assert name in words.name, words.name
        log(words.name)


with tempfile.TemporaryDirectory(prefix='unbrick-e2e-') as name:
    test_there_and_back(pathlib.Path(name))
print('ok')
