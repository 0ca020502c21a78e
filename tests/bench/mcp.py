"""An MCP `tools/call` beside the same tool called in process: what the door and protocol cost."""

import asyncio
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import requests
from fastmcp import Client
from fastmcp.client.transports import StreamableHttpTransport

from sidecar.hub.services import Services
from sidecar.mcp_odoo.app import operator
from sidecar.mcp_odoo.contexts import Contexts
from sidecar.settings import get_settings
from sidecar.tools.dispatch import run
from tests.bench.house import administrator, row, spread
from tests.e2e.conftest import BASE, until

_ACCOUNT, _TOOL = "account_1", "rules_in_force"
_CALLS = 100
_URL = f"http://127.0.0.1:{BASE + 1}/mcp"


@contextmanager
def _key() -> Iterator[str]:
    """A key made in Odoo, revoked in the end."""
    odoo = administrator()
    values = {"name": "bench", "tenant_id": odoo.tenant(_ACCOUNT)}
    record = odoo.call("ai.mcp.key", "create", values)
    shown = odoo.call("ai.mcp.key", "action_make_key", [record])
    key = shown["context"]["default_key"]
    until(lambda: _post(requests.Session(), key).status_code == 200)
    try:
        yield key
    finally:
        odoo.call("ai.mcp.key", "action_revoke", [record])


def _post(session: requests.Session, key: str) -> requests.Response:
    params = {"name": _TOOL, "arguments": {}}
    body = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}
    headers = {"Authorization": f"Bearer {key}", "Accept": "application/json, text/event-stream"}
    return session.post(_URL, json=body, headers=headers, timeout=30)


def _direct() -> list[float]:
    services = Services.build(get_settings(), "bench")
    contexts = Contexts.build(services)
    caller_of = operator(services, _ACCOUNT, write=False)

    def call() -> None:
        assert "error" not in run(_TOOL, contexts.of(caller_of()), {})

    return _timed(call)


def _timed(call: Any) -> list[float]:
    call()  # the first reads Odoo; the others what is remembered
    taken = []
    for _ in range(_CALLS):
        begun = time.perf_counter()
        call()
        taken.append(time.perf_counter() - begun)
    return taken


def _over_http(key: str) -> list[float]:
    with requests.Session() as session:
        return _timed(lambda: _post(session, key).raise_for_status())


def _by_client(key: str) -> list[float]:
    async def talk() -> list[float]:
        async with Client(StreamableHttpTransport(_URL, auth=key)) as client:
            taken = []
            for _ in range(_CALLS + 1):
                begun = time.perf_counter()
                await client.call_tool(_TOOL, {})
                taken.append(time.perf_counter() - begun)
            return taken[1:]

    return asyncio.run(talk())


def main() -> None:
    """One after the other; what the tool tells is remembered, so that only the way there counts."""
    # 3 × 100 calls stay below what one key may ask for in a minute
    with _key() as key:
        direct, http, client = _direct(), _over_http(key), _by_client(key)
    row("tool, in process", spread(direct), "")
    row("tool, MCP over HTTP", spread(http), "p50 ≤ 15 ms")
    row("tool, by a fastmcp client", spread(client), "")
