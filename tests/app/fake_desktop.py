#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a desktop is to a program, on this bus: a session manager, a place for notifications, and logind. Every call is a line of JSON on
standard output, and "Released" is logind's lock let go of; "end-session" on standard input ends the session.
"""
import json
import os
import sys

import gi

gi.require_version('Gio', '2.0')
from gi.repository import Gio, GLib  # noqa: E402

XML = '''<node>
<interface name="org.gnome.SessionManager">
  <method name="RegisterClient"><arg type="s" direction="in"/><arg type="s" direction="in"/><arg type="o" direction="out"/></method>
  <method name="UnregisterClient"><arg type="o" direction="in"/></method>
  <method name="Inhibit"><arg type="s" direction="in"/><arg type="u" direction="in"/><arg type="s" direction="in"/>
    <arg type="u" direction="in"/><arg type="u" direction="out"/></method>
  <method name="Uninhibit"><arg type="u" direction="in"/></method>
</interface>
<interface name="org.gnome.SessionManager.ClientPrivate">
  <method name="EndSessionResponse"><arg type="b" direction="in"/><arg type="s" direction="in"/></method>
  <signal name="Stop"/><signal name="QueryEndSession"><arg type="u"/></signal><signal name="EndSession"><arg type="u"/></signal>
  <signal name="CancelEndSession"/>
</interface>
<interface name="org.freedesktop.login1.Manager">
  <method name="Inhibit"><arg type="s" direction="in"/><arg type="s" direction="in"/><arg type="s" direction="in"/>
    <arg type="s" direction="in"/><arg type="h" direction="out"/></method>
</interface>
<interface name="org.gtk.Notifications">
  <method name="AddNotification"><arg type="s" direction="in"/><arg type="s" direction="in"/><arg type="a{sv}" direction="in"/></method>
  <method name="RemoveNotification"><arg type="s" direction="in"/><arg type="s" direction="in"/></method>
</interface>
</node>'''
LOGIN = '/org/freedesktop/login1'
SESSION, CLIENT = '/org/gnome/SessionManager', '/org/gnome/SessionManager/Client1'
bus = Gio.bus_get_sync(Gio.BusType.SESSION)
node = Gio.DBusNodeInfo.new_for_xml(XML)
inhibits = 0


def released(source, _condition):
    os.close(source)
    print(json.dumps(['Released']), flush=True)
    return False


def lock(invocation):
    """The lock is held as long as the other end is open."""
    ours, theirs = os.pipe()
    fds = Gio.UnixFDList.new()
    fds.append(theirs)
    os.close(theirs)
    GLib.unix_fd_add_full(GLib.PRIORITY_DEFAULT, ours, GLib.IOCondition.HUP, released)
    invocation.return_value_with_unix_fd_list(GLib.Variant('(h)', (0,)), fds)


def called(_bus, _sender, path, _interface, method, parameters, invocation):
    global inhibits
    print(json.dumps([method, *parameters.unpack()]), flush=True)
    if path == LOGIN:
        lock(invocation)
    elif method == 'RegisterClient':
        invocation.return_value(GLib.Variant('(o)', (CLIENT,)))
    elif method == 'Inhibit':
        inhibits += 1
        invocation.return_value(GLib.Variant('(u)', (inhibits,)))
    else:
        invocation.return_value(None)


def told(channel, _condition):
    word = channel.readline().strip()
    if word == 'end-session':
        bus.emit_signal(None, CLIENT, 'org.gnome.SessionManager.ClientPrivate', 'EndSession', GLib.Variant('(u)', (0,)))
    elif word == 'query-end-session':
        bus.emit_signal(None, CLIENT, 'org.gnome.SessionManager.ClientPrivate', 'QueryEndSession', GLib.Variant('(u)', (0,)))
    elif not word:
        loop.quit()
    return True


loop = GLib.MainLoop()
for path, name in ((SESSION, 'org.gnome.SessionManager'), (CLIENT, 'org.gnome.SessionManager.ClientPrivate'),
                   ('/org/gtk/Notifications', 'org.gtk.Notifications'), (LOGIN, 'org.freedesktop.login1.Manager')):
    bus.register_object(path, node.lookup_interface(name), called, None, None)
for name in ('org.gnome.SessionManager', 'org.gtk.Notifications', 'org.freedesktop.login1'):
    answer = bus.call_sync('org.freedesktop.DBus', '/org/freedesktop/DBus', 'org.freedesktop.DBus', 'RequestName',
                           GLib.Variant('(su)', (name, 4)), None, 0, -1).unpack()
    assert answer == (1,), (name, answer)
print(json.dumps(['ready']), flush=True)
GLib.io_add_watch(sys.stdin, GLib.PRIORITY_DEFAULT, GLib.IOCondition.IN | GLib.IOCondition.HUP, told)
loop.run()
