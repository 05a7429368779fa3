# SPDX-License-Identifier: GPL-3.0-or-later
"""Drives an application by AT-SPI, and the virtual phone by ub-lab's commands."""
import subprocess
import time

import gi

gi.require_version('Atspi', '2.0')
from gi.repository import Atspi, GLib  # noqa: E402

Atspi.set_timeout(2000, 10000)   # ms for one call; for an application that starts


KEY_DOWN, KEY_RETURN = 0xff54, 0xff0d   # X11's
# Roles by number: their names differ between versions ("push button", "button").
BUTTON, CHECK_BOX, FRAME = Atspi.Role.PUSH_BUTTON, Atspi.Role.CHECK_BOX, Atspi.Role.FRAME
LABEL, LIST_ITEM, PROGRESS_BAR = Atspi.Role.LABEL, Atspi.Role.LIST_ITEM, Atspi.Role.PROGRESS_BAR

SAYING = (Atspi.Role.STATUS_BAR, Atspi.Role.ALERT, Atspi.Role.NOTIFICATION)


class NotFound(AssertionError):
    pass


def wait_for(what, function, timeout=10.0, every=0.02):
    """Calls function until it returns something true; AT-SPI errors count as not yet."""
    end = time.monotonic() + timeout
    error = None
    while True:
        try:
            value = function()
            if value:
                return value
        except GLib.Error as e:   # the object went away while we looked
            error = e
        if time.monotonic() > end:
            raise NotFound(f'timed out after {timeout} s waiting for {what}' + (f' ({error})' if error else ''))
        time.sleep(every)


def clear_cache(acc):
    """Have the next look ask the application (clear_cache_single is new in at-spi2-core 2.49)."""
    getattr(acc, 'clear_cache_single', acc.clear_cache)()


class Node:
    """An accessible object, without the C API's corners."""

    def __init__(self, acc):
        self.acc = acc

    @property
    def name(self):
        name = self.acc.get_name()
        # GTK 4.10 and later do not name a status or an alert by what it says
        return name or self.acc.get_role() in SAYING and self.text or ''

    def is_called(self, name):
        """GTK 4.8 names a button "_Save Save": by its property with the underline, and its label."""
        return self.name.replace('_', '') in (name, f'{name} {name}')

    @property
    def role(self):
        return self.acc.get_role()

    @property
    def text(self):
        t = self.acc.get_text_iface()
        return Atspi.Text.get_text(t, 0, Atspi.Text.get_character_count(t)) if t else None

    @property
    def value(self):
        v = self.acc.get_value_iface()
        return Atspi.Value.get_current_value(v) if v else None

    def has(self, state):
        clear_cache(self.acc)
        return self.acc.get_state_set().contains(getattr(Atspi.StateType, state))

    @property
    def actions(self):
        a = self.acc.get_action_iface()
        return [self.get_action_name(a, i) for i in range(Atspi.Action.get_n_actions(a))] if a else []

    @staticmethod
    def get_action_name(a, i):
        """Newer GTK counts what is disabled, and does not name it."""
        try:
            return Atspi.Action.get_action_name(a, i)
        except GLib.Error:
            return ''

    def do(self, action='click'):
        a = self.acc.get_action_iface()
        names = self.actions
        if action not in names:
            raise NotFound(f'{self!r} has no action {action!r}, only {names}')
        assert Atspi.Action.do_action(a, names.index(action)), f'{action} of {self!r} failed'

    @property
    def extents(self):
        r = Atspi.Component.get_extents(self.acc.get_component_iface(), Atspi.CoordType.WINDOW)
        return r.x, r.y, r.width, r.height

    def children(self):
        for i in range(self.acc.get_child_count()):
            child = self.acc.get_child_at_index(i)
            if child is not None:
                yield Node(child)

    def walk(self):
        yield self
        for child in self.children():
            yield from child.walk()

    def find(self, role=None, name=None):
        for n in self.walk():
            if (role is None or n.role == role) and (name is None or n.is_called(name)):
                return n
        return None

    def get(self, role, name=None, timeout=10.0):
        return wait_for(f'{role.value_nick} {name!r}', lambda: self.find(role, name), timeout)

    def dump(self, depth=0):
        lines = []
        for n in [self]:
            extra = ''.join(f' {k}={v!r}' for k, v in (('text', n.text), ('value', n.value), ('actions', n.actions)) if v or v == 0)
            lines.append('  ' * depth + f'[{n.role.value_nick}] {n.name!r}{extra}')
            for c in n.children():
                lines.append(c.dump(depth + 1))
        return '\n'.join(lines)

    def __repr__(self):
        return f'<{self.role.value_nick} {self.name!r}>'


def application(name, timeout=15.0):
    def look():
        desktop = Atspi.get_desktop(0)
        clear_cache(desktop)
        for i in range(desktop.get_child_count()):
            app = desktop.get_child_at_index(i)
            if app is not None and app.get_name() == name and app.get_child_count() > 0:
                return Node(app)
        return None
    return wait_for(f'application {name!r}', look, timeout)


def press(*keys):
    """Keys by their X number, on whatever has the keyboard."""
    for key in keys:
        assert Atspi.generate_keyboard_event(key, None, Atspi.KeySynthType.SYM), hex(key)
        time.sleep(0.05)


def give_keyboard(title):
    """What a window manager does when a dialog closes; there is none here, and since GTK 4.10 or so nobody else does it."""
    subprocess.run(['xdotool', 'search', '--onlyvisible', '--name', f'^{title}$', 'windowfocus'], check=True)


def choose(frame, name, choice):
    """GTK 4.8's drop-downs say nothing of a selection: by keyboard, as a person without a mouse."""
    box = next(n for n in frame.walk() if n.acc.get_role_name() == 'combo box' and n.name == name)
    next(box.children()).do('click')
    items = wait_for(f'{name} to open', lambda: [n for n in box.walk() if n.role == LIST_ITEM])
    names = [next(n.name for n in item.walk() if n.role == LABEL) for item in items]
    time.sleep(0.3)   # until the list has the keyboard
    press(*[KEY_DOWN] * names.index(choice), KEY_RETURN)


class Phone:
    """ub-lab, which holds the phone and runs the application: Phone([lab, '--phone', 'MT6580'], [app, ...])."""

    def __init__(self, lab, command, env=None, log=None):
        self.status = None
        self.process = subprocess.Popen([*lab, '--', *command], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=log, text=True, bufsize=1, env=env)

    def __call__(self, command):
        self.process.stdin.write(command + '\n')
        answer = self.process.stdout.readline().strip()
        assert answer.startswith('ok'), f'{command}: {answer!r}'
        return answer[3:]

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        if self.process.poll() is None:
            self('quit')
        self.status = self.process.wait(10)
