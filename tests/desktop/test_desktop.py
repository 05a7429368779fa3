#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a desktop knows of the program: entry, metainfo, icons, MIME types, D-Bus service, schema. They are valid, agree with each other and
with the program, and are translated. Tools that are not there are not asked.

test_desktop.py SOURCE BUILD [TEST…]
"""
import configparser
import os
import pathlib
import re
import shutil
import struct
import subprocess
import sys
import tempfile
import unittest
import xml.etree.ElementTree as ElementTree

SOURCE, BUILD = (pathlib.Path(p).resolve() for p in sys.argv[1:3])
DATA = BUILD / "data"
ID = "io.github.unbrick.Unbrick"
LANG = "{http://www.w3.org/XML/1998/namespace}lang"
MIME = "{http://www.freedesktop.org/standards/shared-mime-info}"
SCREENSHOTS = "https://raw.githubusercontent.com/unbrick/unbrick/main/data/screenshots/"

# names of real files (the project's collection has them), and one or two of each that people made of them
SCATTERS = """
MT6572_Android_scatter.txt MT6580_Android_scatter.txt MT6582_Android_scatter.txt MT6589_Android_scatter_emmc.txt MT6592_Android_scatter.txt
MT6735M_Android_scatter.txt MT6735_Android_scatter.txt MT6737M_Android_scatter.txt MT6737T_Android_scatter-mod.txt MT6737T_Android_scatter.txt
MT6739_Android_scatter.txt MT6750_Android_scatter.txt MT6753_Android_scatter.txt MT6755_Android_scatter.txt MT6757_Android_scatter.txt
MT6761_Android_scatter.txt MT6763_Android_scatter.txt MT6765-Android_scatter_Fastboot.txt MT6765_Android_scatter.txt MT6768_Android_scatter.txt
MT6771_Android_scatter.txt MT6781_Android_scatter.txt MT6797_Android_scatter.txt MT6833_Android_scatter.txt MT6893_Android_scatter.txt
MT8163_Android_scatter.txt mt6580_android_scatter.txt MT6580_ANDROID_SCATTER.TXT MT6765_Android_scatter(1).txt
""".split() + ["MT6765_Android_scatter (1).txt"]
XML_SCATTERS = ["MT6768_Android_scatter.xml", "MT6893_Android_scatter.xml", "mt6789_android_scatter.xml"]
# GLib takes only the ending of a name for what has one; KDE takes these, too
MORE_SCATTERS = ["MT6771_Android_scatter - Unprotected proinfo.txt", "MT6771T_Android_scatter 9.0.txt", "MT6765_scatter.txt"]
OTHERS = {"text/plain": ["notes.txt", "scatter.txt", "update_scatter.txt", "scatter_plot.txt", "MT6580.txt", "MT6580_notes.txt", "Android.txt"],
          "application/xml": ["flash.xml", "scatter_checksum.xml", "rb_without_scatter.xml", "a.xml"]}


def run(*command, **options):
    env = {**os.environ, "LC_ALL": "C.UTF-8", **options.pop("env", {})}
    options.setdefault("text", True)
    return subprocess.run([str(c) for c in command], capture_output=True, timeout=60, env=env, **options)


def needs(*programs):
    missing = [name for name in programs if not shutil.which(name)]
    return unittest.skipIf(missing, f"no {', '.join(missing)}")


def locale_of(element) -> str:
    """What newer gettext writes as pt-BR and zh-Hans-CN, as we call it."""
    language, *more = re.split("[-_]", element.get(LANG) or "")
    return "_".join([language] + [part for part in more if len(part) == 2])


def read_keys(path: pathlib.Path, group: str):
    parser = configparser.RawConfigParser(interpolation=None, delimiters=("=",))
    parser.optionxform = str
    parser.read(path)
    return dict(parser[group])


def one_line(text: str) -> str:
    """A space that must not break stays one."""
    return re.sub(r"[ \n\t]+", " ", text).strip(" ")


def version() -> str:
    return re.search(r"^  version: '([^']+)'", (SOURCE / "meson.build").read_text(), re.M)[1]


def languages() -> list[str]:
    return [line for line in (SOURCE / "po/LINGUAS").read_text().split("\n") if line and not line.startswith("#")]


def words_of(language: str) -> dict[str, str]:
    """What is translated, not fuzzy: msgid → msgstr"""
    raw = run("msgfmt", "-o", "-", SOURCE / f"po/{language}.po", text=False).stdout
    count, originals, translations = struct.unpack_from("<3I", raw, 8)
    words = {}
    for n in range(count):
        pair = []
        for table in (originals, translations):
            length, offset = struct.unpack_from("<2I", raw, table + 8 * n)
            pair.append(raw[offset:offset + length].decode())
        words[pair[0]] = pair[1]
    return words


class Entry(unittest.TestCase):
    path = DATA / f"{ID}.desktop"
    keys = read_keys(path, "Desktop Entry")

    @needs("desktop-file-validate")
    def test_valid(self):
        done = run("desktop-file-validate", self.path)
        self.assertEqual((done.returncode, done.stdout + done.stderr), (0, ""))

    def test_names_agree(self):
        self.assertEqual(self.keys["Icon"], ID)
        self.assertEqual(self.keys["DBusActivatable"], "true")
        self.assertEqual(self.keys["Exec"].split()[0], "unbrick")
        self.assertRegex((BUILD / "config.h").read_text(), f'#define APP_ID "{re.escape(ID)}"')
        service = read_keys(DATA / f"{ID}.service", "D-BUS Service")
        self.assertEqual(service["Name"], ID)
        self.assertRegex(service["Exec"], r"^/.*/unbrick --gapplication-service$")
        self.assertTrue((SOURCE / f"data/{ID}.gschema.xml").exists())

    def test_actions(self):
        """With D-Bus activation an action of the entry is one of the application's."""
        application = (SOURCE / "src/app/ub-application.c").read_text()
        for action in filter(None, self.keys.get("Actions", "").split(";")):
            self.assertIn(f'.name = "{action}"', application)

    def test_keywords(self):
        words = self.keys["Keywords"]
        self.assertTrue(words.endswith(";"))
        for word in ("MediaTek", "MTK", "SP Flash Tool", "scatter", "firmware", "unbrick"):
            self.assertIn(word, words.split(";"))

    def test_claims_nothing_of_others(self):
        types = {root.get("type") for root in ElementTree.parse(DATA / f"{ID}.mime.xml").getroot()}
        self.assertEqual(set(self.keys["MimeType"].rstrip(";").split(";")), types)

    @needs("msgfmt")
    def test_translated(self):
        for language in languages():
            words = words_of(language)
            for key in ("GenericName", "Comment", "Keywords"):
                if self.keys[key] in words:
                    self.assertEqual(self.keys.get(f"{key}[{language}]"), words[self.keys[key]], f"{key} in {language}")
                    self.assertEqual(words[self.keys[key]].endswith(";"), key == "Keywords", f"{key} in {language}")


class Metainfo(unittest.TestCase):
    path = DATA / f"{ID}.metainfo.xml"
    root = ElementTree.parse(path).getroot()

    def texts(self, path: str) -> list[str]:
        return [one_line(element.text) for element in self.root.findall(path) if element.get(LANG) is None]

    @needs("appstreamcli")
    def test_valid(self):
        done = run("appstreamcli", "validate", "--pedantic", "--no-net", "--no-color", self.path)
        self.assertEqual(done.returncode, 0, done.stdout)
        # the name of the program is as it is; <developer> is what AppStream has wanted since 1.0
        known = r"^P: .* cid-contains-uppercase-letter|^I: .* unknown-tag developer"
        findings = [line for line in done.stdout.splitlines() if re.match(r"[EWIP]: ", line) and not re.match(known, line)]
        self.assertEqual(findings, [])

    def test_names_agree(self):
        self.assertEqual(self.texts("id"), [ID])
        self.assertEqual(self.texts("launchable"), [ID + ".desktop"])
        self.assertEqual(self.texts("provides/binary"), ["unbrick"])
        self.assertEqual(self.texts("translation"), ["unbrick"])
        self.assertEqual(self.texts("project_license"), ["GPL-3.0-or-later"])
        self.assertEqual(";".join(self.texts("provides/mediatype")) + ";", Entry.keys["MimeType"])
        self.assertEqual(self.texts("summary"), [Entry.keys["Comment"]])

    def test_lengths(self):
        """Flathub's quality guidelines"""
        name, summary = self.texts("name")[0], self.texts("summary")[0]
        self.assertLessEqual(len(name), 15)
        self.assertTrue(10 <= len(summary) <= 35, summary)
        self.assertFalse(summary.endswith("."))
        for caption in self.texts("screenshots/screenshot/caption"):
            self.assertFalse(caption.endswith("."), caption)
            self.assertLessEqual(len(caption), 50)

    def test_screenshots(self):
        shots = self.root.findall("screenshots/screenshot")
        self.assertTrue(3 <= len(shots) <= 8)
        self.assertEqual([shot.get("type") for shot in shots], ["default"] + [None] * (len(shots) - 1))
        for shot in shots:
            image = shot.find("image")
            self.assertTrue(image.text.startswith(SCREENSHOTS), image.text)
            picture = (SOURCE / "data/screenshots" / image.text[len(SCREENSHOTS):]).read_bytes()
            width, height = struct.unpack(">2I", picture[16:24])
            self.assertEqual((image.get("width"), image.get("height")), (str(width), str(height)))
            self.assertLessEqual((width, height), (1000, 700))

    def test_release(self):
        release = self.root.find("releases/release")
        self.assertEqual(release.get("version"), version().split("~")[0])
        self.assertTrue(release.find("description") is not None)
        self.assertIn(f"## {release.get('version')}, {release.get('date')}\n", (SOURCE / "CHANGELOG.md").read_text())

    def test_phones_are_those_of_the_rule(self):
        rule = re.findall(r'idVendor}=="(\w+)", ATTR{idProduct}=="(\w+)"', (DATA / "60-unbrick.rules").read_text())
        self.assertEqual(self.texts("provides/modalias"), [f"usb:v{v.upper()}p{p.upper()}d*" for v, p in rule])

    @needs("msgfmt")
    def test_translated(self):
        for language in languages():
            words = words_of(language)
            for path in ("summary", "description/p", "description/ul/li", "screenshots/screenshot/caption"):
                there = [one_line(element.text) for element in self.root.findall(path) if locale_of(element) == language]
                wanted = [words[text] for text in self.texts(path) if text in words]
                self.assertEqual(there, wanted, f"{path} in {language}")


class Icons(unittest.TestCase):
    coloured = SOURCE / f"data/icons/hicolor/scalable/apps/{ID}.svg"
    symbolic = SOURCE / f"data/icons/hicolor/symbolic/apps/{ID}-symbolic.svg"
    built_in = SOURCE / f"ui/icons/{ID}.png"

    def test_canvas(self):
        for path, size in ((self.coloured, 128), (self.symbolic, 16)):
            root = ElementTree.parse(path).getroot()
            self.assertEqual([root.get(key) for key in ("width", "height", "viewBox")], [str(size), str(size), f"0 0 {size} {size}"])

    def test_symbolic_has_one_colour(self):
        text = self.symbolic.read_text()
        self.assertEqual(set(re.findall(r"#[0-9a-fA-F]{3,8}", text)), {"#2e3436"})
        self.assertNotRegex(text, "gradient|filter|opacity|stroke|style")

    def test_no_baked_shadow(self):
        self.assertNotRegex(self.coloured.read_text(), "<filter|<image|<text")

    @needs("rsvg-convert", "compare")
    def test_built_in_is_the_same(self):
        with tempfile.TemporaryDirectory() as folder:
            made = folder + "/made.png"
            run("rsvg-convert", "-w", 256, "-h", 256, self.coloured, "-o", made)
            # two versions of librsvg do not agree to the last bit
            done = run("compare", "-metric", "MAE", made, self.built_in, "null:")
            self.assertLess(float(re.search(r"\(([\d.e-]+)\)", done.stderr)[1]), 0.01)


class Mime(unittest.TestCase):
    path = DATA / f"{ID}.mime.xml"

    def test_own_names(self):
        """Both kinds have the same names, but for the ending, and weigh more than what they are a kind of."""
        kinds = [[(glob.get("pattern")[:-4], glob.get("weight")) for glob in kind.findall(MIME + "glob")] for kind in ElementTree.parse(self.path).getroot()]
        self.assertEqual(kinds[0], kinds[1])
        self.assertEqual({weight for _, weight in kinds[0]}, {"80"})

    def test_all_patterns(self):
        """As one who takes every pattern sees it"""
        from fnmatch import fnmatchcase
        for kind, names in zip(ElementTree.parse(self.path).getroot(), (SCATTERS + MORE_SCATTERS, XML_SCATTERS)):
            patterns = [glob.get("pattern") for glob in kind.findall(MIME + "glob")]
            self.assertEqual(patterns, [pattern.lower() for pattern in patterns])
            for name in names:
                self.assertTrue(any(fnmatchcase(name.lower(), pattern) for pattern in patterns), name)
            for name in sum(OTHERS.values(), []):
                self.assertFalse(any(fnmatchcase(name.lower(), pattern) for pattern in patterns), name)

    @needs("update-mime-database", "gio")
    def test_known_by_name(self):
        """As GLib sees it, so GNOME, Xfce, Cinnamon and MATE"""
        wanted = {name: "application/x-mtk-scatter" for name in SCATTERS}
        wanted.update({name: "application/x-mtk-scatter+xml" for name in XML_SCATTERS})
        wanted.update({name: kind for kind, names in OTHERS.items() for name in names})
        with tempfile.TemporaryDirectory() as folder:
            home = pathlib.Path(folder)
            (home / "mime/packages").mkdir(parents=True)
            shutil.copy(self.path, home / "mime/packages")
            env = {"XDG_DATA_HOME": folder, "HOME": folder}
            done = run("update-mime-database", "-n", home / "mime", env=env)
            self.assertNotRegex(done.stdout + done.stderr, "(?i)warning|error")
            (home / "files").mkdir()
            for name in wanted:
                (home / "files" / name).write_text("- general: MTK\n")
            done = run("gio", "list", "-a", "standard::content-type", "-l", home / "files", env=env)
        seen = {line.split("\t")[0]: re.search(r"standard::content-type=(\S+)", line)[1] for line in done.stdout.splitlines()}
        self.assertEqual(seen, wanted)

    @needs("update-mime-database", "update-desktop-database", "gio")
    def test_opened_with_us(self):
        with tempfile.TemporaryDirectory() as folder:
            home = pathlib.Path(folder)
            for name, path in (("mime/packages", self.path), ("applications", Entry.path)):
                (home / name).mkdir(parents=True)
                shutil.copy(path, home / name)
            # GLib believes only in programs that are there
            (home / "bin").mkdir()
            (home / "bin/unbrick").symlink_to("/bin/true")
            env = {"XDG_DATA_HOME": folder, "HOME": folder, "PATH": f"{home}/bin:{os.environ['PATH']}"}
            run("update-mime-database", "-n", home / "mime", env=env)
            run("update-desktop-database", home / "applications", env=env)
            for kind in Metainfo().texts("provides/mediatype"):
                self.assertIn(f"{ID}.desktop", run("gio", "mime", kind, env=env).stdout)
            for kind in ("text/plain", "application/xml", "application/zip", "inode/directory"):
                self.assertNotIn(ID, run("gio", "mime", kind, env=env).stdout)


class Schema(unittest.TestCase):
    path = SOURCE / f"data/{ID}.gschema.xml"

    @needs("glib-compile-schemas")
    def test_valid(self):
        done = run("glib-compile-schemas", "--strict", "--dry-run", self.path.parent)
        self.assertEqual((done.returncode, done.stderr), (0, ""))

    def test_every_key_is_explained(self):
        root = ElementTree.parse(self.path).getroot()
        self.assertEqual(root.get("gettext-domain"), "unbrick")
        for schema in root:
            self.assertEqual((schema.get("id"), schema.get("path")), (ID, "/" + ID.replace(".", "/") + "/"))
            for key in schema.iter("key"):
                self.assertTrue(key.findtext("summary"), key.get("name"))


class Potfiles(unittest.TestCase):
    def test_words_are_found(self):
        potfiles = (SOURCE / "po/POTFILES").read_text().split()
        for name in ("desktop.in", "gschema.xml", "metainfo.xml.in", "mime.xml.in"):
            self.assertIn(f"data/{ID}.{name}", potfiles)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1] + sys.argv[3:], verbosity=1)
