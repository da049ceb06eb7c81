#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
#
# Plants one fault at a time in what torture.py looks at, and expects the invariant that it breaks to be named.
# Starts nothing; stores are in memory. A check that cannot fail is no check.
"""usage: test_torture.py"""

import argparse
import contextlib
import email.message
import hashlib
import io
import json
import pathlib
import sqlite3
import tempfile
import types
import unittest

import torture
from harness import Accepted, Ledger

SCHEMA = """
CREATE TABLE campaign (id INTEGER PRIMARY KEY, name TEXT, audience_count INTEGER);
CREATE TABLE delivery (id INTEGER PRIMARY KEY, campaign_id INTEGER, address_key TEXT, state TEXT);
CREATE TABLE attempt (delivery_id INTEGER, outcome TEXT);
"""


class FakeWorld:
    """A store in memory, and a report that says what the store says."""

    def __init__(self, states: dict[str, str], audience: int | None = None):
        self.db = sqlite3.connect(":memory:")
        self.db.executescript(SCHEMA)
        self.db.execute("INSERT INTO campaign VALUES (1, 'c-2026-0001', ?)", (audience or len(states),))
        for number, (key, state) in enumerate(states.items(), 1):
            self.db.execute("INSERT INTO delivery VALUES (?, 1, ?, ?)", (number, key, state))
            if state == "accepted":
                self.db.execute("INSERT INTO attempt VALUES (?, 'accepted')", (number,))
        self.report = {"audience": len(states), "deliveries": {}}
        for state in states.values():
            self.report["deliveries"][state] = self.report["deliveries"].get(state, 0) + 1

    @contextlib.contextmanager
    def database(self):
        yield self.db

    def run(self, _):
        return types.SimpleNamespace(json=lambda: self.report)


def taken(*keys: str, sha: str = "") -> list[Accepted]:
    return [Accepted(f"<{key}>", [key], sha or hashlib.sha256(key.encode()).hexdigest(), 6000) for key in keys]


class PlantedFaults(unittest.TestCase):
    people = {"a@example.org": "accepted", "b@example.org": "accepted", "c@example.org": "rejected"}

    def judge(self, states=None, messages=None, in_flight=(), prepare=lambda world: None) -> list[str]:
        world = FakeWorld(states or self.people)
        prepare(world)
        subject = torture.Torture.__new__(torture.Torture)
        subject.world, subject.violations, subject.maildir = world, [], None
        subject.options = argparse.Namespace(connections=2)
        subject.lost = subject.sent_messages = 0
        kills = [torture.Kill("c-2026-0001", 0, set(in_flight))]
        with contextlib.redirect_stdout(io.StringIO()):
            subject.check_campaign(
                "c-2026-0001", set(self.people), taken("a@example.org", "b@example.org") if messages is None else messages,
                kills)
            subject.check_store("now")
        return sorted({text.split()[0] for text in subject.violations})

    def test_nothing_wrong(self):
        self.assertEqual(self.judge(), [])

    def test_a_double_of_what_was_in_flight_is_allowed(self):
        messages = taken("a@example.org", "b@example.org", "a@example.org")
        self.assertEqual(self.judge(messages=messages, in_flight=["a@example.org"]), [])

    def test_a_double_of_what_was_not(self):
        messages = taken("a@example.org", "b@example.org", "a@example.org")
        self.assertEqual(self.judge(messages=messages), ["I5"])

    def test_three_copies_after_one_crash(self):
        messages = taken("a@example.org", "b@example.org", "a@example.org", "a@example.org")
        self.assertEqual(self.judge(messages=messages, in_flight=["a@example.org"]), ["I5"])

    def test_more_in_flight_than_connections(self):
        self.assertEqual(self.judge(in_flight=self.people), ["I5"])

    def test_a_lost_message(self):
        self.assertEqual(self.judge(messages=taken("a@example.org")), ["I3"])

    def test_a_stranger(self):
        self.assertEqual(self.judge(messages=taken("a@example.org", "b@example.org", "x@example.org")), ["I2"])

    def test_a_message_to_somebody_refused(self):
        self.assertEqual(self.judge(messages=taken(*self.people)), ["I2"])

    def test_a_shared_message_id(self):
        messages = taken("a@example.org", "b@example.org")
        messages[1].message_id = messages[0].message_id
        self.assertEqual(self.judge(messages=messages), ["I2"])

    def test_copies_that_differ(self):
        messages = taken("a@example.org", "b@example.org") + taken("a@example.org", sha="0")
        self.assertEqual(self.judge(messages=messages, in_flight=["a@example.org"]), ["I6"])

    def test_a_row_left_open(self):
        states = self.people | {"b@example.org": "in_flight"}
        self.assertEqual(self.judge(states), ["I4"])

    def test_a_row_missing(self):
        states = {k: v for k, v in self.people.items() if k != "c@example.org"}
        self.assertEqual(self.judge(states), ["I1"])

    def test_a_frozen_count_that_is_wrong(self):
        self.assertEqual(
            self.judge(prepare=lambda w: w.db.execute("UPDATE campaign SET audience_count = 4")), ["I1"])

    def test_a_report_that_does_not_add_up(self):
        def plant(world):
            world.report["deliveries"]["accepted"] = 1
        self.assertEqual(self.judge(prepare=plant), ["I1"])

    def test_an_acceptance_without_an_attempt(self):
        self.assertEqual(self.judge(prepare=lambda w: w.db.execute("DELETE FROM attempt")), ["I3"])


class PlantedFiles(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.subject = torture.Torture.__new__(torture.Torture)
        self.subject.violations = []

    def maildir(self, cut: int) -> list[str]:
        message = email.message.EmailMessage()
        message.set_content("مرحبا")
        message.add_alternative("<p>مرحبا</p>", subtype="html")
        data = message.as_bytes()
        kept = data[:-cut] if cut else data
        self.subject.maildir = self.folder
        (self.folder / "new").mkdir()
        (self.folder / "new/1").write_bytes(b"Return-Path: <b@x>\nDelivered-To: a@x\n" + kept)
        known = Accepted("<1>", ["a@x"], hashlib.sha256(data).hexdigest(), len(data))
        with contextlib.redirect_stdout(io.StringIO()):
            self.subject.check_maildir("c", [known])
        return sorted({text.split()[0] for text in self.subject.violations})

    def test_a_whole_message(self):
        self.assertEqual(self.maildir(0), [])

    def test_a_message_cut_short(self):
        self.assertEqual(self.maildir(12), ["I7"])

    def test_a_message_after_its_suppression(self):
        file = self.folder / "sink.jsonl"
        line = json.dumps({"message_id": "1", "recipients": ["A@example.org"], "sha256": "0", "bytes": 1}) + "\n"
        file.write_text(line * 2)
        self.subject.ledger = Ledger(file)
        for since, expected in ((2 * len(line), []), (len(line), ["I8"])):
            self.subject.suppressed, self.subject.violations = {"a@example.org": since}, []
            with contextlib.redirect_stdout(io.StringIO()):
                self.subject.check_suppressed()
            self.assertEqual([text.split()[0] for text in self.subject.violations], expected)


if __name__ == "__main__":
    unittest.main()
