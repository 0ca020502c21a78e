"""The webhook's door beside a bare Flask under the same server: verify, dedupe, store, hint."""

import hashlib
import hmac
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import requests

from sidecar.credentials.resolver import CredentialResolver
from sidecar.settings import get_settings
from sidecar.store import keys
from sidecar.store.connection import connect, state_store
from sidecar.tenants.registry import TenantRegistry
from tests.bench.house import administrator, row, stopped
from tests.bench.load import Request, saturate, steady
from tests.e2e.conftest import BASE

_HELLO = """
from flask import Flask
from gunicorn.app.base import BaseApplication
app = Flask("hello")
@app.post("/")
def hello():
    return "hello"
class Server(BaseApplication):
    def load_config(self):
        for name, value in {"bind": "127.0.0.1:%d", "worker_class": "gthread", "workers": 2,
                            "threads": 8, "loglevel": "warning"}.items():
            self.cfg.set(name, value)
    def load(self):
        return app
Server().run()
"""
_CONVERSATIONS = 990_000  # display ids from here on are ours
_BARE, _OURS, _STEADY_RATE = 40_000, 15_000, 200.0


def main() -> None:
    """Ratio at saturation, and the latency at 200 requests a second."""
    path, request = _signed()
    try:
        with stopped("worker", "scheduler"), tempfile.TemporaryDirectory() as folder:
            bare = _bare(request, Path(folder))
            ours = saturate(BASE, path, request, _OURS, Path(folder))
            calm = steady(BASE, path, lambda n: request(n + _OURS), _STEADY_RATE, 10.0)
            _forget()
    finally:
        _forget()
    row(
        "webhook ack, saturated",
        f"{ours.rate:.0f} req/s, bare Flask {bare.rate:.0f}, ratio {ours.rate / bare.rate:.2f},"
        f" p99 {ours.p99 * 1000:.0f} ms, errors {ours.errors}",
        "ratio ≥ 0.20",
    )
    row(
        "webhook ack, 200 req/s",
        f"p50 {calm.p50 * 1000:.1f} ms, p99 {calm.p99 * 1000:.1f} ms, errors {calm.errors}",
        "p99 ≤ 50 ms",
    )


def _bare(request: Request, folder: Path) -> "object":
    port = BASE + 7
    hello = subprocess.Popen([sys.executable, "-c", _HELLO % port])
    try:
        _wait(lambda: requests.post(f"http://127.0.0.1:{port}/", timeout=1))
        return saturate(port, "/", lambda n: (request(n)[0], {}), _BARE, folder)
    finally:
        hello.terminate()
        hello.wait()


def _signed() -> tuple[str, Request]:
    """Path of the first shop's bot hook, and what makes a signed message of 2 KB."""
    settings = get_settings()
    channel = TenantRegistry.from_settings(settings).get("account_1").integrations.chatwoot
    (channel, *_) = channel.channels
    hook = next(h for h in channel.hooks if h.kind == "agent_bot")
    secret = CredentialResolver.from_settings(settings).require("account_1", hook.secret_ref)
    url = administrator().read("ai.channel.hook", hook.id, "webhook_url")["webhook_url"]
    first = int(time.time() * 1000)

    def request(number: int) -> tuple[bytes, dict[str, str]]:
        raw = _message(first + number, number, channel.account_id, channel.inbox_id)
        stamp = str(int(time.time()))
        mac = hmac.new(secret.encode(), stamp.encode() + b"." + raw, hashlib.sha256).hexdigest()
        return raw, {"X-Chatwoot-Timestamp": stamp, "X-Chatwoot-Signature": f"sha256={mac}"}

    return urlsplit(url).path, request


def _message(message: int, number: int, account: int, inbox: int | None) -> bytes:
    body = {
        "event": "message_created",
        "account": {"id": account, "name": "bench"},
        "id": message,
        "content": f"mensagem {number}",
        "content_type": "text",
        "content_attributes": {},
        "message_type": "incoming",
        "private": False,
        "sender": {"id": 1, "name": "Bench"},
        "inbox": {"id": inbox, "name": "bench"},
        "conversation": {
            "id": _CONVERSATIONS + number,
            "inbox_id": inbox,
            "status": "pending",
            "can_reply": True,
            "channel": "Channel::Whatsapp",
            "contact_inbox": {"source_id": "5511900000000"},
            "meta": {"assignee": None, "assignee_type": None},
            "additional_attributes": {"padding": "x" * 1400},
        },
        "created_at": "2026-01-01T00:00:00.000Z",
    }
    return json.dumps(body).encode()


def _forget() -> None:
    """Remove the load's conversations and hints, so that no worker answers them."""
    settings = get_settings()
    store = state_store(settings)
    for due in store.zscan_iter(keys.due("conversations"), match="account_1|*-99*", count=1000):
        conversation = due[0].partition("|")[2]
        store.delete(keys.mailbox("account_1", conversation))
        store.zrem(keys.due("conversations"), due[0])
    connect(settings.broker_url.get_secret_value()).flushdb()


def _wait(check: Callable[[], object]) -> None:
    deadline = time.monotonic() + 20
    while True:
        try:
            check()
            return
        except requests.RequestException:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)
