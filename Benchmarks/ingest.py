#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
#
# Times `nashra bounces ingest --maildir` over returned mails of a real campaign: read, classified, tied, recorded in the
# store with every commit on the disk, acted on, and deleted. Loopback only; stops the sink that it starts.
"""usage: ingest.py --nashra PROGRAM [--mails 20000] [--figures FIGURES]"""

import argparse
import json
import pathlib
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "Scripts"))

import harness  # noqa: E402
import torture_ingest  # noqa: E402
from harness import World  # noqa: E402

LEAST_PER_SECOND = 3000


def measure(program: str, count: int) -> float:
    """Mails a second."""
    with World(program) as world:
        ledger = world.folder / "sink.jsonl"
        _, port = world.sink(["--ledger", str(ledger), "--discard"])
        world.init(f"smtp://{harness.HOST}:{port}")
        world.use_relay(port)
        (world.workspace / "config/bounce-policy.yaml").write_text(torture_ingest.POLICY, encoding="utf-8")
        world.register(harness.people(count, seed=1, awkward=False), "bench")
        world.run(["send", "2026-001", "--to", "topic:bench", "--yes"], timeout=1200)
        new = world.folder / "bounces/new"
        for part in ("tmp", "new", "cur"):
            (world.folder / "bounces" / part).mkdir(parents=True)
        with ledger.open("rb") as file:
            for number, line in enumerate(file):
                status = "5.1.1" if number % 3 else "5.2.2"
                (new / f"1790000000.{number:06}.host").write_bytes(
                    torture_ingest.report(json.loads(line), number, status)
                )
        command = ["bounces", "ingest", "--maildir", str(new.parent), "--no-send", "--format", "json"]
        began = time.monotonic()
        world.run(command, timeout=1200)
        seconds = time.monotonic() - began
        with world.database() as db:
            recorded = db.execute("SELECT count(*) FROM returned WHERE standing = 'counted'").fetchone()[0]
        if recorded != count:
            raise harness.HarnessError(f"{recorded} of {count} mails were recorded")
        return count / seconds


def body() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--nashra", required=True)
    parser.add_argument("--mails", type=int, default=20000)
    parser.add_argument("--figures", type=pathlib.Path)
    options = parser.parse_args()
    speed = measure(options.nashra, options.mails)
    print(f"ingest with recording {speed:,.0f}/s   ≥ {LEAST_PER_SECOND:,}")
    if options.figures:
        figures = {"schema": "nashra.bench.ingest.v1", "mails": options.mails, "per_second": round(speed)}
        options.figures.write_text(json.dumps(figures) + "\n", encoding="utf-8")
    return 0 if speed >= LEAST_PER_SECOND else 1


if __name__ == "__main__":
    harness.main(body)
