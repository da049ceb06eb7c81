# SPDX-License-Identifier: Apache-2.0
#
# What torture, acceptance and benchmarks share: the program under test, a workspace, people, sinks.
# Starts processes on loopback and in a folder of its own; stops what it started, by pid. Python's standard library only:
# nothing here knows Nashra's code, so what it checks it checks from outside.
"""Run Nashra as its users do, and look at what it left behind."""

import argparse
import contextlib
import csv
import dataclasses
import json
import os
import pathlib
import random
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time

HOST = "127.0.0.1"
TERMINAL = {"accepted", "rejected", "suppressed", "expired", "cancelled", "ambiguous"}
STATES = TERMINAL | {"queued", "deferred", "in_flight"}

ARABIC_GIVEN = ["مُحَمَّد", "سارة", "عبد الرحمن", "نورة", "خالد", "ليلى", "يوسف", "هُدى", "علی\u200cرضا", "آمنة"]
ARABIC_FAMILY = ["القحطاني", "الدوسري", "بن عليّ", "الشمّري", "العُتيبي", "حدّاد", "مراد"]
ENGLISH = ["Claire O'Neil", "Sam \"The Fox\" Reid", "Ann <script>alert(1)</script>", "Tom & Jerry; Ltd, Inc.",
           "José Álvarez", "Nguye\u0302\u0303n Van A", "李小龙", "Zoe\u0308 Müller-Lüdenscheidt", "D'Arcy, William"]
FRENCH = ["Jean \"JD\" <Dupont> & fils; SA", "Éloïse Lefèvre", "Françoise d'Aubigné", "Noël Œuvrard", "Anaïs, Guy"]
CITIES = ["الدوحة", "Paris", "London", "الرياض, حي الملز", "Saint-Étienne", "بيروت"]
DOMAINS = ["example.org", "example.com", "mail.example.net", "moi.example", "بريد.example"]


class HarnessError(Exception):
    """Something in the surroundings is wrong; the program under test was not judged."""


@dataclasses.dataclass(frozen=True)
class Person:
    """One made-up subscriber; `language` is the column as written, empty for none."""

    email: str
    name: str
    language: str
    city: str

    @property
    def key(self) -> str:
        """What the wire and the ledger call this person: lower case, the domain as A-labels."""
        local, domain = self.email.rsplit("@", 1)
        return f"{local.lower()}@{domain.encode('idna').decode().lower()}"


def people(count: int, seed: int = 1, prefix: str = "person", awkward: bool = True) -> list[Person]:
    """The same people for the same seed: half read Arabic, three tenths English, two tenths French."""
    dice = random.Random(seed)
    result = []
    for index in range(count):
        language = "ar" if index % 10 < 5 else "en" if index % 10 < 8 else "fr"
        if language == "ar":
            name = f"{dice.choice(ARABIC_GIVEN)} {dice.choice(ARABIC_FAMILY)}"
        else:
            name = dice.choice(ENGLISH if language == "en" else FRENCH)
        domain = dice.choice(DOMAINS if awkward else DOMAINS[:3])
        local = f"{prefix}.{index}" if index % 7 else f"{prefix.capitalize()}+Tag.{index}"
        if awkward and index % 97 == 13:
            name = ""
        result.append(Person(f"{local}@{domain}", name, language, dice.choice(CITIES)))
    return result


def write_csv(path: pathlib.Path, persons: list[Person]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["email", "name", "language", "city"])
        for person in persons:
            writer.writerow([person.email, person.name, person.language, person.city])


@dataclasses.dataclass
class Output:
    status: int
    out: str
    error: str
    peak_kib: int
    seconds: float

    def json(self) -> dict:
        try:
            return json.loads(self.out)
        except ValueError as fault:
            raise HarnessError(f"stdout is not JSON ({fault}); exit {self.status}\n{self.out}\n{self.error}")


class Running:
    """A started process; its output goes to files, so that no pipe can fill up."""

    def __init__(self, command: list[str], folder: pathlib.Path, environment: dict[str, str]):
        self.files = [tempfile.TemporaryFile(dir=folder) for _ in range(2)]
        self.began = time.monotonic()
        self.process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=self.files[0], stderr=self.files[1], env=environment, cwd=folder
        )
        self.peak_kib = 0
        self.seconds = 0.0

    @property
    def pid(self) -> int:
        return self.process.pid

    def ended(self) -> bool:
        """Whether it has ended; takes its status and peak memory when it has."""
        if self.process.returncode is not None:
            return True
        pid, status, usage = os.wait4(self.process.pid, os.WNOHANG)
        if pid == 0:
            return False
        self.process.returncode = os.waitstatus_to_exitcode(status)
        self.peak_kib = usage.ru_maxrss
        self.seconds = time.monotonic() - self.began
        return True

    def kill(self, number: int = signal.SIGKILL) -> None:
        if not self.ended():
            os.kill(self.process.pid, number)

    def finish(self, timeout: float) -> Output:
        deadline = time.monotonic() + timeout
        while not self.ended():
            if time.monotonic() > deadline:
                self.kill()
                while not self.ended():
                    time.sleep(0.01)
                raise HarnessError(f"{self.process.args} did not end within {timeout:.0f} s\n{self.text(1)[-2000:]}")
            time.sleep(0.005)
        return Output(self.process.returncode, self.text(0), self.text(1), self.peak_kib, self.seconds)

    def text(self, stream: int) -> str:
        size = os.fstat(self.files[stream].fileno()).st_size
        return os.pread(self.files[stream].fileno(), size, 0).decode("utf-8", "replace")

    def stop(self) -> None:
        """Ends it: asks first, then kills."""
        self.kill(signal.SIGTERM)
        for _ in range(200):
            if self.ended():
                break
            time.sleep(0.01)
        self.kill()
        while not self.ended():
            time.sleep(0.01)
        for file in self.files:
            file.close()


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind((HOST, 0))
        return listener.getsockname()[1]


def wait_for_port(port: int, seconds: float = 10) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError), socket.create_connection((HOST, port), timeout=1):
            return
        time.sleep(0.02)
    raise HarnessError(f"nothing listens on port {port}")


def postfix_tool(name: str) -> str:
    found = shutil.which(name, path=os.environ.get("PATH", "") + ":/usr/sbin:/usr/local/sbin")
    if not found:
        raise HarnessError(f"{name} is missing; it is in the Debian package postfix (Scripts/bootstrap --tests)")
    return found


class World:
    """A temporary folder with a workspace in it, and everything that was started there."""

    def __init__(self, program: str, keep: bool = False, folder: str | None = None):
        self.program = str(pathlib.Path(program).resolve())
        if not os.access(self.program, os.X_OK):
            raise HarnessError(f"{self.program} is not a program; build it with: make build")
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="nashra-harness-", dir=folder))
        self.folder.chmod(0o755)
        self.workspace = self.folder / "w"
        self.keep = keep
        self.settings: dict[str, str] = {}
        self.started: list[Running] = []

    def __enter__(self) -> "World":
        return self

    def __exit__(self, *_) -> None:
        for process in reversed(self.started):
            process.stop()
        if self.keep:
            print(f"kept: {self.folder}", file=sys.stderr)
        else:
            shutil.rmtree(self.folder, ignore_errors=True)

    # Processes

    def start(self, arguments: list[str], settings: dict[str, str] | None = None) -> Running:
        environment = {k: v for k, v in os.environ.items() if not k.startswith("NASHRA_")}
        if (self.workspace / "config").exists():
            environment["NASHRA_WORKSPACE"] = str(self.workspace)
        environment |= self.settings | (settings or {})
        running = Running([self.program, *arguments], self.folder, environment)
        self.started.append(running)
        return running

    def run(
        self, arguments: list[str], expect: set[int] | None = frozenset({0}), timeout: float = 600,
        settings: dict[str, str] | None = None,
    ) -> Output:
        running = self.start(arguments, settings)
        output = running.finish(timeout)
        self.started.remove(running)
        running.stop()
        if expect is not None and output.status not in expect:
            raise HarnessError(
                f"nashra {' '.join(arguments)}: exit {output.status}\n{output.out[-1500:]}\n{output.error[-3000:]}"
            )
        return output

    def sink(self, arguments: list[str]) -> tuple[Running, int]:
        """Starts the built-in sink; its first line of output is JSON that names the port."""
        running = self.start(["sink", "--port", "0", *arguments])
        deadline = time.monotonic() + 30
        while "\n" not in running.text(0):
            if running.ended() or time.monotonic() > deadline:
                raise HarnessError(f"the sink did not start: {running.text(1)}")
            time.sleep(0.01)
        return running, json.loads(running.text(0).splitlines()[0])["port"]

    def foreign(self, command: list[str]) -> Running:
        """Starts a program that is not ours."""
        running = Running(command, self.folder, dict(os.environ))
        self.started.append(running)
        return running

    # The workspace

    def init(self, relay: str) -> None:
        self.run([
            "init", str(self.workspace), "--name", "Awareness", "--sender", "bulletin@moi.example", "--relay", relay,
            "--no-input",
        ])

    def use_relay(self, port: int) -> None:
        self.settings["NASHRA_RELAYS_PRIMARY_URL"] = f"smtp://{HOST}:{port}"

    def register(self, persons: list[Person], topic: str) -> Output:
        file = self.folder / f"{topic}.csv"
        write_csv(file, persons)
        self.run(["topics", "add", topic], expect={0, 65})
        return self.run(["subscribers", "import", str(file), "--topic", topic, "--source", "harness"])

    def campaigns(self) -> list[dict]:
        """All campaigns, newest first."""
        return self.run(["campaigns", "list", "--format", "json"]).json()["campaigns"]

    # What it left behind

    @contextlib.contextmanager
    def database(self):
        """A copy of the store, opened; the store itself is not touched, so a crash stays as it is."""
        with tempfile.TemporaryDirectory(dir=self.folder) as folder:
            for suffix in ("", "-wal"):
                source = self.workspace / f"var/nashra.db{suffix}"
                if source.exists():
                    shutil.copyfile(source, pathlib.Path(folder) / source.name)
            connection = sqlite3.connect(pathlib.Path(folder) / "nashra.db")
            try:
                yield connection
            finally:
                connection.close()


@dataclasses.dataclass
class Accepted:
    """One line of a sink's ledger."""

    message_id: str
    recipients: list[str]
    sha256: str
    size: int


class Ledger:
    """What the built-in sink took, read on from where the last reading ended."""

    def __init__(self, path: pathlib.Path):
        self.path = path
        self.offset = 0

    def size(self) -> int:
        return self.path.stat().st_size if self.path.exists() else 0

    def new(self) -> list[Accepted]:
        if not self.path.exists():
            return []
        with self.path.open("rb") as file:
            file.seek(self.offset)
            data = file.read()
        whole = data[: data.rfind(b"\n") + 1]
        self.offset += len(whole)
        lines = [json.loads(line) for line in whole.splitlines()]
        return [Accepted(l["message_id"], [r.lower() for r in l["recipients"]], l["sha256"], l["bytes"]) for l in lines]


def machine() -> dict:
    """The machine in a few words, for records of measurements."""
    model = "unknown"
    with contextlib.suppress(OSError):
        for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                model = line.split(":", 1)[1].strip()
                break
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return {"cpu": model, "cores": os.cpu_count(), "memory_gib": round(memory / 2**30, 1), "kernel": os.uname().release}


def add_options(parser: argparse.ArgumentParser) -> None:
    """The options that every torture has."""
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(2**31))
    parser.add_argument("--deadline", type=float, default=3600, metavar="SECONDS")
    parser.add_argument("--folder", help="where the temporary folder is made")
    parser.add_argument("--keep", action="store_true", help="leave the folder behind")
    parser.add_argument("--output", type=pathlib.Path, help="write the summary as JSON here too")


def main(body) -> None:
    """Runs `body`, which returns an exit status; what the surroundings lack is said without a traceback."""
    try:
        sys.exit(body())
    except HarnessError as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(70)
    except KeyboardInterrupt:
        sys.exit(130)
