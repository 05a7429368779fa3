#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Takes the pictures of the window that the README shows. See screenshots.sh.

screenshots.py UB-LAB UNBRICK FOLDER
"""
import os
import pathlib
import shutil
import subprocess
import sys
import time

from gui import BUTTON, FRAME, Atspi, Phone, application, choose, clear_cache, wait_for

LAB, APP, FOLDER = sys.argv[1:3] + [pathlib.Path(sys.argv[3])]
HOME = pathlib.Path(os.environ['HOME'])
ROM = HOME / 'rom' / 'practice'
LARGE, SMALL = (1000, 700), (800, 600)
TABS = (Atspi.Role.PAGE_TAB, Atspi.Role.TOGGLE_BUTTON, Atspi.Role.RADIO_BUTTON)
DARK = {'GTK_THEME': 'Adwaita:dark'}
LANGUAGES = ('es', 'ar')   # one that is long, and one from right to left


class Shown:
    def __init__(self):
        self.app = application('unbrick')
        self.frame = self.app.get(FRAME, 'Unbrick')

    def look(self, found):
        clear_cache(self.app.acc)
        for node in self.app.walk():
            if found(node) and node.has('VISIBLE'):
                return node
        return None

    def wait(self, start, timeout=60.0):
        return wait_for(start, lambda: self.look(lambda n: n.name.startswith(start)), timeout)

    def press(self, name):
        wait_for(name, lambda: self.look(lambda n: n.role == BUTTON and n.is_called(name) and n.has('SENSITIVE'))).do('click')


def windows():
    ids = subprocess.run(['xdotool', 'search', '--onlyvisible', '--class', 'unbrick'], capture_output=True, text=True).stdout.split()
    return [i for i in ids if 'WIDTH=1\n' not in subprocess.run(['xdotool', 'getwindowgeometry', '--shell', i], capture_output=True, text=True).stdout]


def resize(size):
    for window in windows():
        subprocess.run(['xdotool', 'windowsize', window, *map(str, size)], check=True)
    time.sleep(0.5)


def centre():
    """There is no window manager to put a dialog over its window, and to give it an edge. Returns what draws one."""
    window = wait_for('the dialog', lambda: [int(w) for w in windows()][1:])[0]
    size = subprocess.run(['xdotool', 'getwindowgeometry', '--shell', str(window)], capture_output=True, text=True, check=True).stdout
    width, height = (int(line.split('=')[1]) for line in size.split() if line.startswith(('WIDTH', 'HEIGHT')))
    x, y = (LARGE[0] - width) // 2, (LARGE[1] - height) // 2
    subprocess.run(['xdotool', 'windowmove', str(window), str(x), str(y)], check=True)
    return ['-fill', 'none', '-stroke', '#808080', '-draw', f'rectangle {x},{y} {x + width},{y + height}']


def shoot(name, size=LARGE, drawn=()):
    subprocess.run(['xdotool', 'mousemove', '1279', '799'], check=True)   # no tooltips
    time.sleep(0.5)   # what moves has come to rest
    file = FOLDER / f'{name}.png'
    picture = subprocess.run(['import', '-window', 'root', 'ppm:-'], capture_output=True, check=True).stdout
    # ImageMagick 7 is called otherwise, and its import does not draw
    convert = shutil.which('magick') or 'convert'
    subprocess.run([convert, 'ppm:-', '-crop', f'{size[0]}x{size[1]}+0+0', '+repage', *drawn, '+dither', '-colors', '255', '-define', 'png:compression-level=9', f'png8:{file}'], input=picture, check=True)
    print(file)


def clean():
    for folder in ('unbrick', '.cache', '.local'):
        shutil.rmtree(HOME / folder, ignore_errors=True)


class Program:
    """The program by itself, with or without the practice phone in it."""

    def __init__(self, *words, environment=None):
        self.process = subprocess.Popen([APP, *words], env={**os.environ, **(environment or {})})

    def __enter__(self):
        return Shown()

    def __exit__(self, *exc):
        self.process.kill()
        self.process.wait()
        time.sleep(0.3)


def start_lab():
    return Phone([LAB, '--phone', 'MT6580', '--window', '60000', '--firmware', str(ROM)], [APP, str(ROM)])


def practice(*words):
    return '--practice=' + ','.join(['MT6580', *words])


def take_plain():
    with Program() as window:
        window.wait('Bring a phone back')
        shoot('empty')
    with Program(practice()) as window:
        window.wait('Ready: press Download')
        shoot('loaded')
        choose(window.frame, 'Mode', 'Firmware upgrade')
        window.press('Erase and upgrade')
        window.wait('Photos, apps and settings')
        shoot('upgrade-confirm', drawn=centre())
    with Program(practice(), environment=DARK) as window:
        window.wait('Ready: press Download')
        shoot('loaded-dark')
    # newer glibc speaks English only in C.UTF-8, so it goes by another name
    locales = HOME / 'locales'
    locales.mkdir()
    for language in LANGUAGES:
        (locales / f'{language}.utf8').symlink_to('/usr/lib/locale/C.utf8')
        with Program(practice(), environment={'LANGUAGE': language, 'LOCPATH': str(locales), 'LC_ALL': f'{language}.UTF-8'}) as window:
            window.wait('preloader_practice.bin')   # the table is there; its words are others, and newer GTK has no rows beyond what is shown
            time.sleep(1)
            shoot(f'loaded-{language}')


def begin(window):
    window.wait('Ready: press Download')
    window.press('Download')
    window.wait('Waiting for the phone')
    window.press('Plug the practice phone in')


def take_job():
    for name, size in (('running', LARGE), ('running-small', SMALL)):
        with Program(practice('image=32M', 'speed=6M')) as window:
            window.wait('Ready: press Download')
            resize(size)
            begin(window)
            window.wait('Writing system')
            time.sleep(2)
            shoot(name, size)
        clean()
    with Program(practice()) as window:
        begin(window)
        window.wait('The phone has started')
        shoot('done')
        for tab, words in (('Readback', 'Save a copy'), ('Put a copy back', 'Safety copies on this computer')):
            window.look(lambda n: n.role in TABS and n.name == tab).do('click')
            window.wait(words)
        time.sleep(0.5)
        shoot('readback')


def take_trouble():
    with Program(practice('mischief=write-fail 0x1bd0000')) as window:
        begin(window)
        window.wait('Not finished')
        window.wait('Nothing is lost')
        shoot('error')
    clean()


def take_cable():
    with start_lab() as phone:
        window = Shown()
        window.wait('Ready: press Download')
        window.press('Download')
        window.wait('Waiting for the phone')
        phone('cycle 4 900 700 deaf')
        window.wait('The phone comes and goes')
        wait_for('the last one to go', lambda: phone('cycle') == '0')
        window.wait('Unplug the phone. Hold volume')
        time.sleep(1)
        shoot('waiting')
    with start_lab() as phone:
        window = Shown()
        window.wait('Ready: press Download')
        window.press('Download')
        phone('deny')
        phone('plug')
        window.wait('This computer does not let us talk to the phone')
        shoot('permission')


def take_unfinished():
    phone = start_lab()
    window = Shown()
    window.wait('Ready: press Download')
    window.press('Download')
    phone('mischief unplug-after-bytes 9000000')
    phone('plug')
    window.wait('Plug the phone in again')
    phone.process.kill()
    phone.process.wait()
    time.sleep(0.5)
    with Program(str(ROM)) as window:
        window.wait('Writing “')
        shoot('go-on')


FOLDER.mkdir(exist_ok=True)
take_plain()
take_job()
take_trouble()
take_cable()
take_unfinished()
