#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The whole job by keyboard alone: opening, ticking, choosing the mode, starting, answering, stopping, what went wrong, the history.

gui-session.sh e2e_keys.py UB-LAB UNBRICK
AT-SPI only looks; every deed is a key.
"""
import pathlib
import subprocess
import sys
import tempfile
import time

from e2e_window import CHECK_BOX, FRAME, Phone, application, clear_cache, log, wait_for
from gui import Atspi, GLib

LAB, APP = sys.argv[1:3]
# more stops than this are a trap
STOPS = 30


def key(*names):
    subprocess.run(['xdotool', 'key', *names], check=True)
    time.sleep(0.1)


def write(text):
    subprocess.run(['xdotool', 'type', '--delay', '20', text], check=True)


class Hands:
    def __init__(self):
        self.app = application('unbrick')
        self.frame = self.app.get(FRAME, 'Unbrick')

    def find(self, found):
        clear_cache(self.app.acc)
        for node in self.app.walk():
            try:
                if found(node) and node.has('VISIBLE'):
                    return node
            except GLib.Error:
                pass
        return None

    def wait(self, start, timeout=60):
        return wait_for(start, lambda: self.find(lambda n: n.name.startswith(start)), timeout)

    def get_focus(self):
        return wait_for('something to have the keyboard', lambda: self.find(lambda n: n.has('FOCUSED')), 5)

    def tab_to(self, found, back=False):
        """Tab until it has the keyboard; what was passed."""
        passed = []
        for _ in range(STOPS):
            node = self.get_focus()
            if found(node):
                return node
            passed.append(node.name)
            key('shift+Tab' if back else 'Tab')
        raise AssertionError(f'not reached by Tab: {passed}')

    def go_round(self):
        """Tab leads through the window and back to where it began. What is reached, in order."""
        names = []
        for _ in range(STOPS):
            node = self.get_focus()
            name = node.name
            if name in names:
                assert name == names[0], f'Tab is caught: {names + [name]}'
                return names
            x, y, width, height = node.extents
            outside = self.frame.extents
            assert width > 0 and height > 0 and x >= 0 and x < outside[2] and y < outside[3], f'{name} has the keyboard and is not to be seen: {node.extents}'
            names.append(name)
            key('Tab')
        raise AssertionError(f'Tab does not come round: {names}')

    def get_tick(self, name):
        return self.frame.get(CHECK_BOX, name)


def open_by_keys(hands, folder):
    key('ctrl+o')
    wait_for('the chooser', lambda: (clear_cache(hands.app.acc), hands.app.acc.get_child_count() > 1)[1])
    time.sleep(0.5)
    write(str(folder) + '/')
    time.sleep(0.3)
    key('Return')
    time.sleep(0.3)
    if (clear_cache(hands.app.acc), hands.app.acc.get_child_count() > 1)[1]:
        key('alt+s')   # _Select
    hands.wait('Ready: press Download')
    log('opened')


def tick_by_keys(hands):
    hands.tab_to(lambda n: n.name == 'All parts')
    key('Tab')
    first = hands.get_focus()
    assert first.name == 'preloader', first
    assert first.has('CHECKED')
    for _ in range(40):
        if hands.get_focus().name == 'logo':
            break
        key('Down')
    tick = hands.get_focus()
    assert tick.name == 'logo', tick
    key('space')
    wait_for('logo not to be ticked', lambda: not hands.get_tick('logo').has('CHECKED'))
    log('logo is not ticked any more')


def choose_mode(hands, steps):
    hands.tab_to(lambda n: n.name.startswith('Mode'), back=True)
    key('space')
    time.sleep(0.4)
    key(*['Down' if steps > 0 else 'Up'] * abs(steps))
    key('Return')
    time.sleep(0.2)


def stop_by_keys(hands):
    key('ctrl+d')
    hands.wait('Waiting for the phone')
    log('armed')
    key('Escape')
    hands.wait('Stopped. Nothing was written')
    log('stopped')


def test_job(folder):
    with Phone([LAB, '--phone', 'MT6580', '--user-size', '128M', '--image-size', '16M', '--firmware', str(folder)], [APP]) as phone:
        hands = Hands()
        hands.wait('Bring a phone back')
        open_by_keys(hands, folder)
        names = hands.go_round()
        log(f'Tab leads round {len(names)} places')
        for name in ('All parts', 'Menu', 'For experts', 'Download Download'):
            assert name in names, f'{name} is not reached by Tab: {names}'
        tick_by_keys(hands)
        choose_mode(hands, 1)
        hands.wait('Photos, apps and settings')
        key('ctrl+d')
        hands.wait('Erase and upgrade')
        dialog = wait_for('the question', lambda: hands.find(lambda n: n.role == Atspi.Role.DIALOG or n.role == Atspi.Role.ALERT))
        key('Escape')   # no
        wait_for('the question to close', lambda: (clear_cache(hands.app.acc), hands.app.acc.get_child_count() == 1)[1])
        log(f'{dialog.name!r}: no')
        choose_mode(hands, -1)
        hands.wait('Ready: press Download')
        stop_by_keys(hands)
        key('ctrl+d')
        hands.wait('Waiting for the phone')
        phone('plug')
        hands.wait('Green circle with a tick')
        log('written')
        phone('unplug')
        key('alt+b')
        wait_for('the page', lambda: hands.find(lambda n: n.role == CHECK_BOX and n.name == 'All parts'))


def test_history():
    hands = Hands()
    for i, name in enumerate(['Download', 'Readback', 'Format', 'Memory test', 'History'], 1):
        key(f'alt+{i}')
        wait_for(name, lambda: hands.find(lambda n: n.role == Atspi.Role.PAGE_TAB and n.name == name and n.has('SELECTED')), 5)
    key('ctrl+Page_Down')
    wait_for('the first', lambda: hands.find(lambda n: n.role == Atspi.Role.PAGE_TAB and n.name == 'Download' and n.has('SELECTED')), 5)
    key('ctrl+Page_Up')
    hands.tab_to(lambda n: 'earch' in n.name)
    write('nothing like it')
    hands.wait('Nothing found')
    log('the history was searched')


def test_trouble():
    process = subprocess.Popen([APP, '--practice=MT6580,mischief=write-fail 0x1bd0000'])
    hands = Hands()
    hands.wait('Ready: press Download')
    key('ctrl+d')
    hands.wait('Waiting for the phone')
    hands.tab_to(lambda n: n.name == 'Plug the practice phone in')
    key('space')
    hands.wait('Not finished')
    button = hands.tab_to(lambda n: n.is_called('Go On'))
    log(f'{button.name}: reached')
    hands.tab_to(lambda n: n.is_called('Back'), back=True)
    key('space')
    wait_for('the page', lambda: hands.find(lambda n: n.role == CHECK_BOX and n.name == 'All parts'))
    log('back from the trouble')
    test_history()
    process.kill()
    process.wait()


with tempfile.TemporaryDirectory(prefix='unbrick-e2e-') as name:
    test_job(pathlib.Path(name))
time.sleep(0.5)
test_trouble()
print('ok')
