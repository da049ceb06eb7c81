#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
#
# Kills senders with SIGKILL at random times and at named places, resumes until the campaign is done, and checks from
# outside that nobody was lost and that no crash doubled more than one message per connection.
# Looks only at copies of the store and at the ledger of the sink, which is written before each 250.
# The invariants I1 to I9 are those of docs/testing.md, "Torture".
"""usage: torture.py --nashra PROGRAM [--kills 50] [--recipients 20000] [--connections 20] [--seed S]"""

import argparse
import collections
import dataclasses
import email
import email.parser
import email.policy
import hashlib
import json
import pathlib
import random
import statistics
import sys
import time

import harness
from harness import HarnessError, Ledger, World

TOPIC = "torture"


@dataclasses.dataclass
class Kill:
    """One crash: what was in flight, and how many of those arrived twice in the end."""

    campaign: str
    accepted: int
    in_flight: set[str]
    duplicates: int = 0


class Torture:
    def __init__(self, world: World, options: argparse.Namespace):
        self.world = world
        self.options = options
        self.dice = random.Random(options.seed)
        self.violations: list[str] = []
        self.kills: list[Kill] = []
        self.lost = 0
        self.sent_messages = 0
        self.resumes: list[float] = []
        self.maildir = None if options.no_maildir else world.folder / "mail"
        self.ledger = Ledger(world.folder / "sink.jsonl")
        self.suppressed: dict[str, int] = {}

    def violation(self, text: str) -> None:
        self.violations.append(text)
        print(f"VIOLATION {text}", flush=True)

    # Preparation

    def prepare(self) -> None:
        arguments = ["--ledger", str(self.ledger.path)]
        arguments += ["--maildir", str(self.maildir)] if self.maildir else ["--discard"]
        _, port = self.world.sink(arguments)
        self.world.init(f"smtp://{harness.HOST}:{port}")
        self.world.use_relay(port)
        self.persons = harness.people(self.options.recipients, seed=self.options.seed)
        self.keys = {person.key for person in self.persons}
        if len(self.keys) != len(self.persons):
            raise HarnessError("the made-up people are not distinct")
        self.world.register(self.persons, TOPIC)
        few = harness.people(self.options.failpoint_recipients, seed=self.options.seed, prefix="few")
        self.few_keys = {person.key for person in few}
        self.world.register(few, f"{TOPIC}-few")

    def send_arguments(self, topic: str, connections: int) -> list[str]:
        return ["send", self.options.bulletin, "--to", f"topic:{topic}", "--yes", "--again", "--connections",
                str(connections), "--format", "json"]

    def resume_arguments(self, campaign: str, connections: int) -> list[str]:
        return ["campaigns", "resume", campaign, "--yes", "--connections", str(connections), "--format", "json"]

    # Looking at what is there

    def rows(self, campaign: str) -> dict[str, str]:
        """State by address key."""
        with self.world.database() as db:
            query = ("SELECT address_key, state FROM delivery WHERE campaign_id = "
                     "(SELECT id FROM campaign WHERE name = ?)")
            return dict(db.execute(query, (campaign,)))

    def newest(self) -> str | None:
        with self.world.database() as db:
            row = db.execute("SELECT name FROM campaign ORDER BY id DESC LIMIT 1").fetchone()
            return row[0] if row else None

    def check_store(self, when: str) -> None:
        """I9, and I1 for every campaign."""
        with self.world.database() as db:
            answer = db.execute("PRAGMA integrity_check").fetchall()
            if answer != [("ok",)]:
                self.violation(f"I9 {when}: integrity_check says {answer[:3]}")
            broken = db.execute("PRAGMA foreign_key_check").fetchall()
            if broken:
                self.violation(f"I9 {when}: foreign_key_check says {broken[:3]}")
            sums = db.execute(
                "SELECT c.name, c.audience_count, count(d.id) FROM campaign c LEFT JOIN delivery d "
                "ON d.campaign_id = c.id GROUP BY c.id HAVING c.audience_count <> count(d.id)").fetchall()
            for name, audience, count in sums:
                self.violation(f"I1 {when}: {name} was frozen for {audience} and has {count} deliveries")
            unknown = [s for (s,) in db.execute("SELECT DISTINCT state FROM delivery") if s not in harness.STATES]
            if unknown:
                self.violation(f"I1 {when}: unknown states {unknown}")

    def check_campaign(self, campaign: str, audience: set[str], taken: list, kills: list[Kill]) -> None:
        """I1 to I8 for a campaign that has ended; `taken` is what the sink accepted meanwhile."""
        rows = self.rows(campaign)
        if set(rows) != audience:
            self.violation(f"I1 {campaign}: frozen for {len(rows)} people, {len(audience)} were expected")
        copies = collections.defaultdict(list)
        identifiers: dict[str, str] = {}
        for message in taken:
            if len(message.recipients) != 1:
                self.violation(f"I2 {campaign}: a message has {len(message.recipients)} recipients")
                continue
            recipient = message.recipients[0]
            if recipient not in rows:
                self.violation(f"I2 {campaign}: {recipient} was sent to and is not in the audience")
            if identifiers.setdefault(message.message_id, recipient) != recipient:
                self.violation(f"I2 {campaign}: two recipients share the Message-ID {message.message_id}")
            copies[recipient].append(message)
        open_rows = collections.Counter(state for state in rows.values() if state not in harness.TERMINAL)
        if open_rows:
            self.violation(f"I4 {campaign}: has ended and still has {dict(open_rows)}")
        for key, state in rows.items():
            if state == "accepted" and key not in copies:
                self.lost += 1
                self.violation(f"I3 {campaign}: {key} is accepted and the sink never took it")
            if state in ("rejected", "expired", "cancelled") and key in copies:
                self.violation(f"I2 {campaign}: {key} is {state} and the sink took it")
        self.check_copies(campaign, copies, kills)
        self.check_attempts(campaign)
        if self.maildir:
            self.check_maildir(campaign, taken)
        self.check_report(campaign, collections.Counter(rows.values()))
        self.sent_messages += len(taken)

    def check_copies(self, campaign: str, copies: dict, kills: list[Kill]) -> None:
        """I5 and I6."""
        for key, messages in copies.items():
            if len({(m.sha256, m.message_id, m.size) for m in messages}) != 1:
                self.violation(f"I6 {campaign}: the {len(messages)} copies for {key} differ")
            if len(messages) > 1:
                blamed = [kill for kill in kills if key in kill.in_flight]
                for kill in blamed[: len(messages) - 1]:
                    kill.duplicates += 1
                if len(messages) - 1 > len(blamed):
                    self.violation(
                        f"I5 {campaign}: {key} arrived {len(messages)} times and was in flight at {len(blamed)} crashes")
        for kill in kills:
            if len(kill.in_flight) > self.options.connections or kill.duplicates > self.options.connections:
                self.violation(
                    f"I5 {campaign}: a crash left {len(kill.in_flight)} in flight and doubled {kill.duplicates}")

    def check_attempts(self, campaign: str) -> None:
        with self.world.database() as db:
            odd = db.execute(
                "SELECT count(*) FROM delivery d WHERE d.campaign_id = (SELECT id FROM campaign WHERE name = ?) AND "
                "d.state = 'accepted' AND (SELECT count(*) FROM attempt a WHERE a.delivery_id = d.id AND "
                "a.outcome = 'accepted') <> 1", (campaign,)).fetchone()[0]
        if odd:
            self.violation(f"I3 {campaign}: {odd} accepted deliveries have not exactly one accepted attempt")

    def check_maildir(self, campaign: str, taken: list) -> None:
        """I7: what the sink kept is whole, byte for byte what its ledger says, and ends where a message ends."""
        expected = collections.Counter(message.sha256 for message in taken)
        found: collections.Counter = collections.Counter()
        folder = self.maildir / "new"
        parser = email.parser.BytesHeaderParser(policy=email.policy.compat32)
        for file in sorted(folder.iterdir()):
            data = file.read_bytes()
            for _ in range(2):  # Return-Path and Delivered-To, which the sink put in front
                data = data[data.find(b"\n") + 1:]
            found[hashlib.sha256(data).hexdigest()] += 1
            boundary = parser.parsebytes(data[:16384]).get_boundary()
            if boundary and not data.rstrip().endswith(f"--{boundary}--".encode()):
                self.violation(f"I7 {campaign}: {file.name} is cut short")
            file.unlink()
        # A crash of the sink's client cannot make the sink keep less than it acknowledged.
        missing = expected - found
        if missing:
            self.violation(f"I7 {campaign}: {missing.total()} messages of the ledger are not in the Maildir")

    def check_report(self, campaign: str, states: collections.Counter) -> None:
        report = self.world.run(["report", campaign, "--format", "json"]).json()
        counted = report["deliveries"]
        if sum(counted.values()) != report["audience"] or report["audience"] != states.total():
            self.violation(f"I1 {campaign}: the report says {counted} for an audience of {report['audience']}")
        if {s: n for s, n in counted.items() if n} != dict(states):
            self.violation(f"I1 {campaign}: the report says {counted}, the store {dict(states)}")

    # Random kills

    def suppress_some(self, campaign: str) -> None:
        """Between two processes, takes three people out of what is left; I8 is checked at the end."""
        waiting = sorted(key for key, state in self.rows(campaign).items() if state == "queued")
        for key in self.dice.sample(waiting, min(3, len(waiting))):
            self.world.run(["suppressions", "add", key, "--reason", "operator"])
            self.suppressed[key] = self.ledger.size()

    def check_suppressed(self) -> None:
        """I8: nothing reaches an address after its suppression was committed."""
        with self.ledger.path.open("rb") as file:
            position = 0
            for line in file:
                for recipient in json.loads(line)["recipients"]:
                    since = self.suppressed.get(recipient.lower())
                    if since is not None and position >= since:
                        self.violation(f"I8 {recipient} was sent to after it was suppressed")
                position += len(line)

    def kill_somewhere(self, running, sending_seconds: float) -> bool:
        """Kills `running` at a random time; `False` when it had ended before."""
        before = self.ledger.size()
        if self.dice.random() < 0.85:
            while self.ledger.size() == before and not running.ended():
                time.sleep(0.002)
            delay = self.dice.uniform(0, sending_seconds / 4)
        else:
            delay = self.dice.uniform(0, sending_seconds / 2)
        deadline = time.monotonic() + delay
        while time.monotonic() < deadline and not running.ended():
            time.sleep(0.001)
        running.kill()
        running.finish(60)
        return running.process.returncode == -9

    def undisturbed(self) -> float:
        """One campaign that nobody kills: the harness itself is checked, and the time is taken."""
        output = self.world.run(self.send_arguments(TOPIC, self.options.connections))
        taken = self.ledger.new()
        if len(taken) != len(self.keys):
            self.violation(f"I5 undisturbed: {len(taken)} messages for {len(self.keys)} people")
        report = output.json()
        self.check_campaign(report["campaign"], self.keys, taken, [])
        print(f"undisturbed: {report['audience']} accepted in {report['seconds']['elapsed']} s", flush=True)
        return float(report["seconds"]["elapsed"])

    def campaign_with_kills(self, seconds: float, most: int) -> None:
        audience = self.keys - set(self.suppressed)
        kills: list[Kill] = []
        before = self.newest()
        campaign = None
        while True:
            if campaign is None:
                arguments = self.send_arguments(TOPIC, self.options.connections)
            else:
                arguments = self.resume_arguments(campaign, self.options.connections)
            if len(kills) >= most:
                began = time.monotonic()
                output = self.world.run(arguments, expect={0, 1})
                self.resumes.append(time.monotonic() - began)
                campaign = output.json()["campaign"]
                break
            running = self.world.start(arguments)
            was_killed = self.kill_somewhere(running, seconds)
            self.world.started.remove(running)
            running.stop()
            newest = self.newest()
            campaign = newest if newest != before else None
            if not was_killed:
                break
            rows = self.rows(campaign) if campaign else {}
            states = collections.Counter(rows.values())
            kills.append(Kill(campaign or "-", states["accepted"],
                              {key for key, state in rows.items() if state == "in_flight"}))
            self.check_store(f"after kill {len(self.kills) + len(kills)}")
            if campaign and len(kills) == 1:
                self.suppress_some(campaign)
        if campaign is None:
            raise HarnessError("a send ended by itself and left no campaign")
        self.check_campaign(campaign, audience, self.ledger.new(), kills)
        self.kills += kills
        print(f"{campaign}: {len(kills)} kills, in flight {[len(k.in_flight) for k in kills]}, "
              f"doubled {[k.duplicates for k in kills]}", flush=True)

    # Named places

    def failpoints(self) -> None:
        """Kills at each named place. With one connection the number of doubled messages is exact."""
        exact = {"before-freeze-commit": {0}, "after-freeze-commit": {0}, "before-intent-commit": {0, 1},
                 "after-intent-commit": {0}, "before-result-commit": {1}, "after-result-commit": {0}}
        for connections in (1, self.options.connections):
            for place, allowed in exact.items():
                most = 1 if "freeze" in place else len(self.few_keys)
                for count in sorted({1, min(2, most), self.dice.randint(1, most)}):
                    self.failpoint(place, count, connections, allowed)

    def failpoint(self, place: str, count: int, connections: int, allowed: set[int]) -> None:
        name = f"{place}@{count} over {connections}"
        before = self.newest()
        arguments = self.send_arguments(f"{TOPIC}-few", connections)
        ended = self.world.run(arguments, expect=None, settings={"NASHRA_FAILPOINT": f"{place}@{count}"})
        if ended.status >= 0:
            self.violation(f"failpoint {name}: the process ended by itself with {ended.status}: {ended.error[-300:]}")
        self.check_store(name)
        newest = self.newest()
        campaign = newest if newest != before else None
        if (campaign is None) != (place == "before-freeze-commit"):
            self.violation(f"failpoint {name}: the campaign is {campaign}")
        rows = self.rows(campaign) if campaign else {}
        kill = Kill(campaign or "-", 0, {key for key, state in rows.items() if state == "in_flight"})
        if campaign:
            self.world.run(self.resume_arguments(campaign, connections))
        elif ended.status < 0:
            campaign = self.world.run(arguments).json()["campaign"]
        taken = self.ledger.new()
        self.check_campaign(campaign or "-", self.few_keys, taken, [kill])
        doubled = len(taken) - len(self.few_keys)
        if connections == 1 and doubled not in allowed:
            self.violation(f"failpoint {name}: {doubled} messages were doubled; allowed: {sorted(allowed)}")
        if not 0 <= doubled <= connections:
            self.violation(f"failpoint {name}: {doubled} messages were doubled")
        print(f"failpoint {name}: {doubled} doubled", flush=True)

    def run(self) -> None:
        self.prepare()
        if not self.options.no_failpoints:
            self.failpoints()
        seconds = self.undisturbed() if self.options.kills else 0
        deadline = time.monotonic() + self.options.deadline
        while len(self.kills) < self.options.kills:
            if time.monotonic() > deadline:
                raise HarnessError(f"{len(self.kills)} kills in {self.options.deadline} s; the deadline is over")
            self.campaign_with_kills(seconds, min(7, self.options.kills - len(self.kills)))
        if self.options.kills:
            self.check_suppressed()

    def summary(self) -> dict:
        doubled = [kill.duplicates for kill in self.kills]
        return {
            "schema": "nashra.torture.v1", "seed": self.options.seed, "kills": len(self.kills),
            "recipients": self.options.recipients, "connections": self.options.connections,
            "messages": self.sent_messages, "lost": self.lost,
            "duplicates": {"total": sum(doubled), "most_per_kill": max(doubled, default=0),
                           "mean_per_kill": round(statistics.mean(doubled), 2) if doubled else 0},
            "suppressed_while_sending": len(self.suppressed), "violations": self.violations,
            "machine": harness.machine(),
        }


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--nashra", required=True, help="the program under test")
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--recipients", type=int, default=20_000)
    parser.add_argument("--connections", type=int, default=20)
    parser.add_argument("--bulletin", default="2026-001")
    parser.add_argument("--failpoint-recipients", type=int, default=200)
    parser.add_argument("--no-failpoints", action="store_true")
    parser.add_argument("--no-maildir", action="store_true", help="keep no messages; I7 is not checked then")
    harness.add_options(parser)
    return parser.parse_args()


def body() -> int:
    options = parse()
    print(f"torture: seed {options.seed}", flush=True)
    began = time.monotonic()
    with World(options.nashra, keep=options.keep, folder=options.folder) as world:
        torture = Torture(world, options)
        torture.run()
        if torture.violations and not options.keep:
            kept = pathlib.Path(f"torture-{options.seed}.db").resolve()
            with world.database() as db:
                db.execute(f"VACUUM INTO '{kept}'")
            print(f"the store is kept as {kept}", file=sys.stderr)
    summary = torture.summary() | {"seconds": round(time.monotonic() - began, 1)}
    if options.output:
        options.output.write_text(json.dumps(summary, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    print(json.dumps(summary, ensure_ascii=False))
    duplicates = summary["duplicates"]
    print(f"torture: {summary['kills']} kills, {summary['messages']} messages, {summary['lost']} lost, "
          f"{duplicates['total']} doubled (at most {duplicates['most_per_kill']} per kill, "
          f"{duplicates['mean_per_kill']} on average), {len(torture.violations)} violations")
    return 1 if torture.violations else 0


if __name__ == "__main__":
    harness.main(body)
