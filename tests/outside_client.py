"""A client that shares no code with the server: drives the fixed routes as they are documented.

Usage: outside_client.py <address of a demonstration server>
"""

import json
import re
import sys
import time

import requests
import websocket

PATIENCE = 30
KEY = "demo"


class Outside:
    """One stranger, who knows nothing but the address."""

    def __init__(self, address):
        self.address = address
        self.socket_address = address.replace("http", "ws", 1)
        self.token = None

    def ask(self, method, path, expected, body=None, headers=None, raw=None):
        headers = dict(headers or {})
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        answer = requests.request(
            method, self.address + path, json=body, data=raw, headers=headers, timeout=PATIENCE
        )
        assert answer.status_code == expected, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer.json()

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


# Each part of the fixed contracts; a part that is added here is run.
PARTS = [inventory, sensors]


def main():
    outside = Outside(sys.argv[1])
    for part in PARTS:
        begun = time.monotonic()
        part(outside)
        print(f"{part.__name__}: ok ({time.monotonic() - begun:.1f} s)")


if __name__ == "__main__":
    main()
