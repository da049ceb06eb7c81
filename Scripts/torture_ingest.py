#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
#
# Kills ingests with SIGKILL at random times and at each named place, and checks from outside after every kill that no
# mail is gone that nobody recorded, and in the end that each was recorded once and acted on once.
# Looks only at copies of the store and at the folders in which mails wait. The invariants B1 to B6 are those of
# docs/testing.md, "Torture".
"""usage: torture_ingest.py --nashra PROGRAM [--kills 200] [--mails 40] [--seed S]"""

import argparse
import hashlib
import json
import random
import sys
import time

import harness
from harness import HarnessError, World

TOPIC = "torture"
# Where a Maildir's messages go that nobody could read.
ASIDE = ".Nashra.Unparsed"
PLACES = ["bounces-classified", "before-bounce-commit", "after-bounce-commit", "bounces-recorded", "bounces-acknowledged"]
# Alarms and holds are for lists in trouble; here everybody is meant to bounce.
POLICY = """
alarm: {domain_minimum: 1000000, domain_unknown_maximum: 1000000, campaign_minimum: 10000000}
hold: {minimum: 10000000}
"""


def report(mail: dict, number: int, status: str) -> bytes:
    """A delivery status notification about one of our mails, as a server would write it."""
    recipient = mail["recipients"][0]
    return f"""Return-Path: <>
From: MAILER-DAEMON@mx.example.org
To: {mail["mail_from"]}
Subject: Undelivered Mail Returned to Sender
Message-ID: <{number}@mx.example.org>
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="=_t"

--=_t
Content-Type: text/plain; charset=utf-8

تعذر التسليم
--=_t
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.org

Final-Recipient: rfc822; {recipient}
Action: failed
Status: {status}

--=_t--
""".encode()


def reply(mail: dict, number: int) -> bytes:
    """A person's answer."""
    recipient = mail["recipients"][0]
    return f"""From: <{recipient}>
To: bulletin@moi.example
Subject: Re: {number}
In-Reply-To: {mail["message_id"]}
Message-ID: <{number}@example.org>
Content-Type: text/plain; charset=utf-8

شكرا لكم {number}
""".encode()


def stranger(mail: dict, number: int) -> bytes:
    """A report whose token has one wrong character."""
    forged = dict(mail)
    token = mail["mail_from"]
    forged["mail_from"] = token[:5] + ("b" if token[5] == "a" else "a") + token[6:]
    return report(forged, number, "5.1.1")


class Torture:
    def __init__(self, world: World, options: argparse.Namespace):
        self.world = world
        self.options = options
        self.dice = random.Random(options.seed)
        self.violations: list[str] = []
        self.kills = 0
        self.number = 0
        self.mails: list[dict] = []
        # Every mail that was ever handed over: its digest in the store, and what has to follow from it.
        self.expected: dict[str, str] = {}
        self.maildir = world.folder / "bounces"
        self.maildir_aside = self.maildir / ASIDE / "new"
        self.spool = world.workspace / "var/spool"
        self.seconds = 1.0
        # How many were set aside, because the process was killed over them three times.
        self.aside = 0

    def violation(self, text: str) -> None:
        self.violations.append(text)
        print(f"VIOLATION {text}", flush=True)

    # Preparation

    def prepare(self) -> None:
        ledger = self.world.folder / "sink.jsonl"
        _, port = self.world.sink(["--ledger", str(ledger), "--discard"])
        self.world.init(f"smtp://{harness.HOST}:{port}")
        self.world.use_relay(port)
        (self.world.workspace / "config/bounce-policy.yaml").write_text(POLICY, encoding="utf-8")
        self.world.settings["NASHRA_REPLIES_FORWARD_TO"] = "none"
        rounds = self.options.kills + 20
        people = harness.people(rounds * self.options.mails, seed=self.options.seed, awkward=False)
        self.world.register(people, TOPIC)
        self.world.run(["send", "2026-001", "--to", f"topic:{TOPIC}", "--yes"], timeout=1200)
        with ledger.open("rb") as file:
            self.mails = [json.loads(line) for line in file]
        for part in ("tmp", "new", "cur"):
            (self.maildir / part).mkdir(parents=True)

    # One round

    def make(self) -> list[tuple[bytes, dict, str]]:
        """The round's mails: hard and soft bounces, replies, forgeries."""
        made = []
        for _ in range(self.options.mails):
            mail = self.mails.pop()
            self.number += 1
            what = self.dice.choices(["hard", "soft", "reply", "forged"], [5, 2, 2, 1])[0]
            if what == "reply":
                content = reply(mail, self.number)
            elif what == "forged":
                content = stranger(mail, self.number)
            else:
                content = report(mail, self.number, "5.1.1" if what == "hard" else "5.2.2")
            made.append((content, mail, what))
        return made

    def into_maildir(self, made: list) -> list[str]:
        for content, _, what in made:
            self.expected[hashlib.sha256(content).hexdigest()] = what
            name = f"179{self.number:07}.{hashlib.md5(content).hexdigest()}.host"
            (self.maildir / "tmp" / name).write_bytes(content)
            (self.maildir / "tmp" / name).rename(self.maildir / "new" / name)
        return ["bounces", "ingest", "--maildir", str(self.maildir), "--no-send", "--format", "json"]

    def into_spool(self, made: list) -> list[str]:
        """By the pipe, which is killed now and then and then asked again, as a mail system does."""
        for content, mail, what in made:
            recipient = mail["mail_from"] if what != "forged" else ""
            self.expected[self.digest(content, recipient)] = what
            while self.pipe(content, recipient) != 0:
                pass
        return ["bounces", "ingest", "--spool", "--no-send", "--format", "json"]

    def pipe(self, content: bytes, recipient: str) -> int:
        file = self.world.folder / "mail"
        file.write_bytes(content)
        command = f'exec "$0" bounces ingest --mta --workspace "$1" --recipient "$2" < "$3"'
        running = self.world.foreign([
            "/bin/sh", "-c", command, self.world.program, str(self.world.workspace), recipient or "x@moi.example",
            str(file),
        ])
        if self.dice.random() < 0.1:
            time.sleep(self.dice.uniform(0, 0.05))
            running.kill()
        output = running.finish(60)
        self.world.started.remove(running)
        running.stop()
        if output.status not in (0, 75, -9):
            self.violation(f"B6: the pipe ended with {output.status}: {output.out} {output.error}")
        return output.status

    @staticmethod
    def digest(content: bytes, recipient: str) -> str:
        if not recipient:
            return hashlib.sha256(content).hexdigest()
        return hashlib.sha256(content + b"\0" + bytes(byte | 0x20 for byte in recipient.encode())).hexdigest()

    def waiting(self, places: tuple[str, ...] = ("new", "failed")) -> set[str]:
        """The digests of what still waits in the Maildir, and in these places of the spool.

        `failed` stands for what was set aside in the Maildir too.
        """
        found = set()
        folders = [self.maildir / "new", self.maildir / "cur"]
        if "failed" in places and self.maildir_aside.exists():
            folders.append(self.maildir_aside)
        for folder in folders:
            for file in folder.iterdir():
                try:
                    found.add(hashlib.sha256(file.read_bytes()).hexdigest())
                except FileNotFoundError:
                    pass
        if self.spool.exists():
            for file in self.spool.rglob("*"):
                if not file.is_file() or file.parent.name not in places:
                    continue
                content = file.read_bytes()
                line, _, rest = content.partition(b"\n")
                if line.startswith(b"X-Nashra-Spool: 1"):
                    recipient = line.removeprefix(b"X-Nashra-Spool: 1").strip().decode()
                    ours = recipient if recipient.startswith("b+") else ""
                    found.add(self.digest(rest, ours))
                    found.add(self.digest(rest, ""))
        return found

    def recorded(self) -> dict[str, tuple[str, str, int]]:
        with self.world.database() as db:
            rows = db.execute("SELECT digest, kind, standing, times FROM returned")
            return {digest.hex(): (kind, standing, times) for digest, kind, standing, times in rows}

    def check_nothing_lost(self, when: str) -> None:
        """B1: whatever was handed over waits, or is recorded."""
        there = self.waiting()
        there |= set(self.recorded())
        for digest in set(self.expected) - there:
            self.violation(f"B1: after {when}, a mail ({self.expected[digest]}) neither waits nor is recorded")

    def round(self, kills: int) -> None:
        made = self.make()
        if self.dice.random() < 0.3:
            made = made[: max(4, self.options.mails // 5)]
            arguments = self.into_spool(made)
        else:
            arguments = self.into_maildir(made)
        for _ in range(kills):
            settings = {}
            if self.dice.random() < 0.5:
                place = self.dice.choice(PLACES)
                settings["NASHRA_FAILPOINT"] = place
                when = place
            else:
                when = "a kill at some time"
            running = self.world.start(arguments, settings)
            if not settings:
                time.sleep(self.dice.uniform(0, 1.2 * self.seconds))
                running.kill()
            output = running.finish(120)
            self.world.started.remove(running)
            running.stop()
            if output.status == -9:
                self.kills += 1
            elif output.status != 0:
                self.violation(f"B6: ingest ended with {output.status}: {output.error[-400:]}")
            self.check_nothing_lost(when)
        began = time.monotonic()
        self.world.run(arguments)
        self.seconds = 0.8 * self.seconds + 0.2 * (time.monotonic() - began)
        # What a process died over three times is set aside for people, and not read again.
        if left := self.waiting(("new",)):
            self.violation(f"B2: {len(left)} mails wait though an ingest has ended")

    # The end

    def check(self) -> None:
        recorded = self.recorded()
        for digest, what in self.expected.items():
            if digest not in recorded:
                self.violation(f"B3: a mail ({what}) was never recorded")
                continue
            standing = recorded[digest][1]
            if standing != ("forged" if what == "forged" else "counted"):
                self.violation(f"B3: a mail ({what}) stands as {standing}")
        if len(recorded) != len(self.expected):
            self.violation(f"B3: {len(recorded)} rows for {len(self.expected)} mails")
        count = {what: list(self.expected.values()).count(what) for what in ("hard", "soft", "reply")}
        with self.world.database() as db:
            got = {
                "hard": db.execute("SELECT count(*) FROM suppression WHERE reason = 'hard_bounce'").fetchone()[0],
                "soft": db.execute("SELECT count(*) FROM bounce WHERE event = 'soft'").fetchone()[0],
                "reply": db.execute("SELECT count(*) FROM reply").fetchone()[0],
            }
            tally = db.execute("SELECT hard, soft, replies FROM campaign_return").fetchone()
            integrity = db.execute("PRAGMA integrity_check").fetchone()[0]
        if got != count:
            self.violation(f"B4: acted on {got}, but {count} came")
        if tally != (count["hard"], count["soft"], count["reply"]):
            self.violation(f"B5: the campaign counts {tally}, but {count} came")
        if integrity != "ok":
            self.violation(f"B6: {integrity}")

    def run(self) -> None:
        self.prepare()
        began = time.monotonic()
        self.round(0)
        self.seconds = time.monotonic() - began
        deadline = time.monotonic() + self.options.deadline
        while self.kills < self.options.kills and self.mails and not len(self.violations) > 20:
            if time.monotonic() > deadline:
                raise HarnessError(f"only {self.kills} kills within {self.options.deadline:.0f} s")
            self.round(self.dice.randint(1, 4))
        self.give_back()
        self.check()

    def give_back(self) -> None:
        """Moves what was set aside back, as its finding advises, and takes it in."""
        for file in (self.spool / "failed").iterdir():
            self.aside += 1
            file.rename(self.spool / "new" / file.name)
        self.world.run(["bounces", "ingest", "--spool", "--no-send", "--format", "json"])
        for file in self.maildir_aside.iterdir() if self.maildir_aside.exists() else []:
            self.aside += 1
            file.rename(self.maildir / "new" / file.name)
        self.world.run(["bounces", "ingest", "--maildir", str(self.maildir), "--no-send", "--format", "json"])
        if left := self.waiting():
            self.violation(f"B2: {len(left)} mails wait in the end")


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--nashra", required=True, help="the program under test")
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--mails", type=int, default=40, help="mails a round")
    harness.add_options(parser)
    return parser.parse_args()


def body() -> int:
    options = parse()
    print(f"torture-ingest: seed {options.seed}", flush=True)
    began = time.monotonic()
    with World(options.nashra, keep=options.keep, folder=options.folder) as world:
        torture = Torture(world, options)
        torture.run()
    summary = {
        "kills": torture.kills, "mails": len(torture.expected), "set_aside": torture.aside,
        "violations": len(torture.violations),
        "seed": options.seed, "seconds": round(time.monotonic() - began, 1),
    }
    if options.output:
        options.output.write_text(json.dumps(summary, indent=2) + "\n", encoding="utf-8")
    print(json.dumps(summary))
    print(f"torture-ingest: {summary['kills']} kills, {summary['mails']} mails, {summary['violations']} violations")
    return 1 if torture.violations else 0


if __name__ == "__main__":
    harness.main(body)
