#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The window among others: one instance, started by the bus, on a desktop that is told what it needs to know.

gui-session.sh e2e_manners.py UB-LAB UNBRICK [TEST…]
"""
import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import threading

import gi

gi.require_version('Gio', '2.0')
from gi.repository import Gio, GLib  # noqa: E402

from e2e_window import BUTTON, FRAME, Phone, Window, application, clear_cache, log, wait_for  # noqa: E402

LAB, APP = sys.argv[1:3]
NAME, PATH = 'io.github.unbrick.Unbrick', '/io/github/unbrick/Unbrick'
LOGOUT, SUSPEND, IDLE = 1, 4, 8
bus = Gio.bus_get_sync(Gio.BusType.SESSION)


class Desktop:
    def __init__(self):
        self.calls = []
        self.process = subprocess.Popen(['/usr/bin/python3', str(pathlib.Path(__file__).with_name('fake_desktop.py'))],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1)
        threading.Thread(target=self.read, daemon=True).start()
        self.wait('ready')

    def read(self):
        for line in self.process.stdout:
            self.calls.append(json.loads(line))

    def find(self, method, after=0):
        return next((call for call in self.calls[after:] if call[0] == method), None)

    def wait(self, method, after=0):
        call = wait_for(method, lambda: self.find(method, after))
        log(f'desktop: {call}')
        return call

    def say(self, word):
        self.process.stdin.write(word + '\n')


def has_name():
    return bus.call_sync('org.freedesktop.DBus', '/org/freedesktop/DBus', 'org.freedesktop.DBus', 'NameHasOwner',
                         GLib.Variant('(s)', (NAME,)), None, 0, -1).unpack()[0]


def call(method, parameters):
    bus.call_sync(NAME, PATH, 'org.freedesktop.Application', method, parameters, None, 0, 10000)


def do(action):
    call('ActivateAction', GLib.Variant('(sava{sv})', (action, [], {})))


def find_frame():
    try:
        return application('unbrick', timeout=0.2).find(FRAME, 'Unbrick')
    except AssertionError:
        return None


def quit(phone):
    do('quit')
    assert phone.process.wait(30) == 0, phone.process.returncode


def find(frame, name):
    clear_cache(frame.acc)
    return next((n for n in frame.walk() if n.name == name), None)


def second(*arguments):
    """Another start: hands over what it has to say, and ends."""
    done = subprocess.run([APP, *arguments], timeout=10, capture_output=True, text=True)
    assert done.returncode == 0, done
    return done


def start(folder, *arguments, size='32M'):
    folder.mkdir(exist_ok=True)
    return Phone([LAB, '--phone', 'MT6580', '--user-size', '512M', '--image-size', size, '--firmware', str(folder)], [APP, *arguments])


def begin(window, phone):
    window.download.do('click')
    wait_for('the window to wait', lambda: window.find_showing('Waiting for the phone'))


def test_service(desktop, folder):
    """What the bus does: starts it without a window, asks for one; and with none it goes away."""
    process = subprocess.Popen([APP, '--gapplication-service'])
    wait_for('its name on the bus', has_name)
    assert find_frame() is None, 'a window, and nobody asked'
    call('Open', GLib.Variant('(asa{sv})', ([folder.as_uri()], {})))
    frame = wait_for('the window', find_frame)
    # an empty folder
    wait_for('the folder to be opened', lambda: find(frame, 'Details for support'))
    call('Activate', GLib.Variant('(a{sv})', ({},)))
    do('quit')
    assert process.wait(30) == 0
    log('asked for a window, had one, ended')
    process = subprocess.Popen([APP, '--gapplication-service'])
    assert process.wait(40) == 0
    log('nobody asked for anything: it went away')


def test_one(desktop, folder):
    """A second start opens its file in the first one's window, and is only offered while a job runs."""
    with start(folder) as phone:
        wait_for('the window', find_frame)
        second()
        second(str(folder))
        window = Window()
        assert len([n for n in application('unbrick').children() if n.role == FRAME]) == 1
        mark = len(desktop.calls)
        begin(window, phone)
        assert not desktop.find('Inhibit', mark), 'only a phone that is there keeps the computer awake'
        other = folder / 'other'
        second(str(other))
        wait_for('the other to be offered', lambda: window.find_starting('A job is running. “'))
        phone('plug')
        inhibit = desktop.wait('Inhibit', mark)
        assert inhibit[4] == LOGOUT | SUSPEND | IDLE and inhibit[3] == 'A phone is being written', inhibit
        phases = window.watch(('Done', 'Not finished'))
        assert phases[-1].startswith('Done'), phases
        desktop.wait('Uninhibit', mark)
        wait_for('the offer', lambda: window.find_starting('“'))
        assert window.find_showing('Green circle with a tick')
        quit(phone)


def test_told(desktop, folder):
    """Who looks elsewhere is told how it ended; a click brings the window, and the notification is gone."""
    with start(folder, str(folder)) as phone:
        window = Window()
        begin(window, phone)
        looking = look_elsewhere(window)
        mark = len(desktop.calls)
        phone('plug')
        told = desktop.wait('AddNotification', mark)
        assert told[1] == NAME and told[2] == 'job', told
        assert told[3]['title'] == 'The phone is ready' and told[3]['default-action'] == 'app.show', told
        looking.kill()
        looking.wait()
        do('show')
        wait_for('the window to be looked at', lambda: window.frame.has('ACTIVE'))
        desktop.wait('RemoveNotification', mark)
        quit(phone)


def test_asks(desktop, folder):
    """Quitting asks first while a phone is half written, also when it is off the cable."""
    with start(folder, str(folder)) as phone:
        window = Window()
        begin(window, phone)
        phone('mischief unplug-after-bytes 12000000')
        phone('plug')
        wait_for('it to be half written', lambda: window.find_showing('Plug the phone in again'))
        do('quit')
        find_question(window).get(BUTTON, 'Keep Writing').do('click')
        wait_for('the question to be gone', lambda: not find_question(window, timeout=0))
        assert window.find_showing('Plug the phone in again')
        phone('mischief none')
        phone('plug')
        phases = window.watch(('Done', 'Not finished'))
        assert phases[-1].startswith('Done'), phases
        quit(phone)


def test_ended(desktop, folder):
    """Told to end in the middle of writing it does not ask: it stops at a safe place, and the next start offers to go on."""
    with start(folder, str(folder), size='128M') as phone:
        window = Window()
        begin(window, phone)
        phone('plug')
        wait_for('it to write', lambda: window.words.name.startswith('Writing system'))
        os.kill(window.app.acc.get_process_id(), signal.SIGTERM)
        assert phone.process.wait(30) == 0, phone.process.returncode
        log('told to end, it ended')
    with start(folder / 'again'):
        frame = wait_for('the window', find_frame)
        wait_for('Go On to be offered', lambda: any(n.role == BUTTON and n.is_called('Go On') for n in frame.walk()))


def test_console(desktop, folder):
    """In the terminal logind keeps the computer awake, from when the phone is there to the end."""
    mark = len(desktop.calls)
    env = {**os.environ, 'DBUS_SYSTEM_BUS_ADDRESS': os.environ['DBUS_SESSION_BUS_ADDRESS']}
    child = subprocess.Popen([APP, '--console', '--practice=MT6580,speed=10M', 'flash'], env=env, stdin=subprocess.DEVNULL,
                             stdout=subprocess.PIPE, text=True)
    assert desktop.wait('Inhibit', mark)[1:] == ['sleep:shutdown:idle', 'Unbrick', 'A phone is being written', 'block']
    assert child.poll() is None and not desktop.find('Released', mark)
    assert 'Done' in child.communicate(timeout=60)[0] and child.returncode == 0
    desktop.wait('Released', mark)


def find_question(window, timeout=10):
    """GTK 4.8 has no name for it."""
    def look():
        clear_cache(window.app.acc)
        return next((n for n in window.app.children() if n.name != window.frame.name and find(n, 'Stop writing the phone?')), None)
    return wait_for('the question', look, timeout) if timeout else look()


def look_elsewhere(window):
    looking = subprocess.Popen(['/usr/bin/python3', '-c', ELSEWHERE])
    wait_for('the window to be left', lambda: not window.frame.has('ACTIVE'))
    return looking


def test_dropped(desktop, folder):
    """A cable that comes off is told, too; then the session ends: no question, a safe place."""
    with start(folder, str(folder)) as phone:
        window = Window()
        begin(window, phone)
        looking = look_elsewhere(window)
        mark = len(desktop.calls)
        phone('mischief unplug-after-bytes 12000000')
        phone('plug')
        told = desktop.wait('AddNotification', mark)
        assert told[3]['title'] == 'The cable came off' and told[3]['priority'] == 'high', told
        assert not desktop.find('Uninhibit', mark), 'half written, and the computer may go to sleep'
        desktop.say('query-end-session')
        desktop.wait('EndSessionResponse', mark)
        desktop.say('end-session')
        assert phone.process.wait(30) == 0, phone.process.returncode
        desktop.wait('Uninhibit', mark)
        looking.kill()
        looking.wait()


ELSEWHERE = '''
import gi
gi.require_version('Gtk', '4.0')
from gi.repository import Gtk, GLib
window = Gtk.Window(title='Elsewhere')
window.present()
GLib.MainLoop().run()
'''
TESTS = [test_service, test_one, test_told, test_asks, test_ended, test_dropped, test_console]
wanted = sys.argv[3:]
desktop = Desktop()
for test in TESTS:
    if wanted and test.__name__ not in wanted:
        continue
    log(test.__name__)
    with tempfile.TemporaryDirectory(prefix='unbrick-e2e-') as name:
        test(desktop, pathlib.Path(name))
    wait_for('the name to be free', lambda: not has_name())
print('ok')
