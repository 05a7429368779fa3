#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A window that is killed in the middle of writing, and goes on when it is started again; a mode that erases, by its dialog.

gui-session.sh e2e_go_on.py UB-LAB UNBRICK
"""
import pathlib
import sys
import tempfile

from e2e_window import BUTTON, Phone, Window, check_images, hash_gaps, log, read_parts, wait_for

LAB, APP = sys.argv[1:3]


def start(folder, command):
    return Phone([LAB, '--phone', 'MT6580', '--user-size', '128M', '--image-size', '32M', '--firmware', str(folder)], command)


def test_killed(folder):
    # the phone stays, the program is started again when it was killed
    with start(folder, ['sh', '-c', '"$0" "$1"; exec "$0" "$1"', APP, str(folder)]) as phone:
        window = Window()
        written = [p for p in read_parts(folder) if p.data is not None]
        before = hash_gaps(phone, written)
        pid = window.app.acc.get_process_id()
        window.download.do('click')
        wait_for('the window to wait', lambda: window.find_showing('Waiting for the phone'))
        phone(f'kill {pid} unplug-after-bytes 24000000')
        phone('plug')
        wait_for('the program to be gone', lambda: not pathlib.Path(f'/proc/{pid}').exists() or
                 pathlib.Path(f'/proc/{pid}/stat').read_text().split()[2] == 'Z', timeout=60)
        log('the program was killed in the middle')
        phone('mischief none')
        window = Window()
        wait_for('a sentence about the unfinished job', lambda: window.find_starting('Writing'))
        window.frame.get(BUTTON, 'Go On').do('click')
        wait_for('the window to wait', lambda: window.find_showing('Plug the phone in again'))
        phone('plug')
        phases = window.watch(('Done', 'Not finished'))
        assert phases[-1].startswith('Done'), phases
        wait_for('the green circle', lambda: window.find_showing('Green circle with a tick'))
        wait_for('the sentence to be gone', lambda: not window.find_showing_button('Go On'))
        check_images(phone, written)
        assert hash_gaps(phone, written) == before, 'something else changed'
        log('it went on: everything is on the phone')


def test_format(folder):
    with start(folder, [APP, str(folder)]) as phone:
        window = Window()
        written = [p for p in read_parts(folder) if p.data is not None]
        kept = {p.name: p for p in read_parts(folder) if p.name in ('nvram', 'nvdata', 'protect1', 'protect2', 'proinfo', 'seccfg')}
        assert {'nvram', 'protect1'} <= set(kept)

        def hash_kept():
            return {name: phone(f'hash {p.region} {p.start} {p.size}') for name, p in kept.items()}

        before = hash_kept()
        window.choose('Mode', 'Format all + download')
        wait_for('what is lost', lambda: window.find_starting("Everything in the phone's memory is lost"))
        erase = window.frame.get(BUTTON, 'Erase and download')
        erase.do('click')
        dialog = window.get_dialog('Erase and download: ')
        dialog.get(BUTTON, 'Cancel').do('click')
        wait_for('the dialog to be gone', lambda: not window.find_dialog('Erase and download: '))
        assert not window.find_showing('Waiting for the phone')
        erase.do('click')
        window.get_dialog('Erase and download: ').get(BUTTON, 'Erase and download').do('click')
        wait_for('the window to wait', lambda: window.find_showing('Waiting for the phone'))
        phone('plug')
        phases = window.watch(('Done', 'Not finished'))
        assert phases[-1].startswith('Done'), phases
        check_images(phone, written)
        assert hash_kept() == before, 'what belongs to the phone alone changed'
        log('erased and written, and what belongs to the phone alone is as it was')


for test in (test_killed, test_format):
    with tempfile.TemporaryDirectory(prefix='unbrick-e2e-') as name:
        test(pathlib.Path(name))
print('ok')
