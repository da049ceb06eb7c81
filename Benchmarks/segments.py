#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
#
# Times segments over a million people: counts of four terms and others, whole processes; and `subscribers show`.
# Writes a workspace into a temporary folder, and fills its register with SQL. Exit 1 when a promise is not kept.
"""usage: segments.py --nashra PROGRAM [--people 1000000] [--figures FILE] [--factor 1]"""

import argparse
import json
import pathlib
import sqlite3
import subprocess
import sys
import tempfile
import time

COUNT_SECONDS = 0.300
SHOW_SECONDS = 0.050

FOUR_TERMS = 'language = ar and city in (Doha, "Al Khor") and subscribed to fraud and grade >= 5'
QUERIES = {
    "four terms": FOUR_TERMS,
    "four terms with a date": "language = ar and joined after 2026-01-01 and subscribed to fraud and attr.grade >= 5",
    "four terms with received": "language = ar and city = Doha and not received 2026-014 and grade >= 5",
    "the example": FOUR_TERMS + " and joined after 2026-01-01 and not received 2026-014",
    "a name in Arabic": 'name contains "احمد"',
    "a topic": "subscribed to fraud",
}
SCHEMA = """
attributes:
  city: {type: string}
  grade: {type: number}
"""
FILL = """
INSERT INTO topic (id, name, created_at_ms) VALUES (101, 'fraud', 1), (102, 'traffic', 1);
WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :people)
INSERT INTO subscriber (address, address_key, domain, name, language, attributes, state, created_at_ms, updated_at_ms)
SELECT 'person' || i || '@example.org', 'person' || i || '@example.org', 'example.org',
    CASE i % 5 WHEN 0 THEN 'أَحْمَد بن محمد العتيبي' WHEN 1 THEN 'نُورَة القحطاني' WHEN 2 THEN 'Alice Martin'
        WHEN 3 THEN 'Éloïse Dupont' ELSE 'فاطمة الزهراء' END || ' ' || i,
    CASE WHEN i % 10 < 6 THEN 'ar' WHEN i % 10 < 9 THEN 'en' ELSE 'fr' END,
    '{"city":"' || CASE i * 7919 % 6 WHEN 0 THEN 'Doha' WHEN 1 THEN 'Al Khor' WHEN 2 THEN 'الدوحة' WHEN 3 THEN 'الرياض'
        WHEN 4 THEN 'Lyon' ELSE 'Paris' END || '","department":"الأمن السيبراني","grade":"' || (i * 104729 % 12) || '"}',
    'active', 1760000000000 + i * 37 * 1000, 1 FROM n;
INSERT INTO subscription (subscriber_id, topic_id, source, consent_at_ms)
SELECT id, CASE WHEN id % 10 = 0 THEN 102 ELSE 101 END, 'file people.csv', created_at_ms FROM subscriber;
INSERT INTO bulletin (id, number, created_at_ms) VALUES (1, '2026-014', 1);
INSERT INTO bulletin_revision VALUES (1, 1, 'x', x'00', 1);
INSERT INTO campaign (id, name, year, number, bulletin_id, revision, settings, audience_text, audience_count,
    first_delivery_id, last_delivery_id, created_at_ms)
SELECT 1, 'c-2026-0001', 2026, 1, 1, 1, '{}', 'topic:fraud', count(*), 1, count(*), 1
FROM subscription WHERE topic_id = 101;
INSERT INTO delivery (campaign_id, subscriber_id, topic_id, address, address_key, domain, language, merge, state,
    next_at_ms, changed_at_ms, accepted_at_ms)
SELECT 1, s.id, 101, address, address_key, domain, 'ar', '{"name":"' || name || '"}', 'accepted', 1, 1, 1
FROM subscriber s WHERE id % 10 <> 0;
"""


def nashra(options, workspace: pathlib.Path, *arguments: str) -> tuple[float, str]:
    began = time.monotonic()
    done = subprocess.run(
        [options.nashra, *arguments, "--workspace", str(workspace)], capture_output=True, text=True, check=False
    )
    seconds = time.monotonic() - began
    if done.returncode:
        sys.exit(f"{' '.join(arguments)}: status {done.returncode}\n{done.stderr}")
    return seconds, done.stdout


def fastest(options, workspace: pathlib.Path, *arguments: str) -> tuple[float, str]:
    """Of five; the first also warms the cache."""
    runs = [nashra(options, workspace, *arguments) for _ in range(5)]
    return min(run[0] for run in runs), runs[0][1]


def main() -> None:
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("--nashra", required=True)
    parser.add_argument("--people", type=int, default=1_000_000)
    parser.add_argument("--figures", type=pathlib.Path)
    parser.add_argument("--factor", type=float, default=1.0, help="how much slower than promised is taken")
    options = parser.parse_args()
    figures, late = {"people": options.people}, []
    with tempfile.TemporaryDirectory(prefix="nashra-segments-") as folder:
        workspace = pathlib.Path(folder) / "w"
        subprocess.run(
            [options.nashra, "init", str(workspace), "--no-input", "--quiet", "--name", "Bench", "--sender",
             "bulletin@moi.example", "--relay", "smtp://127.0.0.1:2525"], check=True,
        )
        (workspace / "config/attributes.yaml").write_text(SCHEMA, encoding="utf-8")
        store = sqlite3.connect(next((workspace / "var").glob("*.db")))
        store.execute("PRAGMA synchronous = OFF")
        for statement in FILL.split(";\n"):
            if statement.strip():
                store.execute(statement, {"people": options.people} if ":people" in statement else {})
        store.commit()
        store.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        store.close()
        for name, query in QUERIES.items():
            seconds, out = fastest(options, workspace, "segments", "count", query, "--format", "json", "--time-limit", "60s")
            members = json.loads(out)["members"]
            print(f"{name:28} {seconds * 1000:7.0f} ms  {members:9,} people   {query}", flush=True)
            figures[name] = {"seconds": round(seconds, 4), "members": members, "query": query}
            if name.startswith("four terms") and seconds > COUNT_SECONDS * options.factor:
                late.append(f"{name} took {seconds:.3f} s, promised are {COUNT_SECONDS}")
        number = options.people // 2 + 1
        seconds, _ = fastest(options, workspace, "subscribers", "show", f"person{number}@example.org")
        print(f"{'subscribers show':28} {seconds * 1000:7.0f} ms", flush=True)
        figures["subscribers show"] = {"seconds": round(seconds, 4)}
        if seconds > SHOW_SECONDS * options.factor:
            late.append(f"subscribers show took {seconds:.3f} s, promised are {SHOW_SECONDS}")
    if options.figures:
        options.figures.write_text(json.dumps(figures, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    for line in late:
        print(line)
    sys.exit(1 if late else 0)


if __name__ == "__main__":
    main()
