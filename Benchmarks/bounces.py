#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
#
# Speed and memory of `nashra bounces classify` over folders of mixed returned mails and of ordinary mails.
# Works in a temporary folder on one core; uses no network. The mails are made here, from a seed, and from the examples
# in Tests/NashraBounceTests/Examples. What is measured and why: Benchmarks/README.md.
"""usage: bounces.py --nashra PROGRAM [--mails 20000] [--small 2000] [--rounds 3] [--keep FOLDER]"""

import argparse
import base64
import collections
import email.header
import email.utils
import json
import os
import pathlib
import quopri
import random
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
EXAMPLES = HERE.parent / "Tests" / "NashraBounceTests" / "Examples"
GOAL = 10_000
MEMORY_GOAL = 1.2

ALPHABET = "abcdefghijklmnopqrstuvwxyz234567"
HOSTS = ["mx.example.net", "mail.example.org", "relay7.example.com", "smtp.moe.example", "mx1.university.example"]
NAMES = ["noura", "omar.k", "sara", "salem77", "huda.ali", "j.martin", "k.meyer", "rami", "fahd", "l.dupont"]
ENGLISH = """Please change your passwords and do not follow links that you did not expect . Our office never asks for codes
by telephone . Report what looks strange to the police at once and keep the message . The bank will call you back .""".split()
ARABIC = """تنبيه من الجهات المختصة لا تضغطوا على الروابط المجهولة ولا تشاركوا رمز التحقق مع أحد مهما كانت صفته .
أبلغوا عن الرسائل المشبوهة فورا واحتفظوا بنسخة منها . لن يطلب منكم البنك كلمة المرور عبر الهاتف .""".split()
FRENCH = """Ne communiquez jamais votre code par téléphone et méfiez vous des liens inattendus . Signalez tout message
suspect et conservez le . Votre banque ne vous demandera pas votre mot de passe .""".split()

# kind, status, reply
REFUSALS = [
    ("hard", "5.1.1", "550 5.1.1 <{to}>: Recipient address rejected: User unknown in local recipient table"),
    ("hard", "5.1.1", "550 5.1.1 The email account that you tried to reach does not exist."),
    ("hard", "5.1.10", "550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP address lookup"),
    ("soft", "5.2.2", "552 5.2.2 Mailbox full"),
    ("soft", "4.2.2", "452 4.2.2 The email account that you tried to reach is over quota."),
    ("soft", "5.7.1", "554 5.7.1 Service unavailable; Client host [192.0.2.1] blocked using zen.spamhaus.org"),
    ("soft", "5.7.1", "550 5.7.1 Message rejected due to content restrictions"),
    ("soft", "5.3.4", "552 5.3.4 Message size exceeds fixed limit"),
    ("soft", "4.4.1", "connect to mail.example.org[192.0.2.7]:25: Connection timed out"),
]


class Maker:
    """Makes mails; the same ones for the same seed."""

    def __init__(self, seed: int):
        self.random = random.Random(seed)

    def pick(self, things):
        return self.random.choice(things)

    def token(self) -> str:
        return "".join(self.random.choices(ALPHABET, k=29))

    def address(self) -> str:
        return f"{self.pick(NAMES)}{self.random.randrange(10_000)}@{self.pick(HOSTS)}"

    def date(self) -> str:
        return email.utils.formatdate(1_790_000_000 + self.random.randrange(10_000_000))

    def words(self, count: int, language: str) -> str:
        words = {"ar": ARABIC, "en": ENGLISH, "fr": FRENCH}[language]
        lines, line = [], ""
        for word in self.random.choices(words, k=count):
            if len(line) + len(word) > 72:
                lines.append(line)
                line = ""
            line = f"{line} {word}".strip()
        return "\n".join(lines + [line])

    def received(self, hops: int) -> list[str]:
        return [
            f"Received: from {self.pick(HOSTS)} ({self.pick(HOSTS)} [192.0.2.{self.random.randrange(255)}])\n"
            f"\tby {self.pick(HOSTS)} with ESMTPS id {self.token()[:11].upper()}; {self.date()}"
            for _ in range(hops)
        ]

    def part(self, text: str, subtype: str = "plain") -> str:
        """A text part in one of the three encodings."""
        data = text.encode()
        encoding = self.pick(["8bit", "quoted-printable", "base64"])
        if encoding == "base64":
            body = base64.encodebytes(data).decode()
        elif encoding == "quoted-printable":
            body = quopri.encodestring(data).decode()
        else:
            body = text
        return (f"Content-Type: text/{subtype}; charset=utf-8\nContent-Transfer-Encoding: {encoding}\n\n{body}\n")

    # MARK: ours, as it is returned

    def bulletin(self, to: str) -> str:
        language = self.pick(["ar", "en", "fr"])
        boundary = f"=_nashra_{self.token()[:26]}"
        subject = email.header.Header(self.words(5, language).replace("\n", " "), "utf-8").encode()
        text = self.words(120, language)
        html = f"<html dir=\"auto\"><body><table><tr><td><p style=\"margin:0\">{text}</p></td></tr></table></body></html>"
        return "\n".join([
            f"Return-Path: <b+{self.token()}@bounces.moi.example>", *self.received(2), f"Date: {self.date()}",
            "From: =?UTF-8?B?2YbYtNix2Kk=?= <bulletin@moi.example>", f"To: {to}", f"Subject: {subject}",
            f"Message-ID: <m1{self.token()}@moi.example>", "List-Id: Fraud <fraud.lists.moi.example>",
            f"List-Unsubscribe: <https://n.moi.example/u/{self.token()}>", "MIME-Version: 1.0",
            f"Content-Type: multipart/alternative; boundary=\"{boundary}\"", "",
            f"--{boundary}", self.part(text) + f"--{boundary}", self.part(html, "html") + f"--{boundary}--", "",
        ])

    # MARK: reports

    def envelope(self, sender: str, subject: str) -> list[str]:
        return [
            "Return-Path: <>", f"Delivered-To: b+{self.token()}@bounces.moi.example", *self.received(2), f"From: {sender}",
            f"To: b+{self.token()}@bounces.moi.example", f"Subject: {subject}", f"Date: {self.date()}",
            f"Message-ID: <{self.token()}@{self.pick(HOSTS)}>", "MIME-Version: 1.0",
        ]

    def dsn(self) -> tuple[str, str]:
        kind, status, reply = self.pick(REFUSALS)
        delayed = self.random.random() < 0.15
        to = self.address()
        reply = reply.format(to=to)
        boundary = self.token()[:20]
        if delayed:
            kind, status, reply = "soft", "4.4.1", "connect to mail.example.org[192.0.2.7]:25: Connection timed out"
        lines = self.envelope("MAILER-DAEMON@mx.example.net (Mail Delivery System)",
                              "Delayed Mail (still being retried)" if delayed else "Undelivered Mail Returned to Sender")
        lines += [
            f"Content-Type: multipart/report; report-type=delivery-status;\n\tboundary=\"{boundary}\"",
            "Auto-Submitted: auto-replied", "", "This is a MIME-encapsulated message.", "", f"--{boundary}",
            "Content-Description: Notification", "Content-Type: text/plain; charset=us-ascii", "",
            "This is the mail system at host mx.example.net.", "",
            "I'm sorry to have to inform you that your message could not", "be delivered to one or more recipients.", "",
            f"<{to}>: host mail.example.org[192.0.2.7] said: {reply}", "", f"--{boundary}",
            "Content-Description: Delivery report", "Content-Type: message/delivery-status", "",
            "Reporting-MTA: dns; mx.example.net", "X-Postfix-Sender: rfc822; bulletin@moi.example", "",
            f"Final-Recipient: rfc822; {to}", f"Action: {'delayed' if delayed else 'failed'}", f"Status: {status}",
            f"Diagnostic-Code: smtp; {reply}", "", f"--{boundary}", "Content-Type: message/rfc822", "",
            self.bulletin(to), f"--{boundary}--", "",
        ]
        return kind, "\n".join(lines)

    def complaint(self) -> tuple[str, str]:
        boundary = self.token()[:20]
        to = self.address()
        lines = self.envelope("fbl@provider.example", "FW: complaint") + [
            f"Content-Type: multipart/report; report-type=feedback-report; boundary={boundary}", "", f"--{boundary}",
            "Content-Type: text/plain", "", "This is an email abuse report.", "", f"--{boundary}",
            "Content-Type: message/feedback-report", "", "Feedback-Type: abuse", "User-Agent: Provider/1.0", "Version: 1",
            f"Original-Rcpt-To: <{to}>", "", f"--{boundary}", "Content-Type: message/rfc822", "", self.bulletin(to),
            f"--{boundary}--", "",
        ]
        return "complaint", "\n".join(lines)

    def automatic(self) -> tuple[str, str]:
        subject, text = self.pick([
            ("Automatic reply: warning", "I am out of the office until Sunday."),
            ("رد تلقائي: تنبيه", "أنا في إجازة حتى يوم الأحد، وسأرد على رسالتكم عند عودتي."),
            ("Réponse automatique : alerte", "Je suis absent du bureau jusqu’au 9 novembre."),
            ("Abwesenheitsnotiz: Warnung", "Ich bin bis Montag nicht im Büro."),
        ])
        lines = [
            "Return-Path: <>", *self.received(2), f"From: {self.address()}", f"To: b+{self.token()}@bounces.moi.example",
            f"Subject: {email.header.Header(subject, 'utf-8').encode()}", f"Date: {self.date()}",
            f"In-Reply-To: <m1{self.token()}@moi.example>", "Auto-Submitted: auto-replied", "MIME-Version: 1.0",
        ]
        return "auto-reply", "\n".join(lines) + "\n" + self.part(text)

    def qmail(self) -> tuple[str, str]:
        kind, _, reply = self.pick([refusal for refusal in REFUSALS if refusal[2][0].isdigit()])
        to = self.address()
        lines = self.envelope("MAILER-DAEMON@mx.example.net", "failure notice") + [
            "", "Hi. This is the qmail-send program at mx.example.net.",
            "I'm afraid I wasn't able to deliver your message to the following addresses.",
            "This is a permanent error; I've given up. Sorry it didn't work out.", "", f"<{to}>:",
            "192.0.2.9 does not like recipient.", f"Remote host said: {reply.format(to=to)}", "Giving up on 192.0.2.9.", "",
            "--- Below this line is a copy of the message.", "", self.bulletin(to),
        ]
        return kind, "\n".join(lines)

    def exim(self) -> tuple[str, str]:
        kind, _, reply = self.pick([refusal for refusal in REFUSALS if refusal[2][0].isdigit()])
        to = self.address()
        lines = self.envelope("Mail Delivery System <Mailer-Daemon@mx.example.net>",
                              "Mail delivery failed: returning message to sender") + [
            f"X-Failed-Recipients: {to}", "Auto-Submitted: auto-replied", "",
            "This message was created automatically by mail delivery software.", "",
            "A message that you sent could not be delivered to one or more of its",
            "recipients. This is a permanent error. The following address(es) failed:", "", f"  {to}",
            f"    SMTP error from remote mail server after RCPT TO:<{to}>:", f"    {reply.format(to=to)}", "",
            "------ This is a copy of the message, including all the headers. ------", "", self.bulletin(to),
        ]
        return kind, "\n".join(lines)

    def returned(self, examples: list[bytes]) -> tuple[str, bytes]:
        share = self.random.random()
        if examples and share < 0.25:
            return "example", self.readdressed(self.pick(examples))
        makers = [self.dsn] * 5 + [self.qmail, self.exim, self.complaint, self.automatic]
        kind, text = self.pick(makers)()
        return kind, text.replace("\n", "\r\n").encode()

    def readdressed(self, example: bytes) -> bytes:
        """A real mail with other local parts, and some more Received fields."""
        number = self.random.randrange(100_000)
        mail = re.sub(rb"\bkijitora@", b"reader%d@" % number, example)
        if mail.startswith(b"From "):
            return mail
        ending = b"\r\n" if b"\r\n" in mail[:2_000] else b"\n"
        more = "\n".join(self.received(self.random.randrange(3))).encode().replace(b"\n", ending)
        return more + ending + mail if more else mail

    # MARK: ordinary mail

    def ordinary(self) -> tuple[str, bytes]:
        language = self.pick(["ar", "en", "fr"])
        maker = self.pick([self.newsletter, self.newsletter, self.reply, self.reply, self.quoting, self.notification])
        return "none", maker(language).replace("\n", "\r\n").encode()

    def heading(self, sender: str, subject: str) -> list[str]:
        return [
            f"Return-Path: <{self.address()}>", *self.received(3), f"From: {sender}", "To: bulletin@moi.example",
            f"Subject: {email.header.Header(subject, 'utf-8').encode()}", f"Date: {self.date()}",
            f"Message-ID: <{self.token()}@{self.pick(HOSTS)}>", "MIME-Version: 1.0",
        ]

    def newsletter(self, language: str) -> str:
        boundary = self.token()[:20]
        paragraphs = [self.words(60, language) for _ in range(self.random.randrange(2, 9))]
        html = "".join(f"<tr><td style=\"font:16px sans-serif\"><p>{text}</p></td></tr>" for text in paragraphs)
        lines = self.heading("Weekly <news@news.example>", self.words(6, language).replace("\n", " ")) + [
            "List-Id: <weekly.news.example>", "List-Unsubscribe: <https://news.example/u>", "Precedence: bulk",
            f"Content-Type: multipart/alternative; boundary={boundary}", "", f"--{boundary}",
            self.part("\n\n".join(paragraphs)) + f"--{boundary}",
            self.part(f"<html><head><style>p {{margin:0}}</style></head><body><table>{html}</table></body></html>", "html")
            + f"--{boundary}--", "",
        ]
        return "\n".join(lines)

    def reply(self, language: str) -> str:
        lines = self.heading(f"Huda <{self.address()}>", "Re: " + self.words(4, language).replace("\n", " "))
        lines += [f"In-Reply-To: <m1{self.token()}@moi.example>"]
        quoted = "\n".join(f"> {line}" for line in self.words(80, language).split("\n"))
        return "\n".join(lines) + "\n" + self.part(f"{self.words(30, language)}\n\n{quoted}\n")

    def quoting(self, language: str) -> str:
        lines = self.heading(f"Sami <{self.address()}>", "Fwd: Undelivered Mail Returned to Sender")
        text = (f"{self.words(12, language)}\n\n---------- Forwarded message ---------\nFrom: MAILER-DAEMON@mx.example.net\n\n"
                f"<{self.address()}>: host mail.example.org said: 550 5.1.1 User unknown\n")
        return "\n".join(lines) + "\n" + self.part(text)

    def notification(self, language: str) -> str:
        boundary = self.token()[:20]
        lines = self.heading("Shop <no-reply@shop.example>", self.words(5, language).replace("\n", " "))
        attachment = base64.encodebytes(self.random.randbytes(self.random.randrange(2_000, 20_000))).decode()
        lines += [
            f"Content-Type: multipart/mixed; boundary={boundary}", "", f"--{boundary}", self.part(self.words(60, language))
            + f"--{boundary}", "Content-Type: application/pdf; name=invoice.pdf\nContent-Transfer-Encoding: base64\n",
            attachment + f"--{boundary}--", "",
        ]
        return "\n".join(lines)


def write(folder: pathlib.Path, count: int, make) -> int:
    """Writes `count` mails named by number and kind; their bytes in all."""
    folder.mkdir(parents=True)
    total = 0
    for number in range(count):
        kind, mail = make()
        (folder / f"{number:06}-{kind}.eml").write_bytes(mail)
        total += len(mail)
    return total


def run(nashra: str, folder: pathlib.Path, output: pathlib.Path) -> tuple[float, int]:
    """One run on one core: its seconds, and its peak memory in KiB."""
    with output.open("wb") as sink:
        start = time.monotonic()
        process = subprocess.Popen(
            ["taskset", "-c", "0", nashra, "bounces", "classify", "--quiet", "--format", "json", str(folder)], stdout=sink)
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.monotonic() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        sys.exit(f"nashra bounces classify ended with {process.returncode}")
    return seconds, usage.ru_maxrss


def wrong(output: pathlib.Path) -> collections.Counter:
    """Where the verdict is not the kind in the file's name, by both."""
    found: collections.Counter = collections.Counter()
    for line in output.read_text().splitlines():
        verdict = json.loads(line)
        meant = pathlib.Path(verdict["file"]).stem.split("-", 1)[1]
        if meant not in ("example", verdict["kind"]):
            found[f"{meant} read as {verdict['kind']}"] += 1
    return found


def measure(options: argparse.Namespace, folder: pathlib.Path) -> dict:
    maker = Maker(options.seed)
    examples = [path.read_bytes() for path in sorted(EXAMPLES.rglob("*.eml"))]
    makers = {"mixed": lambda: maker.returned(examples), "ordinary": maker.ordinary}
    figures: dict = {"examples": len(examples)}
    for name, make in makers.items():
        large, small = folder / name, folder / f"{name}-small"
        size = write(large, options.mails, make)
        write(small, options.small, make)
        output = folder / f"{name}.jsonl"
        run(options.nashra, large, output)  # the files are in memory afterwards
        rounds = [run(options.nashra, large, output) for _ in range(options.rounds)]
        _, small_peak = run(options.nashra, small, folder / "small.jsonl")
        seconds = statistics.median(seconds for seconds, _ in rounds)
        peak = max(peak for _, peak in rounds)
        figures[name] = {
            "mails": options.mails, "bytes": size, "seconds": [round(seconds, 3) for seconds, _ in rounds],
            "mails_per_second": round(options.mails / seconds), "peak_mib": round(peak / 1024, 1),
            "memory": round(peak / small_peak, 2), "wrong": dict(wrong(output)),
        }
    return figures


def report(figures: dict) -> list[str]:
    """Prints the figures; what is out of bounds."""
    failed = []
    for name in ("mixed", "ordinary"):
        figure = figures[name]
        print(f"classify, {name:9} {figure['mails_per_second']:>7,}/s   ≥ {GOAL:,}   {figure['bytes'] / figure['mails'] / 1000:.1f} kB "
              f"each; peak {figure['peak_mib']} MiB; memory {figure['memory']} ≤ {MEMORY_GOAL}")
        for what, count in sorted(figure["wrong"].items()):
            print(f"  {count} {what}")
        if figure["mails_per_second"] < GOAL:
            failed.append(f"{name} speed")
        if figure["memory"] > MEMORY_GOAL:
            failed.append(f"{name} memory")
        if figure["wrong"]:
            failed.append(f"{name} verdicts")
    return failed


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--nashra", required=True, help="the program, built for release")
    parser.add_argument("--mails", type=int, default=20_000)
    parser.add_argument("--small", type=int, default=2_000, help="the smaller folder that memory is compared with")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seed", type=int, default=3464)
    parser.add_argument("--folder", help="where temporary folders are made")
    parser.add_argument("--keep", help="keeps the mails in this new folder")
    parser.add_argument("--figures", help="writes the figures as JSON to this file")
    options = parser.parse_args()
    folder = pathlib.Path(options.keep or tempfile.mkdtemp(prefix="nashra-bounces-", dir=options.folder))
    try:
        figures = measure(options, folder)
    finally:
        if not options.keep:
            shutil.rmtree(folder, ignore_errors=True)
    if options.figures:
        pathlib.Path(options.figures).write_text(json.dumps(figures, indent=1) + "\n")
    failed = report(figures)
    if failed:
        print(f"bounces: out of bounds: {', '.join(failed)}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
