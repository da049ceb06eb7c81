#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
#
# Plants one fault at a time in what torture_ingest.py looks at, and expects the invariant that it breaks to be named.
# Starts nothing; the store is in memory, the mails are files in a temporary folder.
"""usage: test_torture_ingest.py"""

import contextlib
import hashlib
import io
import pathlib
import sqlite3
import tempfile
import unittest

import torture_ingest
from torture_ingest import Torture

SCHEMA = """
CREATE TABLE returned (digest BLOB, kind TEXT, standing TEXT, times INTEGER);
CREATE TABLE suppression (reason TEXT);
CREATE TABLE bounce (event TEXT);
CREATE TABLE reply (returned_id INTEGER);
CREATE TABLE campaign_return (hard INTEGER, soft INTEGER, replies INTEGER);
"""
MAILS = {b"one": "hard", b"two": "soft", b"three": "reply", b"four": "forged"}


class FakeWorld:
    """A workspace with a store in memory; runs nothing."""

    def __init__(self, folder: pathlib.Path):
        self.folder = self.workspace = folder
        self.db = sqlite3.connect(":memory:")
        self.db.executescript(SCHEMA)
        self.ran: list[list[str]] = []

    @contextlib.contextmanager
    def database(self):
        yield self.db

    def run(self, arguments):
        self.ran.append(arguments)

    def record(self, content: bytes, what: str, standing: str | None = None) -> None:
        digest = hashlib.sha256(content).digest()
        standing = standing or ("forged" if what == "forged" else "counted")
        self.db.execute("INSERT INTO returned VALUES (?, 'hard', ?, 1)", (digest, standing))


class PlantedFaults(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.world = FakeWorld(pathlib.Path(folder.name))
        self.subject = subject = Torture.__new__(Torture)
        subject.world, subject.violations, subject.aside = self.world, [], 0
        subject.maildir = self.world.folder / "bounces"
        subject.maildir_aside = subject.maildir / torture_ingest.ASIDE / "new"
        subject.spool = self.world.folder / "var/spool"
        for part in ("new", "cur"):
            (subject.maildir / part).mkdir(parents=True)
        for part in ("new", "failed"):
            (subject.spool / part).mkdir(parents=True)
        subject.expected = {hashlib.sha256(content).hexdigest(): what for content, what in MAILS.items()}

    def fill(self, leave_out: bytes = b"", standing: dict | None = None, tally=(1, 1, 1)):
        for content, what in MAILS.items():
            if content != leave_out:
                self.world.record(content, what, (standing or {}).get(content))
        db = self.world.db
        db.execute("INSERT INTO suppression VALUES ('hard_bounce')")
        db.execute("INSERT INTO bounce VALUES ('soft')")
        db.execute("INSERT INTO reply VALUES (1)")
        db.execute("INSERT INTO campaign_return VALUES (?, ?, ?)", tally)

    def named(self, check) -> list[str]:
        with contextlib.redirect_stdout(io.StringIO()):
            check()
        return sorted({text.split(":")[0] for text in self.subject.violations})

    def test_nothing_wrong(self):
        self.fill()
        self.assertEqual(self.named(self.subject.check), [])
        self.assertEqual(self.named(lambda: self.subject.check_nothing_lost("a kill")), [])

    def test_a_mail_that_is_gone_and_nowhere_recorded(self):
        self.fill(leave_out=b"two")
        self.assertEqual(self.named(lambda: self.subject.check_nothing_lost("a kill")), ["B1"])

    def test_a_mail_that_waits_in_the_maildir_is_not_lost(self):
        self.fill(leave_out=b"two")
        (self.subject.maildir / "new/1").write_bytes(b"two")
        self.assertEqual(self.named(lambda: self.subject.check_nothing_lost("a kill")), [])

    def test_a_mail_that_waits_in_the_spool_is_not_lost(self):
        self.fill(leave_out=b"two")
        (self.subject.spool / "new/1").write_bytes(b"X-Nashra-Spool: 1\r\ntwo")
        self.assertEqual(self.named(lambda: self.subject.check_nothing_lost("a kill")), [])

    def test_a_mail_that_was_set_aside_in_the_maildir_is_not_lost(self):
        self.fill(leave_out=b"two")
        self.subject.maildir_aside.mkdir(parents=True)
        (self.subject.maildir_aside / "1").write_bytes(b"two")
        self.assertEqual(self.named(lambda: self.subject.check_nothing_lost("a kill")), [])

    def test_a_mail_that_waits_in_the_end(self):
        self.fill()
        (self.subject.spool / "failed/1").write_bytes(b"X-Nashra-Spool: 1\r\ntwo")
        self.assertEqual(self.named(self.subject.give_back), ["B2"])
        self.assertEqual(self.subject.aside, 1)
        self.assertEqual(self.world.ran[0][:3], ["bounces", "ingest", "--spool"])

    def test_a_mail_that_was_never_recorded(self):
        self.fill(leave_out=b"one")
        self.assertIn("B3", self.named(self.subject.check))

    def test_a_forged_mail_that_was_counted(self):
        self.fill(standing={b"four": "counted"})
        self.assertEqual(self.named(self.subject.check), ["B3"])

    def test_a_mail_that_was_recorded_twice(self):
        self.fill()
        self.world.record(b"five", "hard")
        self.assertEqual(self.named(self.subject.check), ["B3"])

    def test_a_suppression_too_many(self):
        self.fill()
        self.world.db.execute("INSERT INTO suppression VALUES ('hard_bounce')")
        self.assertEqual(self.named(self.subject.check), ["B4"])

    def test_a_reply_that_is_missing(self):
        self.fill()
        self.world.db.execute("DELETE FROM reply")
        self.assertEqual(self.named(self.subject.check), ["B4"])

    def test_a_campaign_that_counts_wrongly(self):
        self.fill(tally=(2, 1, 1))
        self.assertEqual(self.named(self.subject.check), ["B5"])

    def test_a_pipe_that_ends_with_another_status(self):
        class Ended:
            status, out, error = 1, b"", b""

            def kill(self):
                pass

            def finish(self, _):
                return self

            def stop(self):
                pass

        def foreign(_):
            self.world.started.append(ended)
            return ended

        ended = Ended()
        self.world.started, self.world.program, self.world.foreign = [], "nashra", foreign
        self.subject.dice = torture_ingest.random.Random(1)
        self.assertEqual(self.named(lambda: self.subject.pipe(b"one", "b+x@moi.example")), ["B6"])


if __name__ == "__main__":
    unittest.main()
