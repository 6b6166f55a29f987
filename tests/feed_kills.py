"""kill -9 of the server and of collectors while files grow and are replaced: each record is in the ledger once,
each sale once, and in the collectors' SQLite file once.

Usage: feed_kills.py <folder with the programs> <scratch folder> [seed]
"""

import json
import os
import pathlib
import random
import signal
import sqlite3
import subprocess
import sys
import time
import urllib.request

ROUNDS = 18
# Seconds until everything has to have arrived after the last kill.
PATIENCE = 30
WHEN = "2026-03-0{}T11:30:00-03:00"


class Book:
    """The file of another program: all its records, in their present state, in one of two forms."""

    def __init__(self, dice, folder, name, lines):
        self.dice, self.name, self.lines = dice, name, lines
        self.path = folder / f"{name}.{'ndjson' if lines else 'json'}"
        self.records = {}
        # By its amount a sale is known again: no two of these are the same, and no other one is so large.
        self.first_amount = 1_000_000 if lines else 2_000_000
        self.sales = 0
        self.written = self.replaced = 0
        # Read anew, a file gives what was lost before: in the end the lines are only added to.
        self.only_adds = False
        self.replace()

    def add(self):
        number = len(self.records) + 1
        record = {"id": f"{self.name}-{number}", "note": f"nota {number}", "n": 1}
        if self.dice.random() < 0.3:
            self.sales += 1
            record |= {"chain": "MAX ATACADO", "store": "Max Atacado Centro", "seller": "Ana Souza"}
            record |= {"amount": f"{self.first_amount + self.sales}.00", "when": WHEN.format(1 + number % 9)}
        self.records[record["id"]] = record
        return record

    def change(self):
        """One that is no sale says something that it never said before."""
        plain = [record for record in self.records.values() if "amount" not in record]
        if not plain:
            return self.add()
        record = self.dice.choice(plain)
        record["n"] += 1
        return record

    def text(self):
        records = list(self.records.values())
        # The same again is nothing new.
        records += self.dice.sample(records, min(3, len(records)))
        if self.lines:
            return "".join(json.dumps(record) + "\n" for record in records)
        return json.dumps(records, indent=self.dice.choice([None, 1]))

    def replace(self):
        part = self.path.with_suffix(".part")
        part.write_text(self.text(), encoding="utf-8")
        os.replace(part, self.path)
        self.replaced += 1

    def write_in_parts(self, mode, data):
        """As a program does whose buffer is full in the middle of a record."""
        cuts = sorted(self.dice.sample(range(len(data) + 1), min(2, len(data))))
        with open(self.path, mode, buffering=0) as file:
            for begin, end in zip([0, *cuts], [*cuts, len(data)]):
                file.write(data[begin:end])
                time.sleep(self.dice.random() * 0.01)
        self.written += 1

    def step(self):
        new = [self.add() if self.dice.random() < 0.7 else self.change() for _ in range(self.dice.randint(1, 12))]
        way = self.dice.random()
        if way < 0.15 and not self.only_adds:
            self.replace()
        elif self.lines and (way < 0.9 or self.only_adds):
            self.write_in_parts("ab", "".join(json.dumps(record) + "\n" for record in new).encode())
        else:
            self.write_in_parts("wb", self.text().encode())


class Programs:
    """The server and a collector for each feed, all killed and started at will."""

    def __init__(self, dice, bin_folder, folder, books):
        self.bin, self.folder, self.books = bin_folder, folder, books
        # An address of this run alone: no outgoing connection takes its port while the server is down.
        self.host = f"127.{dice.randint(1, 250)}.{dice.randint(1, 250)}.{os.getpid() % 250 + 1}"
        self.port = 0
        self.running = {}
        self.log = open(folder / "log", "ab")
        (folder / "password").write_text("1234\n", encoding="utf-8")
        self.start("server")
        self.token = self.sign_in()
        for book in books:
            self.start(book.name)

    def start(self, name):
        if name != "server":
            who = ["--user", "lucas", "--password-file", self.folder / "password"]
            line = [self.bin / "tillwatch", "collect", "--server", f"http://{self.host}:{self.port}", *who]
            line += ["--feed", name, "--to", self.folder / "copy.sqlite", "--every", "50ms"]
            self.running[name] = subprocess.Popen(line, stdout=self.log, stderr=self.log)
            return
        line = [self.bin / "tillwatch-server", "--demo", "--data-dir", self.folder / "data"]
        line += ["--listen", f"{self.host}:{self.port}"]
        for book in self.books:
            line += ["--feed", f"{book.name}={book.path}"]
        server = subprocess.Popen(line, stdout=subprocess.PIPE, stderr=self.log, cwd=self.folder)
        self.running[name] = server
        for told in server.stdout:
            if told.startswith(b"listening on "):
                self.port = int(told.decode().strip().rsplit(":", 1)[1])
                return
        raise AssertionError("the server never listened")

    def kill(self, name):
        program = self.running.pop(name)
        assert program.poll() is None, f"{name} ended by itself: {program.returncode}"
        program.kill()
        program.wait()

    def ask(self, path, body=None):
        headers = {"content-type": "application/json"}
        if body is None:
            headers["authorization"] = f"Bearer {self.token}"
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"http://{self.host}:{self.port}{path}", data, headers)
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
            return json.load(answer)

    def sign_in(self):
        return self.ask("/api/v1/sessions", {"username": "lucas", "password": "1234"})["access_token"]

    def copied(self, feed):
        """What the collector has: id to content and version."""
        store = sqlite3.connect(f"file:{self.folder / 'copy.sqlite'}?mode=ro", uri=True, timeout=PATIENCE)
        try:
            rows = store.execute("SELECT id, body, version FROM records WHERE feed = ?", [feed]).fetchall()
        finally:
            store.close()
        found = {name: (json.loads(body), version) for name, body, version in rows}
        assert len(found) == len(rows), "a record is in the copy twice"
        return found

    def close(self):
        for program in self.running.values():
            program.kill()
            program.wait()
        self.log.close()


def until(what, good):
    begun = time.monotonic()
    while (missing := good()) is not None:
        assert time.monotonic() - begun < PATIENCE, f"{what}: {missing}"
        time.sleep(0.05)


def arrived(programs, books):
    """Waits until the server and the collectors have all that the files say."""

    def server():
        feeds = {feed["name"]: feed for feed in programs.ask("/api/v1/feeds")}
        for book in books:
            feed = feeds[book.name]
            want = (len(book.records), book.sales, 0, 0, "current")
            seen = (feed["records"], feed["sales"], feed["waiting"], feed["parked"], feed["state"])
            data = programs.ask(f"/data?feed={book.name}") if seen == want else None
            if data is None or {record["id"]: record for record in data} != book.records:
                return want, feed
            assert len(data) == len(book.records), "a record is there twice"
        return None

    def collectors():
        for book in books:
            copy = {name: body for name, (body, _) in programs.copied(book.name).items()}
            if copy != book.records:
                lacking = [name for name in book.records if copy.get(name) != book.records[name]]
                return f"{book.name}: {len(copy)} of {len(book.records)}; lacks {lacking[:5]}"
        return None

    until("the server's records", server)
    until("the collectors' records", collectors)


def proved(programs, books):
    """The stopped server's files: once each, and what the journal gives when it is played again."""
    program = programs.running.pop("server")
    program.send_signal(signal.SIGTERM)
    assert program.wait(PATIENCE) == 0, "the server did not end well"
    data = programs.folder / "data"
    subprocess.run([programs.bin / "tillwatch-server", "--data-dir", data, "verify", "--replay"], check=True)
    ledger = sqlite3.connect(f"file:{data / 'ledger.sqlite'}?mode=ro", uri=True)
    told = "SELECT total_cents / 100, count(*) FROM sale WHERE total_cents / 100 BETWEEN ? AND ? GROUP BY 1"
    kept = """SELECT record_id, version, (SELECT count(DISTINCT digest) FROM feed_version WHERE record = feed_record.id)
              FROM feed_record JOIN feed ON feed.id = feed_record.feed WHERE feed.name = ?"""
    for book in books:
        sales = dict(ledger.execute(told, [book.first_amount, book.first_amount + 999_999]))
        wanted = range(book.first_amount + 1, book.first_amount + 1 + book.sales)
        assert sales == dict.fromkeys(wanted, 1), "a sale is missing or there twice"
        versions = {name: version for name, version, _ in ledger.execute(kept, [book.name])}
        for name, version, earlier in ledger.execute(kept, [book.name]):
            assert earlier == version - 1, f"{name}: {version} versions, {earlier} of them differ and are earlier"
        copied = {name: version for name, (_, version) in programs.copied(book.name).items()}
        assert copied == versions, "the copy has other versions than the ledger"
    ledger.close()


def run(bin_folder, folder, seed):
    dice = random.Random(seed)
    books = [Book(dice, folder, "linhas", True), Book(dice, folder, "lista", False)]
    programs = Programs(dice, bin_folder, folder, books)
    names = ["server", *(book.name for book in books)]
    kills = 0
    try:
        for number in range(ROUNDS):
            books[0].only_adds = number >= ROUNDS // 2
            for _ in range(dice.randint(1, 8)):
                dice.choice(books).step()
                time.sleep(dice.random() * 0.06)
            for name in dice.sample(names, dice.choice([1, 1, 2, 3])):
                programs.kill(name)
                kills += 1
            for _ in range(dice.randint(0, 2)):
                dice.choice(books).step()
            for name in names:
                if name not in programs.running:
                    programs.start(name)
        for book in books:
            book.step()
        books[1].replace()
        arrived(programs, books)
        proved(programs, books)
    finally:
        programs.close()
    for book in books:
        changes = sum(record["n"] - 1 for record in book.records.values())
        print(f"{book.name}: {len(book.records)} records, {book.sales} sales, {changes} changes,", end=" ")
        print(f"written {book.written} times, replaced {book.replaced} times")
    print(f"{kills} kills")


def main():
    bin_folder, folder = (pathlib.Path(path).absolute() for path in sys.argv[1:3])
    seed = int(sys.argv[3]) if len(sys.argv) > 3 else time.time_ns() % 1_000_000_000
    begun = time.monotonic()
    try:
        run(bin_folder, folder, seed)
    except BaseException:
        print((folder / "log").read_text(errors="replace")[-4000:], file=sys.stderr)
        print(f"FAILED with seed {seed}: tests/feed_kills.sh {seed}", file=sys.stderr)
        raise
    print(f"seed {seed}: ok ({time.monotonic() - begun:.1f} s)")


if __name__ == "__main__":
    main()
