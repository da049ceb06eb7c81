#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
#
# Writes exports of listmonk, Mailman, phpList and Sympa about the same 1,000 people each, after those projects'
# documented formats, and beside each what an import must make of every person. Always the same bytes.
#
#   Scripts/make_exports.py SYSTEM FOLDER [COUNT]
#
# The formats and where they are documented: docs/moving-in.md. What is expected is written by other means than the
# program reads by: from the person, not from the file. FOLDER/expected.jsonl, one object a person:
#   {"address":…, "name":…, "language":…, "attributes":{…}, "created":…, "suppression":…|null,
#    "topics": {"fraud": {"state":…, "consent":…, "frequency":…, "paused":true|false, "until":…}}}
import json
import os
import random
import sys
from datetime import datetime, timedelta, timezone
from html import escape

GIVEN = ["سارة", "مُحَمَّد", "أحمد", "فاطمة", "عبد الله", "Claire", "Jean-Noël", "Zoë", "نورة", "خالد", "O'Neil", "هدى"]
FAMILY = ["القحطاني", "العَلي", "آل ثاني", "الهاجري", "Dupont", "Müller", "بن سلمان", "Smith & Sons", "لَيلى", "الأنصاري"]
CITIES = ["الدوحة", "الخور", "Al Wakrah", "الريان; الشمال", "Saint-Étienne", "\"أم صلال\""]
DOMAINS = ["example.org", "example.com", "بريد.example", "moi.example", "bücher.example"]
LISTS = [("Fraud Alerts", "fraud-alerts"), ("Traffic", "traffic"), ("تنبيهات الطقس", "tnbyhat-altqs")]
EPOCH = datetime(2019, 1, 1, tzinfo=timezone.utc)


def iso(moment):
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ") if moment else None


class Person:
    """One person and what every system should tell of it."""

    def __init__(self, number, rng):
        self.number = number
        local = rng.choice(["person", "user.name", "m-ali", "توعية", "o'neil", "first+tag"])
        self.address = f"{local}{number}@{DOMAINS[number % len(DOMAINS)]}"
        self.name = f"{GIVEN[number % len(GIVEN)]} {FAMILY[(number // 3) % len(FAMILY)]}"
        self.city = CITIES[number % len(CITIES)]
        self.grade = number % 12
        self.created = EPOCH + timedelta(seconds=rng.randrange(0, 6 * 365 * 86_400))
        self.updated = self.created + timedelta(seconds=rng.randrange(1, 300 * 86_400))
        self.roll = rng.random()
        self.lists = [LISTS[i] for i in range(3) if rng.random() < 0.55] or [LISTS[number % 3]]
        self.topics = {}
        self.suppression = None
        self.attributes = {}
        self.shown_created = None
        self.language = None

    def topic(self, name, state="active", consent=None, frequency="immediate", paused=False, until=None):
        self.topics[name] = {"state": state, "consent": iso(consent), "frequency": frequency, "paused": paused,
                             "until": iso(until)}

    def expected(self):
        return {"address": self.address, "name": self.name, "language": self.language,
                "attributes": self.attributes, "created": iso(self.shown_created),
                "suppression": self.suppression, "topics": self.topics}


class Folder:
    def __init__(self, path):
        self.path = path
        os.makedirs(path, exist_ok=True)

    def write(self, name, text):
        target = os.path.join(self.path, name)
        os.makedirs(os.path.dirname(target), exist_ok=True)
        with open(target, "w", encoding="utf-8", newline="") as file:
            file.write(text)


def listmonk(people, folder, rng):
    """Two pages of GET /api/subscribers, and GET /api/bounces."""
    results, bounces = [], []
    for person in people:
        status = "enabled"
        lists = []
        person.shown_created = person.created
        person.attributes = {"city": person.city, "grade": str(person.grade), "staff": str(person.number % 2 == 0).lower(),
                             "address_zip": "0%d" % person.number}
        for index, (name, topic) in enumerate(person.lists):
            joined = person.created + timedelta(days=index)
            which = rng.random()
            optin = "double" if name != "Traffic" else "single"
            state = "confirmed" if which < 0.7 else "unconfirmed" if which < 0.85 else "unsubscribed"
            lists.append({"subscription_status": state, "subscription_created_at": joined.isoformat(),
                          "subscription_updated_at": person.updated.isoformat(), "subscription_meta": {},
                          "id": 3 + index, "uuid": "ce13e971-c2ed-4069-bd0c-%012d" % index, "name": name,
                          "type": "public", "optin": optin, "tags": [], "created_at": EPOCH.isoformat(),
                          "updated_at": EPOCH.isoformat()})
            ours = {"confirmed": "active", "unsubscribed": "ended"}.get(state, "active" if optin == "single" else "pending")
            person.topic(topic, ours, joined)
        if person.roll < 0.06:
            status, person.suppression = "blocklisted", "operator"
        elif person.roll < 0.08:
            status, person.suppression = "disabled", "operator"
        elif person.roll < 0.14:
            kind = "hard" if person.roll < 0.12 else "complaint"
            person.suppression = "hard_bounce" if kind == "hard" else "complaint"
            bounces.append({"id": person.number, "type": kind, "source": "api", "meta": {}, "email": person.address,
                            "created_at": person.updated.isoformat(), "subscriber_uuid": "u", "campaign": {"id": 1}})
        elif person.roll < 0.18:
            bounces.append({"id": person.number, "type": "soft", "source": "pop", "meta": {}, "email": person.address,
                            "created_at": person.updated.isoformat(), "subscriber_uuid": "u", "campaign": {"id": 1}})
        attribs = {"city": person.city, "grade": person.grade, "staff": person.number % 2 == 0,
                   "address": {"zip": "0%d" % person.number}, "nothing": None}
        results.append({"id": person.number, "created_at": person.created.isoformat(),
                        "updated_at": person.updated.isoformat(), "uuid": "ea06b2e7-4b08-4697-bcfc-%012d" % person.number,
                        "email": person.address, "name": person.name, "attribs": attribs, "status": status,
                        "lists": lists})
    half = len(results) // 2
    pages = [results[:half], results[half:]]
    text = "\n".join(json.dumps({"data": {"results": page, "query": "", "total": len(results), "per_page": half,
                                          "page": number + 1}}, ensure_ascii=number == 0, indent=2 if number else None)
                     for number, page in enumerate(pages))
    folder.write("subscribers.json", text)
    folder.write("bounces.json", json.dumps({"data": {"results": bounces, "total": len(bounces)}}, ensure_ascii=False))


def mailman(people, folder, rng):
    """`mailman members`, one file a list, with those of -d any, -n by_user and -n by_bounces, and a REST answer."""
    names = ["fraud@lists.moi.example", "traffic@lists.moi.example", "staff.lists.moi.example"]
    topics = ["fraud", "traffic", "staff"]
    printed = {}
    entries = []
    for person in people:
        for (name, _topic) in person.lists:
            index = [entry[0] for entry in LISTS].index(name)
            which = rng.random()
            line = f"{person.name} <{person.address}>\n"
            manner = ("digest" if which < 0.15 else "by_user" if which < 0.25 else "by_bounces" if which < 0.3
                      else "bans" if which < 0.33 else "")
            frequency = "daily" if manner == "digest" else "immediate"
            if manner == "by_bounces":
                person.suppression = "soft_bounce"
            person.topic(topics[index], "ended" if manner == "bans" else "active", None, frequency, manner == "by_user")
            if index < 2:
                printed.setdefault((index, ""), []).append(line)
                if manner:
                    printed.setdefault((index, manner), []).append(
                        person.address + "\n" if manner == "bans" else line)
                continue
            entry = {"address": "http://127.0.0.1:8001/3.1/addresses/" + person.address, "bounce_score": 0,
                     "delivery_mode": "plaintext_digests" if manner == "digest" else "regular",
                     "email": person.address, "list_id": names[2], "subscription_mode": "as_address",
                     "role": "member", "display_name": person.name, "member_id": "%032x" % person.number,
                     "http_etag": '"%x"' % person.number}
            if manner in ("by_user", "by_bounces"):
                entry["delivery_status"] = manner
            entries.append(entry)
            if manner == "bans":
                entries.append({"email": person.address, "list_id": names[2], "http_etag": '"b"'})
            if person.number % 50 == 0:
                entries.append(dict(entry, role="owner"))
    for (index, manner), lines in sorted(printed.items()):
        folder.write(names[index] + (f".{manner}" if manner else "") + ".txt", "".join(lines))
    folder.write("staff.json", json.dumps({"start": 0, "total_size": len(entries), "entries": entries,
                                           "http_etag": '"e"'}, ensure_ascii=False))


def phplist(people, folder, rng):
    """The tab-separated export of subscribers with all columns, and the blacklist as a table."""
    header = ["id", "Email", "Is this subscriber confirmed", "Is this subscriber blacklisted",
              "Did this subscriber manually confirm", "Number of bounces on this subscriber", "Entered",
              "Last Modified", "Send this subscriber HTML emails", "Is this account disabled?", "Additional data",
              "Foreign Key", "الاسم الكامل", "City", "Grade", "List Membership"]
    rows = ["\t".join(header)]
    blacklist = ["email,added,reason"]
    for person in people:
        confirmed, listed, bounces, disabled = 1, 0, rng.randrange(0, 4), 0
        if person.roll < 0.1:
            confirmed = 0
        if person.roll < 0.03:
            bounces, person.suppression = 6, "soft_bounce"
        elif person.roll > 0.97:
            disabled, person.suppression = 1, "operator"
        elif person.roll > 0.87:
            listed = 1
            reason, ours = rng.choice([("Too many bounces", "hard_bounce"), ("\"Jump off\" set, unsubscribed", "unsubscribe"),
                                       ("marked as spam by the reader", "complaint"), ("", "operator")])
            person.suppression = ours
            blacklist.append('%s,%s,"%s"' % (person.address, person.updated.strftime("%Y-%m-%d %H:%M:%S"),
                                             reason.replace('"', '""')))
        names = "".join(name + "; " for name, _ in person.lists)
        if person.number % 40 == 0:
            names, person.lists = "No Lists", []
        for _, topic in person.lists:
            person.topic(topic, "active" if confirmed else "pending", person.created if confirmed else None)
        person.shown_created = person.created
        person.attributes = {"city": person.city, "grade": str(person.grade)}
        city = '"%s"' % person.city.replace('"', '""') if '"' in person.city else person.city
        rows.append("\t".join([str(person.number), person.address, str(confirmed), str(listed), str(confirmed), str(bounces),
                               person.created.strftime("%Y-%m-%d %H:%M:%S"), person.updated.strftime("%Y-%m-%d %H:%M:%S"),
                               "1", str(disabled), "", "", person.name, city, str(person.grade), names]))
    folder.write("subscribers.csv", "\n".join(rows) + "\n")
    folder.write("blacklist.csv", "\r\n".join(blacklist) + "\r\n")


def sympa(people, folder, rng):
    """member.dump of three lists, and blocklist.txt."""
    names = ["fraud", "traffic", "tawiya"]
    dumps = {name: [] for name in names}
    blocked = ["# blocked by the owners", "*@spam.example"]
    now = datetime(2026, 11, 1, tzinfo=timezone.utc)
    for person in people:
        person.attributes = {"city": person.city, "grade": str(person.grade)}
        person.shown_created = person.created
        for name, _ in person.lists:
            list_name = names[[entry[0] for entry in LISTS].index(name)]
            which = rng.random()
            fields = {"email": person.address, "gecos": person.name, "date": int(person.created.timestamp()),
                      "update_date": int(person.updated.timestamp()), "visibility": "noconceal", "reception": "mail",
                      "subscribed": 1, "number_messages": 0}
            paused, until, frequency = False, None, "immediate"
            if which < 0.1:
                fields["reception"], frequency = rng.choice(["digest", "digestplain", "summary"]), "daily"
            elif which < 0.16:
                fields["reception"], paused = "nomail", True
            elif which < 0.24:
                until = now + timedelta(days=person.number % 300 + 30)
                fields.update(suspend=1, startdate=int(now.timestamp()), enddate=int(until.timestamp()))
                paused = True
            elif which < 0.3:
                fields["bounce"] = "%d %d 12 5.1.1" % (fields["date"], fields["update_date"])
                fields["bounce_score"] = 90
                person.suppression = "soft_bounce"
            elif which < 0.33:
                fields["bounce"] = "%d %d 2 4.2.2" % (fields["date"], fields["update_date"])
                fields["bounce_score"] = 20
            elif which < 0.36:
                fields["visibility"] = "conceal"
            fields["custom_attribute"] = (
                '<?xml version="1.0" encoding="UTF-8" ?><custom_attributes>'
                '<custom_attribute id="city"><value>%s</value></custom_attribute>'
                '<custom_attribute id="grade"><value>%d</value></custom_attribute></custom_attributes>'
                % (escape(person.city).replace("ا", "&#1575;"), person.grade))
            dumps[list_name].append("".join(f"{key} {fields[key]}\n" for key in sorted(fields)) + "\n")
            person.topic(list_name, "active", person.created, frequency, paused, until)
        if person.roll > 0.96:
            blocked.append(person.address)
            person.suppression = person.suppression or "operator"
    for name, paragraphs in dumps.items():
        folder.write(f"{name}/member.dump", "".join(paragraphs))
    folder.write("blocklist.txt", "\n".join(blocked) + "\n")


def main():
    system, path = sys.argv[1], sys.argv[2]
    count = int(sys.argv[3]) if len(sys.argv) > 3 else 1_000
    rng = random.Random(f"nashra-{system}")
    people = [Person(number, rng) for number in range(count)]
    folder = Folder(path)
    {"listmonk": listmonk, "mailman": mailman, "phplist": phplist, "sympa": sympa}[system](people, folder, rng)
    folder.write("expected.jsonl", "".join(json.dumps(person.expected(), ensure_ascii=False) + "\n" for person in people))


if __name__ == "__main__":
    main()
