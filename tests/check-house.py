#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every room keeps its own door: checks that cost a reviewer time and a machine none.

 - a file includes only headers of its own room or of rooms below it, by the name "room/ub-x.h"
 - a .c file includes "config.h" first, then its own header
 - GTK is seen only in app/, libusb and libudev in usb/, libyaml and libarchive in firmware/, an XML parser in firmware/ and da/
 - a public function and its declaration are named after their file
 - the first line of every source is its licence
 - every source is named by a meson.build, and by po/POTFILES if it holds words for people
 - no file is longer than 900 lines, no function longer than 80

check-house.py TOP       looks at TOP/src and TOP/tests
check-house.py --test    shows that each kind of trespass is caught
"""
import pathlib
import re
import sys
import tempfile

BELOW = {
    "base": "",
    "wire": "base",
    "chips": "base",
    "link": "base",
    "firmware": "wire chips base",
    "brom": "link wire chips base",
    "da": "brom link wire chips base",
    "engine": "da brom firmware link wire chips base",
    "usb": "link base",
    "phone": "link chips base",
    "console": "engine da brom firmware link wire chips base",
    "app": "engine da brom firmware link wire chips base",
    # main.c puts the house together
    "main.c": "app console engine usb phone link chips base",
}
BELOW = {room: set(below.split()) for room, below in BELOW.items()}
FOREIGN = [
    (r"gtk/|gdk/|gsk/|pango/|cairo|librsvg|adwaita", "app"),
    (r"libusb|libudev|gudev", "usb"),
    (r"yaml\.h|archive(_entry)?\.h|libxml", "firmware"),
]
# functions of other people's headers that mean the same
FOREIGN_CALLS = [(r"\bg_markup_parse_context_new\b", ("firmware", "da"))]
LICENCE = "SPDX-License-" "Identifier: GPL-3.0-or-later"  # in two: reuse(1) would read it as this file's own
MAX_FILE = 900
MAX_FUNCTION = 80
SOURCES = {".c", ".h", ".py", ".sh", ".css", ".ui", ".xml"}

# as clang-format sets them: the type ends a line, the name begins the next one in the first column
DEFINITION = re.compile(r"^((?:[A-Za-z_][\w \t\*]*\n)?)([a-z_]\w*) \((?:[^;{}#]*)\)\n\{\n", re.M)
DECLARATION = re.compile(r"^(?!typedef|static|extern|return|#)[\w][\w \t\*]*?[ \*]([a-z_]\w*) \([^;{}]*\)(?: G_\w+(?: \(\d+(?:, \d+)*\))?)*;", re.M)
# the types a file brings: their functions live with them
TYPES = re.compile(r"^\} (Ub\w+);|^typedef struct \w+ (Ub\w+);|G_DE(?:FINE|CLARE)_\w+ *\( *(Ub\w+)", re.M)


def without_comments(text: str) -> str:
    """The same text, the same lines, comments and strings blanked."""
    def blank(match: re.Match) -> str:
        return re.sub(r"[^\n]", " ", match[0]) if match[0][0] == "/" else '"' + re.sub(r"[^\n]", "x", match[0][1:-1]) + '"'
    return re.sub(r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"', blank, text, flags=re.S)


def check_includes(path: pathlib.Path, room: str, text: str) -> list[str]:
    wrong = []
    for name in re.findall(r'^#include "([^"]+)"', text, re.M):
        other = name.split("/")[0]
        if name == "config.h" or name.endswith("-resources.h") or other == room:
            continue
        if "/" not in name:
            wrong.append(f'"{name}" should be named with its room: "{room}/{name}"')
        elif other not in BELOW or other not in BELOW[room]:
            wrong.append(f"{room} may not look into {other}/ ({name})")
    for name in re.findall(r"^#include <([^>]+)>", text, re.M):
        wrong += [f"only {owner}/ may include <{name}>" for pattern, owner in FOREIGN if re.match(pattern, name) and room != owner]
    wrong += [f"only {'/, '.join(owners)}/ may call {call[0]}()" for pattern, owners in FOREIGN_CALLS for call in re.finditer(pattern, text) if room not in owners]
    if path.suffix == ".c":
        includes = re.findall(r'^#include ["<]([^">]+)', text, re.M)
        own = path.with_suffix(".h")
        if not includes or includes[0] != "config.h":
            wrong.append('the first include should be "config.h"')
        elif own.exists() and includes[1:2] != [f"{room}/{own.name}"]:
            wrong.append(f'the second include should be "{room}/{own.name}"')
    return wrong


def prefixes_of(path: pathlib.Path, text: str) -> tuple[str, ...]:
    """What a public function of this file may begin with: the file's name, the name of a header of the room it is a part of
    (ub-console-flash.c may serve ub-console.h), a type of this file or of its header; in a header also any file's of the room."""
    header = path.with_suffix(".h")
    texts = text + (header.read_text(errors="replace") if header.exists() else "")
    types = {re.sub(r"(?<!^)(?=[A-Z])", "_", next(filter(None, names))).lower() for names in TYPES.findall(texts)}
    parts = path.stem.split("-")
    family = ["-".join(parts[:n]) for n in range(2, len(parts))]
    family = [stem for stem in family if path.with_name(stem + ".h").exists()]
    if path.suffix == ".h":
        family += [other.stem for other in path.parent.glob("*.c")]
    return tuple([stem.replace("-", "_") for stem in [path.stem, *family]] + sorted(types))


def check_names(path: pathlib.Path, text: str) -> list[str]:
    prefixes = prefixes_of(path, text)
    wrong = []
    if path.suffix == ".c":
        for head, name in DEFINITION.findall(text):
            if "static" not in head.split() and not name.startswith(prefixes) and name != "main":
                wrong.append(f"{name}() should be called {prefixes[0]}_…()")
    else:
        for name in DECLARATION.findall(text):
            if not name.startswith(prefixes) and not name.startswith("g_"):
                wrong.append(f"{name}() should be called {prefixes[0]}_…()")
    return wrong


def check_lengths(text: str) -> list[str]:
    wrong = []
    lines = text.splitlines()
    if len(lines) > MAX_FILE:
        wrong.append(f"{len(lines)} lines are too many, {MAX_FILE} are enough")
    begin = None
    for number, line in enumerate(lines):
        if line == "{":
            begin = number
        elif line.startswith("}") and begin is not None:
            if number - begin - 1 > MAX_FUNCTION:
                wrong.append(f"the function in line {begin} has {number - begin - 1} lines, {MAX_FUNCTION} are enough")
            begin = None
    return wrong


def check(top: pathlib.Path) -> list[str]:
    problems = []
    for path in sorted([*(top / "src").rglob("*"), *(top / "tests").rglob("*")]):
        if path.suffix not in SOURCES or "data" in path.relative_to(top).parts:
            continue
        text = path.read_text(errors="replace")
        wrong = []
        if LICENCE not in "\n".join(text.splitlines()[:2]):
            wrong.append("the first line should be its licence")
        if path.suffix in (".c", ".h"):
            bare = without_comments(text)
            wrong += check_lengths(bare)
            parts = path.relative_to(top).parts
            if parts[0] == "src":
                room = parts[1]
                if room not in BELOW:
                    wrong.append(f"there is no room called {room}")
                else:
                    directives = re.sub(r"/\*.*?\*/", "", text, flags=re.S)
                    wrong += check_includes(path, room, directives) + check_names(path, bare)
        problems += [f"{path.relative_to(top)}: {w}" for w in wrong]
    return problems


TRESPASSES = {
    "engine/ub-a.c": ('#include "config.h"\n#include "usb/ub-usb-link.h"\n', "engine may not look into usb/"),
    "phone/ub-b.c": ('#include "config.h"\n#include "wire/ub-reader.h"\n', "phone may not look into wire/"),
    "firmware/ub-c.c": ('#include "config.h"\n#include "link/ub-link.h"\n', "firmware may not look into link/"),
    "console/ub-d.c": ('#include "config.h"\n#include <gtk/gtk.h>\n', "only app/ may include <gtk/gtk.h>"),
    "app/ub-e.c": ('#include "config.h"\n#include <libusb-1.0/libusb.h>\n', "only usb/ may include"),
    "wire/ub-f.c": ('#include "config.h"\n\nint\nub_g_run (void)\n{\n  return 0;\n}\n', "ub_g_run() should be called ub_f_"),
    "wire/ub-h.h": ("#pragma once\n\nint ub_i_run (void);\n", "ub_i_run() should be called ub_h_"),
    "wire/ub-j.c": ('#include "config.h"\n\nint\nub_j_run (void)\n{\n' + "  ;\n" * 81 + "}\n", "has 81 lines"),
    "wire/ub-k.c": ('#include "config.h"\n' + "\n" * 900, "lines are too many"),
    "wire/ub-l.c": ("#include <glib.h>\n", 'first include should be "config.h"'),
    "base/ub-m.c": ('#include "config.h"\n#include "ub-error.h"\n', "should be named with its room"),
    "cellar/ub-n.c": ('#include "config.h"\n', "there is no room called cellar"),
    "engine/ub-o.c": ('#include "config.h"\nvoid *p = g_markup_parse_context_new;\n', "only firmware/, da/ may call"),
}
FINE = {
    "engine/ub-p.c": '#include "config.h"\n#include "engine/ub-p.h"\n\n#include "da/ub-da.h"\n\n/* see usb/ub-usb-link.h */\n'
                     "static int\nanything (void)\n{\n  return 0;\n}\n\nint\nub_p_run (void)\n{\n  return anything ();\n}\n",
    "engine/ub-p.h": "#pragma once\n\nint ub_p_run (void);\n",
}


def test() -> int:
    missed = []
    with tempfile.TemporaryDirectory() as folder:
        top = pathlib.Path(folder)
        def put(name: str, text: str) -> None:
            (top / "src" / name).parent.mkdir(parents=True, exist_ok=True)
            (top / "src" / name).write_text(text)
        for name, text in FINE.items():
            put(name, f"/* {LICENCE} */\n{text}")
        missed += [f"wrongly blamed: {problem}" for problem in check(top)]
        put("base/ub-q.c", '#include "config.h"\n')
        for name, (text, _) in TRESPASSES.items():
            put(name, f"/* {LICENCE} */\n{text}")
        found = check(top)
        for name, (_, words) in [*TRESPASSES.items(), ("base/ub-q.c", ("", "licence"))]:
            if not any(name in problem and words in problem for problem in found):
                missed.append(f"not caught: {name}: {words}")
    print("\n".join(missed) or f"{len(TRESPASSES) + 1} kinds of trespass are caught")
    return 1 if missed else 0


def check_lists(top: pathlib.Path) -> list[str]:
    """What is not listed is not built, not run, or not translated, and nobody sees it."""
    listed = "".join(path.read_text() for path in (*top.glob("src/**/meson.build"), *top.glob("tests/**/meson.build")))
    potfiles = (top / "po/POTFILES").read_text().split()
    wrong = []
    for path in sorted((*top.glob("src/**/*.c"), *top.glob("tests/**/*.c"))):
        name = re.sub(r"^(test|fuzz|bench)-", "", path.stem)
        if not any(f"'{word}'" in listed or f"/{path.name}'" in listed for word in (path.name, path.stem, name)):
            wrong.append(f"{path.relative_to(top)}: no meson.build names it")
    for path in sorted((*top.glob("src/**/*.c"), *top.glob("ui/*.ui"))):
        words = re.search(r'\b(?:_|N_|C_|ngettext) \("|translatable="yes"', path.read_text())
        if bool(words) != (str(path.relative_to(top)) in potfiles):
            wrong.append(f"{path.relative_to(top)}: po/POTFILES {'lacks it' if words else 'need not name it'}")
    return wrong


if sys.argv[1:] == ["--test"]:
    sys.exit(test())
found = check(pathlib.Path(sys.argv[1])) + check_lists(pathlib.Path(sys.argv[1]))
print("\n".join(found) or "the house is in order")
sys.exit(1 if found else 0)
