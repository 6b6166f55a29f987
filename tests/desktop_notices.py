"""A desktop for the tests of a window: takes notices and keeps the screen on, over the session's bus.

Each notice becomes a line of JSON in the file that is named. Only the standard library: the few messages that are
needed of the D-Bus protocol are written and read here.
"""
import json
import os
import socket
import struct
import sys

CALL, ANSWER = 1, 2
PATH, INTERFACE, MEMBER, REPLY_SERIAL, DESTINATION, SENDER, SIGNATURE = 1, 2, 3, 5, 6, 7, 8
BUS, BUS_PATH = "org.freedesktop.DBus", "/org/freedesktop/DBus"
NOTICES, SCREEN = "org.freedesktop.Notifications", "org.freedesktop.ScreenSaver"


class Writer:
    def __init__(self):
        self.bytes = bytearray()

    def align(self, to):
        self.bytes += bytes(-len(self.bytes) % to)

    def u32(self, value):
        self.align(4)
        self.bytes += struct.pack("<I", value)

    def text(self, value):
        data = value.encode()
        self.u32(len(data))
        self.bytes += data + b"\0"

    def signature(self, value):
        self.bytes += bytes([len(value)]) + value.encode() + b"\0"


class Reader:
    def __init__(self, data):
        self.data, self.at = data, 0

    def align(self, to):
        self.at += -self.at % to

    def byte(self):
        self.at += 1
        return self.data[self.at - 1]

    def u32(self):
        self.align(4)
        self.at += 4
        return struct.unpack_from("<I", self.data, self.at - 4)[0]

    def text(self):
        length = self.u32()
        self.at += length + 1
        return self.data[self.at - length - 1 : self.at - 1].decode()

    def signature(self):
        length = self.byte()
        self.at += length + 1
        return self.data[self.at - length - 1 : self.at - 1].decode()


class Bus:
    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.connect(path)
        self.serial = 0
        self.socket.sendall(b"\0AUTH EXTERNAL " + str(os.getuid()).encode().hex().encode() + b"\r\n")
        assert self.socket.recv(512).startswith(b"OK "), "the bus refuses"
        self.socket.sendall(b"BEGIN\r\n")

    def send(self, kind, fields, signature, body):
        self.serial += 1
        head = Writer()
        for code, form, value in fields + ([(SIGNATURE, "g", signature)] if signature else []):
            head.align(8)
            head.bytes.append(code)
            head.signature(form)
            {"s": head.text, "o": head.text, "u": head.u32, "g": head.signature}[form](value)
        start = Writer()
        start.bytes += struct.pack("<cBBBIII", b"l", kind, 0, 1, len(body), self.serial, len(head.bytes))
        start.bytes += head.bytes
        start.align(8)
        self.socket.sendall(bytes(start.bytes) + bytes(body))

    def call(self, member, signature="", body=b""):
        fields = [(PATH, "o", BUS_PATH), (INTERFACE, "s", BUS), (MEMBER, "s", member), (DESTINATION, "s", BUS)]
        self.send(CALL, fields, signature, body)

    def answer(self, message, signature, body):
        fields = [(REPLY_SERIAL, "u", message["serial"]), (DESTINATION, "s", message[SENDER])]
        self.send(ANSWER, fields, signature, body)

    def exactly(self, count):
        data = b""
        while len(data) < count:
            part = self.socket.recv(count - len(data))
            if not part:
                sys.exit(0)
            data += part
        return data

    def read(self):
        start = self.exactly(16)
        order, kind, _flags, _version, length, serial, fields = struct.unpack("<cBBBIII", start)
        assert order == b"l", "only little-endian machines"
        head = Reader(self.exactly(fields + -fields % 8))
        message = {"kind": kind, "serial": serial, MEMBER: "", SENDER: ""}
        while head.at < fields:
            head.align(8)
            code, form = head.byte(), head.signature()
            message[code] = {"s": head.text, "o": head.text, "u": head.u32, "g": head.signature}[form]()
        message["body"] = Reader(self.exactly(length))
        return message


def notice(body):
    app, _replaces, _icon = body.text(), body.u32(), body.text()
    return {"app": app, "title": body.text(), "body": body.text()}


def number(value):
    writer = Writer()
    writer.u32(value)
    return writer.bytes


def main(path, file):
    bus = Bus(path)
    bus.call("Hello")
    for name in (NOTICES, SCREEN):
        writer = Writer()
        writer.text(name)
        writer.u32(0)
        bus.call("RequestName", "su", writer.bytes)
    answers = 0
    while True:
        message = bus.read()
        if message["kind"] == ANSWER:
            answers += 1
            if answers == 3:
                print("ready", flush=True)
        if message["kind"] != CALL:
            continue
        if message[MEMBER] == "GetCapabilities":
            abilities, writer = Writer(), Writer()
            for one in ("body", "sound"):
                abilities.text(one)
            writer.u32(len(abilities.bytes))
            bus.answer(message, "as", writer.bytes + abilities.bytes)
        elif message[MEMBER] in ("Notify", "Inhibit"):
            told = notice(message["body"]) if message[MEMBER] == "Notify" else {"awake": message["body"].text()}
            with open(file, "a", encoding="utf-8") as out:
                out.write(json.dumps(told, ensure_ascii=False) + "\n")
            bus.answer(message, "u", number(1))


main(sys.argv[1], sys.argv[2])
