"""`make bench`: speed, as ratios beside a bare baseline in the same run. Loopback, bounded."""

import hashlib
import hmac
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import requests

from sidecar.credentials.resolver import CredentialResolver
from sidecar.settings import get_settings
from sidecar.store import keys
from sidecar.store.connection import state_store
from sidecar.tenants.registry import TenantRegistry
from tests.bench.load import hammer
from tests.e2e.conftest import Odoo, Playground, sidecar

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
_SECONDS = 4.0


def webhook(base: int) -> None:
    """Requests per second of the webhook's door beside bare Flask."""
    settings = get_settings()
    tenants = TenantRegistry.from_settings(settings)
    credentials = CredentialResolver.from_settings(settings)
    channel = tenants.get("account_1").integrations.chatwoot.channels[0]
    token = "bench" * 9
    digest = hashlib.sha256(token.encode()).hexdigest()
    route = {"account_id": "account_1", "channel": channel.model_dump()}
    store = state_store(settings)
    store.set(keys.webhook_route(digest), json.dumps(route), ex=600)
    secret = credentials.require("account_1", channel.webhook_secret_ref)

    def body(number: int) -> tuple[bytes, dict[str, str]]:
        raw = _message(number, channel.account_id, channel.inbox_id or 1)
        stamp = str(int(time.time()))
        mac = hmac.new(secret.encode(), stamp.encode() + b"." + raw, hashlib.sha256).hexdigest()
        return raw, {"X-Chatwoot-Timestamp": stamp, "X-Chatwoot-Signature": f"sha256={mac}"}

    hello = subprocess.Popen([sys.executable, "-c", _HELLO % (base + 7)])
    try:
        _wait(f"http://127.0.0.1:{base + 7}/")
        bare = hammer("127.0.0.1", base + 7, "/", lambda n: (body(n)[0], {}), _SECONDS)
    finally:
        hello.terminate()
        hello.wait()
    ours = hammer("127.0.0.1", base, f"/webhook/chatwoot/{token}", body, _SECONDS)
    ratio = ours.rate / bare.rate
    print(
        f"webhook ack          {ours.rate:7.0f} req/s, bare Flask {bare.rate:.0f},"
        f" ratio {ratio:.2f} (bar 0.20), p99 {ours.p99 * 1000:.0f} ms at saturation,"
        f" errors {ours.errors}"
    )
    for key in store.scan_iter("account_1:mbx:*-99*"):
        conversation = key.removeprefix("account_1:mbx:")
        store.delete(key)
        store.zrem(keys.due("conversations"), f"account_1|{conversation}")


def turn() -> None:
    """Seconds of one answer of the crew, instant LLM."""
    sidecar("chat", "--account", "account_1", "tem mesa de jantar?")
    log = Path(os.environ["CHATWOOTAI_E2E_HOME"]) / "log/worker.log"
    before = log.stat().st_size
    with ThreadPoolExecutor(1) as one:
        for number in range(10):
            one.submit(sidecar, "chat", "--account", "account_1", f"tem mesa número {number}?")
    told = [json.loads(li) for li in log.read_text()[before:].splitlines() if '"job.done"' in li]
    _print("one turn (crew run)", [line["seconds"] for line in told], "bar p50 120 ms")


def description() -> None:
    """Seconds from the click to the stored text, instant LLM."""
    odoo = Odoo(Path(os.environ["CHATWOOTAI_E2E_ADMIN_PASSWORD_FILE"]).read_text().strip())
    tenant = odoo.call(
        "ai.tenant", "search_read", [["account_id", "=", "account_1"]], ["company_id"]
    )[0]
    company = tenant["company_id"][0]
    context = {"allowed_company_ids": [company], "lang": "pt_BR"}
    products = odoo.call("product.template", "search", [["company_id", "=", company]], limit=8)
    taken = []
    for product in products:
        started = time.monotonic()
        odoo.call("product.template", "action_generate_description", [product], context=context)
        waiting = [["product_tmpl_id", "=", product]]
        while not odoo.call("product.ai.description", "search_count", waiting):
            if time.monotonic() - started > 30:
                raise SystemExit("bench: no description within 30 s")
            time.sleep(0.02)
        taken.append(time.monotonic() - started)
    _print("description", taken, "bar 3 s")


def _print(name: str, seconds: list[float], bar: str) -> None:
    middle, worst = statistics.median(seconds) * 1000, max(seconds) * 1000
    print(f"{name:<20} p50 {middle:.0f} ms, max {worst:.0f} ms over {len(seconds)} ({bar})")


def _message(number: int, account: int, inbox: int) -> bytes:
    conversation = {
        "id": 990000 + number,
        "inbox_id": inbox,
        "status": "pending",
        "can_reply": True,
        "channel": "Channel::Whatsapp",
        "contact_inbox": {"source_id": "5511900000000"},
        "meta": {"assignee": None, "assignee_type": None},
        "additional_attributes": {"padding": "x" * 1400},
    }
    return json.dumps(
        {
            "event": "message_created",
            "account": {"id": account, "name": "bench"},
            "id": number + int(time.time() * 1000),
            "content": f"mensagem {number}",
            "content_type": "text",
            "content_attributes": {},
            "message_type": "incoming",
            "private": False,
            "sender": {"id": 1, "name": "Bench"},
            "inbox": {"id": inbox, "name": "bench"},
            "conversation": conversation,
            "created_at": "2026-01-01T00:00:00.000Z",
        }
    ).encode()


def _wait(url: str, check: Callable[[str], object] = lambda u: requests.post(u, timeout=1)) -> None:
    deadline = time.monotonic() + 20
    while True:
        try:
            check(url)
            return
        except requests.RequestException:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)


def main() -> None:
    """All rows."""
    base = int(os.environ["PORT_BASE"])
    assert Playground().inbox(1)
    turn()
    description()
    webhook(base)


if __name__ == "__main__":
    main()
