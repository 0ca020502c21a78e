"""The gate before the MCP server: who may reach it, from where, how often and with how much.

Plain ASGI. In this order: the Host (a foreign one is DNS rebinding), the Origin (a browser's page
that nobody named), the key, the rate, the session, the size. What is refused never reaches the
protocol; it is told as a JSON-RPC error with the fitting HTTP status.
"""

import json
from collections.abc import Awaitable, Callable, MutableMapping
from functools import partial
from typing import Any
from urllib.parse import urlsplit

import anyio
import structlog
from anyio.to_thread import run_sync

from sidecar.errors import (
    Forbidden,
    NotFound,
    PayloadTooLarge,
    SidecarError,
    TooManyRequests,
    Unauthorized,
)
from sidecar.mcp_odoo.callers import CALLER, Caller, Callers, new_session
from sidecar.mcp_odoo.messages import WrongMessage, message_of, without_task
from sidecar.observability.callers import address_of
from sidecar.settings import Settings

log = structlog.get_logger(__name__)

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

PATH, HEALTH = "/mcp", "/health"
SESSION = b"mcp-session-id"
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_DRAINED = 32  # times the limit that is read and thrown away, so that a client sees the refusal
_REFUSED = -32000  # JSON-RPC: the server's own errors
_ALLOWED_HEADERS = "authorization, content-type, mcp-session-id, mcp-protocol-version"


class MethodNotAllowed(SidecarError):
    """Among others GET: there is no stream, each answer comes with its request."""

    status, code = 405, "method_not_allowed"
    default_message = "Send POST; DELETE ends a session."


class Gate:
    """Around `app`. ended: told of a caller who ends their session. healthy: raises when not."""

    def __init__(
        self,
        app: App,
        callers: Callers,
        settings: Settings,
        ended: Callable[[Caller], None],
        healthy: Callable[[], object],
    ):
        self._app = app
        self._callers = callers
        self._settings = settings
        self._ended = ended
        self._healthy = healthy
        self._hosts = _hosts(settings)
        self._origins = frozenset(
            filter(None, (o.strip().rstrip("/").lower() for o in settings.mcp_origins.split(",")))
        )
        self._limiter: anyio.CapacityLimiter | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = {name.lower(): value.decode("latin-1") for name, value in scope["headers"]}
        origin = headers.get(b"origin", "")
        try:
            self._check_place(headers, origin)
            if origin:
                send = _readable_by(origin, send)
            await self._serve(scope, headers, receive, send)
        except SidecarError as error:
            await _refuse(send, error)
        except WrongMessage as wrong:
            told = {"code": wrong.number, "message": wrong.sentence}
            body = {"jsonrpc": "2.0", "id": wrong.id, "error": told}
            await _answer(send, wrong.status, body)

    def _check_place(self, headers: dict[bytes, str], origin: str) -> None:
        """Forbidden for a Host or an Origin that is not ours."""
        try:
            host = (urlsplit(f"//{headers.get(b'host', '')}").hostname or "").lower()
        except ValueError:
            host = ""
        if host not in self._hosts:
            raise Forbidden("This server is not called by that name; see CHATWOOTAI_MCP_HOSTS.")
        if origin and origin.lower() not in self._origins:
            raise Forbidden("Pages of that origin may not call; see CHATWOOTAI_MCP_ORIGINS.")

    async def _serve(
        self, scope: Scope, headers: dict[bytes, str], receive: Receive, send: Send
    ) -> None:
        path, method = scope["path"].rstrip("/"), scope["method"]
        if path == HEALTH and method in ("GET", "HEAD"):
            await self._in_thread(self._healthy)
            await _answer(send, 200, {"status": "ready"})
            return
        if path != PATH:
            raise NotFound(f"The MCP server is at {PATH}.")
        if method == "OPTIONS" and headers.get(b"origin"):
            await _answer(send, 204, None)
            return
        ip = address_of(
            (scope.get("client") or ("", 0))[0],
            headers.get(b"x-forwarded-for", ""),
            self._settings.trusted_proxies,
        )
        caller = await self._in_thread(
            self._callers.admit, headers.get(b"authorization", ""), headers.get(SESSION, ""), ip
        )
        if method == "DELETE":
            await self._in_thread(self._ended, caller)
            await _answer(send, 204, None)
            return
        if method != "POST":
            raise MethodNotAllowed
        body = await self._body(receive, headers)
        told = message_of(body)
        if "method" not in told:  # an answer, to a question that we never ask
            await _answer(send, 202, None)
            return
        body = without_task(told) or body
        if not caller.session and told.get("method") == "initialize":
            send = _with_header(SESSION, new_session(caller.key), send)
        token = CALLER.set(caller)
        try:
            await self._app({**scope, "path": PATH}, _replayed(body, receive), send)
        finally:
            CALLER.reset(token)

    async def _body(self, receive: Receive, headers: dict[bytes, str]) -> bytes:
        """The whole body. PayloadTooLarge beyond the limit, after the client has sent it."""
        limit = self._settings.max_body_bytes
        told = headers.get(b"content-length", "")
        size = int(told) if told.isascii() and told.isdigit() else 0
        parts: list[bytes] = []
        received, ends = 0, size > _DRAINED * limit
        while not ends:
            message = await receive()
            if message["type"] == "http.disconnect":
                break
            part = message.get("body", b"")
            received += len(part)
            if max(received, size) <= limit:
                parts.append(part)
            ends = not message.get("more_body") or received > _DRAINED * limit
        if max(received, size) > limit:
            raise PayloadTooLarge(
                f"The request is larger than {limit} bytes; ask for less at once."
            )
        return b"".join(parts)

    async def _in_thread(self, work: Callable[..., Any], *arguments: Any) -> Any:
        if self._limiter is None:  # of its own: tools that wait for an ERP keep nobody outside
            self._limiter = anyio.CapacityLimiter(self._settings.mcp_threads)
        return await run_sync(partial(work, *arguments), limiter=self._limiter)


def _hosts(settings: Settings) -> frozenset[str]:
    named = {name.strip().lower() for name in settings.mcp_hosts.split(",")}
    public = urlsplit(settings.public_url).hostname if settings.public_url else ""
    return frozenset(filter(None, {*_LOOPBACK, settings.bind, public or "", *named}))


def _replayed(body: bytes, receive: Receive) -> Receive:
    """The body once, then whatever the connection says (that the client has gone)."""
    told = False

    async def replay() -> MutableMapping[str, Any]:
        nonlocal told
        if told:
            return await receive()
        told = True
        return {"type": "http.request", "body": body, "more_body": False}

    return replay


def _with_header(name: bytes, value: str, send: Send) -> Send:
    async def add(message: MutableMapping[str, Any]) -> None:
        if message["type"] == "http.response.start" and message["status"] < 300:
            headers = [*message.get("headers", []), (name, value.encode())]
            message = {**message, "headers": headers}
        await send(message)

    return add


def _readable_by(origin: str, send: Send) -> Send:
    """Lets the page of an allowed origin read the answer (CORS)."""
    told = [
        (b"access-control-allow-origin", origin.encode("latin-1")),
        (b"access-control-allow-methods", b"POST, DELETE"),
        (b"access-control-allow-headers", _ALLOWED_HEADERS.encode()),
        (b"access-control-expose-headers", SESSION),
        (b"vary", b"origin"),
    ]

    async def add(message: MutableMapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            message = {**message, "headers": [*message.get("headers", []), *told]}
        await send(message)

    return add


async def _refuse(send: Send, error: SidecarError) -> None:
    headers: list[tuple[bytes, bytes]] = []
    if isinstance(error, Unauthorized):
        headers.append((b"www-authenticate", b'Bearer realm="chatwootai"'))
    if isinstance(error, TooManyRequests):
        headers.append((b"retry-after", str(error.details["retry_after"]).encode()))
    if isinstance(error, MethodNotAllowed):
        headers.append((b"allow", b"POST, DELETE"))
    if isinstance(error, PayloadTooLarge):
        headers.append((b"connection", b"close"))
    log.info("mcp.refused", code=error.code)
    told = {"code": _REFUSED, "message": error.message, "data": {"code": error.code}}
    await _answer(send, error.status, {"jsonrpc": "2.0", "id": None, "error": told}, headers)


async def _answer(
    send: Send, status: int, told: Any, headers: list[tuple[bytes, bytes]] | None = None
) -> None:
    body = b"" if told is None else json.dumps(told).encode()
    kinds = [(b"content-type", b"application/json"), (b"cache-control", b"no-store")]
    length = [] if status == 204 else [(b"content-length", str(len(body)).encode())]
    start = {"type": "http.response.start", "status": status}
    await send({**start, "headers": [*kinds, *length, *(headers or [])]})
    await send({"type": "http.response.body", "body": body})
