#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The phone panel says what is on the cable, and the page after the tick what became of the phone.

gui-session.sh e2e_panel.py UB-LAB UNBRICK
"""
import pathlib
import sys
import tempfile

from e2e_window import BUTTON, Phone, Window, log, wait_for

LAB, APP = sys.argv[1:3]
KINDS = [
    ('android mtp+adb', 'The phone is switched on'),
    ('android charging', 'It charges, but is off or offers nothing'),
    ('fastboot', 'The phone is in fastboot mode'),
    ('recovery', 'The phone is in recovery mode'),
    ('meta', 'The phone is in factory test mode'),
    ('unknown', 'Something is on the cable that we do not know'),
    ('broken', 'Something is there, but the computer cannot talk to it'),
    ('bootrom', 'The phone is ready (emergency mode)'),
    ('preloader', 'The phone is ready (start-up mode)'),
]
AFTERLIVES = [
    ('started', 'The phone has started'),
    ('loops', 'The phone keeps starting over'),
    ('fastboot', 'The phone came up in fastboot mode'),
]


def start(folder):
    return Phone([LAB, '--phone', 'MT6580', '--user-size', '8M', '--window', '60000', '--firmware', str(folder)], [APP, str(folder)])


def arm(window):
    window.download.do('click')
    wait_for('the window to wait', lambda: window.find_showing('Waiting for the phone'))


def test_kinds(folder):
    with start(folder) as phone:
        window = Window()
        wait_for('nothing', lambda: window.find_showing('Nothing on the cable'))
        for thing, title in KINDS:
            phone(f'plug {thing}')
            wait_for(title, lambda title=title: window.find_showing(title))
            log(f'{thing}: {title}')
        phone('unplug')
        wait_for('nothing', lambda: window.find_showing('Nothing on the cable'))
        assert 'opens=0' in phone('stats'), phone('stats')


def test_in_the_way(folder):
    """No permission, then another program, then nothing any more: the job goes on by itself."""
    with start(folder) as phone:
        window = Window()
        arm(window)
        assert not window.find_showing_button('Allow It…')
        phone('deny')
        phone('plug')
        wait_for('the refusal', lambda: window.find_showing('This computer does not let us talk to the phone'))
        wait_for('a button that cures it', lambda: window.find_showing_button('Allow It…'))
        log('no permission: said, with a button')
        phone('hold')
        phone('allow')
        wait_for('the other program', lambda: window.find_showing('Another program is using the phone'))
        assert not window.find_showing_button('Allow It…')
        log('another program: said')
        phone('release')
        phases = window.watch(('Done', 'Not finished'))
        assert phases[-1].startswith('Done'), phases


def test_hint(folder):
    """A person who says that it did nothing is told the next thing."""
    with start(folder) as phone:
        window = Window()
        arm(window)
        phone('cycle 3 100 200 deaf')
        wait_for('the count', lambda: window.find_starting('Seen 3 times'))
        log(window.find_starting('Seen 3 times').name)
        wait_for('what to do', lambda: window.find_showing('The phone comes and goes'))
        wait_for('a next step', lambda: window.find_showing_button('That Did Nothing'))


def test_afterlife(folder, afterlife, title):
    with start(folder) as phone:
        window = Window()
        phone(f'afterlife {afterlife} 300')
        arm(window)
        phone('plug')
        phases = window.watch(('Done', 'Not finished'))
        assert phases[-1].startswith('Done'), phases
        wait_for('the green circle', lambda: window.find_showing('Green circle with a tick'))
        wait_for(title, lambda: window.find_showing(title))
        log(f'afterwards {afterlife}: {title}')


def run(test, *words):
    with tempfile.TemporaryDirectory(prefix='unbrick-e2e-') as name:
        test(pathlib.Path(name), *words)


run(test_kinds)
run(test_in_the_way)
run(test_hint)
for words in AFTERLIVES:
    run(test_afterlife, *words)
print('ok')
