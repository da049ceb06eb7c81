#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
#
# Times imports of a million people: a dry run, the import, the same file again, and --sync with a file that lacks a
# fifth; beside sqlite3's own .import of the same file into a plain table, in the same run. Needs the package sqlite3.
# Writes a workspace into a temporary folder. Exit 1 when a promise is not kept.
"""usage: registry.py --nashra PROGRAM [--people 1000000] [--figures FILE] [--factor 3]"""

import argparse
import csv
import json
import os
import pathlib
import random
import resource
import shutil
import subprocess
import sys
import tempfile
import time

MOST_MEMORY_KB = 150_000
AGAIN_FACTOR = 1.5
FIRST = ["نورة", "محمد", "ليلى", "عبد الله", "فاطمة", "Omar", "Zoé", "José"]
LAST = ["العتيبي", "القحطاني", "بن علي", "الشمري", "Dupont", "Haddad", "الحربي"]
CITIES = ["الدوحة", "الرياض", "جدة", "Lyon", "London", "الخور"]
DOMAINS = ["example.org", "moi.example", "mail.example", "example.com", "مثال.إختبار"]


def write(path: pathlib.Path, count: int) -> None:
    """People in random order: address, name, language, city, number."""
    dice = random.Random(20261122)
    order = list(range(count))
    dice.shuffle(order)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\r\n")
        writer.writerow(["email", "name", "language", "city", "grade"])
        for number in order:
            name = f"{FIRST[number % 8]} {LAST[number % 7]}"
            address = f"{chr(97 + number % 26)}{number:07}@{DOMAINS[number % 5]}"
            writer.writerow([address, name, ("ar", "en", "fr")[number % 3], CITIES[number % 6], number % 15])


def lacking(source: pathlib.Path, target: pathlib.Path) -> None:
    """The same file without every fifth person."""
    with source.open(encoding="utf-8", newline="") as whole, target.open("w", encoding="utf-8", newline="") as part:
        for number, line in enumerate(whole):
            if number == 0 or number % 5:
                part.write(line)


class Timed:
    """One command: its seconds, its greatest memory, its status and what it said."""

    def __init__(self, command: list[str], stdin: str | None = None):
        began = time.monotonic()
        with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as words:
            source = subprocess.PIPE if stdin is not None else subprocess.DEVNULL
            child = subprocess.Popen(command, stdin=source, stdout=out, stderr=words)
            if stdin is not None and child.stdin:
                child.stdin.write(stdin.encode())
                child.stdin.close()
            _, status, usage = os.wait4(child.pid, 0)
            child.returncode = os.waitstatus_to_exitcode(status)
            self.seconds = time.monotonic() - began
            self.kilobytes = usage.ru_maxrss
            self.processor = usage.ru_utime + usage.ru_stime
            self.status = child.returncode
            for stream in (out, words):
                stream.seek(0)
            self.out, self.words = out.read().decode(), words.read().decode()

    def figures(self) -> dict:
        return {
            "seconds": round(self.seconds, 2), "cpu_seconds": round(self.processor, 2), "peak_kb": self.kilobytes,
        }


class Failed(Exception):
    """A command did not do what it was to do."""


def shell(folder: pathlib.Path, people: pathlib.Path) -> Timed:
    """sqlite3's own import into a plain table."""
    table = "CREATE TABLE t (email TEXT, name TEXT, language TEXT, city TEXT, grade TEXT);"
    script = f"PRAGMA journal_mode=WAL;\nPRAGMA synchronous=FULL;\n{table}\n.import --csv --skip 1 {people} t\n"
    timed = Timed(["sqlite3", str(folder / "plain.db")], script)
    if timed.status != 0:
        raise Failed(f"sqlite3: {timed.words}")
    return timed


class Register:
    """A workspace with one topic."""

    def __init__(self, program: str, folder: pathlib.Path):
        self.program, self.folder = program, folder
        init = ["init", str(folder / "w"), "--name", "N", "--sender", "a@moi.example", "--relay", "smtp://127.0.0.1:9"]
        self.run([*init, "--no-input"], 0, workspace=False)
        self.run(["topics", "add", "staff"], 0)

    def run(self, arguments: list[str], status: int, workspace: bool = True) -> Timed:
        place = ["--workspace", str(self.folder / "w")] if workspace else []
        timed = Timed([self.program, *arguments, *place])
        if timed.status != status:
            raise Failed(f"{' '.join(arguments)}: exit {timed.status}\n{timed.out}{timed.words}")
        return timed

    def imports(self, people: pathlib.Path, *more: str, status: int = 0, **expected: int) -> Timed:
        command = ["subscribers", "import", str(people), "--topic", "staff", "--source", "bench", "--format", "json"]
        timed = self.run([*command, *more], status)
        if status == 0:
            line = json.loads(timed.out)["files"][0]
            wrong = {name: line[name] for name, count in expected.items() if line[name] != count}
            if wrong:
                raise Failed(f"expected {expected}, found {wrong}")
        return timed


def measure(program: str, count: int, folder: pathlib.Path) -> dict[str, Timed]:
    people, part = folder / "people.csv", folder / "part.csv"
    write(people, count)
    lacking(people, part)
    register = Register(program, folder)
    # The page cache is warm for both: each reads the file once before it counts.
    people.read_bytes()
    found = {"sqlite3 .import": shell(folder, people)}
    found["dry run"] = register.imports(people, "--dry-run", added=count)
    found["import"] = register.imports(people, added=count, unchanged=0)
    found["again"] = register.imports(people, added=0, unchanged=count)
    found["sync, dry run"] = register.imports(part, "--sync", "--dry-run", left=count // 5)
    found["sync, refused"] = register.imports(part, "--sync", status=77)
    found["again after it"] = register.imports(people, "--dry-run", unchanged=count)
    return found


def judge(found: dict[str, Timed], factor: float) -> list[str]:
    base, first, again = found["sqlite3 .import"].seconds, found["import"].seconds, found["again"].seconds
    faults = []
    if first > factor * base:
        faults.append(f"the import took {first / base:.2f} times as long as sqlite3's; promised: {factor}")
    if again > AGAIN_FACTOR * first:
        faults.append(f"the second import took {again / first:.2f} times as long as the first")
    for name, timed in found.items():
        if name != "sqlite3 .import" and timed.kilobytes > MOST_MEMORY_KB:
            faults.append(f"{name} took {timed.kilobytes} kB; promised: {MOST_MEMORY_KB}")
    return faults


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--nashra", required=True)
    parser.add_argument("--people", type=int, default=1_000_000)
    parser.add_argument("--factor", type=float, default=3)
    parser.add_argument("--figures", type=pathlib.Path)
    options = parser.parse_args()
    if shutil.which("sqlite3") is None:
        print("sqlite3 is missing: apt-get install sqlite3", file=sys.stderr)
        return 1
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with tempfile.TemporaryDirectory(prefix="nashra-registry-") as folder:
        try:
            found = measure(options.nashra, options.people, pathlib.Path(folder))
        except Failed as failed:
            print(failed, file=sys.stderr)
            return 1
    base = found["sqlite3 .import"].seconds
    for name, timed in found.items():
        print(f"{name:16} {timed.seconds:7.2f} s  {timed.seconds / base:5.2f} x  {timed.kilobytes / 1000:6.1f} MB")
    faults = judge(found, options.factor)
    for fault in faults:
        print(f"NOT KEPT: {fault}")
    if options.figures:
        figures = {"people": options.people, "runs": {name: timed.figures() for name, timed in found.items()}}
        options.figures.write_text(json.dumps(figures | {"not_kept": faults}, indent=1) + "\n", encoding="utf-8")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
