#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
#
# The main job as a user does it, judged by programs that are not ours: Postfix's smtp-sink takes the mail and Python's
# email module reads it. Works in a temporary folder and on loopback; stops what it started, by pid.
# Rules for what a message must hold: docs/message-format.md.
"""usage: acceptance.py --nashra PROGRAM [--recipients 20000] [--parse 300]"""

import argparse
import collections
import concurrent.futures
import email
import email.header
import email.headerregistry
import email.policy
import html
import json
import os
import pathlib
import random
import re
import sys
import time

import harness
from harness import HarnessError, Person, World

TOPIC = "acceptance"
# What may stand around a name so that right-to-left and left-to-right text do not mix.
BIDI = dict.fromkeys([0x200E, 0x200F, 0x061C, *range(0x2066, 0x206A)])
# One each, whatever has to come first: names that break careless writers of headers, HTML or CSV.
TRICKY = [
    Person("awkward.1@example.org", "ليلى \"<>&,; الحربي", "ar", "الدوحة"),
    Person("awkward.2@example.org", "مُحَمَّدٌ اَلْعَلِيُّ", "ar", "مكّة"),
    Person("awkward.3@example.com", "\"<>&,;", "en", "\"<>&,;"),
    Person("awkward.4@example.com", "e\u0301 E\u0301 — composed by two", "fr", "Nîmes"),
    Person("awkward.5@example.com", "=?utf-8?q?not_an_encoded_word?=", "en", "a=3D b=\t"),
    Person("awkward.6@example.com", "{{email}} }} {{name|x}}", "en", "%s %d \\n"),
    Person("awkward.7@example.com", ". leading dot", "en", "."),
    Person("awkward.8@example.com", "From the harbour", "en", "From here"),
    Person("awkward.9@example.com", "علی\u200cرضا " * 9 + "الطويل", "ar", "شیراز"),
    Person("awkward.10@example.com", "", "ar", ""),
    Person("awkward.11@بريد.example", "نورة 👩🏽‍💻", "ar", "جدة"),
    Person("Awkward.12@EXAMPLE.ORG", "Upper Case", "EN", "X"),
    Person("awkward.13@example.org", "No Language", "", "Y"),
    Person("awkward.14@example.org", "Unknown Language", "sw", "Z"),
    Person("awkward.15@example.org", "Regional", "fr-CA", "Montréal"),
    Person("o'hara+tag.16@example.org", "O'Hara", "en", "Galway"),
]


def squeeze(text: str) -> str:
    """Text with every run of white space as one blank, and without marks of direction."""
    return " ".join(text.translate(BIDI).split())


class Acceptance:
    def __init__(self, world: World, options: argparse.Namespace):
        self.world = world
        self.options = options
        self.faults: list[str] = []
        self.dumps = world.folder / "dumps"

    def fault(self, text: str) -> None:
        self.faults.append(text)
        if len(self.faults) <= 50:
            print(f"FAULT {text}", flush=True)

    # The job

    def prepare(self) -> None:
        self.persons = TRICKY + harness.people(self.options.recipients - len(TRICKY), seed=self.options.seed)
        self.by_key = {person.key: person for person in self.persons}
        if len(self.by_key) != len(self.persons):
            raise HarnessError("the made-up people are not distinct")
        port = harness.free_port()
        self.dumps.mkdir()
        self.dumps.chmod(0o777)
        command = [harness.postfix_tool("smtp-sink"), "-d", f"{self.dumps}/%M.", f"{harness.HOST}:{port}", "1000"]
        if os.geteuid() == 0:
            command[1:1] = ["-u", "nobody"]
        self.world.foreign(command)
        harness.wait_for_port(port)
        self.world.init(f"smtp://{harness.HOST}:{port}")
        began = time.monotonic()
        imported = self.world.register(self.persons, TOPIC)
        print(f"imported {len(self.persons)} people in {time.monotonic() - began:.1f} s: "
              f"{squeeze(imported.out)[:200]}", flush=True)

    def send(self) -> dict:
        report = self.world.run(
            ["send", self.options.bulletin, "--to", f"topic:{TOPIC}", "--yes", "--format", "json"]).json()
        count = len(self.persons)
        if report["schema"] != "nashra.report.v1" or report["audience"] != count:
            self.fault(f"the report is for {report['audience']} and {report['schema']}")
        if sum(report["deliveries"].values()) != count or report["deliveries"]["accepted"] != count:
            self.fault(f"the report does not add up to {count}: {report['deliveries']}")
        if sum(row["audience"] for row in report["by_language"]) != count:
            self.fault(f"by_language does not add up: {report['by_language']}")
        if sum(row["audience"] for row in report["by_domain"]) != count:
            self.fault(f"by_domain does not add up: {report['by_domain']}")
        print(f"sent: {report['deliveries']['accepted']} accepted in {report['seconds']['elapsed']} s", flush=True)
        return report

    # What arrived

    def check_all(self) -> None:
        """Every dump: its recipient, language and name, read fast and leniently."""
        files = sorted(self.dumps.iterdir())
        if len(files) != len(self.persons):
            self.fault(f"{len(files)} messages arrived for {len(self.persons)} people")
        seen: collections.Counter = collections.Counter()
        languages: collections.Counter = collections.Counter()
        identifiers: set[str] = set()
        self.picked: dict[str, pathlib.Path] = {}
        jobs = [(str(file), self.fallbacks) for file in files]
        with concurrent.futures.ProcessPoolExecutor(max_workers=os.cpu_count()) as pool:
            for file, facts in zip(files, pool.map(read_fast, jobs, chunksize=100)):
                key = facts["recipient"]
                seen[key] += 1
                identifiers.add(facts["message_id"])
                person = self.by_key.get(key)
                if person is None:
                    self.fault(f"{key} is nobody we know")
                    continue
                self.picked[key] = file
                languages[facts["language"]] += 1
                self.check_facts(person, facts)
        twice = [key for key, count in seen.items() if count > 1]
        if twice:
            self.fault(f"{len(twice)} people got it more than once, such as {twice[:3]}")
        if set(seen) != set(self.by_key):
            self.fault(f"{len(set(self.by_key) - set(seen))} people got nothing")
        if len(identifiers) != len(files):
            self.fault(f"{len(files)} messages have {len(identifiers)} Message-IDs")
        print(f"arrived: {len(files)} messages, {len(seen)} recipients, {dict(languages)}", flush=True)

    def expected_language(self, person: Person) -> str:
        tag = re.split("[-_]", person.language.lower())[0]
        return tag if tag in self.subjects else self.options.fallback_language

    def check_facts(self, person: Person, facts: dict) -> None:
        expected = self.expected_language(person)
        if facts["language"] != expected:
            self.fault(f"{person.key}: the language is {facts['language']}, not {expected}")
        if facts["subject"] != self.subjects[expected]:
            self.fault(f"{person.key}: the subject is {facts['subject']!r}")
        name = squeeze(person.name)
        for part in ("text", "html"):
            if name and name not in facts[part]:
                self.fault(f"{person.key}: {name!r} is not in its {part} part")
            if not name and self.fallbacks[expected] not in facts[part]:
                self.fault(f"{person.key}: the fallback for the name is not in its {part} part")

    def check_strictly(self) -> None:
        """Some dumps, the tricky ones first, by the strict policy: no defect anywhere, the headers we promise."""
        keys = [person.key for person in TRICKY if person.key in self.picked]
        rest = sorted(set(self.picked) - set(keys))
        keys += random.Random(self.options.seed).sample(rest, min(len(rest), max(0, self.options.parse - len(keys))))
        for key in keys[: self.options.parse]:
            for problem in strict_problems(self.picked[key], self.by_key[key]):
                self.fault(f"{key}: {problem}")
        print(f"parsed strictly: {len(keys[: self.options.parse])} messages", flush=True)

    def read_bulletin(self) -> None:
        """Subjects and fallbacks as the bulletin's own files say them."""
        folders = [f for f in (self.world.workspace / "bulletins").iterdir() if f.name.startswith(self.options.bulletin)]
        if len(folders) != 1:
            raise HarnessError(f"{len(folders)} bulletins in the new workspace begin with {self.options.bulletin}")
        self.subjects, self.fallbacks = {}, {}
        for file in folders[0].glob("*.md"):
            text = file.read_text(encoding="utf-8")
            subject = re.search(r'^subject:\s*(.+?)\s*$', text, re.M)[1].strip("\"'")
            fallback = re.search(r"\{\{\s*name\s*\|([^}]*)\}\}", text)
            self.subjects[file.stem] = subject
            self.fallbacks[file.stem] = squeeze(fallback[1]) if fallback else ""
            if not fallback:
                raise HarnessError(f"{file.name} does not greet by name; choose another bulletin")

    def run(self) -> None:
        self.prepare()
        self.read_bulletin()
        self.report = self.send()
        time.sleep(0.5)  # smtp-sink writes the last dump after its reply
        self.check_all()
        self.check_strictly()


def message_bytes(file: str | pathlib.Path) -> tuple[str, bytes]:
    """The recipient and the message of a dump, without what smtp-sink put in front."""
    data = pathlib.Path(file).read_bytes()
    recipient = re.search(rb"^X-Rcpt-Args: <([^>]*)>", data, re.M)[1].decode().lower()
    start = re.search(rb"^Received: from .*\n(?:[ \t].*\n)*", data, re.M).end()
    return recipient, data[start:]


def read_fast(job: tuple[str, dict]) -> dict:
    file, _ = job
    recipient, data = message_bytes(file)
    message = email.message_from_bytes(data, policy=email.policy.compat32)
    facts = {"recipient": recipient, "message_id": message["Message-ID"],
             "language": (message["Content-Language"] or "").strip().lower(), "text": "", "html": ""}
    facts["subject"] = str(email.header.make_header(email.header.decode_header(message["Subject"] or "")))
    for part in message.walk():
        kind = part.get_content_type()
        if kind in ("text/plain", "text/html"):
            text = part.get_payload(decode=True).decode(part.get_content_charset("ascii"))
            if kind == "text/html":
                text = html.unescape(re.sub(r"<style.*?</style>|<[^>]*>", "", text, flags=re.S))
            facts["text" if kind == "text/plain" else "html"] = squeeze(text)
    return facts


def strict_problems(file: pathlib.Path, person: Person) -> list[str]:
    _, data = message_bytes(file)
    problems = []
    message = email.message_from_bytes(data, policy=email.policy.default)
    for part in message.walk():
        problems += [f"{part.get_content_type()}: {defect!r}" for defect in part.defects]
        for name, value in part.items():
            problems += [f"{name}: {defect!r}" for defect in getattr(value, "defects", [])]
    if message.get_content_type() != "multipart/alternative":
        problems.append(f"is {message.get_content_type()}")
    if [part.get_content_type() for part in message.iter_parts()] != ["text/plain", "text/html"]:
        problems.append("does not have a text and an HTML part, in this order")
    for header in ("From", "To", "Subject", "Date", "Message-ID", "MIME-Version", "List-Id", "List-Unsubscribe",
                   "List-Unsubscribe-Post", "Feedback-ID", "Content-Language", "Auto-Submitted", "Precedence"):
        count = len(message.get_all(header, []))
        needed = header not in ("Auto-Submitted", "Precedence")
        if count > 1 or (needed and count == 0):
            problems.append(f"has {count} {header} headers")
    to = message["To"]
    if to is None or len(to.addresses) != 1 or to.addresses[0].addr_spec.lower() != person.key:
        problems.append(f"is to {to}")
    elif to.addresses[0].display_name and squeeze(to.addresses[0].display_name) != squeeze(person.name):
        problems.append(f"calls its reader {to.addresses[0].display_name!r}, not {person.name!r}")
    for line in data.split(b"\n"):
        if len(line.rstrip(b"\r")) > 998:
            problems.append(f"has a line of {len(line)} bytes")
    if re.search(rb"[^\x09\x0a\x0d\x20-\x7e]", data):
        problems.append("holds bytes beyond 7-bit text")
    for kind in ("plain", "html"):
        body = message.get_body((kind,))
        content = body.get_content() if body is not None else ""
        if "\ufffd" in content:
            problems.append(f"its {kind} part holds U+FFFD")
        plain = html.unescape(re.sub(r"<[^>]*>", "", content)) if kind == "html" else content
        if squeeze(person.name) not in squeeze(plain):
            problems.append(f"its {kind} part does not hold {person.name!r}")
    return problems


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--nashra", required=True, help="the program under test")
    parser.add_argument("--recipients", type=int, default=20_000)
    parser.add_argument("--parse", type=int, default=300, help="how many messages are read by the strict policy")
    parser.add_argument("--bulletin", default="2026-001")
    parser.add_argument("--fallback-language", default="ar", help="for readers of other languages")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", action="store_true", help="leave the folder behind")
    return parser.parse_args()


def body() -> int:
    options = parse()
    with World(options.nashra, keep=options.keep) as world:
        acceptance = Acceptance(world, options)
        acceptance.run()
    print(json.dumps(acceptance.report["deliveries"]))
    print(f"acceptance: {len(acceptance.persons)} people, {len(acceptance.faults)} faults")
    return 1 if acceptance.faults else 0


if __name__ == "__main__":
    harness.main(body)
