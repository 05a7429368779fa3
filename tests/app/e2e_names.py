#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Everything that can be used has a name for those who do not see it: every page, dialog and end of a job, by AT-SPI.

gui-session.sh e2e_names.py UB-LAB UNBRICK
"""
import re
import subprocess
import sys
import time

from e2e_window import BUTTON, FRAME, PROGRESS_BAR, application, clear_cache, log, wait_for
from gui import Atspi, GLib, choose, give_keyboard, press

APP = sys.argv[2]
# what only holds others, or is read with them
HOLDERS = {Atspi.Role.APPLICATION, Atspi.Role.FILLER, Atspi.Role.SCROLL_PANE, Atspi.Role.VIEWPORT, Atspi.Role.UNKNOWN, Atspi.Role.SEPARATOR,
           Atspi.Role.PANEL, Atspi.Role.GROUPING, Atspi.Role.TABLE_ROW, Atspi.Role.SCROLL_BAR, Atspi.Role.STATIC,
           # a label without words, and its cell, is one that has nothing to say now
           Atspi.Role.LABEL, Atspi.Role.STATUS_BAR, Atspi.Role.TABLE_CELL}
# those that people go to, or that do something
USED = {BUTTON, Atspi.Role.TOGGLE_BUTTON, Atspi.Role.CHECK_BOX, Atspi.Role.RADIO_BUTTON, Atspi.Role.COMBO_BOX, Atspi.Role.ENTRY,
        Atspi.Role.SPIN_BUTTON, Atspi.Role.PAGE_TAB, Atspi.Role.MENU_ITEM, Atspi.Role.CHECK_MENU_ITEM, Atspi.Role.RADIO_MENU_ITEM,
        Atspi.Role.LIST, Atspi.Role.TABLE, Atspi.Role.TREE_TABLE, Atspi.Role.LIST_BOX, Atspi.Role.PROGRESS_BAR, Atspi.Role.SLIDER,
        Atspi.Role.DIALOG, Atspi.Role.ALERT, Atspi.Role.FRAME, Atspi.Role.LINK, Atspi.Role.TOOL_BAR, Atspi.Role.PAGE_TAB_LIST}
MENU_ITEMS = (Atspi.Role.MENU_ITEM, Atspi.Role.CHECK_MENU_ITEM, Atspi.Role.RADIO_MENU_ITEM)
PAGES = ['Download', 'Readback', 'Format', 'Memory test', 'History']
# another item has the p, too; it is the third from below
MENU_KEYS = {'Preferences': ['r'], 'Permission': ['m'], 'Write One Part': ['w'], 'Copy for Support': ['Up', 'Up', 'Up', 'Return']}
# GTK from 4.18 on, if not before, tells no name of any program's menu items
ASK_GTK = "import gi; gi.require_version('Gtk', '4.0'); from gi.repository import Gtk; print(Gtk.get_minor_version())"
NAMELESS_MENUS = int(subprocess.run(['/usr/bin/python3', '-c', ASK_GTK], stdout=subprocess.PIPE, text=True, check=True).stdout) >= 10
CODES = {'F1': '67', 'F10': '76'}
faults = []


def describe(node, around):
    return ' > '.join([repr(n.name or n.acc.get_role_name()) for n in around[-3:]] + [node.acc.get_role_name()])


def get_name(node):
    """GTK 4.8 calls what has no name by its class."""
    return '' if re.fullmatch('(Gtk|Ub)[A-Z][A-Za-z]+', node.name.strip()) else node.name.strip()


def get_words(node):
    """Its name, or what is in it."""
    if get_name(node) or (node.acc.get_description() or '').strip():
        return True
    return any(get_words(child) for child in node.children())


def check(node, where, around=()):
    """Notes what has no name. Returns how many were looked at."""
    role, n = node.role, 0
    if role in USED:
        n = 1
        # a button is what it says; a field or a picture says nothing by itself
        named = get_name(node) if role in (Atspi.Role.ENTRY, Atspi.Role.COMBO_BOX, PROGRESS_BAR, Atspi.Role.CHECK_BOX,
                                              Atspi.Role.SPIN_BUTTON, Atspi.Role.LIST, Atspi.Role.TABLE) else get_words(node)
        if role in (BUTTON, Atspi.Role.TOGGLE_BUTTON) and node.has('FOCUSABLE'):
            named = get_name(node)
        # the rows within a table that has a name
        if not named and role == Atspi.Role.LIST and around and get_name(around[-1]):
            named = True
        named = named or role in MENU_ITEMS and NAMELESS_MENUS
        if not named and not is_inside(node, around):
            faults.append(f'{where}: no name: {describe(node, around)}')
    elif role in (Atspi.Role.IMAGE, Atspi.Role.ICON):
        n = 1
        if not get_words(node) and not any(a.role in (BUTTON, Atspi.Role.TOGGLE_BUTTON, Atspi.Role.CHECK_BOX) for a in around):
            faults.append(f'{where}: a picture without words: {describe(node, around)}')
    elif role not in HOLDERS and node.actions and not get_words(node):
        faults.append(f'{where}: does {node.actions}, and has no name: {describe(node, around)}')
    for child in node.children():
        try:
            n += check(child, where, (*around, node))
        except GLib.Error:   # gone meanwhile
            pass
    return n


def is_inside(node, around):
    """Part of something with a name that is used as one: the button in a drop-down, the field in a spin button."""
    return any(a.role in (Atspi.Role.COMBO_BOX, Atspi.Role.SPIN_BUTTON) and get_name(a) for a in around) and not node.has('FOCUSABLE')


class Looked:
    def __init__(self, *words):
        self.process = subprocess.Popen([APP, *words])
        self.app = application('unbrick')
        self.frame = self.app.get(FRAME, 'Unbrick')

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.process.kill()
        self.process.wait()
        time.sleep(0.3)

    def find(self, found):
        clear_cache(self.app.acc)
        for node in self.app.walk():
            if found(node) and node.has('VISIBLE'):
                return node
        return None

    def wait(self, start, timeout=60):
        return wait_for(start, lambda: self.find(lambda n: n.name.startswith(start)), timeout)

    def press(self, name):
        wait_for(name, lambda: self.find(lambda n: n.role == BUTTON and n.is_called(name) and n.has('SENSITIVE'))).do('click')

    def look(self, where):
        clear_cache(self.app.acc)
        n = check(self.app, where)
        log(f'{where}: {n} looked at')
        assert n > 5, self.app.dump()

    def look_at_pages(self, where):
        for i, name in enumerate(PAGES):
            key('alt', str(i + 1))
            wait_for(f'{name} to be open', lambda: self.find(lambda n: n.role == Atspi.Role.PAGE_TAB and n.name == name and n.has('SELECTED')))
            self.look(f'{where}, {name}')
        key('alt', '1')

    def count_windows(self):
        clear_cache(self.app.acc)
        return self.app.acc.get_child_count()

    def look_at_open_dialog(self, where):
        wait_for(where, lambda: self.count_windows() > 1)
        self.look(where)
        press(0xff1b)   # Escape
        wait_for(f'{where} to close', lambda: self.count_windows() == 1)
        give_keyboard('Unbrick')

    def look_at_dialog(self, where, *keys):
        key(*keys)
        self.look_at_open_dialog(where)

    def open_menu(self):
        key('F10')
        wait_for('the menu', lambda: self.find(lambda n: n.role in MENU_ITEMS))

    def look_at_menu(self):
        self.open_menu()
        self.look('the menu')
        key('Escape')
        wait_for('the menu to close', lambda: not self.find(lambda n: n.role in MENU_ITEMS))

    def look_at_menu_dialog(self, name):
        self.open_menu()
        item = self.find(lambda n: n.role in MENU_ITEMS and n.name.startswith(name))
        if item or not NAMELESS_MENUS:
            item.do('click')
        else:
            for letter in MENU_KEYS[name]:
                key(letter)
        self.look_at_open_dialog(name)


def key(*names):
    # by its place on the keyboard: xdotool takes newer layouts' F1 for Alt+F1
    subprocess.run(['xdotool', 'key', '+'.join(CODES.get(name, name) for name in names)], check=True)


def test_empty():
    with Looked() as window:
        window.wait('Bring a phone back')
        window.look_at_pages('without firmware')


def test_practice():
    with Looked('--practice=MT6580,image=16M,speed=8M') as window:
        window.wait('Ready: press Download')
        window.look_at_pages('with firmware')
        window.look_at_dialog('the shortcuts', 'ctrl', 'question')
        window.look_at_dialog('the help', 'F1')
        window.look_at_menu()
        for name in ('Preferences', 'Permission', 'Write One Part', 'Copy for Support'):   # About is GTK's own
            window.look_at_menu_dialog(name)
        window.press('Download')
        window.wait('Waiting for the phone')
        window.look('waiting')
        window.press('Plug the practice phone in')
        window.wait('Writing system')
        window.look('writing')
        window.wait('Green circle with a tick')
        window.look('done')
        window.look_at_pages('after a job')


def test_questions():
    """Erasing shows what it will do, and repairing what differs."""
    with Looked('--practice=MT6580,image=16M') as window:
        window.wait('Ready: press Download')
        choose(window.frame, 'Mode', 'Format all + download')
        window.press('Erase and download')
        window.look_at_open_dialog('the plan')
    with Looked('--practice=MT6580,image=16M') as window:
        window.wait('Ready: press Download')
        choose(window.frame, 'Mode', 'Repair')
        window.press('Compare and repair')
        window.wait('Waiting for the phone')
        window.press('Plug the practice phone in')
        window.look_at_open_dialog('the question')
        window.wait('Stopped')


def test_trouble():
    with Looked('--practice=MT6580,mischief=write-fail 0x1bd0000') as window:
        window.wait('Ready: press Download')
        window.press('Download')
        window.press('Plug the practice phone in')
        window.wait('Not finished')
        window.look('trouble')


test_empty()
test_practice()
test_questions()
test_trouble()
for fault in sorted(set(faults)):
    print(fault)
assert not faults, f'{len(set(faults))} faults'
print('ok')
