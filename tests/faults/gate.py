"""A gate in front of a peer: what passes it can be refused, slowed, cut, answered wrongly or held.

It speaks TCP and knows of HTTP only where a request ends, so Redis and RabbitMQ pass as well.
"""

import re
import socket
import threading
from collections.abc import Callable
from contextlib import suppress

_CHUNK = 65_536
_LENGTH = re.compile(rb"(?i)\r\ncontent-length: *(\d+)")
_WRONG = (
    b"HTTP/1.1 %d Planted\r\nContent-Type: application/json\r\nContent-Length: 2\r\n"
    b"Connection: close\r\n\r\n{}"
)
_LONGEST = 30.0  # seconds anything is held


class Gate:
    """`port` leads to the loopback port `target`.

    mode: open, down (connections are refused), slow (each answer comes `delay` seconds late), cut
    (the request arrives, its answer does not), 429 or 500 (an answer of the gate's own), request
    (what matches is held before it arrives), answer (held before its answer is told).
    """

    def __init__(self, target: int, delay: float = 4.0):
        self.target, self.delay = target, delay
        self.mode, self.matching = "open", b""
        self.touched = threading.Event()  # the fault was felt
        self._changed = threading.Event()
        self._lock = threading.Lock()
        self._open: set[socket.socket] = set()
        self._listener: socket.socket | None = None
        self.port = 0
        self._listen()

    def set(self, mode: str, matching: bytes = b"") -> None:
        """From now on; what was held or waits goes on."""
        former, self.mode, self.matching = self.mode, mode, matching
        self.touched.clear()
        self._changed.set()
        self._changed = threading.Event()
        if mode == "down":
            self._close()
        elif former == "down":
            self._listen()

    def close(self) -> None:
        """The end of it."""
        self.mode = "down"
        self._changed.set()
        self._close()

    def _listen(self) -> None:
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", self.port))
        listener.listen(128)
        self.port, self._listener = listener.getsockname()[1], listener
        self._thread(lambda: self._accept(listener))

    def _close(self) -> None:
        if self._listener is not None:
            with suppress(OSError):
                self._listener.shutdown(socket.SHUT_RDWR)
            self._listener.close()
            self._listener = None
        with self._lock:
            kept = list(self._open)
        if kept:
            self.touched.set()
        for one in kept:
            _end(one)

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            try:
                peer = socket.create_connection(("127.0.0.1", self.target), 5)
            except OSError:
                _end(client)
                continue
            for one in (client, peer):
                one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                one.settimeout(None)
            with self._lock:
                self._open |= {client, peer}
            asked = _Asked()
            self._thread(lambda c=client, p=peer, a=asked: self._there(c, p, a))
            self._thread(lambda c=client, p=peer, a=asked: self._back(c, p, a))

    def _there(self, client: socket.socket, peer: socket.socket, asked: "_Asked") -> None:
        try:
            while data := client.recv(_CHUNK):
                matches = self.matching in data
                if self.mode in ("429", "500") and matches:
                    self.touched.set()
                    _read_on(client, data)
                    client.sendall(_WRONG % int(self.mode))
                    break
                if self.mode == "request" and matches:
                    self._hold()
                asked.sent(matches)
                peer.sendall(data)
        except OSError:
            pass
        self._drop(client, peer)

    def _back(self, client: socket.socket, peer: socket.socket, asked: "_Asked") -> None:
        try:
            while data := peer.recv(_CHUNK):
                if asked.matches and self.mode == "cut":
                    self.touched.set()
                    break
                if asked.matches and self.mode == "slow":
                    self.touched.set()
                    self._changed.wait(self.delay)
                if asked.matches and self.mode == "answer":
                    self._hold()
                asked.answered = True
                client.sendall(data)
        except OSError:
            pass
        self._drop(client, peer)

    def _hold(self) -> None:
        changed = self._changed
        self.touched.set()
        changed.wait(_LONGEST)

    def _drop(self, *sockets: socket.socket) -> None:
        with self._lock:
            self._open -= set(sockets)
        for one in sockets:
            _end(one)

    def _thread(self, work: Callable[[], None]) -> None:
        threading.Thread(target=work, daemon=True).start()


class _Asked:
    """Whether the request that a connection carried last is one the fault is about.

    A request may come in pieces, its head before its body: what was sent before an answer is one.
    """

    def __init__(self) -> None:
        self.matches = self.answered = True

    def sent(self, matches: bool) -> None:
        self.matches = matches or (self.matches and not self.answered)
        self.answered = False


def _read_on(client: socket.socket, data: bytes) -> None:
    """Read the request to its end, so that its sender is not cut off while sending."""
    head, _, body = data.partition(b"\r\n\r\n")
    told = _LENGTH.search(head)
    missing = (int(told.group(1)) if told else 0) - len(body)
    while missing > 0 and (more := client.recv(_CHUNK)):
        missing -= len(more)


def _end(one: socket.socket) -> None:
    with suppress(OSError):
        one.shutdown(socket.SHUT_RDWR)
    one.close()
