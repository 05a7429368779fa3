#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the Flatpak asks of a computer is what has been agreed on, everything of ours goes by the same name, and what is not ours is
pinned. Then everything is broken once, to see that it would be told.

check-manifest.py TOP"""
import configparser
import copy
import json
import pathlib
import re
import sys
import urllib.parse
import xml.etree.ElementTree as ElementTree

ID = 'io.github.unbrick.Unbrick'
# flatpak/README.md says why; a permission more is a decision, not an edit
PERMISSIONS = ['--share=ipc', '--socket=wayland', '--socket=fallback-x11', '--device=all']
KEYS = {'id', 'runtime', 'runtime-version', 'sdk', 'command', 'separate-locales', 'finish-args', 'cleanup', 'modules'}
RUNTIME, SDK = 'org.gnome.Platform', 'org.gnome.Sdk'
CLEANUP = {'/include', '/lib/pkgconfig', '*.a', '*.la'}   # what only programmers need
MODULE_KEYS = {'name', 'buildsystem', 'config-opts', 'post-install', 'sources'}
SOURCES = {'archive': {'type', 'url', 'mirror-urls', 'sha256'}, 'git': {'type', 'url', 'tag', 'commit'}, 'dir': {'type', 'path', 'skip'}}
NAME_MAX, SUMMARY_MIN, SUMMARY_MAX = 20, 10, 35   # Flathub's quality guidelines


def is_comment(key):
    return key.startswith('//')


def keys_of(what):
    return {key for key in what if not is_comment(key)}


def find_manifest_faults(manifest):
    if unknown := keys_of(manifest) - KEYS:
        yield f'keys nobody agreed on: {sorted(unknown)}'
    if missing := KEYS - keys_of(manifest):
        yield f'not said: {sorted(missing)}'
    if manifest.get('id') != ID:
        yield f'the id is {manifest.get("id")}'
    if (manifest.get('runtime'), manifest.get('sdk')) != (RUNTIME, SDK):
        yield f'runtime and SDK are {manifest.get("runtime")} and {manifest.get("sdk")}'
    if not re.fullmatch(r'[1-9][0-9]', manifest.get('runtime-version', '')):
        yield f'the runtime is of version {manifest.get("runtime-version")!r}: no release'
    if manifest.get('command') != 'unbrick':
        yield f'the program is called {manifest.get("command")}'
    # a bundle has no extensions: the languages would be missing in it
    if manifest.get('separate-locales') is not False:
        yield 'the translations are not in the application itself'
    if manifest.get('finish-args') != PERMISSIONS:
        yield f'the permissions are {manifest.get("finish-args")}, and {PERMISSIONS} were agreed on'
    if missing := CLEANUP - set(manifest.get('cleanup', [])):
        yield f'left in: {sorted(missing)}'
    modules = manifest.get('modules', [])
    if not modules or not isinstance(modules[-1], dict) or modules[-1].get('name') != 'unbrick':
        yield 'the last module is not ours'
    for module in modules:
        yield from find_module_faults(module)


def find_module_faults(module):
    # a name is a file with more modules, seen by nobody here
    if not isinstance(module, dict):
        yield f'{module}: a module out of another file'
        return
    name = module.get('name')
    if unknown := keys_of(module) - MODULE_KEYS:
        yield f'{name}: keys nobody agreed on: {sorted(unknown)}'
    if not module.get('sources'):
        yield f'{name}: no source'
    for source in module.get('sources', []):
        yield from (f'{name}: {fault}' for fault in find_source_faults(source, name == 'unbrick'))
    if name == 'unbrick' and not {'-Dudev_rules=prompt', '-Dtests=false'} <= set(module.get('config-opts', [])):
        yield f'unbrick: built with {module.get("config-opts")}'


def find_source_faults(source, is_ours):
    kind = source.get('type')
    if kind not in SOURCES or (kind == 'dir') != is_ours:
        yield f'a source of type {kind}'
        return
    if unknown := keys_of(source) - SOURCES[kind]:
        yield f'source with keys nobody agreed on: {sorted(unknown)}'
    if kind == 'archive' and not re.fullmatch('[0-9a-f]{64}', source.get('sha256', '')):
        yield 'an archive without its sha256'
    if kind == 'git' and not re.fullmatch('[0-9a-f]{40}', source.get('commit', '')):
        yield 'a repository without its commit'
    if kind == 'dir' and not {'.git', '.flatpak-builder'} <= set(source.get('skip', [])):
        yield 'what is not source is copied as well'
    for url in [source[key] for key in ('url',) if key in source] + source.get('mirror-urls', []):
        if urllib.parse.urlsplit(url).scheme != 'https':
            yield f'fetched from {url}'


def read_entry(text):
    entry = configparser.RawConfigParser(strict=True, delimiters=('=',), comment_prefixes=('#',))
    entry.optionxform = str
    entry.read_string(text)
    return entry


def find_name_faults(files):
    """Everything that flatpak exports begins with the id, or is not exported."""
    entry = read_entry(files['desktop'])['Desktop Entry']
    if entry.get('Icon') != ID:
        yield f'desktop entry: the icon is {entry.get("Icon")}'
    if entry.get('Exec', '').split()[:1] != ['unbrick']:
        yield f'desktop entry: starts {entry.get("Exec")}'
    service = read_entry(files['service'])['D-BUS Service']
    if service.get('Name') not in (ID, '@app_id@'):
        yield f'service: the name is {service.get("Name")}'
    if f"app_id = '{ID}'" not in files['build']:
        yield 'meson.build: another id'
    if f'id="{ID}"' not in files['schema'] or f'path="/{ID.replace(".", "/")}/"' not in files['schema']:
        yield 'settings: another id or path'
    if not re.search(r'"application-id",\s*APP_ID', files['application']):
        yield 'GApplication: another id'
    yield from find_metainfo_faults(ElementTree.fromstring(files['metainfo']))


def find_metainfo_faults(metainfo):
    def text(path):
        return (metainfo.findtext(path) or '').strip()

    if text('id') != ID:
        yield f'metainfo: the id is {text("id")}'
    if text("launchable[@type='desktop-id']") != f'{ID}.desktop':
        yield f'metainfo: launches {text("launchable")}'
    if not 0 < len(text('name')) <= NAME_MAX:
        yield f'metainfo: the name has {len(text("name"))} letters'
    if not SUMMARY_MIN <= len(text('summary')) <= SUMMARY_MAX or text('summary').endswith('.'):
        yield f'metainfo: the summary has {len(text("summary"))} letters or a full stop: {text("summary")}'


def read_files(top):
    data = top / 'data'
    files = {name: (top / path).read_text() for name, path in {
        'desktop': f'data/{ID}.desktop.in', 'metainfo': f'data/{ID}.metainfo.xml.in', 'service': f'data/{ID}.service.in',
        'schema': f'data/{ID}.gschema.xml', 'build': 'meson.build', 'application': 'src/app/ub-application.c'}.items()}
    hicolor = data / 'icons' / 'hicolor'
    for icon in hicolor / 'scalable' / 'apps' / f'{ID}.svg', hicolor / 'symbolic' / 'apps' / f'{ID}-symbolic.svg':
        assert icon.is_file(), f'no {icon}'
    for file in data.glob('**/*.svg'):
        assert file.name.startswith(ID), f'{file} would not be exported'
    return files


def break_manifest(manifest, change):
    broken = copy.deepcopy(manifest)
    change(broken)
    return list(find_manifest_faults(broken))


def check_that_it_bites(manifest, files):
    archive = manifest['modules'][0]['sources'][0]
    assert archive['type'] == 'archive'

    def of_archive(change):
        return lambda m: change(m['modules'][0]['sources'][0])

    changes = {
        'network': lambda m: m['finish-args'].append('--share=network'),
        'files': lambda m: m['finish-args'].append('--filesystem=host:ro'),
        'no device': lambda m: m['finish-args'].remove('--device=all'),
        'another order': lambda m: m['finish-args'].reverse(),
        'id': lambda m: m.update(id=ID.lower()),
        'nightly': lambda m: m.update({'runtime-version': 'master'}),
        'no version': lambda m: m.pop('runtime-version'),
        'runtime': lambda m: m.update(runtime='org.freedesktop.Platform'),
        'extension': lambda m: m.update({'sdk-extensions': ['org.freedesktop.Sdk.Extension.rust-stable']}),
        'build options': lambda m: m.update({'build-options': {'build-args': ['--share=network']}}),
        'locales': lambda m: m.pop('separate-locales'),
        'cleanup': lambda m: m['cleanup'].remove('/include'),
        'a file of modules': lambda m: m['modules'].insert(0, 'shared-modules/gtk.json'),
        'commands': lambda m: m['modules'][0].update({'build-commands': ['curl …']}),
        'not pinned': of_archive(lambda s: s.pop('sha256')),
        'pinned by md5': of_archive(lambda s: s.update(sha256='d41d8cd98f00b204e9800998ecf8427e')),
        'http': of_archive(lambda s: s.update(url=s['url'].replace('https', 'http'))),
        'http mirror': of_archive(lambda s: s['mirror-urls'].append('http://example.org/yaml.tar.gz')),
        'a script': of_archive(lambda s: s.update({'type': 'script', 'commands': []})),
        'a branch': lambda m: m['modules'][0]['sources'].append({'type': 'git', 'url': 'https://example.org', 'branch': 'main'}),
        'rules installed': lambda m: m['modules'][-1]['config-opts'].remove('-Dudev_rules=prompt'),
    }
    for name, change in changes.items():
        assert break_manifest(manifest, change), f'nobody would see this: {name}'
    for name, old, new in (('desktop', f'Icon={ID}', 'Icon=unbrick'), ('desktop', 'Exec=unbrick', 'Exec=/usr/bin/unbrick'),
                           ('service', 'Name=', 'Name=x'), ('schema', f'"{ID}"', '"org.unbrick"'), ('build', ID, 'org.unbrick'),
                           ('application', 'APP_ID', '"x"'), ('metainfo', f'<id>{ID}', '<id>x'), ('metainfo', f'{ID}.desktop', 'x.desktop'),
                           ('metainfo', '</summary>', ' and a good many other things</summary>'), ('metainfo', '>Unbrick<', f'>{"x" * NAME_MAX}x<')):
        assert old in files[name], f'{name} has no {old}'
        assert list(find_name_faults({**files, name: files[name].replace(old, new)})), f'nobody would see {new} in {name}'
    return len(changes) + 10


top = pathlib.Path(sys.argv[1])
manifest = json.loads((top / 'flatpak' / f'{ID}.json').read_text())
files = read_files(top)
faults = [*find_manifest_faults(manifest), *find_name_faults(files)]
print(*faults, sep='\n', end='\n' * bool(faults))
if faults:
    sys.exit(1)
print(f'as agreed; {check_that_it_bites(manifest, files)} ways of breaking it are told')
