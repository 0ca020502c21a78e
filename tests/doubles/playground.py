"""A playground really served on a free port, and a server that receives its webhooks."""

import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Self

import requests

from sidecar.chatwoot.client import ChatwootClient
from sidecar.chatwoot.payloads import Event, parse_event
from sidecar.playground.app import close_app, create_app, make_playground
from sidecar.playground.delivery import DeliveryPolicy
from sidecar.settings import Settings

ADMIN_TOKEN = "admin-token-of-the-test"


def wait_until(happened: Callable[[], Any], seconds: float = 10.0) -> Any:
    """The first truthy result of `happened`; fails the test after `seconds`."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        result = happened()
        if result:
            return result
        time.sleep(0.01)
    raise AssertionError("it did not happen in time")


class HookReceiver:
    """Receives webhooks. `statuses` are the next answers; without them 200."""

    def __init__(self) -> None:
        self.received: list[tuple[dict[str, str], bytes]] = []
        self.statuses: list[int] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                raw = self.rfile.read(int(self.headers["Content-Length"]))
                outer.received.append((dict(self.headers), raw))
                self.send_response(outer.statuses.pop(0) if outer.statuses else 200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *args: Any) -> None:
                """Quiet."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/hook"

    @property
    def events(self) -> list[Event]:
        """Everything received, parsed."""
        return [parse_event(raw) for _, raw in self.received]

    def of(self, event: str) -> list[Event]:
        """What was received of one kind."""
        return [e for e in self.events if e.event == event]

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._server.shutdown()
        self._server.server_close()


class RunningPlayground:
    """The playground over real HTTP."""

    def __init__(self, folder: Path, policy: DeliveryPolicy | None = None):
        settings = Settings(
            _env_file=None, playground_dir=folder, playground_admin_token=ADMIN_TOKEN
        )
        self.app = create_app(settings, policy or DeliveryPolicy(timeout=1.0, wait=0.05))
        self._server = make_playground(self.app, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{self._server.port}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        close_app(self.app)

    def api(self, method: str, path: str, body: Any = None, token: str = ADMIN_TOKEN, **kw: Any):
        """A call of API v1 below /api/v1/accounts."""
        url = f"{self.url}/api/v1/accounts/{path}"
        headers = {"api_access_token": token}
        return requests.request(method, url, json=body, headers=headers, timeout=10, **kw)

    def act(self, method: str, path: str, body: Any = None) -> Any:
        """A call of /playground/api/; gives its data, fails on an error."""
        answer = requests.request(
            method, f"{self.url}/playground/api/{path}", json=body, timeout=10
        )
        assert answer.ok, answer.text
        return answer.json()["data"]

    def enroll_bot(self, hook_url: str, account: int = 1, inbox: int = 1) -> dict[str, Any]:
        """Create a bot for an inbox; gives its record with token and secret."""
        wanted = {"name": "Robô", "outgoing_url": hook_url}
        bot = self.api("POST", f"{account}/agent_bots", wanted).json()
        answer = self.api(
            "POST", f"{account}/inboxes/{inbox}/set_agent_bot", {"agent_bot": bot["id"]}
        )
        assert answer.status_code == 204
        return bot

    def agent_token(self, account: int = 1) -> str:
        """An agent's access token."""
        answer = requests.get(
            f"{self.url}/playground/api/agents",
            headers={"api_access_token": ADMIN_TOKEN},
            timeout=10,
        )
        rows = answer.json()["data"]
        return next(row["access_token"] for row in rows if row["account_id"] == account)

    def client(self, bot: dict[str, Any], reading: bool = True, **options: Any) -> ChatwootClient:
        """The sidecar's own client, as this bot."""
        token = self.agent_token(bot["account_id"]) if reading else None
        options = {"timeout": 5.0, "allow_private": ["127.0.0.1"]} | options
        return ChatwootClient(self.url, bot["account_id"], bot["access_token"], token, **options)
