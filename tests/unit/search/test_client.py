"""Clients of Qdrant keep their connection, and get over one that was closed meanwhile."""

import json
import socket
import threading
from collections.abc import Iterator

import pytest

from sidecar.search.client import qdrant_client


class Server:
    """Answers `exists` over HTTP/1.1; counts connections; closes each after `most` answers."""

    def __init__(self, most: int):
        self.most = most
        self.connections = 0
        self.keys: list[str] = []
        self.closed = threading.Event()
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listening.getsockname()[1]}"
        threading.Thread(target=self._serve, daemon=True).start()

    def stop(self) -> None:
        self._listening.close()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._listening.accept()
            except OSError:
                return
            self.connections += 1
            self._answer(connection)
            self.closed.set()

    def _answer(self, connection: socket.socket) -> None:
        body = json.dumps({"result": {"exists": True}, "status": "ok", "time": 0}).encode()
        head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
        with connection, connection.makefile("rb") as lines:
            for _ in range(self.most):
                if not lines.readline():
                    return
                while (line := lines.readline()) not in (b"\r\n", b""):
                    if line.lower().startswith(b"api-key:"):
                        self.keys.append(line.split()[1].decode())
                connection.sendall(head % len(body) + body)


@pytest.fixture
def server(request: pytest.FixtureRequest) -> Iterator[Server]:
    made = Server(request.param)
    yield made
    made.stop()


@pytest.mark.parametrize("server", [10], indirect=True)
def test_one_connection_serves_many_requests(server):
    client = qdrant_client(server.url, "a-key", timeout=5)
    assert all(client.collection_exists("products") for _ in range(5))
    assert server.connections == 1
    assert server.keys == ["a-key"] * 5


@pytest.mark.parametrize("server", [1], indirect=True)
def test_a_connection_that_was_closed_meanwhile_is_no_error(server):
    client = qdrant_client(server.url, None, timeout=5)
    assert client.collection_exists("products")
    assert server.closed.wait(5)
    assert client.collection_exists("products")
    assert server.connections == 2
    assert server.keys == []
