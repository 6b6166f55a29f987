#!/usr/bin/env python3
"""Figures of a group of three servers on this machine, beside those of a server alone in the same run:

    tests/group_figures.py target/release rates          durable sales and batches of readings, in turns with one alone
    tests/group_figures.py target/release kills [20]     how long writes are away when who coordinates is killed
    tests/group_figures.py target/release away [COUNT]   a member that was away for so many commands, under load
    tests/group_figures.py target/release large DIR      writes while a copy of this ledger is made and sent

`DIR` is a data directory as the example `reports` makes it; it is copied. Needs the programs `tillwatch-server` and
`tillwatch` in the first folder, and nothing but Python.
"""

import atexit
import http.client
import json
import os
import pathlib
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from urllib.parse import urlsplit

IDS = (1, 2, 3)
HOST = "127.0.0."
TURNS = 3
SECONDS = 10
# What a server says of each copy of its ledger for others.
MADE = "a copy of the ledger was made"
# How long anything may take to come about.
PATIENCE = 600


class Group:
    """Three servers, each at an address of its own of the loopback."""

    def __init__(self, programs, folder, user="lucas", demo=True):
        self.server = pathlib.Path(programs) / "tillwatch-server"
        self.load_program = pathlib.Path(programs) / "tillwatch"
        self.folder = pathlib.Path(folder)
        self.user, self.demo = user, demo
        self.running, self.asking = {}, {}
        atexit.register(lambda: [one.kill() for one in self.running.values()])

    def data(self, member):
        return self.folder / f"member{member}"

    def url(self, member):
        return f"http://{HOST}{10 + member}:8080"

    def file(self, member):
        lines = [f"me = {member}", "principal = 1", 'secret = "uma frase que ninguem adivinha"']
        for other in IDS:
            address = f"{HOST}{10 + other}:8090"
            lines += ["[[member]]", f"id = {other}", f'address = "{address}"', f'url = "{self.url(other)}"']
        path = self.folder / f"group{member}.toml"
        path.write_text("\n".join(lines) + "\n")
        return path

    def start(self, *members, alone=False):
        for member in members:
            command = [self.server, "--data-dir", self.data(member), "--listen", urlsplit(self.url(member)).netloc]
            command += ["--demo"] if self.demo else []
            command += [] if alone else ["--group", self.file(member)]
            log = open(self.folder / f"member{member}.log", "ab")
            self.running[member] = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True)
        for member in members:
            for line in self.running[member].stdout:
                if line.startswith("listening on"):
                    break
            else:
                sys.exit(f"member {member} ended: see {self.folder}")

    def stop(self, *members, how=signal.SIGTERM):
        for member in members:
            self.running[member].send_signal(how)
        for member in members:
            self.running.pop(member).wait()

    def stop_all(self):
        self.stop(*self.running)

    def load(self, kind, member, *arguments):
        """What `tillwatch load` says of it."""
        command = [self.load_program, "load", kind, "--server", self.url(member), "--user", self.user, *arguments]
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        if done.returncode:
            sys.exit(done.stdout)
        return done.stdout

    def rate(self, kind, member, *arguments):
        said = self.load(kind, member, "--seconds", str(SECONDS), *arguments)
        line = next(line for line in said.splitlines() if "/s (" in line)
        return float(line.split(": ")[1].split("/s")[0]), line

    def status(self, member):
        # Who signs in each time keeps a processor busy with passwords.
        if member not in self.asking:
            self.asking[member] = Caller(self.url(member), self.user)
        try:
            return self.asking[member].get("/api/v1/group")
        except Refused:
            del self.asking[member]
            raise

    def until(self, what, so):
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            try:
                if so():
                    return
            except (OSError, http.client.HTTPException, Refused):
                pass
            time.sleep(0.02)
        sys.exit(f"{what}: not in time; see {self.folder}")

    def coordinates(self, member, seen_by):
        self.until("who coordinates", lambda: self.status(seen_by)["coordinator"] == member)

    def all_count(self):
        def counts():
            roles = [member["role"] for member in self.status(1)["members"]]
            return len(roles) == len(IDS) and all(role in ("coordinator", "member") for role in roles)

        self.until("all count", counts)


class Refused(Exception):
    pass


class Caller:
    """One connection, signed in."""

    def __init__(self, url, user, timeout=10):
        self.address, self.timeout = urlsplit(url).netloc, timeout
        self.headers = {"content-type": "application/json"}
        self.connection = None
        body = {"username": user, "password": "1234"}
        self.headers["authorization"] = "Bearer " + self.send("POST", "/api/v1/sessions", body)["access_token"]

    def at(self, url):
        """The same session at another member."""
        other = Caller.__new__(Caller)
        other.address, other.timeout = urlsplit(url).netloc, self.timeout
        other.headers, other.connection = dict(self.headers), None
        return other

    def send(self, method, path, body=None, command=None):
        self.connection = self.connection or http.client.HTTPConnection(self.address, timeout=self.timeout)
        headers = dict(self.headers)
        if command:
            headers["idempotency-key"] = command
        try:
            self.connection.request(method, path, body and json.dumps(body), headers)
            answer = self.connection.getresponse()
            text = answer.read()
        except (OSError, http.client.HTTPException):
            self.connection.close()
            self.connection = None
            raise
        if answer.status >= 300:
            raise Refused(f"{answer.status} {text[:200]}")
        return json.loads(text)

    def get(self, path):
        return self.send("GET", path)

    def a_sale(self):
        store = self.get("/api/v1/stores")[0]["id"]
        return {"store_id": store, "total_cents": 250, "payments": [{"method": "pix", "amount_cents": 250}]}


def rates(programs, folder):
    alone, group = Group(programs, folder / "alone"), Group(programs, folder / "group")
    for one in (alone, group):
        one.folder.mkdir()
    kinds = {
        "sales, 64 callers": ("sales", "--callers", "64"),
        "batches of 10,000 readings, 8 callers": ("batch", "--format", "compact", "--callers", "8"),
    }
    found = {what: ([], []) for what in kinds}
    for _ in range(TURNS):
        for what, (kind, *arguments) in kinds.items():
            alone.start(1, alone=True)
            found[what][0].append(alone.rate(kind, 1, *arguments)[0])
            alone.stop_all()
            group.start(*IDS)
            group.all_count()
            rate, line = group.rate(kind, 1, *arguments)
            found[what][1].append(rate)
            print(what, "|", line, flush=True)
            group.stop_all()
    for what, (one, three) in found.items():
        one, three = statistics.median(one), statistics.median(three)
        print(f"{what}: alone {one:,.0f}/s, three {three:,.0f}/s: {three / one:.2f} of it")


class Sellers:
    """Callers who sell one sale after the other, and go to the next server with what was not answered."""

    def __init__(self, group, count, members, ask=None):
        self.group, self.members = group, members
        self.over = threading.Event()
        self.lock = threading.Lock()
        self.answered, self.longest_request = [], 0.0
        first = Caller(group.url(members[0]), group.user)
        sale = first.a_sale()
        self.ask = ask or (lambda: ("/api/v1/sales", sale))
        self.threads = [threading.Thread(target=self.sell, args=(first, place)) for place in range(count)]
        for thread in self.threads:
            thread.start()

    def sell(self, first, place):
        callers = [first.at(self.group.url(member)) for member in self.members]
        while not self.over.is_set():
            command, begun = str(uuid.uuid4()), time.monotonic()
            path, body = self.ask()
            while not self.over.is_set():
                asked = time.monotonic()
                try:
                    callers[place % len(callers)].send("POST", path, body, command)
                except (OSError, http.client.HTTPException, Refused) as error:
                    if isinstance(error, Refused) and not str(error).startswith(("401", "503")):
                        os.write(2, f"{error}\n".encode())
                        os._exit(1)
                    place += 1
                    time.sleep(0.01)
                    continue
                finally:
                    took = time.monotonic() - asked
                    with self.lock:
                        self.longest_request = max(self.longest_request, took)
                with self.lock:
                    self.answered.append((begun, time.monotonic()))
                break

    def first_after(self, moment):
        """When one was answered that was begun after this moment."""
        while True:
            with self.lock:
                ends = [end for begun, end in self.answered if begun > moment]
            if ends:
                return min(ends)
            time.sleep(0.005)

    def stop(self):
        self.over.set()
        for thread in self.threads:
            thread.join()


def kills(programs, folder, times):
    group = Group(programs, folder)
    group.start(*IDS)
    group.all_count()
    sellers = Sellers(group, 8, [2, 3])
    away = []
    for _ in range(times):
        group.coordinates(1, 2)
        time.sleep(1)
        killed = time.monotonic()
        group.stop(1, how=signal.SIGKILL)
        away.append(sellers.first_after(killed) - killed)
        print(f"after {away[-1]:.2f} s", flush=True)
        group.start(1)
    group.coordinates(1, 2)
    sellers.stop()
    waits = sorted(end - begun for begun, end in sellers.answered)
    print(
        f"{times} kills: writes again after a median of {statistics.median(away):.2f} s (most {max(away):.2f}); "
        f"longest single answer {sellers.longest_request:.2f} s; {len(waits):,} sales, "
        f"the longest from first attempt to answer {waits[-1]:.2f} s"
    )
    group.stop_all()


def away(programs, folder, count):
    group = Group(programs, folder)
    group.start(*IDS)
    group.all_count()
    group.stop(3)
    before = group.status(1)["members"][0]["journal"]
    missed, log = 0, folder / "member1.log"
    copies = log.read_text().count(MADE)
    while missed < count:
        group.load("sales", 1, "--callers", "128", "--seconds", "30")
        missed = group.status(1)["members"][0]["journal"] - before
        print(f"{missed:,} commands", flush=True)
    copies = log.read_text().count(MADE) - copies
    sellers = Sellers(group, 8, [1, 2])
    begun = time.monotonic()
    group.start(3)
    answers = time.monotonic() - begun

    def has_caught_up():
        seqs = {member["id"]: member["journal"] for member in group.status(3)["members"]}
        return seqs[3] >= seqs[1] - 100

    group.until("it catches up", has_caught_up)
    took = time.monotonic() - begun
    sellers.stop()
    during = [end - first for first, end in sellers.answered if first < begun + took]
    print(
        f"away for {missed:,} commands ({copies} copies were made meanwhile): answers after {answers:.1f} s, has caught up after {took:.1f} s, while "
        f"{len(during) / took:,.0f} sales/s went on, the longest {max(during) * 1000:.0f} ms"
    )
    group.stop_all()


class Disk:
    """A small file that is written and synced all the time: how long the disk itself takes meanwhile."""

    def __init__(self, folder):
        self.path, self.waits, self.over = folder / "probe", [], threading.Event()
        self.thread = threading.Thread(target=self.run)
        self.thread.start()

    def run(self):
        with open(self.path, "wb", buffering=0) as file:
            while not self.over.wait(0.005):
                begun = time.monotonic()
                os.pwrite(file.fileno(), b"x" * 4096, 0)
                os.fdatasync(file.fileno())
                self.waits.append((begun, time.monotonic() - begun))

    def stop(self):
        self.over.set()
        self.thread.join()


def spread(what, waits):
    waits = sorted(waits)
    over = sum(wait > 0.05 for wait in waits)
    print(
        f"{what}: median {waits[len(waits) // 2] * 1000:.1f} ms, 99 of 100 {waits[len(waits) * 99 // 100] * 1000:.1f} ms, "
        f"most {waits[-1] * 1000:.0f} ms; {over} of {len(waits):,} over 50 ms"
    )


def large(programs, folder, source):
    group = Group(programs, folder, user="dona", demo=False)
    shutil.copytree(source, group.data(1))
    os.sync()
    ledger = group.data(1) / "ledger.sqlite"

    def a_chain():
        return "/api/v1/chains", {"name": f"Rede {uuid.uuid4()}"}

    group.start(1, alone=True)
    disk, sellers = Disk(folder), Sellers(group, 1, [1], a_chain)
    time.sleep(15)
    sellers.stop()
    disk.stop()
    spread("the disk, one server alone", [wait for _, wait in disk.waits])
    spread("writes, one server alone", [end - first for first, end in sellers.answered])
    group.stop_all()
    # It makes the group by itself: the others come later.
    group.start(1)
    disk, sellers = Disk(folder), Sellers(group, 1, [1], a_chain)
    building = group.data(1) / "group" / "snapshot-being-made.sqlite"
    # It makes one when enough was written.
    group.until("a copy is begun", building.exists)
    copying = time.monotonic()
    group.until("a copy is made", lambda: not building.exists())
    copied = time.monotonic()
    group.start(2, 3)
    group.all_count()
    end = time.monotonic()
    sellers.stop()
    disk.stop()
    size = os.path.getsize(ledger) / 1e9
    sales = [(first, last - first) for first, last in sellers.answered]
    phases = {
        f"{size:.1f} GB are copied ({copied - copying:.0f} s)": (copying, copied),
        f"that is sent to two members and put in place ({end - copied:.0f} s)": (copied, end),
    }
    for what, (since, until) in phases.items():
        spread(f"the disk, while {what}", [wait for at, wait in disk.waits if since <= at < until])
        spread("writes meanwhile", [wait for at, wait in sales if since <= at < until])
    group.stop_all()


def main():
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    programs, what, *rest = sys.argv[1:]
    with tempfile.TemporaryDirectory(dir=os.environ.get("TMPDIR")) as folder:
        folder = pathlib.Path(folder)
        if what == "rates":
            rates(programs, folder)
        elif what == "kills":
            kills(programs, folder, int(rest[0]) if rest else 20)
        elif what == "away":
            away(programs, folder, int(rest[0]) if rest else 1_000_000)
        elif what == "large" and rest:
            large(programs, folder, rest[0])
        else:
            sys.exit(__doc__)


if __name__ == "__main__":
    main()
