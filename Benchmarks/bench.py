#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
#
# Speed and memory of a whole send, as ratios to what the same machine does in the same run.
# Works in a temporary folder and on loopback; every raw run is kept in Benchmarks/Runs.
# What is measured and why: Benchmarks/README.md.
"""usage: bench.py --nashra PROGRAM [--rounds 5] [--recipients 20000] [--only smtp-sink,latency,memory]"""

import argparse
import datetime
import json
import os
import pathlib
import platform
import re
import shutil
import statistics
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "Scripts"))
import harness  # noqa: E402
from harness import HarnessError, World  # noqa: E402

TOPIC = "bench"
GOALS = {"smtp-sink": "≤ 1.0, must be ≤ 1.6", "latency": "≥ 0.9", "memory": "≤ 1.2"}


class Bench:
    def __init__(self, options: argparse.Namespace):
        self.options = options
        self.raw: dict = {}
        self.figures: dict[str, float] = {}

    def world(self) -> World:
        return World(self.options.nashra, folder=self.options.folder)

    def prepare(self, world: World, port: int, recipients: int) -> None:
        world.init(f"smtp://{harness.HOST}:{port}")
        shutil.copytree(HERE / "workspace", world.workspace, dirs_exist_ok=True)
        world.use_relay(port)
        world.settings["NASHRA_RELAYS_PRIMARY_CONNECTIONS"] = str(self.options.connections)
        world.register(harness.people(recipients), TOPIC)

    def send(self, world: World) -> tuple[dict, int]:
        """One campaign; its report, and the process's peak memory in KiB."""
        output = world.run(
            ["send", self.options.bulletin, "--to", f"topic:{TOPIC}", "--yes", "--again", "--format", "json",
             "--quiet"], timeout=1800)
        report = output.json()
        if report["deliveries"]["accepted"] != report["audience"]:
            raise HarnessError(f"not everybody was reached: {report['deliveries']}")
        return report, output.peak_kib

    def message_bytes(self, world: World) -> int:
        """The mean size of a message as it goes over the wire, from one mail in each language."""
        sizes = []
        for language in ("ar", "en", "fr"):
            person = next(p for p in harness.people(100) if p.language == language and p.name)
            file = world.folder / f"{language}.eml"
            world.run(["bulletin", "render", self.options.bulletin, "--to", person.email, "--output", str(file)])
            sizes.append(len(re.sub(rb"\r?\n", b"\r\n", file.read_bytes())))
        return round(0.5 * sizes[0] + 0.3 * sizes[1] + 0.2 * sizes[2])

    # (a) Against smtp-source, into smtp-sink

    def smtp_source(self, port: int, count: int, size: int) -> float:
        command = [harness.postfix_tool("smtp-source"), "-s", str(self.options.connections), "-m", str(count), "-l",
                   str(size), "-f", "sender@moi.example", "-t", "reader@example.org", f"{harness.HOST}:{port}"]
        began = time.monotonic()
        subprocess.run(command, check=True, capture_output=True)
        return time.monotonic() - began

    def against_smtp_source(self) -> None:
        with self.world() as world:
            port = harness.free_port()
            command = [harness.postfix_tool("smtp-sink"), f"{harness.HOST}:{port}", "1000"]
            if os.geteuid() == 0:
                command[1:1] = ["-u", "nobody"]
            world.foreign(command)
            harness.wait_for_port(port)
            self.prepare(world, port, self.options.recipients)
            ours = self.message_bytes(world)
            rounds = []
            for number in range(self.options.rounds + 1):
                same, same_size = (self.smtp_source(port, self.options.recipients, size) for size in (6000, ours))
                report, peak = self.send(world)
                rounds.append({"smtp_source_6000_s": same, f"smtp_source_{ours}_s": same_size,
                               "nashra_s": report["seconds"]["elapsed"], "nashra_peak_kib": peak,
                               "is_warm_up": number == 0})
                print(f"smtp-source 6000 B {same:.2f} s, {ours} B {same_size:.2f} s; nashra "
                      f"{report['seconds']['elapsed']:.2f} s" + (" (warm-up)" if number == 0 else ""), flush=True)
            counted = rounds[1:]
            by_issue = [r["nashra_s"] / r["smtp_source_6000_s"] for r in counted]
            by_size = [r["nashra_s"] / r[f"smtp_source_{ours}_s"] for r in counted]
            self.raw["smtp-sink"] = {"message_bytes": ours, "rounds": rounds}
            self.figures["smtp-sink"] = statistics.median(by_issue)
            self.figures["smtp-sink, equal bytes"] = statistics.median(by_size)

    # (b) Against a relay that takes its time

    def against_latency(self) -> None:
        with self.world() as world:
            _, port = world.sink(["--discard", "--delay", f"{self.options.delay_ms}ms"])
            count = self.options.latency_recipients
            self.prepare(world, port, count)
            best = self.options.connections / (2 * self.options.delay_ms / 1000)
            rounds = []
            for _ in range(3):
                report, _ = self.send(world)
                rate = count / report["seconds"]["elapsed"]
                rounds.append({"messages": count, "nashra_s": report["seconds"]["elapsed"], "rate": rate})
                print(f"{self.options.delay_ms} ms before each reply: {rate:.0f}/s of {best:.0f}/s", flush=True)
            self.raw["latency"] = {"delay_ms": self.options.delay_ms, "possible_rate": best, "rounds": rounds}
            self.figures["latency"] = statistics.median(r["rate"] for r in rounds) / best

    # (c) Peak memory

    def memory(self) -> None:
        peaks = {}
        for count in (20_000, self.options.memory_recipients):
            with self.world() as world:
                _, port = world.sink(["--discard"])
                self.prepare(world, port, count)
                report, peaks[count] = self.send(world)
                print(f"{count} recipients: peak {peaks[count] / 1024:.1f} MiB, "
                      f"{report['seconds']['elapsed']:.1f} s", flush=True)
        self.raw["memory"] = {"peak_kib": peaks}
        self.figures["memory"] = peaks[self.options.memory_recipients] / peaks[20_000]

    def run(self) -> None:
        parts = {"smtp-sink": self.against_smtp_source, "latency": self.against_latency, "memory": self.memory}
        for name in self.options.only.split(","):
            if name not in parts:
                raise HarnessError(f"there is no benchmark {name}; there are {', '.join(parts)}")
            parts[name]()

    def keep(self) -> pathlib.Path:
        now = datetime.datetime.now(datetime.timezone.utc)
        folder = HERE / "Runs" / f"{now:%Y-%m-%d}-{re.sub('[^A-Za-z0-9.-]', '-', platform.node() or 'machine')}"
        folder.mkdir(parents=True, exist_ok=True)
        file = folder / f"{now:%H%M%S}.json"
        record = {"schema": "nashra.bench.v1", "at": now.isoformat(timespec="seconds"), "machine": harness.machine(),
                  "connections": self.options.connections, "recipients": self.options.recipients,
                  "figures": self.figures, "raw": self.raw}
        file.write_text(json.dumps(record, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
        return file

    def failed(self) -> list[str]:
        """The figures beyond what must be."""
        bounds = {"smtp-sink": lambda x: x <= 1.6, "latency": lambda x: x >= 0.9, "memory": lambda x: x <= 1.2}
        return [name for name, holds in bounds.items() if name in self.figures and not holds(self.figures[name])]


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--nashra", required=True, help="the program, built for release")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--recipients", type=int, default=20_000)
    parser.add_argument("--connections", type=int, default=20)
    parser.add_argument("--delay-ms", type=int, default=20)
    parser.add_argument("--latency-recipients", type=int, default=10_000)
    parser.add_argument("--memory-recipients", type=int, default=200_000)
    parser.add_argument("--bulletin", default="2026-900", help="default: the one in Benchmarks/workspace, about 6 kB")
    parser.add_argument("--only", default="smtp-sink,latency,memory")
    parser.add_argument("--folder", help="where temporary folders are made; the store's syncs count")
    return parser.parse_args()


def body() -> int:
    bench = Bench(parse())
    bench.run()
    print(f"raw runs: {bench.keep().relative_to(HERE.parent)}")
    for name, figure in bench.figures.items():
        print(f"{name:24} {figure:.2f}   {GOALS.get(name, '')}")
    failed = bench.failed()
    if failed:
        print(f"bench: out of bounds: {', '.join(failed)}")
    return 1 if failed else 0


if __name__ == "__main__":
    harness.main(body)
