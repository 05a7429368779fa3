#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The computer that ./check-flatpak shows the Flatpak on: an ordinary user, whom nothing is given that a person would not have, and
whoever plugs things in and looks after the computer, which is us: root.

run.py --tree FOLDER --runtime REPO --portal FOLDER --branch NAME --downloads FOLDER --rules FILE --out FOLDER [NAME…]

KEEP=1 leaves the home where everything is; UB_AGAIN=HOME goes on in it without building anew."""
import argparse
import fcntl
import json
import os
import pathlib
import pwd
import shutil
import stat
import subprocess
import sys
import tempfile

USER = 'unbrick-lab'
BUS_FOLDER = pathlib.Path('/dev/bus/usb')
BUS = 991   # no computer has so many
# what the kernel lets one read of a preloader: lab_preloader_descriptors of tests/lab
PRELOADER = ('12010002020000408d0e00200001010200010902430002010' '3c0fa09040000020a0000000705010200020007058102000200'
             '0904010001020201000524001001' '0424020f' '0524060100' '0524010300' '07058303400010')
REQUESTS = ('plug', 'allow', 'unplug', 'clean')
SKIP = 77


class Computer:
    """What only root can do. The user asks for it, a line of JSON each."""

    def __init__(self):
        self.made = []

    def node(self, number):
        return BUS_FOLDER / f'{BUS:03}' / f'{number:03}'

    def make_folder(self, path):
        if not path.is_dir():
            self.make_folder(path.parent)
            path.mkdir()
            self.made.append(path)

    def plug(self, number, mode):
        """A file in place of a node: there is no phone, and this is what the kernel lets one read of it. Closed, as the kernel makes it."""
        node = self.node(number)
        self.make_folder(node.parent)
        new = node.with_name('.new')
        new.write_bytes(bytes.fromhex(PRELOADER))
        new.chmod(mode)
        new.rename(node)

    def allow(self, number, mode):
        """What udev's rule comes to."""
        self.node(number).chmod(mode)

    def unplug(self, number):
        self.node(number).unlink(missing_ok=True)

    def clean(self):
        """As it was: without a /dev/bus/usb, if there was none."""
        for number in range(1, 20):
            self.unplug(number)
        while self.made:
            self.made.pop().rmdir()


def skip(why):
    print(f'skipped: {why}', file=sys.stderr)
    sys.exit(SKIP)


def find_user():
    try:
        return pwd.getpwnam(USER)
    except KeyError:
        print(f'# making the user {USER}', flush=True)
        subprocess.run(['useradd', '--create-home', '--shell', '/bin/sh', USER], check=True)
        return pwd.getpwnam(USER)


def as_user(user, command, env, **how):
    plain = {'PATH': '/usr/bin:/bin:/usr/sbin:/sbin', 'USER': user.pw_name, 'LOGNAME': user.pw_name, 'SHELL': '/bin/sh', 'LANG': 'C.UTF-8'}
    return subprocess.Popen(['setpriv', '--reuid', str(user.pw_uid), '--regid', str(user.pw_gid), '--clear-groups', *command],
                            env=plain | env, start_new_session=True, **how)


def serve(computer, requests, answers):
    for line in requests:
        request = json.loads(line)
        do = request.pop('do')
        try:
            assert do in REQUESTS, do
            getattr(computer, do)(**{key: int(value) for key, value in request.items()})
            answers.write('ok\n')
        except OSError as e:
            answers.write(f'{e}\n')
        answers.flush()


def run_checks(options, user, home, runtime_folder):
    theirs, ours = os.pipe(), os.pipe()
    tests = home / 'tree' / 'tests' / 'flatpak'
    env = {'HOME': str(home), 'XDG_RUNTIME_DIR': str(runtime_folder), 'UB_REQUESTS': str(theirs[1]), 'UB_ANSWERS': str(ours[0]),
           **{key: os.environ[key] for key in ('UB_AGAIN',) if key in os.environ}}
    command = [tests / 'session', '/usr/bin/python3', tests / 'checks.py', '--branch', options.branch, *options.names]
    process = as_user(user, [str(word) for word in command], env, cwd=home, pass_fds=(theirs[1], ours[0]))
    os.close(theirs[1])
    os.close(ours[0])
    computer = Computer()
    try:
        with open(theirs[0]) as requests, open(ours[1], 'w') as answers:
            serve(computer, requests, answers)
        return process.wait()
    finally:
        computer.clean()


def check_machine(user):
    for program in 'flatpak', 'flatpak-builder', 'bwrap', 'setpriv', 'xvfb-run', 'dbus-run-session', 'import':
        if not shutil.which(program):
            skip(f'{program} is not installed')
    if as_user(user, ['unshare', '-Ur', 'true'], {}, stderr=subprocess.DEVNULL).wait() != 0:
        skip('an ordinary user may not make user namespaces here, and a sandbox of root’s is none')
    if not pathlib.Path('/dev/fuse').exists():
        skip('there is no /dev/fuse, and no portal hands out files without it')


def prepare_home(options, user, home):
    shutil.copytree(options.tree, home / 'tree', symlinks=True)
    shutil.copytree(options.runtime, home / 'runtime')
    shutil.copytree(options.portal, home / 'portal')
    shutil.copytree(options.downloads, home / 'state' / 'downloads')
    shutil.copy(options.rules, home / 'rules')
    (home / 'out').mkdir()
    secret = home / 'secret'
    secret.mkdir()
    (secret / 'diary').write_text('nobody’s business\n')
    subprocess.run(['chown', '-R', f'{user.pw_uid}:{user.pw_gid}', home], check=True)


def main():
    parser = argparse.ArgumentParser()
    for name in 'tree', 'runtime', 'portal', 'downloads', 'rules', 'out':
        parser.add_argument(f'--{name}', type=pathlib.Path, required=True)
    parser.add_argument('--branch', required=True)
    parser.add_argument('names', nargs='*')
    options = parser.parse_args()
    if os.geteuid() != 0:
        skip('only root can plug something in')
    user = find_user()
    check_machine(user)
    lock = open(pathlib.Path(user.pw_dir) / '.lock', 'w')
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        skip(f'somebody else is at it, as {USER}')
    runtime_folder = pathlib.Path(f'/run/user/{user.pw_uid}')
    runtime_folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    os.chown(runtime_folder, user.pw_uid, user.pw_gid)
    fuse = stat.S_IMODE(os.stat('/dev/fuse').st_mode)
    again = os.environ.get('UB_AGAIN')   # a home that KEEP left: what is built and installed there is looked at again
    home = pathlib.Path(again or tempfile.mkdtemp(prefix='flatpak-', dir=user.pw_dir))
    try:
        os.chmod('/dev/fuse', 0o666)   # as udev does
        if again:
            shutil.copytree(pathlib.Path(__file__).parent, home / 'tree/tests/flatpak', dirs_exist_ok=True)
        else:
            prepare_home(options, user, home)
        status = run_checks(options, user, home, runtime_folder)
        options.out.mkdir(parents=True, exist_ok=True)
        subprocess.run(['cp', '-r', '--no-preserve=ownership', f'{home}/out/.', options.out], check=True)
    finally:
        os.chmod('/dev/fuse', fuse)
        subprocess.run(['umount', '-l', runtime_folder / 'doc'], stderr=subprocess.DEVNULL)
        if again or 'KEEP' in os.environ:
            print(f'# kept: {home}')
        else:
            shutil.rmtree(home, ignore_errors=True)
    return status


sys.exit(main())
