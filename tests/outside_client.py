"""A client that shares no code with the server: drives the fixed routes as they are documented.

Usage: outside_client.py <address of a demonstration server> <program `tillwatch`> <folder>
       outside_client.py <address of the same after a restart> <program> <folder> restarted
The server follows `data.json` and `linhas.ndjson` of the folder as the feeds `vendas` and `linhas`.
"""

import csv
import io
import json
import os
import pathlib
import re
import sqlite3
import subprocess
import sys
import time

import requests
import websocket

PATIENCE = 30
KEY = "demo"


class Outside:
    """One stranger, who knows nothing but the address and where the files lie."""

    def __init__(self, address, tillwatch="", folder="."):
        self.address = address
        self.tillwatch = tillwatch
        self.folder = pathlib.Path(folder)
        self.socket_address = address.replace("http", "ws", 1)
        self.token = None

    def answer(self, method, path, expected, body=None, headers=None, raw=None):
        headers = dict(headers or {})
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        answer = requests.request(
            method, self.address + path, json=body, data=raw, headers=headers, timeout=PATIENCE
        )
        assert answer.status_code == expected, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer

    def ask(self, method, path, expected, body=None, headers=None, raw=None):
        return self.answer(method, path, expected, body, headers, raw).json()

    def refused(self, method, path, status, body=None):
        """An error in Portuguese under `mensagem`."""
        told = self.ask(method, path, status, body)
        assert list(told) == ["mensagem"] and told["mensagem"], told

    def listen(self, query):
        return websocket.create_connection(f"{self.socket_address}/ws/sensor_updates{query}", timeout=PATIENCE)


def close_code(socket):
    """The code that the server closes with; nothing may come before."""
    opcode, data = socket.recv_data()
    assert opcode == websocket.ABNF.OPCODE_CLOSE, (opcode, data)
    return int.from_bytes(data[:2], "big")


def until(what, ask, good):
    """Asks until the answer is as it is meant to be, and gives it back."""
    begun = time.monotonic()
    while not good(found := ask()):
        assert time.monotonic() - begun < PATIENCE, f"{what}: {found}"
        time.sleep(0.05)
    return found


def inventory(outside):
    """Part A: register, sign in, add a product, record entries, read them."""
    person = {"username": "admin", "password": "1234"}
    for missing in ({"username": "admin"}, {"password": "1234"}, {}):
        outside.refused("POST", "/registrar_usuario_app", 400, missing)
        outside.refused("POST", "/login", 400, missing)
    assert list(outside.ask("POST", "/registrar_usuario_app", 201, person)) == ["mensagem"]
    outside.refused("POST", "/registrar_usuario_app", 409, person)
    outside.refused("POST", "/login", 401, {**person, "password": "12345"})
    for method, path in (("GET", "/produtos"), ("POST", "/produtos"), ("GET", "/inventario"), ("POST", "/inventario")):
        outside.refused(method, path, 401, {} if method == "POST" else None)
    outside.token = "x.y.z"
    outside.refused("GET", "/produtos", 401)
    outside.token = None
    session = outside.ask("POST", "/login", 200, person)
    assert set(session) == {"mensagem", "token", "access_token"} and session["token"] == session["access_token"]
    outside.token = session["token"]

    product = outside.ask("POST", "/produtos", 201, {"nome": "Parafuso 10mm"})
    assert set(product) == {"id", "nome"} and product["nome"] == "Parafuso 10mm"
    outside.refused("POST", "/produtos", 409, {"nome": "PARÁFUSO 10MM"})
    outside.refused("POST", "/produtos", 400, {})
    assert product in outside.ask("GET", "/produtos", 200)

    entry = {"produto_id": product["id"], "quantidade": 50}
    before = len(outside.ask("GET", "/inventario", 200))
    first = outside.ask("POST", "/inventario", 201, entry)
    assert set(first) == {"id", "produto_id", "nome_produto", "quantidade", "registrado_por", "timestamp"}, first
    assert (first["nome_produto"], first["quantidade"], first["registrado_por"]) == ("Parafuso 10mm", 50, "admin")
    second = outside.ask("POST", "/inventario", 201, {**entry, "quantidade": "7"})
    assert second["quantidade"] == 7
    for bad in (0, "0", 1.5, "x", "", None, True, [1]):
        outside.refused("POST", "/inventario", 400, {**entry, "quantidade": bad})
    outside.refused("POST", "/inventario", 404, {**entry, "produto_id": 999_999_999})
    entries = outside.ask("GET", "/inventario", 200)
    assert entries[before:] == [first, second], "oldest first, and refused entries are not there"


def sensors(outside):
    """Part B: post readings, hear them in order, and be refused with a wrong key."""
    path = "/api/temperature_reading"
    reading = {"temperature": 4.5, "humidity": 61.25, "pressure": 1013.5, "sensor_id": "fora-1"}
    key = {"X-API-Key": KEY}
    for headers in ({}, {"X-API-Key": "wrong"}):
        assert list(outside.ask("POST", path, 401, reading, headers)) == ["detail"]
    for field in reading:
        partial = {name: value for name, value in reading.items() if name != field}
        assert list(outside.ask("POST", path, 422, partial, key)) == ["detail"]
    for bad in ("hot", None, [], {}):
        outside.ask("POST", path, 422, {**reading, "temperature": bad}, key)
    for raw in (json.dumps({**reading, "temperature": float("nan")}), "{", "", "[]"):
        outside.ask("POST", path, 422, headers={**key, "content-type": "application/json"}, raw=raw)

    first = outside.ask("POST", path, 201, reading, key)
    assert set(first) == {*reading, "id", "date_recorded", "time_recorded", "client_ip"}, first
    assert {name: first[name] for name in reading} == reading
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", first["date_recorded"]), first
    assert re.fullmatch(r"\d\d:\d\d:\d\d", first["time_recorded"]), first

    for query in ("", "?api-key=", "?api-key=wrong"):
        assert close_code(outside.listen(query)) == 1008, query
    sockets = [outside.listen(f"?api-key={KEY}") for _ in range(3)]
    for socket in sockets:
        assert json.loads(socket.recv()) == first, "the newest reading comes first"
    # Messages of a client change nothing.
    sockets[0].send("hello")
    sockets[1].ping(b"here")
    posted = [outside.ask("POST", path, 201, {**reading, "temperature": n / 4}, key) for n in range(50)]
    for socket in sockets:
        heard = [json.loads(socket.recv()) for _ in posted]
        assert heard == posted, "every reading, in order, in the shape of the answer"
    sockets[2].close()
    large = outside.listen(f"?api-key={KEY}")
    large.recv()
    try:
        large.send("x" * 1_000_000)
    except OSError:
        pass  # The server need not read all of it.
    assert close_code(large) == 1009
    last = outside.ask("POST", path, 201, reading, key)
    assert json.loads(sockets[0].recv()) == last, "others hear on"


class Till:
    """Another program's file, the server's view of it, and a collector's copy."""

    def __init__(self, outside, name, file):
        self.outside, self.name, self.file = outside, name, outside.folder / file
        self.copy = outside.folder / f"{name}.sqlite"

    def write(self, text):
        """Over the file where it lies."""
        self.file.write_text(text, encoding="utf-8")

    def replace(self, text):
        """In one step."""
        part = self.file.with_name("part")
        part.write_text(text, encoding="utf-8")
        os.replace(part, self.file)

    def data(self):
        return self.outside.ask("GET", f"/data?feed={self.name}", 200)

    def holds(self, records):
        until(f"{self.name} holds {len(records)} records", self.data, lambda found: found == records)

    def state(self):
        feeds = self.outside.ask("GET", "/api/v1/feeds", 200)
        return next(feed for feed in feeds if feed["name"] == self.name)

    def generate(self, count, *more):
        command = [self.outside.tillwatch, "generate", "sales", "--out", self.file, "--every", "0s"]
        subprocess.run([*command, "--count", str(count), *more], check=True, stdout=subprocess.DEVNULL)

    def collect(self, *more):
        password = self.outside.folder / "password"
        password.write_text("1234\n", encoding="utf-8")
        server = ["--server", self.outside.address, "--user", "admin", "--password-file", password]
        command = [self.outside.tillwatch, "collect", *server, "--feed", self.name, "--to", self.copy, *more]
        return subprocess.Popen(command, stdout=subprocess.DEVNULL)

    def collected(self):
        """What the collector has, in the order in which the server took it."""
        if not self.copy.exists():
            return []
        store = sqlite3.connect(f"file:{self.copy}?mode=ro", uri=True, timeout=PATIENCE)
        try:
            rows = store.execute("SELECT body FROM records WHERE feed = ? ORDER BY seq", [self.name]).fetchall()
        except sqlite3.OperationalError:
            rows = []  # It has not made its table yet.
        finally:
            store.close()
        return [json.loads(body) for (body,) in rows]


def feeds(outside):
    """Part C: a file is followed, whatever happens to it, and a collector keeps a copy."""
    person, outside.token = outside.token, None
    outside.answer("GET", "/data", 401)
    outside.token = person
    assert outside.ask("GET", "/data", 200) == []
    till = Till(outside, "vendas", "data.json")

    def record(number, note="à vista"):
        return {"id": number, "note": note, "value": 1.5}

    records = [record(1), record(2), record(3)]
    till.write(json.dumps(records))
    till.holds(records)
    tag = outside.answer("GET", "/data?feed=vendas", 200).headers["ETag"]
    same = outside.answer("GET", "/data?feed=vendas", 304, headers={"If-None-Match": tag})
    assert same.content == b""

    # Half of a longer file: what was taken stands, and the error can be seen.
    records.append(record(4))
    text = json.dumps(records)
    till.write(text[:-10])
    failed = until("the error", till.state, lambda feed: feed["state"] == "failed")
    assert failed["last_fault"]["code"] in ("cut_inside", "not_closed"), failed
    assert failed["last_fault"]["detail"].startswith("o array não está completo"), failed
    assert till.data() == records[:3]
    till.write(text)
    till.holds(records)
    assert till.state()["last_fault"] is None
    outside.answer("GET", "/data?feed=vendas", 200, headers={"If-None-Match": tag})

    # Replaced, with ids that come twice: nothing is taken again.
    records.append(record(5))
    till.replace(json.dumps(records[::-1] + records, indent=2))
    till.holds(records)
    seen = till.state()
    assert (seen["records"], seen["updates"], seen["last_seq"]) == (5, 0, 5), seen

    # The same id with other content: an update, kept with its history.
    records[1] = record(2, "em duas vezes")
    till.replace(json.dumps(records))
    till.holds(records)
    history = outside.ask("GET", "/api/v1/feeds/vendas/history?record_id=2", 200)
    assert [version["body"] for version in history] == [record(2), records[1]]

    # With a cursor: each record once, a changed one at the end.
    path, after, pages = "/api/v1/feeds/vendas/records?limit=2&after=", 0, []
    while True:
        page = outside.ask("GET", f"{path}{after}", 200)
        pages.append([entry["body"] for entry in page["records"]])
        after = page["next_after"]
        if not page["more"]:
            break
    in_order = [records[0], *records[2:], records[1]]
    assert pages == [in_order[:2], in_order[2:4], in_order[4:]], pages
    tag = outside.answer("GET", f"{path}{after}", 200).headers["ETag"]
    outside.answer("GET", f"{path}{after}", 304, headers={"If-None-Match": tag})

    # The collector, once and again, killed and started again.
    assert till.collect("--once").wait(PATIENCE) == 0
    assert till.collected() == in_order
    assert till.collect("--once").wait(PATIENCE) == 0
    assert till.collected() == in_order
    follower = till.collect("--every", "100ms")
    try:
        for number in (6, 7, 8):
            records.append(record(number))
            till.replace(json.dumps(records))
            in_order.append(records[-1])
            until("the collector", till.collected, lambda found: found == in_order)
            if number == 7:
                follower.kill()
                follower.wait()
                follower = till.collect("--every", "100ms")
    finally:
        follower.kill()
        follower.wait()
    generated_sales(outside)


def generated_sales(outside):
    """The generator's files: an array that is replaced, and lines that are added; they become sales."""
    till = Till(outside, "vendas", "data.json")
    till.file.unlink()
    till.generate(4)
    written = json.loads(till.file.read_text(encoding="utf-8"))
    assert len(written) == 4
    sold = until("sales", till.state, lambda feed: feed["sales"] == 4 and feed["waiting"] == 0)
    assert (sold["records"], sold["parked"]) == (8 + 4, 0), sold
    lines = Till(outside, "linhas", "linhas.ndjson")
    for count in (20, 30):
        lines.generate(count, "--format", "ndjson", "--seed", str(count))
    lines.holds([json.loads(line) for line in lines.file.read_text(encoding="utf-8").splitlines()])
    sold = until("sales", lines.state, lambda feed: feed["sales"] == 50 and feed["waiting"] == 0)
    assert (sold["records"], sold["parked"], sold["bad_records"]) == (50, 0, 0), sold
    assert outside.ask("GET", "/data", 200) == till.data() + lines.data(), "all feeds together"


def signed_in(address, username):
    """Somebody of the demonstration."""
    somebody = Outside(address)
    somebody.token = somebody.ask("POST", "/login", 200, {"username": username, "password": "1234"})["token"]
    return somebody


def terminal(somebody, client, in_query=False):
    """A connection of the pulse, and the value that it is sent first."""
    path = f"{somebody.socket_address}/ws/pulse?client={client}"
    headers = [] if in_query else [f"Authorization: Bearer {somebody.token}"]
    path += f"&token={somebody.token}" if in_query else ""
    socket = websocket.create_connection(path, header=headers, timeout=PATIENCE)
    first = json.loads(socket.recv())
    assert set(first) == {"type", "value"} and first["type"] == "value", first
    return socket, first["value"]


def say(socket, text):
    socket.send(text if isinstance(text, str) else json.dumps(text))
    return json.loads(socket.recv())


def count_on(socket, value):
    assert say(socket, {"type": "value", "value": value}) == {"type": "ack", "value": value}


def no_upgrade(somebody, query, headers=()):
    """The status that is answered instead of a WebSocket."""
    try:
        websocket.create_connection(
            f"{somebody.socket_address}/ws/pulse{query}", header=list(headers), timeout=PATIENCE
        )
    except websocket.WebSocketBadStatusException as refused:
        return refused.status_code
    raise AssertionError(f"{query} was let in")


def numbers(outside):
    """Part D: the two number services."""
    seller = signed_in(outside.address, "12345678901")
    for parity, odd in (("even", 0), ("odd", 1)):
        path = f"/api/v1/numbers/{parity}"
        seen = set()
        for _ in range(50):
            answer = seller.ask("GET", path, 200)
            assert list(answer) == ["value"] and type(answer["value"]) is int, answer
            assert 0 <= answer["value"] <= 99 and answer["value"] % 2 == odd, answer
            seen.add(answer["value"])
        assert len(seen) > 10, f"not drawn: {seen}"
        Outside(outside.address).ask("GET", path, 401)


# What the terminals of `pulse` hold when it ends.
HELD = {"fora-1": 43, "fora-2": 99}


def pulse(outside):
    """Part D: values, steps, errors, one place for each client, the log."""
    address = outside.address
    nobody, seller, manager = Outside(address), signed_in(address, "12345678901"), signed_in(address, "56789012345")
    for query, headers in (
        ("?client=fora-1", []),
        ("?client=fora-1", ["Authorization: Bearer x.y.z"]),
        ("?client=fora-1&token=x.y.z", []),
        (f"?client=fora-1&token={seller.token[:-4]}", []),
    ):
        assert no_upgrade(nobody, query, headers) == 401, query
    assert no_upgrade(nobody, f"?token={seller.token}") == 400, "a terminal without a name"

    socket, value = terminal(seller, "fora-1")
    assert value == 0, "nothing is held for a new client"
    for value in (7, 99, 0, 42):
        count_on(socket, value)
    for parity, odd in (("even", 0), ("odd", 1)) * 5:
        step = say(socket, {"type": "request", "parity": parity})
        assert set(step) == {"type", "parity", "value"} and (step["type"], step["parity"]) == ("step", parity), step
        assert 0 <= step["value"] <= 99 and step["value"] % 2 == odd, step
    for wrong in (100, -1, 5.5, 1e9, "5", None, True, [5], {}):
        told = say(socket, {"type": "value", "value": wrong})
        assert set(told) == {"type", "message"} and told["type"] == "error" and told["message"], (wrong, told)
    for wrong in ("", "x", "[]", "{}", '{"type":"ack","value":5}', '{"type":"request","parity":"prime"}', '{"type":"value"'):
        assert say(socket, wrong)["type"] == "error", wrong
    socket.send_binary(b"\x00\xff")
    assert json.loads(socket.recv())["type"] == "error"
    again, value = terminal(seller, "fora-1", in_query=True)
    assert value == 42, "the value stayed"
    assert close_code(socket) == 4001, "the second connection takes over"
    count_on(again, HELD["fora-1"])
    other, _ = terminal(seller, "fora-2")
    count_on(other, HELD["fora-2"])
    again.close()
    assert terminal(seller, "fora-1")[1] == HELD["fora-1"]
    log(seller, manager)


def log(seller, manager):
    """The log of messages: in both directions, filtered, exported, and for managers only."""
    for path in ("clients", "messages", "messages.csv", "messages.ndjson", "retention"):
        Outside(manager.address).ask("GET", f"/api/v1/pulse/{path}", 401)
        seller.ask("GET", f"/api/v1/pulse/{path}", 403)
    known = {known["client"]: known["value"] for known in manager.ask("GET", "/api/v1/pulse/clients", 200)}
    assert known.items() >= HELD.items(), known
    page = manager.ask("GET", "/api/v1/pulse/messages?client=fora-1&limit=1000", 200)
    rows = page["items"]
    assert all({"id", "at", "client", "direction", "content"} == set(row) for row in rows)
    said = [(row["direction"], json.loads(row["content"])) for row in rows[:9]]
    expected = [("sent", {"type": "value", "value": 0})]
    for value in (7, 99, 0, 42):
        expected += [("received", {"type": "value", "value": value}), ("sent", {"type": "ack", "value": value})]
    assert said == expected, said
    assert {row["client"] for row in rows} == {"fora-1"}
    ids = [row["id"] for row in rows]
    assert ids == sorted(set(ids))
    received = [row for row in rows if row["direction"] == "received"]
    asked = manager.ask("GET", "/api/v1/pulse/messages?client=fora-1&direction=received&limit=1000", 200)
    assert asked["items"] == received
    after = rows[4]["at"]
    asked = manager.ask("GET", f"/api/v1/pulse/messages?client=fora-1&from={after}&limit=1000", 200)
    assert asked["items"] == [row for row in rows if row["at"] >= after]

    bearer = {"Authorization": f"Bearer {manager.token}"}
    path = f"{manager.address}/api/v1/pulse/messages"
    lines = requests.get(f"{path}.ndjson?client=fora-1", headers=bearer, timeout=PATIENCE)
    assert [json.loads(line) for line in lines.text.splitlines()] == rows
    table = requests.get(f"{path}.csv?client=fora-1&direction=received", headers=bearer, timeout=PATIENCE)
    table.encoding = "utf-8"
    head, *cells = csv.reader(io.StringIO(table.text, newline=""))
    assert head == ["id", "at", "client", "direction", "content"]
    assert [(int(cell[0]), cell[4]) for cell in cells] == [(row["id"], row["content"]) for row in received]


def pulse_again(outside):
    """Part D: values are held over a restart, and the log is."""
    seller, manager = signed_in(outside.address, "12345678901"), signed_in(outside.address, "56789012345")
    for client, held in HELD.items():
        assert terminal(seller, client)[1] == held, client
    rows = manager.ask("GET", "/api/v1/pulse/messages?client=fora-1&limit=1", 200)["items"]
    assert json.loads(rows[0]["content"]) == {"type": "value", "value": 0}, rows


# Each part of the fixed contracts; a part that is added here is run.
PARTS = [inventory, sensors, feeds, numbers, pulse]
# What must still be so after the server was stopped and started.
RESTARTED = [pulse_again]


def main():
    outside = Outside(*sys.argv[1:4])
    for part in RESTARTED if sys.argv[4:] == ["restarted"] else PARTS:
        begun = time.monotonic()
        part(outside)
        print(f"{part.__name__}: ok ({time.monotonic() - begun:.1f} s)")


if __name__ == "__main__":
    main()
