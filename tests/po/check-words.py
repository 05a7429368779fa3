#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What people read is there in every language of po/LINGUAS, whole and sound.

check-words.py SOURCE [PO-FOLDER]: needs gettext's programs, and ends with 77 where they are missing.
Names what is wrong, one line each, and ends with 1.
"""
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(sys.argv[1]).resolve()
PO = pathlib.Path(sys.argv[2]).resolve() if len(sys.argv) > 2 else ROOT / 'po'
found = []

# --- what is in the sources ---

TOKEN = re.compile(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\])+\'|[A-Za-z_]\w*|[(){};,]|\s+|.', re.S)
GETTEXT = {'_', 'N_', 'C_', 'NC_', 'ngettext', 'g_dngettext'}
# what these are given is for the log, for support or for programs: English
NOT_FOR_PEOPLE = {'g_set_error', 'g_set_error_literal', 'g_error_new', 'g_error_new_literal', 'g_prefix_error', 'g_warning',
                  'g_debug', 'g_message', 'g_info', 'g_critical', 'g_error', 'g_log_structured', 'include', 'refuse', 'G_STATIC_ASSERT'}
# these show it as it is, however short
SHOWS = re.compile(r'gtk_\w+_(?:set|new)_?(?:with_)?(?:label|mnemonic|text|title|markup|tooltip_text|placeholder_text|comments)$|'
                   r'gtk_label_new|gtk_button_new_with_\w+|gtk_accessible_update_property$|ub_compat_announce$')
# names, which stay what they are
NAMES = {'SP Flash Tool: %s\\n', 'Unbrick', 'Unbrick ', 'copies prune', 'Unbrick report %s.json'}
UI_SHOWN = {'label', 'title', 'text', 'tooltip-text', 'placeholder-text', 'description', 'help-text', 'value-text',
            'role-description', 'message', 'comments', 'accept-label'}
UI_NAMES = {'Unbrick', '0x0'}


def find_literals(text):
    """(line, functions around it, literal, without its quotes) of a C file; pieces that stand together are one."""
    around, last, line, piece = [], None, 1, None
    for match in TOKEN.finditer(text):
        token, here = match.group(0), line
        line += token.count('\n')
        if token.isspace() or token.startswith(('/*', '//')):
            continue
        if token.startswith('"'):
            piece = (piece[0], piece[1], piece[2] + token[1:-1]) if piece else (here, list(around), token[1:-1])
            continue
        if piece:
            yield piece
            piece = None
        if token == '(':
            around.append(last)
        elif token == ')' and around:
            around.pop()
        last = token


def check_c(path):
    """Whether it has words for people in it; those that are not wrapped are noted."""
    name, has_words = path.relative_to(ROOT), False
    for line, around, text in find_literals(path.read_text()):
        if GETTEXT & set(around):
            has_words = True
            if around[-1] in GETTEXT and text.rstrip().endswith('%') and not text.rstrip().endswith('%%'):
                found.append(f'{name}:{line}: a macro in the middle cuts the message off: “{text}”')
            continue
        if name.parts[1] not in ('app', 'console', 'main.c') or NOT_FOR_PEOPLE & set(around) or text in NAMES:
            continue
        bare = re.sub(r'%[-+ #0]*[\d.*]*(?:hh|h|ll|l|z)?[a-zA-Z]|\\.', '', text)
        shows = any(f and SHOWS.search(f) for f in around) and re.search(r'[A-Za-z]{2}', bare) and not re.fullmatch(r'[a-z0-9-]+', text)
        if shows or re.search(r'[A-Za-z]{2,} [A-Za-z]{2,}', bare):
            found.append(f'{name}:{line}: shown as it is, in English: “{text}”')
    return has_words


def check_ui(path):
    text, name = path.read_text(), path.relative_to(ROOT)
    for match in re.finditer(r'<(?:property|attribute) ([^>]*)>([^<]*)<', text):
        attributes, value = match.groups()
        key = re.search(r'name="([^"]+)"', attributes)
        if key and key.group(1) in UI_SHOWN and 'translatable="yes"' not in attributes:
            if re.search('[A-Za-z]{2}', value) and value not in UI_NAMES:
                found.append(f'{name}: shown as it is, in English: “{value}”')
    return 'translatable="yes"' in text


def check_potfiles():
    listed = [line for line in (ROOT / 'po' / 'POTFILES').read_text().splitlines() if line and not line.startswith('#')]
    if listed != sorted(listed):
        found.append('po/POTFILES: not in order')
    with_words = {str(p.relative_to(ROOT)) for p in sorted((ROOT / 'src').rglob('*.c')) if check_c(p)}
    with_words |= {str(p.relative_to(ROOT)) for p in sorted((ROOT / 'ui').glob('*.ui')) if check_ui(p)}
    for name in sorted(with_words - set(listed)):
        found.append(f'po/POTFILES: {name} has words, and is not listed')
    for name in listed:
        # what is not C or a template (desktop entry, metainfo) has words by its kind
        if name.startswith(('src/', 'ui/')) and name not in with_words:
            found.append(f'po/POTFILES: {name} has no words')
        elif not (ROOT / name).is_file():
            found.append(f'po/POTFILES: there is no {name}')
    return listed


# --- the catalogues ---

def run(*command):
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, encoding='utf-8')


def make_template(listed, pot):
    """As meson's glib preset does."""
    result = run('xgettext', '--from-code=UTF-8', '--add-comments=Translators', '--keyword=_', '--keyword=N_', '--keyword=C_:1c,2',
                 '--keyword=NC_:1c,2', '--keyword=g_dngettext:2,3', '--keyword=g_dcgettext:2', '--flag=g_strdup_printf:1:c-format',
                 '--flag=g_string_append_printf:2:c-format', '--flag=ngettext:1:pass-c-format', '--flag=_:1:pass-c-format',
                 '--flag=g_print:1:c-format', '--flag=g_printerr:1:c-format', '--add-location=file', '-o', str(pot), *listed)
    assert result.returncode == 0, result.stderr


def unquote(text):
    return re.sub(r'\\(.)', lambda m: {'n': '\n', 't': '\t'}.get(m.group(1), m.group(1)), text)


def read(text):
    """Messages of a catalogue, as dicts: id, plural, strings, flags, where."""
    for block in re.split(r'\n\s*\n', text):
        message, key = {'flags': '', 'where': ''}, None
        for line in block.splitlines():
            word = re.match(r'(msgctxt|msgid_plural|msgid|msgstr(?:\[\d\])?) "(.*)"$', line)
            if line.startswith('#,'):
                message['flags'] += line[2:]
            elif line.startswith('#:'):
                message['where'] += line[2:]
            elif word:
                key = word.group(1)
                message[key] = word.group(2)
            elif line.startswith('"') and key:
                message[key] += line[1:-1]
        if message.get('msgid'):
            yield {'id': unquote(message['msgid']), 'plural': unquote(message.get('msgid_plural', '')),
                   'strings': [unquote(v) for k, v in message.items() if k.startswith('msgstr')],
                   'flags': message['flags'], 'where': message['where'].strip()}


SPECIFIER = re.compile(r"%(?:(\d+)\$)?[-+ #0']*(?:\d+|\*)?(?:\.(?:\d+|\*))?(?:hh|h|ll|l|z|j|t)?([diouxXeEfgGcsp])|%%")
TAG = re.compile(r'</?[a-z]+[^>]*>')
# what a program or the web knows by just this name
LITERAL = re.compile(r'--[a-z][a-z-]+|[\w.-]+\.(?:bin|img|txt|xml|json|ini|auth)\b|\b0x[0-9a-fA-F]+|EMMC_[A-Z0-9]+|sudo [a-z ]+')
# words that are nobody's language
TRADE = re.compile(r'(?i)\b(?:unbrick|console|USB|eMMC|UFS|LU[01]|boot[12]?|ROM|recovery|logo|fastboot|preloader|META|KiB|MiB|MB|GB|'
                   r'project|SP|Flash|Tool|DA|CID|boot|IMEI|%\S+|N)\b|(?-i:\b[A-Z]{2,}\b)|--[a-z-]+|0x\w+|%-?[a-zA-Z]')
SCRIPTS = {'ar': '[\u0600-\u06ff]', 'hi': '[\u0900-\u097f]', 'ru': '[\u0400-\u04ff]', 'uk': '[\u0400-\u04ff]', 'zh_CN': '[\u4e00-\u9fff]'}


RIGHT_TO_LEFT = ('ar', 'fa', 'he', 'ur')
LOOSE = re.compile('(?<!\u2068)%(?:\\d+\\$)?s(?!\u2069)')


def list_specifiers(text):
    kinds, n = {}, 0
    for match in SPECIFIER.finditer(text):
        if match.group(0) != '%%':
            n += 1
            kinds[int(match.group(1) or n)] = match.group(2)
    return kinds


def is_date(text):
    return re.search(r'%-?[dBYHM]', text) is not None and '%s' not in text


def find_faults(message, text, language):
    original = message['plural'] or message['id']
    if not text.strip():
        return ['empty']
    faults = []
    for end in ('startswith', 'endswith'):
        for space in ('\n', ' '):
            if getattr(original, end)(space) != getattr(text, end)(space):
                faults.append('begins or ends with another space or line')
    # the form for one may leave the number out
    kinds = list_specifiers(text)
    if not is_date(original) and kinds not in (list_specifiers(original), list_specifiers(message['id'])):
        if not (message['plural'] and set(kinds.items()) < set(list_specifiers(original).items())):
            faults.append(f'has {kinds} for {list_specifiers(original)}')
    if sorted(TAG.findall(original)) != sorted(TAG.findall(text)):
        faults.append('other tags')
    faults += [f'without {word}' for word in set(LITERAL.findall(original)) if word not in text]
    has_key = re.search(r'(?<!\w)_\w|[A-Za-z]_[a-z]', original) and original.count('_') == 1
    if has_key and not re.search(r'_\w', text):
        faults.append('no letter with an underscore before it')
    words = re.findall(r"[a-z]{3,}", TRADE.sub('', original), re.I)
    script = SCRIPTS.get(language)
    if script and words and not is_date(original) and not re.search(script, text):
        faults.append('not in its script')
    elif text == original and len(words) > 2:
        faults.append('left in English')
    if language in RIGHT_TO_LEFT and not SPECIFIER.fullmatch(text) and LOOSE.search(text):
        faults.append('%s without U+2068 before and U+2069 behind it: a path, an address or an amount would run into the words')
    return faults


def check_language(language, pot):
    po = PO / f'{language}.po'
    if not po.is_file():
        return found.append(f'po/LINGUAS: there is no {language}.po')
    result = run('msgfmt', '-c', '--check-accelerators=_', '-o', '/dev/null', str(po))
    found.extend(f'po/{language}.po: {line}' for line in result.stderr.splitlines() if result.returncode != 0)
    merged = run('msgmerge', '-q', '--no-fuzzy-matching', '--add-location=file', '-o', '-', str(po), str(pot))
    if merged.returncode != 0:
        return found.append(f'po/{language}.po: {merged.stderr}')
    for message in read(re.sub(r'(?m)^#~.*$', '', merged.stdout)):
        short = message['id'].replace('\n', '⏎')
        name = f'po/{language}.po ({message["where"]}): “{short}”'
        if 'fuzzy' in message['flags']:
            found.append(f'{name}: only guessed')
        elif not all(message['strings']):
            found.append(f'{name}: not translated')
        else:
            found.extend(f'{name}: {fault}' for text in message['strings'] for fault in find_faults(message, text, language))


def main():
    for program in ('xgettext', 'msgfmt', 'msgmerge'):
        if not shutil.which(program):
            print(f'{program} is missing')
            return 77
    languages = [word for line in (PO / 'LINGUAS').read_text().splitlines() if not line.startswith('#') for word in line.split()]
    listed = check_potfiles()
    with tempfile.TemporaryDirectory() as folder:
        pot = pathlib.Path(folder) / 'unbrick.pot'
        make_template([name for name in listed if (ROOT / name).is_file()], pot)
        n = sum(1 for _ in read(pot.read_text()))
        for language in languages:
            check_language(language, pot)
    for line in found:
        print(line)
    print(f'{n} messages, {len(languages)} languages, {len(found)} faults')
    return 1 if found else 0


sys.exit(main())
