#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The window with a phone of today: an XML agent, UFS and two sets of parts; and one that is locked to its maker.

gui-session.sh e2e_xml.py UB-LAB UNBRICK
"""
import os
import pathlib
import subprocess
import sys
import tempfile

from e2e_window import Phone, Window, clear_cache, log, wait_for  # noqa: E402 (finds the lab's folder, too)

from bench import find_wrong, read_parts  # noqa: E402

LAB, APP = sys.argv[1:3]


def shoot(name):
    """For people to look at, where UB_SHOTS says."""
    if 'UB_SHOTS' in os.environ:
        subprocess.run(['import', '-window', 'root', f"{os.environ['UB_SHOTS']}/{name}.png"], check=True)


def start(folder, *options):
    return Phone([LAB, '--chip', 'MT6789', '--storage', 'ufs', '--user-size', '4M', '--firmware', str(folder), *options],
                 [APP, str(folder)])


def has_told(window):
    """What a look at the window must find, all of it at once."""
    clear_cache(window.frame.acc)
    names = {node.name for node in window.frame.walk() if node.name}
    box = next((n for n in window.frame.walk() if n.acc.get_role_name() == 'combo box' and n.name == 'Storage'), None)
    return (box is not None and 'UFS' in {node.name for node in box.walk()} and
            all(any(name.startswith(start) for name in names) for start in ('MT6789', 'UFS 4.2', 'The phone has UFS')))


def test_download(folder):
    with start(folder, '--enter', 'bootrom') as phone:
        window = Window()
        shoot('xml-before')
        parts = read_parts(folder, 'UFS')
        assert {'preloader', 'boot_a', 'super'} <= {p.name for p in parts if p.data is not None}
        window.download.do('click')
        wait_for('the window to wait', lambda: window.find_showing('Waiting for the phone'))
        phone('mischief slow 60')   # so that the panel can be read, however long that takes here
        phone('plug')
        wait_for('the phone, and the map for it', lambda: has_told(window))
        shoot('xml-phone')
        phone('mischief none')
        phases = window.watch(('Done', 'Not finished'))
        assert phases[-1].startswith('Done'), phases
        wait_for('the green circle', lambda: window.find_showing('Green circle with a tick'))
        shoot('xml-done')
        assert find_wrong(phone, parts) == []
        log('everything is on the phone')


def test_locked(folder):
    with start(folder, '--secure', '7', '--agent-login') as phone:
        window = Window()
        window.download.do('click')
        wait_for('the window to wait', lambda: window.find_showing('Waiting for the phone'))
        phone('plug')
        phases = window.watch(('Done', 'Not finished'))
        assert phases[-1].startswith('Not finished'), phases
        wait_for('what it wants', lambda: window.find_showing("The phone wants its maker's own files"))
        wait_for('the next step', lambda: window.find_showing_button("Choose the Maker's Files…"))
        assert 'writes=0' in phone('state')
        shoot('xml-locked')
        log('it is said in words, and nothing was written')


for test in (test_download, test_locked):
    with tempfile.TemporaryDirectory(prefix='unbrick-e2e-') as name:
        test(pathlib.Path(name))
print('ok')
