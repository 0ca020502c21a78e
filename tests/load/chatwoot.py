"""As much of Chatwoot's API as a turn needs; it keeps what was posted, and when."""

import json
import threading
import time
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import urlsplit


@dataclass(frozen=True, slots=True)
class Posted:
    """One message of the bot. where: (Chatwoot account, conversation); at: time.time()."""

    where: tuple[int, int]
    content: str
    private: bool
    at: float


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256


class ChatwootLoad:
    """Every conversation is pending, has no assignee and is the inbox's with its account's id."""

    def __init__(self) -> None:
        self.posted: list[Posted] = []
        self._lock = threading.Lock()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def do_GET(self) -> None:
                self._tell(outer._read(urlsplit(self.path).path))

            def do_POST(self) -> None:
                at = time.time()
                raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                self._tell(outer._write(urlsplit(self.path).path, json.loads(raw or b"{}"), at))

            def _tell(self, answer: Any) -> None:
                content = json.dumps(answer).encode()
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *args: Any) -> None:
                """Quiet."""

        self._server = _Server(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=(0.1,), daemon=True).start()
        return self

    def __exit__(self, *_exc: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def _read(self, path: str) -> Any:
        parts = path.split("/")  # "", api, v1, accounts, <a>, conversations, <c>, messages
        if len(parts) == 7 and parts[6].isdigit():
            return {
                "id": int(parts[6]),
                "inbox_id": int(parts[4]),
                "status": "pending",
                "can_reply": True,
                "labels": [],
                "meta": {"sender": {"id": int(parts[6]), "name": "Bia"}, "assignee": None},
            }
        if path.endswith("/messages"):
            return {"payload": []}
        return {"data": {"payload": [], "meta": {}}, "payload": []}

    def _write(self, path: str, body: dict[str, Any], at: float) -> Any:
        parts = path.split("/")
        if path.endswith("/messages"):
            where = (int(parts[4]), int(parts[6]))
            with self._lock:
                private = bool(body.get("private"))
                self.posted.append(Posted(where, str(body.get("content", "")), private, at))
                number = 10_000_000 + len(self.posted)
            return {
                "id": number,
                "content": body.get("content", ""),
                "message_type": 1,
                "private": private,
                "created_at": int(at),
                "content_attributes": body.get("content_attributes") or {},
            }
        return {"payload": {"success": True}}
