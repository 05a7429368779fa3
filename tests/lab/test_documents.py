#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files as a sandbox gets them: through the real documents portal, on a bus of its own.

test_documents.py UNBRICK TEST-BACKUP TEST-BACKUP-SAVE. Skipped where there is no portal, or no FUSE.
"""
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

SKIP = 77
STORE = '/usr/libexec/xdg-permission-store'
PORTAL = '/usr/libexec/xdg-document-portal'
NAME, PATH = 'org.freedesktop.portal.Documents', '/org/freedesktop/portal/documents'
# this portal knows no named pipes, and may die of a truncate()
BACKUP = ['-s', '/backup/wrong-files']
SAVE = ['-p', '/backup-save/saved', '-p', '/backup-save/damaged', '-p', '/backup-save/cancelled']


def skip(why):
    print(why)
    sys.exit(SKIP)


def export(folder):
    """A folder as a chooser gives it: every permission, for the program itself."""
    import gi
    from gi.repository import Gio, GLib
    bus = Gio.bus_get_sync(Gio.BusType.SESSION)
    deadline = time.monotonic() + 20
    while not bus.call_sync('org.freedesktop.DBus', '/org/freedesktop/DBus', 'org.freedesktop.DBus', 'NameHasOwner',
                            GLib.Variant('(s)', (NAME,)), None, 0, -1).unpack()[0]:
        if time.monotonic() > deadline:
            skip('the documents portal does not start here')
        time.sleep(0.05)
    fds = Gio.UnixFDList.new()
    fds.append(os.open(folder, os.O_PATH))
    flags = 1 | 8   # an existing document again; a folder
    answer = bus.call_with_unix_fd_list_sync(NAME, PATH, NAME, 'AddFull', GLib.Variant('(ahusas)', ([0], flags, '', [])), None, 0, -1, fds)
    mount = bus.call_sync(NAME, PATH, NAME, 'GetMountPoint', None, None, 0, -1).unpack()[0]
    return pathlib.Path(bytes(mount).rstrip(b'\0').decode()), answer[0].unpack()[0][0]


def run(*words, **more):
    return subprocess.run(words, capture_output=True, text=True, timeout=120, **more)


def test_engine(program, words, folder):
    done = run(program, *words, env={**os.environ, 'TMPDIR': str(folder)})
    assert done.returncode == 0 and 'not ok' not in done.stdout, done.stdout + done.stderr
    print(f'ok: {pathlib.Path(program).name} in a document')


def test_console(unbrick, host, document):
    """What is said names the folder as people know it; what is done, works."""
    practice = f'--practice=MT6580,small,folder={document}/rom'
    plan = run(unbrick, practice, '--console', 'check', f'{document}/rom')
    assert plan.returncode == 0, plan.stderr
    assert '/doc/' not in plan.stdout + plan.stderr, plan.stdout + plan.stderr
    assert f'{host.name}/rom/' in plan.stdout, plan.stdout
    none = run(unbrick, '--console', 'check', f'{document}/none')
    assert none.returncode == 3 and '/doc/' not in none.stderr and f'{host.name}/none' in none.stderr, none.stderr
    read = run(unbrick, practice, '--console', 'read', f'--out={document}/read')
    assert read.returncode == 0, read.stderr
    assert '/doc/' not in read.stdout + read.stderr and f'{host.name}/read' in read.stdout, read.stdout + read.stderr
    assert (host / 'read' / 'manifest.json').is_file()
    back = run(unbrick, '--console', 'copies', 'verify', f'{document}/read')
    assert back.returncode == 0, back.stderr
    print('ok: a phone read into a document, and told by its real name')


def inside(unbrick, backup, save, home):
    with open(home / 'log', 'w') as log:
        helpers = [subprocess.Popen([STORE], stdout=log, stderr=log), subprocess.Popen([PORTAL], stdout=log, stderr=log)]
    host = home / 'chosen'
    (host / 'rom').mkdir(parents=True)
    try:
        mount, document = export(host)
        folder = mount / document / host.name
        if not folder.is_dir():
            skip(f'nothing is seen below {mount}')
        test_console(unbrick, host, folder)
        test_engine(save, SAVE, folder)
        test_engine(backup, BACKUP, folder)
    finally:
        for helper in reversed(helpers):
            helper.terminate()
            helper.wait()
        subprocess.run(['fusermount3', '-u', '-z', home / 'run' / 'doc'], capture_output=True)


def main():
    if os.environ.get('DOCUMENTS_HOME'):
        inside(*sys.argv[1:], pathlib.Path(os.environ['DOCUMENTS_HOME']))
        return
    if not all(os.access(p, os.X_OK) for p in (STORE, PORTAL)) or not shutil.which('dbus-run-session'):
        skip('there is no documents portal here')
    if not os.access('/dev/fuse', os.R_OK | os.W_OK) or not shutil.which('fusermount3'):
        skip('there is no FUSE here')
    with tempfile.TemporaryDirectory(prefix='unbrick-documents-') as home:
        here = pathlib.Path(__file__).parent
        (pathlib.Path(home) / 'run').mkdir(mode=0o700)
        env = {**os.environ, 'DOCUMENTS_HOME': home, 'HOME': home, 'XDG_RUNTIME_DIR': f'{home}/run', 'XDG_DATA_HOME': f'{home}/data',
               'XDG_CACHE_HOME': f'{home}/cache', 'LC_ALL': 'C.UTF-8'}
        sys.exit(subprocess.run(['dbus-run-session', f'--config-file={here}/session.conf', '--', sys.executable, __file__, *sys.argv[1:]], env=env).returncode)


main()
