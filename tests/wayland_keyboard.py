"""A Brazilian keyboard on a Wayland seat, of which the keys are pressed one by one. The compositor gets the layout's real
keymap and then nothing but key codes: dead keys are put together in the window, as with a keyboard on the desk.

Usage: wayland_keyboard.py, and on standard input a key a line, by its name in the layout: `a`, `ccedilla`,
`dead_tilde`, with `shift+` in front where it is held besides. Says `ready`, and after each key its name.
"""

import array
import ctypes
import os
import socket
import struct
import sys
import time

# The protocol: https://wayland.app/protocols/virtual-keyboard-unstable-v1
DISPLAY, REGISTRY, FIRST_CALLBACK = 1, 2, 3
SYNC, GET_REGISTRY = 0, 1
BIND = 0
CREATE_VIRTUAL_KEYBOARD = 0
KEYMAP, KEY, MODIFIERS = 0, 1, 2
XKB_V1 = 1
PROTOCOL_ERROR, GLOBAL, DONE = 0, 0, 0
SHIFT = 1
# Keys are numbered from 8 in a keymap.
FIRST_KEY = 8
# What a key is held, and what lies between two.
PAUSE = 0.03
PATIENCE = 30


class Keymap:
    """The layout `br`, variant `abnt2`, by libxkbcommon."""

    class Names(ctypes.Structure):
        _fields_ = [(name, ctypes.c_char_p) for name in ("rules", "model", "layout", "variant", "options")]

    def __init__(self):
        self.library = library = ctypes.CDLL("libxkbcommon.so.0")
        for name in ("xkb_context_new", "xkb_keymap_new_from_names"):
            getattr(library, name).restype = ctypes.c_void_p
        library.xkb_keymap_get_as_string.restype = ctypes.c_char_p
        context = ctypes.c_void_p(library.xkb_context_new(0))
        names = self.Names(b"evdev", b"abnt2", b"br", b"abnt2", b"")
        self.keymap = ctypes.c_void_p(library.xkb_keymap_new_from_names(context, ctypes.byref(names), 0))
        if not self.keymap:
            sys.exit("no Brazilian keymap")
        self.text = library.xkb_keymap_get_as_string(self.keymap, XKB_V1) + b"\0"

    def find(self, name):
        """The code of the key that bears this name, and whether it does so only with shift."""
        wanted = self.library.xkb_keysym_from_name(name.encode(), 0)
        first = self.library.xkb_keymap_min_keycode(self.keymap)
        codes = range(first, self.library.xkb_keymap_max_keycode(self.keymap) + 1)
        for shifted in (False, True):
            for code in codes:
                if wanted and self.symbol(code, int(shifted)) == wanted:
                    return code - FIRST_KEY, shifted
        sys.exit(f"the keyboard has no key {name}")

    def symbol(self, code, level):
        symbols = ctypes.POINTER(ctypes.c_uint32)()
        count = self.library.xkb_keymap_key_get_syms_by_level(self.keymap, code, 0, level, ctypes.byref(symbols))
        return symbols[0] if count == 1 else None


class Seat:
    """The connection to the compositor, with a keyboard of its own."""

    def __init__(self, keymap):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.socket.settimeout(PATIENCE)
        self.socket.connect(os.path.join(os.environ["XDG_RUNTIME_DIR"], os.environ["WAYLAND_DISPLAY"]))
        self.received, self.globals, self.last_id = b"", {}, REGISTRY
        self.begun = time.monotonic()
        self.send(DISPLAY, GET_REGISTRY, struct.pack("=I", REGISTRY))
        self.settle()
        seat = self.bind(b"wl_seat")
        manager = self.bind(b"zwp_virtual_keyboard_manager_v1")
        self.keyboard = self.new_id()
        self.send(manager, CREATE_VIRTUAL_KEYBOARD, struct.pack("=II", seat, self.keyboard))
        file = os.memfd_create("keymap")
        os.write(file, keymap.text)
        self.send(self.keyboard, KEYMAP, struct.pack("=II", XKB_V1, len(keymap.text)), file)
        self.settle()

    def new_id(self):
        self.last_id += 1
        return self.last_id

    def send(self, target, opcode, body, file=None):
        message = struct.pack("=II", target, (8 + len(body)) << 16 | opcode) + body
        files = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [file]))] if file is not None else []
        self.socket.sendmsg([message], files)

    def bind(self, interface):
        if interface not in self.globals:
            sys.exit(f"the compositor has no {interface.decode()}")
        new, name = self.new_id(), interface + b"\0"
        text = struct.pack("=I", len(name)) + name + b"\0" * (-len(name) % 4)
        self.send(REGISTRY, BIND, struct.pack("=I", self.globals[interface]) + text + struct.pack("=II", 1, new))
        return new

    def settle(self):
        """Until the compositor has dealt with all that it was told."""
        callback = self.new_id()
        self.send(DISPLAY, SYNC, struct.pack("=I", callback))
        while True:
            target, opcode, body = self.next_event()
            if (target, opcode) == (callback, DONE):
                return
            if (target, opcode) == (DISPLAY, PROTOCOL_ERROR):
                sys.exit(f"the compositor complains: {body!r}")
            if (target, opcode) == (REGISTRY, GLOBAL):
                name, length = struct.unpack_from("=II", body)
                self.globals[body[8 : 8 + length - 1]] = name

    def next_event(self):
        while len(self.received) < 8 or len(self.received) < struct.unpack_from("=II", self.received)[1] >> 16:
            more = self.socket.recv(4096)
            if not more:
                sys.exit("the compositor is gone")
            self.received += more
        target, word = struct.unpack_from("=II", self.received)
        event = self.received[8 : word >> 16]
        self.received = self.received[word >> 16 :]
        return target, word & 0xFFFF, event

    def press(self, code, held):
        """What is held (`SHIFT`) counts for this key alone."""
        if held:
            self.send(self.keyboard, MODIFIERS, struct.pack("=IIII", held, 0, 0, 0))
        for state in (1, 0):
            at = int((time.monotonic() - self.begun) * 1000)
            self.send(self.keyboard, KEY, struct.pack("=III", at, code, state))
            self.settle()
            time.sleep(PAUSE)
        if held:
            self.send(self.keyboard, MODIFIERS, struct.pack("=IIII", 0, 0, 0, 0))
        self.settle()


def main():
    keymap = Keymap()
    seat = Seat(keymap)
    print("ready", flush=True)
    for line in sys.stdin:
        key = line.strip()
        plain = key.removeprefix("shift+")
        code, shifted = keymap.find(plain)
        seat.press(code, SHIFT if shifted or plain != key else 0)
        print(key, flush=True)


main()
