#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the man page and the shells know of the command line is what the program knows: verbs, their options, exit statuses. Nothing missing
either way.

test_command_line.py SOURCE BUILD [TEST…]
"""
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

SOURCE, BUILD = (pathlib.Path(p).resolve() for p in sys.argv[1:3])
PROGRAM = BUILD / "src/unbrick"
DATA = SOURCE / "data"
# taken before any verb, and by all of them
EVERYWHERE = {"--help", "--practice"}


def run(*command, **options):
    env = {**os.environ, "LC_ALL": "C.UTF-8", **options.pop("env", {})}
    return subprocess.run([str(c) for c in command], capture_output=True, text=True, timeout=60, env=env, **options)


def help_of(*arguments) -> str:
    with tempfile.TemporaryDirectory() as home:
        return run(PROGRAM, *arguments, "--help", env={"HOME": home, "DISPLAY": "", "WAYLAND_DISPLAY": ""}).stdout


def options_in(text: str) -> dict[str, bool]:
    """--name: does it take a word?"""
    return {name: bool(word) for name, word in re.findall(r"^  (?:-\w, )?(--[a-z-]+)(\[?=\S+)?", text, re.M)}


def practice_chips() -> set[str]:
    with tempfile.TemporaryDirectory() as home:
        done = run(PROGRAM, "--console", "--practice=MT0000", "check", env={"HOME": home, "XDG_CACHE_HOME": home})
    return set(re.findall(r"MT\d+", done.stderr)) - {"MT0000"}


class Program:
    text = help_of()
    verbs = re.findall(r"^  ([a-z-]+)(?: .*)?$", text.split("Verbs:\n")[1].split("\n\n")[0], re.M)
    options = options_in(text)
    takes = {verb: options_in(help_of("--console", verb)) for verb in verbs}
    statuses = re.findall(r"^  (\d)  ", text, re.M)
    all_options = set(options).union(*takes.values())


class ManPage(unittest.TestCase):
    """unbrick(1)"""

    def setUp(self):
        self.page = BUILD / "data/unbrick.1"
        self.source = self.page.read_text()

    def section(self, title: str) -> str:
        return self.source.split(f".Sh {title}\n")[1].split("\n.Sh ")[0]

    def items(self, text: str):
        """(item line, the line below)"""
        return re.findall(r"^\.It (.*)\n(.*)", text, re.M)

    def test_program_has_verbs(self):
        self.assertGreater(len(Program.verbs), 10)

    def test_verbs(self):
        verbs = [line.split()[1] for line, _ in self.items(self.section("VERBS"))]
        self.assertEqual(verbs, Program.verbs)

    def test_general_options(self):
        text = self.section("DESCRIPTION").split(".Ss General options")[1]
        named = {f"--{name}" for line, _ in self.items(text) for name in re.findall(r"(?:Fl |, )-([a-z-]+)", line.split("Op ")[0])}
        self.assertEqual(named, set(Program.options))

    def test_options_of_verbs(self):
        jobs = [verb for verb, options in Program.takes.items() if "--trace" in options]
        page = {verb: {} for verb in Program.verbs}
        for line, below in self.items(self.section("OPTIONS")):
            if "Fl" not in line:
                continue
            bracket = re.match(r"\.Bq (.*)", below)
            self.assertTrue(bracket, f"which verbs take {line}?")
            groups = {"jobs": jobs, "all": Program.verbs}
            verbs = [verb for word in bracket[1].split(", ") for verb in groups.get(word, [word])]
            for name, word in re.findall(r"(?:Fl (?:o , )?|, )-([a-z-]+)( Ns =)?", line):
                for verb in verbs:
                    page[verb][f"--{name}"] = bool(word)
        for verb in Program.verbs:
            program = {name: word for name, word in Program.takes[verb].items() if name not in EVERYWHERE}
            self.assertEqual(page[verb], program, verb)

    def test_exit_statuses(self):
        self.assertEqual([line for line, _ in self.items(self.section("EXIT STATUS"))], Program.statuses)

    def test_practice_words(self):
        main = (SOURCE / "src/main.c").read_text()
        program = set(re.findall(r'(?:g_str_equal|g_str_has_prefix) \(word, "([a-z-]+=?)', main))
        words = self.section("DESCRIPTION").split(".It Ar MT6580")[1].split(".El")[0]
        page = {word for line, _ in self.items(words) for word in re.findall(r"(?:Cm |, )([a-z-]+=?)", line)}
        self.assertEqual(page, program)

    def test_version(self):
        version = run(PROGRAM, "--version").stdout.split()[1]
        self.assertIn(f".Os Unbrick {version}\n", self.source)

    def test_clean(self):
        ran = 0
        if shutil.which("mandoc"):
            ran += 1
            self.assertEqual(run("mandoc", "-Tlint", "-Wwarning", self.page).stdout, "")
        if shutil.which("man"):
            ran += 1
            done = run("man", "--warnings", "-E", "UTF-8", "-l", "-Tutf8", "-Z", self.page, env={"MANROFFSEQ": "", "MANWIDTH": "80"})
            self.assertEqual((done.returncode, done.stderr), (0, ""))
        if not ran:
            self.skipTest("neither man nor mandoc")

    def test_shown(self):
        if not shutil.which("man"):
            self.skipTest("no man")
        text = run("man", "-l", self.page, env={"MANWIDTH": "100"}).stdout
        for word in ["unbrick [--practice[=WORD,...]] [FIRMWARE]", "--memory-from=FILE | FOLDER", "60-unbrick.rules"]:
            self.assertIn(word, text)


class Bash(unittest.TestCase):
    """data/completions/unbrick, asked as the shell asks it"""
    file = DATA / "completions/unbrick"

    def setUp(self):
        if not pathlib.Path("/usr/share/bash-completion/bash_completion").exists():
            self.skipTest("no bash-completion")

    def ask(self, line: str) -> set[str]:
        script = """
          . /usr/share/bash-completion/bash_completion
          . "$1"
          compopt() { :; }
          COMP_LINE=$2 COMP_POINT=${#2} COMP_TYPE=9
          # as readline cuts it: at blanks and at =, which is a word
          readarray -t COMP_WORDS < <(printf '%s' "$2" | sed 's/=/ = /g' | tr -s ' ' '\\n')
          [[ $2 != *[\\ =] ]] || COMP_WORDS+=('')
          COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
          _unbrick
          printf '%s\\n' "${COMPREPLY[@]}"
        """
        with tempfile.TemporaryDirectory() as folder:
            done = run("bash", "--norc", "-c", script, "bash", self.file, line, cwd=folder)
        self.assertEqual(done.stderr, "")
        return set(done.stdout.split())

    def test_verbs(self):
        self.assertEqual(self.ask("unbrick --console "), set(Program.verbs))
        self.assertEqual(self.ask("unbrick --console --practice=MT6580 che"), {"check"})

    def test_general_options(self):
        self.assertEqual(self.ask("unbrick -"), set(Program.options) | {"-h"})

    def test_options(self):
        for verb in Program.verbs:
            short = {"-h"} | ({"-o"} if verb == "read" else set())
            self.assertEqual(self.ask(f"unbrick --console {verb} -"), set(Program.takes[verb]) | EVERYWHERE | short, verb)

    def test_options_that_take_a_word(self):
        """None of them is taken for the end of what is expected: after it comes its word, then more options."""
        for verb in Program.verbs:
            for name, word in Program.takes[verb].items():
                if word:
                    offered = self.ask(f"unbrick --console {verb} {name} ")
                    self.assertFalse(offered & (set(Program.verbs) - {"copies"}), f"{verb} {name}: {offered}")

    def test_values(self):
        self.assertEqual(self.ask("unbrick --console flash --mode=up"), {"upgrade"})
        self.assertEqual(self.ask("unbrick --console flash --mode "), {"download", "upgrade", "format", "repair"})
        self.assertEqual(self.ask("unbrick --console flash --accept=danger,re"), {"danger,repair"})
        self.assertEqual(self.ask("unbrick --practice=MT6580,boo"), {"MT6580,boot-rom"})
        self.assertEqual(self.ask("unbrick --practice=MT"), practice_chips())
        self.assertEqual(self.ask("unbrick --console read --part=boot,reco"), {"boot,recovery"})
        self.assertEqual(self.ask("unbrick --console copies "), {"list", "verify", "remove", "prune"})
        self.assertIn("recovery", self.ask("unbrick --console part "))
        self.assertIn("recovery", self.ask("unbrick --console part --agent x.bin "))

    def test_files(self):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "firmware.zip"
            path.touch()
            for line in ("unbrick", "unbrick --console check", "unbrick --console part boot", "unbrick --console info --agent",
                         "unbrick --console read --firmware"):
                self.assertEqual(self.ask(f"{line} {folder}/fir"), {str(path)}, line)


class Fish(unittest.TestCase):
    """data/completions/unbrick.fish: asked where there is fish, else read"""
    file = DATA / "completions/unbrick.fish"

    def test_written(self):
        text = self.file.read_text()
        self.assertEqual(re.findall(r"^complete -c unbrick -n __unbrick_no_verb -f -a (\S+)", text, re.M), Program.verbs)
        takes = {verb: {} for verb in Program.verbs}
        for verbs, name, rest in re.findall(r"^complete -c unbrick -n '__unbrick_verb ([^']+)' -l (\S+)(.*)", text, re.M):
            for verb in verbs.split():
                takes[verb][f"--{name}"] = bool(re.search(r" -[xr]\b", rest))
        for verb in Program.verbs:
            self.assertEqual(takes[verb], {k: v for k, v in Program.takes[verb].items() if k not in EVERYWHERE}, verb)
        self.assertEqual({"--" + name for name in re.findall(r"^complete -c unbrick (?:-s h )?-l (\S+)", text, re.M)}, set(Program.options))

    def test_asked(self):
        if not shutil.which("fish"):
            self.skipTest("no fish")

        def ask(line):
            with tempfile.TemporaryDirectory() as home:
                done = run("fish", "--no-config", "-c", 'source $argv[1]; complete -C $argv[2]', self.file, line,
                           env={"HOME": home, "XDG_CONFIG_HOME": home, "XDG_DATA_HOME": home}, cwd=home)
            self.assertEqual((done.returncode, done.stderr), (0, ""))
            return {answer.split("\t")[0] for answer in done.stdout.splitlines()}
        self.assertEqual(ask("unbrick --console "), set(Program.verbs))
        self.assertEqual(ask("unbrick --console --practice=ufs che"), {"check"})
        self.assertEqual(ask("unbrick --console flash --mode=u"), {"--mode=upgrade"})
        self.assertLessEqual({"list", "verify"}, ask("unbrick --console copies "))
        for verb in ("check", "go-on"):
            self.assertEqual({name.rstrip("=") for name in ask(f"unbrick --console {verb} --")},
                             set(Program.takes[verb]) | set(Program.options), verb)


class Zsh(unittest.TestCase):
    """data/completions/_unbrick: read, and its grammar looked at where there is zsh"""
    file = DATA / "completions/_unbrick"

    def block(self, name: str) -> list[str]:
        return self.file.read_text().split(f"{name}=(\n")[1].split("\n  )")[0].splitlines()

    def test_written(self):
        self.assertEqual([line.split(":")[0].strip(" '") for line in self.block("verbs")], Program.verbs)
        groups = dict(re.findall(r"""^  local (phone|job)=['"](.*)['"]$""", self.file.read_text(), re.M))
        groups["job"] = groups["job"].replace("$phone", groups["phone"])
        words = {m[1]: bool(m[2]) for m in (re.match(r"""\s*([a-z-]+) ['"]\*?--\1(=)?\[""", line) for line in self.block("option"))}
        words["out"] = True
        takes = {}
        for line in self.block("takes"):
            verb, names = re.match(r"""\s*([a-z-]+) ['"](.*)['"]$""", line).groups()
            for group, text in groups.items():
                names = names.replace(f"${group}", text)
            takes[verb] = {f"--{name}": words[name] for name in names.split()}
        self.assertEqual(takes, {verb: {k: v for k, v in options.items() if k not in EVERYWHERE} for verb, options in Program.takes.items()})
        self.assertEqual(set(words), {name[2:] for options in takes.values() for name in options})

    def test_general_options(self):
        text = self.file.read_text()
        for name in Program.options:
            self.assertRegex(text, re.escape(name) + r"(=-)?[\[,}]")

    def test_practice_chips(self):
        self.assertEqual(set(re.findall(r"MT\d+", self.file.read_text())), practice_chips())

    def test_grammar(self):
        if not shutil.which("zsh"):
            self.skipTest("no zsh")
        done = run("zsh", "-n", self.file)
        self.assertEqual((done.returncode, done.stderr), (0, ""))


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1] + sys.argv[3:], verbosity=1)
