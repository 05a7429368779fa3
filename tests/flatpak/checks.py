#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Everything that ./check-flatpak shows, from building it to the green circle. Runs as an ordinary user, in session.

checks.py --branch NAME [NAME…]"""
import argparse
import configparser
import json
import os
import re
import shlex
import shutil
import signal
import sys
import time
import traceback

from flatpak import BUS, EXPORTS, HOME, ID, OUT, OWN, Computer, Job, Table, console, run, said, sandbox, shell

TREE = HOME / 'tree'
MANIFEST = TREE / 'flatpak' / f'{ID}.json'
CONTEXT = {'shared': 'ipc', 'sockets': 'fallback-x11,wayland,x11', 'devices': 'all'}
RULES_FILE = '60-unbrick.rules'
CHOOSER = 'xdg-desktop-portal-gtk'


def find_errors(log):
    return '\n'.join([line for line in log.split('\n') if re.search('error', line, re.I)][:20] or log.split('\n')[-30:])


class Checks:
    def __init__(self, options):
        self.options, self.table, self.computer = options, Table(), Computer()

    def add(self, *row):
        return self.table.add(*row)

    # --- from source to a desktop ---

    def check_build(self):
        start = time.monotonic()
        run('flatpak', '--user', 'remote-add', '--no-gpg-verify', 'lab', HOME / 'runtime')
        branch = self.options.branch
        run('flatpak', '--user', 'install', '-y', '--noninteractive', 'lab', f'org.gnome.Platform//{branch}', f'org.gnome.Sdk//{branch}')
        installed = time.monotonic()
        done = run('flatpak-builder', '--user', '--disable-rofiles-fuse', '--disable-download', '--force-clean', '--state-dir=state', '--repo=repo',
                   '--default-branch=stable', 'build', MANIFEST, check=False)
        (OUT / 'build.log').write_text(done.stdout + done.stderr)
        assert self.add('it builds from the committed tree, without a network, as an ordinary user', done.returncode == 0,
                        f'{time.monotonic() - installed:.0f} s'), find_errors(done.stdout)
        run('flatpak', '--user', 'remote-add', '--no-gpg-verify', 'ours', HOME / 'repo')
        run('flatpak', '--user', 'install', '-y', '--noninteractive', 'ours', ID)
        self.add('it is installed for this user alone', 'user' in run('flatpak', 'list', '--app', '--columns=application,installation').stdout,
                 f'runtime and all {time.monotonic() - start:.0f} s')
        warnings = sorted(set(re.findall(r'^\.\./(src/\S+ warning: .*)', done.stdout + done.stderr, re.M)))
        self.add('its compiler has nothing to say', not warnings, '; '.join(warnings)[:300])

    def check_exports(self):
        """What the desktop sees of it."""
        for words, path in (('its desktop entry', f'applications/{ID}.desktop'), ('its icon', f'icons/hicolor/scalable/apps/{ID}.svg'),
                            ('its symbolic icon', f'icons/hicolor/symbolic/apps/{ID}-symbolic.svg'), ('its D-Bus service', f'dbus-1/services/{ID}.service'),
                            ('its file types', f'mime/packages/{ID}.mime.xml')):
            self.add(f'the desktop sees {words}', (EXPORTS / path).is_file())
        metainfo = [path for path in EXPORTS.glob(f'metainfo/{ID}.*') if path.is_file()]
        self.add('the desktop sees its description', len(metainfo) == 1, ', '.join(path.name for path in metainfo))
        entry = configparser.RawConfigParser(strict=True, delimiters=('=',))
        entry.optionxform = str
        entry.read(EXPORTS / f'applications/{ID}.desktop')
        starts = entry['Desktop Entry']['Exec']
        self.add('opening a file with it hands the file in', '--file-forwarding' in starts and re.search('@@u? %[fFuU] @@', starts), starts)
        files = HOME / f'.local/share/flatpak/app/{ID}/current/active/files'
        left = [str(path.relative_to(files)) for pattern in ('*.h', '*.pc', '*.la', '*.a', '*.rules') for path in files.rglob(pattern)]
        self.add('nothing is left in it that only programmers need, and no rule that nobody would read', not left, ', '.join(left))
        notices = sorted(path.parent.name for path in (files / f'share/licenses/{ID}').rglob('*') if path.is_file())
        self.add('the licences are with it', {'libyaml', 'unbrick'} <= set(notices), ', '.join(notices))

    # --- the sandbox from inside ---

    def check_permissions(self):
        self.computer.ask('plug', number=9, mode=0o444)   # or there is no /dev/bus/usb, in a computer without USB
        self.computer.ask('unplug', number=9)
        granted = configparser.RawConfigParser()
        granted.read_string(run('flatpak', 'info', '--show-permissions', ID).stdout)
        context = {key: ','.join(sorted(filter(None, value.split(';')))) for key, value in granted['Context'].items()}
        self.add('it may do what was agreed on, and nothing else', context == CONTEXT and granted.sections() == ['Context'], context)
        inside = dict(line.split('=', 1) for line in shell(
            f'echo home=$(cat {HOME}/secret/diary 2>&1); echo files=$(ls -d {HOME}/* 2>/dev/null | tr "\\n" " "); '
            'echo host=$(ls -d /run/host/usr /run/host/etc 2>/dev/null); echo etc=$(ls /etc/udev/rules.d 2>/dev/null); '
            'echo caps=$(sed -n "s/^CapEff:.//p" /proc/self/status); echo seccomp=$(sed -n "s/^Seccomp:.//p" /proc/self/status); '
            'echo net=$(sed -n "s/:.*//p" /proc/net/dev | tr -d " " | tr "\\n" ,); echo usb=$(ls -d /dev/bus/usb); '
            'echo write=$(touch /app/x 2>&1 || echo no); echo tools=$(command -v pkexec sudo su | tr "\\n" " "); echo uid=$(id -u); '
            'echo procs=$(ls -d /proc/[0-9]* | wc -l)').splitlines())
        self.add('the home is hidden', 'No such file' in inside['home'] and inside['files'] == '', inside['files'])
        self.add('the computer’s own files are hidden', inside['host'] == '' and inside['etc'] == '')
        self.add('it has no capabilities, and runs as the user', inside['caps'] == '0' * 16 and inside['uid'] == str(os.getuid()), f'CapEff {inside["caps"]}')
        self.add('system calls are filtered', inside['seccomp'] == '2')
        self.add('it is offline', inside['net'] == 'lo,', inside['net'])
        self.add('/dev/bus/usb is there', inside['usb'] == '/dev/bus/usb')
        self.add('it cannot change itself, nor become anybody else', 'no' in inside['write'] and inside['tools'] == '')
        self.add('it sees no other program of the computer', int(inside['procs']) < 10, f'{inside["procs"]} processes')
        escape = run(*sandbox('--command=gdbus'), ID, 'introspect', '--session', '--dest', 'org.freedesktop.Flatpak',
                     '--object-path', '/org/freedesktop/Flatpak/Development', check=False)   # who starts programs for flatpak-spawn --host
        self.add('it can start nothing outside', escape.returncode != 0 and 'HostCommand' not in escape.stdout, said(escape.stderr).strip()[:120])

    def check_program(self):
        version = re.search(r"version: '([^']+)'", (TREE / 'meson.build').read_text()).group(1)
        self.add('the program starts', run(*sandbox(), ID, '--version').stdout.strip() == f'unbrick {version}', version)
        missing = [line for line in shell('ldd /app/bin/unbrick').splitlines() if 'not found' in line]
        self.add('its libraries are there, libyaml from ourselves', not missing and '/app/lib/libyaml' in shell('ldd /app/bin/unbrick'), missing)
        self.add('the rule it prints is the one the build makes', run(*sandbox(), ID, '--print-udev-rules').stdout == (HOME / 'rules').read_text())

    # --- the cable ---

    def check_watch(self):
        """A node that comes after the start: seen by inotify alone, closed first, then opened by whoever looks after the computer."""
        computer, port = self.computer, f'{BUS:03}-005'
        computer.ask('clean')
        had_none = not os.path.exists('/dev/bus/usb')
        with Job(*sandbox('--command=unbrick'), ID, '--console', 'watch', '--json') as job:
            time.sleep(2)
            computer.ask('plug', number=9, mode=0o444)
            job.wait_for(f'"{BUS:03}-009"')
            self.add('a new bus is seen' + (', where there was none at all at the start' if had_none else ''), True)
            computer.ask('unplug', number=9)
            job.wait_for(f'"{BUS:03}-009".*"present":false|"present":false.*"{BUS:03}-009"')
            start = time.monotonic()
            computer.ask('plug', number=5, mode=0o600)
            time.sleep(1.5)
            closed = [line for line in job.lines if port in line]
            computer.ask('allow', number=5, mode=0o444)   # to be read, as the kernel makes it
            at = job.wait_for(f'{port}.*denied|denied.*{port}')
            self.add('a node made after the start is seen, and that we may not open it', True, job.lines[at][:160])
            self.add('… and one nobody may even read is not guessed at', not closed)
            start = time.monotonic()
            computer.ask('allow', number=5, mode=0o666)
            at = job.wait_for(f'{port}.*"access":"ok"|"access":"ok".*{port}', after=at)
            self.add('once it is allowed, that is seen without a restart', True, f'{(time.monotonic() - start) * 1000:.1f} ms')
            computer.ask('unplug', number=5)
            job.wait_for(f'{port}.*"present":false|"present":false.*{port}', after=at)
            self.add('… and that it goes', True)
        computer.ask('plug', number=5, mode=0o444)
        with Job(*sandbox('--command=unbrick'), ID, '--console', 'watch') as job:
            at = job.wait_for('sudo sh -c')
            self.add('what to do about it is said, with a line to copy', f'flatpak run {ID} --print-udev-rules' in job.lines[at], job.lines[at - 2].strip())
        computer.ask('unplug', number=5)

    def check_rule(self):
        """The line for a terminal, in the shell that /bin/sh is, by somebody who may."""
        text = said(console('permission', check=False).stdout)
        line = next((line for line in text.splitlines() if line.startswith('flatpak run')), '')
        self.add('the rule is asked for in words, for nobody can see from inside whether it is there', 'sandbox' in text and line, line)
        self.add('nobody is asked for a password by the program', 'pkexec' not in text)
        lab = HOME / 'rule'
        rules = lab / 'rules.d'
        rules.mkdir(parents=True)
        (lab / 'bin').mkdir()
        # the administrator: everything is done but where it is done
        (lab / 'bin/sudo').write_text(f'#!/bin/sh\necho "$@" >>{lab}/log\ncase $1 in\nsh) exec sh -c "$(printf %s "$3" | sed s,/etc/udev/rules.d,{rules},)" ;;\n'
                                      'udevadm) ;;\n*) exit 1 ;;\nesac\n')
        (lab / 'bin/sudo').chmod(0o755)
        done = run('dash', '-c', line, check=False, env={**os.environ, 'PATH': f'{lab}/bin:{os.environ["PATH"]}'})
        made = rules / RULES_FILE
        self.add('the line works as it stands: the rule is in place, and udev is told', done.returncode == 0 and made.is_file()
                 and made.read_text() == (HOME / 'rules').read_text() and 'udevadm trigger --subsystem-match=usb' in (lab / 'log').read_text(),
                 shlex.join(sorted(path.name for path in rules.iterdir())))

    # --- files ---

    def make_firmware(self, name='MT6580_rom'):
        """A folder in the home with a practice firmware in it."""
        folder = HOME / 'roms' / name
        if not folder.is_dir():
            inside = OWN / 'cache' / 'made'
            console(f'--practice=folder={inside}', 'check', inside)
            shutil.copytree(inside, folder)
            shutil.rmtree(inside)
        return folder

    def hand_in(self, path, *options):
        """What a chooser does: from now on the program sees it, under a path of the portal's."""
        shown = run('flatpak', 'document-export', f'--app={ID}', '-r', *options, path).stdout.strip()
        assert shown.startswith(f'{os.environ["XDG_RUNTIME_DIR"]}/doc/'), shown
        return shown

    def check_documents(self):
        folder = self.make_firmware()
        hidden = console('check', folder, check=False)
        self.add('a folder nobody handed in cannot be opened, and the words say what to do',
                 hidden.returncode != 0 and str(folder) in hidden.stderr + hidden.stdout, said(hidden.stderr).strip().replace('\n', ' '))
        shown = self.hand_in(folder)
        found = shell(f'ls {shlex.quote(shown)} | wc -l')
        self.add('a folder from the documents portal has all its files', int(found) == len(list(folder.iterdir())), found)
        done = console('check', shown, check=False)
        words = said(done.stdout + done.stderr)
        (OUT / 'check.txt').write_text(words)
        self.add('the program reads a firmware from it', done.returncode == 0 and 'MT6580' in words, words.split('\n')[0])
        self.add('it is called as people know it, never as the portal does', '/run/' not in words and '/doc/' not in words and folder.name in words)
        alone = self.hand_in(next(folder.glob('*scatter*.txt')))
        done = console('check', alone, check=False)
        words = said(done.stdout + done.stderr)
        self.add('a scatter file alone: that its images are not to be seen is said', done.returncode != 0 and '/run/' not in words,
                 words.strip().replace('\n', ' ')[:300])
        report = console('check', '--json', shown, check=False).stdout
        self.add('what scripts are told can be read', json.loads(report))

    # --- the window ---

    def check_window(self):
        """A firmware that was handed in, to the green circle."""
        import window
        shown = self.hand_in(self.make_firmware())
        ears = window.Ears()
        portals = [f"interface='org.freedesktop.portal.{name}',type='method_call'" for name in ('Inhibit', 'Notification')]
        with Job('dbus-monitor', '--session', *portals) as bus, window.Program('--practice', shown) as program:
            it = window.Window()
            colours = window.take_picture('loaded')
            self.add('the window opens with the firmware that was handed in', colours > 50, it.words.name)
            names = program.read_all()
            self.add('every word in it is one people know: no path of the portal’s', not [name for name in names if '/run/' in name or '/doc/' in name],
                     next((name for name in names if 'MT6580_rom' in name), 'the folder’s name is nowhere'))
            it.download.do('click')
            window.wait_for('the window to wait', lambda: it.find_showing('Waiting for the phone'))
            it.find_showing_button('Plug the practice phone in').do('click')
            window.look_elsewhere()
            phases = it.watch(('Done', 'Not finished'))
            self.add('a flash of the practice phone ends well', phases[-1].startswith('Done'), phases[-1])
            window.wait_for('the green circle', lambda: it.find_showing('Green circle with a tick'))
            time.sleep(0.5)
            ears.listen()
            self.add('the green circle is there', True, f'picture of {window.take_picture("done")} colours')
            self.add('a screen reader hears how it goes', any('Done' in text for text in ears.heard), f'{len(ears.heard)} announcements, {ears.heard[-1:]}')
            calls = [re.search(r'member=(\w+)', line).group(1) for line in bus.lines if ID in line or 'member=' in line]
            self.add('the computer is asked to stay awake, and the end is told to a person who looks elsewhere', 'Inhibit' in calls and 'AddNotification' in calls,
                     ', '.join(calls))
            self.add('nothing is complained about', not program.complaints(), '; '.join(program.complaints())[:300])
        copies = list((OWN / 'cache/unbrick').rglob('copies/*/*/manifest.json'))
        self.add('its safety copy is where the practice phone’s are kept', copies, ', '.join(str(path.parent.relative_to(OWN)) for path in copies))

    def check_page(self):
        """A real phone that may not be opened: the page for it, the line, and what is said when it may."""
        import window
        computer = self.computer
        computer.ask('plug', number=6, mode=0o444)
        with window.Program() as program:
            def find(name):
                window.clear_cache(program.app.acc)
                return next((node for node in program.app.walk() if node.is_called(name) or node.name == name), None)

            def get(name, timeout=10):
                return window.wait_for(f'{name!r}', lambda: find(name), timeout, 0.1)
            get('Allow It…').do('click')
            copy = get('Copy')
            time.sleep(1)
            window.take_picture('permission')
            words = [node.text for node in program.app.walk() if node.text and 'flatpak run' in node.text]
            self.add('the page has the line', bool(words) and words[0].startswith(f'flatpak run {ID} --print-udev-rules | sudo'), words[:1])
            self.add('it offers no password question, which nobody could ask from inside', not find('Allow…') or not find('Allow…').has('VISIBLE'))
            copy.do('click')
            time.sleep(0.5)
            clip = run('xclip', '-o', '-selection', 'clipboard', check=False, timeout=5).stdout if shutil.which('xclip') else None
            self.add('its button copies it', get('Copied.') is not None and clip in (None, words[0]), 'seen on the clipboard' if clip else '')
            computer.ask('allow', number=6, mode=0o666)
            good = window.wait_for('words that it may', lambda: find('Done: this computer lets Unbrick talk to phones')
                                   or find('This computer lets Unbrick talk to phones'), 10, 0.1)
            window.take_picture('permitted')
            self.add('as soon as the phone may be opened, the page says so', True, good.name)
        computer.ask('unplug', number=6)

    def check_languages(self):
        import window
        names = sorted(path.parent.parent.name for path in (HOME / f'.local/share/flatpak/app/{ID}/current/active/files/share/locale').glob('*/LC_MESSAGES/unbrick.mo'))
        wanted = sorted((TREE / 'po/LINGUAS').read_text().split('\n'))
        wanted = [name for name in wanted if name and not name.startswith('#')]
        self.add('all languages are in the application itself', names == wanted, ', '.join(names) or 'none yet')
        if 'es' not in names:
            return
        text = console('permission', check=False, options=('--env=LANG=es_ES.UTF-8', '--env=LC_ALL=es_ES.UTF-8')).stdout
        self.add('it speaks Spanish inside', 'Ejecut' in text or 'terminal' in text and 'Run this' not in text, said(text).split('\n')[0])
        for language in ('es_ES', 'ar_EG'):
            if language[:2] in names:
                with window.Program('--practice', options=(f'--env=LC_ALL={language}.UTF-8',), frame='Unbrick'):
                    time.sleep(2)
                    window.move_to_corner()
                    self.add(f'the window in {language}', window.take_picture(f'window-{language}') > 50)

    def check_data(self):
        """What it leaves behind, and where."""
        done = console('--practice', 'flash', check=False)
        self.add('a flash in the terminal works as well', done.returncode == 0, said(done.stdout).strip().split('\n')[-1])
        archive = HOME / 'MT6580_rom.zip'
        folder = self.make_firmware()
        shutil.make_archive(str(archive.with_suffix('')), 'zip', folder.parent, folder.name)
        done = console('check', self.hand_in(archive), check=False)
        self.add('an archive is unpacked inside', done.returncode == 0, said(done.stdout).split('\n')[0])
        copy = next((OWN / 'cache/unbrick').rglob('copies/*/*/manifest.json')).parent
        shutil.copytree(copy, OWN / 'data/unbrick/copies' / copy.parent.name / copy.name)
        listed = console('copies', check=False).stdout
        self.add('safety copies of real phones are kept in its own data folder', 'MT6580' in listed or copy.name in listed, said(listed).strip().split('\n')[0])
        strangers = [path for path in HOME.rglob('*') if path.is_file() and 'unbrick' in str(path.relative_to(HOME)).lower()
                     and not str(path).startswith((str(OWN), str(TREE), str(HOME / '.local/share/flatpak'), str(HOME / 'state'), str(HOME / 'build'),
                                                   str(HOME / 'repo'), str(HOME / 'runtime'), str(HOME / 'rule'), str(OUT), str(HOME / '.cache')))]
        self.add('nothing is left outside its own folder', not strangers, strangers[:5])
        run(*sandbox('--command=gsettings'), ID, 'set', ID, 'copies-max-days', '77')
        keys = OWN / 'config/glib-2.0/settings/keyfile'
        self.add('its settings are its own', keys.is_file() and '77' in keys.read_text() and not (HOME / '.config/dconf').exists(), keys.relative_to(HOME))

    def check_activation(self):
        """By D-Bus, as a desktop starts it, and by a file."""
        import window
        path = '/' + ID.replace('.', '/')
        run('gdbus', 'call', '--session', '--dest', ID, '--object-path', path, '--method', 'org.freedesktop.Application.Activate', '{}', timeout=60)
        app = window.application('unbrick', 20)
        self.add('the desktop can start it by D-Bus', app.get(window.FRAME, 'Unbrick') is not None)
        run('gdbus', 'call', '--session', '--dest', ID, '--object-path', path, '--method', 'org.freedesktop.Application.Activate', '{}', timeout=60)
        window.clear_cache(app.acc)
        self.add('a second start is the first window', len([child for child in app.children() if child.role == window.FRAME]) == 1)
        run('flatpak', 'kill', ID, check=False)
        time.sleep(1)
        scatter = next(self.make_firmware().glob('*scatter*.txt'))
        with Job('gio', 'launch', EXPORTS / f'applications/{ID}.desktop', scatter):
            app = window.application('unbrick', 30)
            time.sleep(2)
            window.take_picture('opened-file')
            names = [node.name for node in app.walk() if node.name]
            self.add('a file opened with it: the folder is asked for, by name',
                     any('folder' in name.lower() for name in names) and not [name for name in names if '/run/' in name],
                     next((name for name in names if 'folder' in name.lower() and len(name) > 30), ''))

    def check_chooser(self):
        """The desktop's own dialog, by keyboard, as a person."""
        import window
        folder = self.make_firmware()
        with window.Program() as program:
            program.get_button('Open Firmware Folder…').do('click')
            dialog = window.wait_for_window(CHOOSER)
            run('xdotool', 'windowfocus', '--sync', dialog)
            window.press('alt+Home', 'ctrl+l')   # what was used last has no place for a path
            window.write(f'{folder}/')
            time.sleep(1)
            window.press('End')
            window.take_picture('chooser')
            window.press('Return')
            window.wait_for('the dialog to go', lambda: not window.find_windows(CHOOSER), 10, 0.1)
            it = window.Window()
            window.take_picture('chosen')
            self.add('the folder is chosen in the desktop’s own dialog, and opens', True, it.words.name)
            names = program.read_all()
            program.leave()
            self.add('… and is called as people know it', any(folder.name in name for name in names) and not [name for name in names if '/run/' in name],
                     next((name for name in names if folder.name in name), ''))
        kept = re.search(r"recent-firmware=\['([^']+)'", (OWN / 'config/glib-2.0/settings/keyfile').read_text())
        self.add('… and is still handed in after the program has ended', kept and console('check', kept.group(1), check=False).returncode == 0,
                 kept.group(1) if kept else 'not kept')

    def change_portal(self):
        """From now on the documents portal is that of a newer desktop: session's D-Bus service goes by this file."""
        name = 'org.freedesktop.portal.Documents'
        pid = run('gdbus', 'call', '--session', '--dest', 'org.freedesktop.DBus', '--object-path', '/org/freedesktop/DBus', '--method',
                  'org.freedesktop.DBus.GetConnectionUnixProcessID', name).stdout
        (HOME / 'newer').touch()
        os.kill(int(re.search(r'uint32 (\d+)', pid).group(1)), signal.SIGTERM)
        time.sleep(1)
        return run('gdbus', 'call', '--session', '--dest', name, '--object-path', '/org/freedesktop/portal/documents', '--method',
                   'org.freedesktop.DBus.Properties.Get', name, 'version').stdout.strip()

    def check_places(self):
        """A newer portal tells where a folder is."""
        import window
        self.hand_in(self.make_firmware())
        version = self.change_portal()
        folder = self.make_firmware('of a newer desktop')
        shown = self.hand_in(folder)
        words = said(console('check', shown, check=False).stdout)
        self.add('with a newer portal, a folder is where it really is', str(folder) in words.replace('~', str(HOME)) and '/run/' not in words,
                 f'{version}: {words.split(chr(10))[0]}')
        with window.Program('--practice', shown) as program:
            it = window.Window()
            window.take_picture('places')
            names = program.read_all()
            self.add('… in the window as well', it.words and any('roms/of a newer desktop' in name for name in names) and not [n for n in names if '/run/' in n],
                     next((name for name in names if 'newer' in name), ''))

    def check_bundle(self):
        bundle = ['flatpak', 'build-bundle', HOME / 'repo', ID, 'stable']
        run(*bundle[:2], '--runtime-repo=https://dl.flathub.org/repo/flathub.flatpakrepo', bundle[2], OUT / 'unbrick.flatpak', *bundle[3:])
        # … which is asked on the way; not here
        run(*bundle[:3], HOME / 'try.flatpak', *bundle[3:])
        was_there = list((OWN / 'data').rglob('manifest.json'))
        size = (OUT / 'unbrick.flatpak').stat().st_size
        run('flatpak', '--user', 'uninstall', '-y', '--noninteractive', ID)
        run('flatpak', '--user', 'install', '-y', '--noninteractive', '--bundle', HOME / 'try.flatpak')
        self.add('the bundle is made, and installs', run(*sandbox(), ID, '--version').stdout.startswith('unbrick'), f'{size / 1e6:.1f} MB')
        self.add('safety copies outlive a removal of the program', not was_there or list((OWN / 'data').rglob('manifest.json')))

    # --- all of it ---

    def run(self):
        names = [name[len('check_'):] for name in dir(type(self)) if name.startswith('check_')]
        order = [name for name in ORDER if name in names]
        for name in order:
            if self.options.names and name not in self.options.names and (name != 'build' or 'UB_AGAIN' in os.environ):
                continue
            print(f'# {name}', flush=True)
            try:
                getattr(self, f'check_{name}')()
            except Exception as e:   # the others may still show something
                traceback.print_exc()
                run('import', '-window', 'root', OUT / f'failed-{name}.png', check=False)
                self.add(f'{name} came to its end', False, str(e).split('\n')[0])
                if name == 'build':
                    break
            run('flatpak', 'kill', ID, check=False)
        (OUT / 'flatpak.json').write_text(json.dumps(self.table.rows, indent=1, ensure_ascii=False) + '\n')
        print(f'# {len(self.table.rows)} checks, {len(self.table.failed)} failed', flush=True)
        return 1 if self.table.failed else 0


ORDER = ('build', 'exports', 'permissions', 'program', 'watch', 'rule', 'documents', 'window', 'page', 'languages', 'data', 'activation', 'chooser', 'places', 'bundle')


if __name__ == '__main__':
    parser = argparse.ArgumentParser()
    parser.add_argument('--branch', required=True)
    parser.add_argument('names', nargs='*')
    sys.exit(Checks(parser.parse_args()).run())
