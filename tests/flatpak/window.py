# SPDX-License-Identifier: GPL-3.0-or-later
"""What is shown on the lab's screen: the program's window by AT-SPI, the portal's dialogs by keyboard."""
import pathlib
import re
import subprocess
import sys
import time

from flatpak import ID, OUT, Job, run, sandbox

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / 'app'))
from e2e_window import BUTTON, FRAME, Window, application, wait_for   # noqa: E402, F401
from gui import Atspi, GLib, clear_cache                      # noqa: E402

# the same pixels everywhere, and no warning that there is no graphics card
PLAIN = ('--env=GSK_RENDERER=cairo', '--env=GDK_DISABLE=gl,vulkan')


class Ears:
    """What a screen reader is told. GTK 4.14 and later announce."""

    def __init__(self):
        self.heard = []
        self.listener = Atspi.EventListener.new(self.on_event)
        Atspi.EventListener.register(self.listener, 'object:announcement')

    def on_event(self, event, *_):
        self.heard.append(str(event.any_data))

    def listen(self):
        context = GLib.MainContext.default()
        while context.pending():
            context.iteration(False)


class Program(Job):
    """The window, with what it prints. WORDS are the command line's."""

    def __init__(self, *words, options=(), frame='Unbrick', env=None):
        super().__init__(*sandbox(*PLAIN, *options), ID, *words, env=env)
        self.app = application('unbrick', 30)
        self.frame = self.app.get(FRAME, frame)

    def __exit__(self, kind, *exc):
        if kind is not None:
            take_picture('failed')
            print('\n'.join(self.lines[-20:]), *self.read_all(), sep='\n  ')
        super().__exit__(kind, *exc)

    def get_button(self, name):
        return wait_for(name, lambda: next((node for node in self.app.walk() if node.role == BUTTON and node.is_called(name)), None), 10, 0.1)

    def leave(self):
        """As a person leaves it."""
        run('gdbus', 'call', '--session', '--dest', ID, '--object-path', '/' + ID.replace('.', '/'), '--method', 'org.freedesktop.Application.ActivateAction', 'quit', '[]', '{}')
        self.process.wait(10)

    def read_all(self):
        """Every word that is in the window, hidden or not."""
        clear_cache(self.app.acc)
        return [node.name for node in self.app.walk() if node.name]

    def complaints(self):
        # GTK 4.24 warns of itself without a graphics card
        return [line for line in self.lines if re.search('WARNING|CRITICAL|ERROR', line) and 'gdk_frame_timings' not in line]


def take_picture(name):
    run('import', '-window', 'root', OUT / f'{name}.png')
    colours = run('convert', OUT / f'{name}.png', '-unique-colors', '-format', '%w', 'info:').stdout
    return int(colours)


def find_windows(part):
    """X numbers of those that can be seen."""
    tree = run('xwininfo', '-root', '-tree').stdout
    return [line.split()[0] for line in tree.split('\n') if part in line and not re.search(r' 1?[01]x1?[01]\+', line)]


def wait_for_window(part, timeout=20):
    return wait_for(f'a window of {part!r}', lambda: find_windows(part), timeout, 0.1)[0]


def move_to_corner():
    """Nobody manages windows here, and GTK 4.24 puts those of right-to-left languages beside the screen."""
    for number in find_windows('"Unbrick"'):
        run('xdotool', 'windowmove', number, '0', '0')
    time.sleep(0.5)


def look_elsewhere():
    """The keyboard goes to the empty desktop, and to what is under the mouse there."""
    run('xdotool', 'mousemove', '1270', '790')
    root = re.search(r'Window id: (0x[0-9a-f]+)', run('xwininfo', '-root').stdout).group(1)
    run('xdotool', 'windowfocus', root)


def press(*keys):
    for key in keys:
        subprocess.run(['xdotool', 'key', key], check=True)
        time.sleep(0.2)


def write(text):
    subprocess.run(['xdotool', 'type', '--delay', '20', text], check=True)
