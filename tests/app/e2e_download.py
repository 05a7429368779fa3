#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The window, end to end, by AT-SPI, with a phone on a virtual USB bus.

gui-session.sh e2e_download.py UB-LAB UNBRICK
"""
import pathlib
import sys
import tempfile

from e2e_window import Phone, Window, check_images, has_phase, hash_gaps, log, read_parts, wait_for  # noqa: E402

LAB, APP = sys.argv[1:3]


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
        phone('mischief slow 5')   # as slow as a real one, so that every phase can be read
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
        phases = window.watch(('The cable slipped', 'Done', 'Not finished'))
        log(f'cable pulled: {phases[-1]!r}')
        assert phases[-1].startswith('The cable slipped'), phases
        phone('mischief none')
        phone('plug')
        phases = window.watch(('Done', 'Not finished'))
        assert phases[-1].startswith('Done'), phases
        wait_for('the green circle', lambda: window.find_showing('Green circle with a tick'))
        check_images(phone, written)
        assert hash_gaps(phone, written) == before, 'something else changed'
        log('it went on by itself: everything is on the phone')


for test in (test_download, test_cable):
    with tempfile.TemporaryDirectory(prefix='unbrick-e2e-') as name:
        test(pathlib.Path(name))
print('ok')
