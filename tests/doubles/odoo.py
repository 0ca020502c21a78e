"""Odoo over real HTTP: XML-RPC and JSON-2 to `ai.facade`, and the signed lease door.

What the façade says is tests/doubles/odoo_tenant.py's; `add_tenant` puts a second tenant into the
same database. It keeps what it was told, checks each signature as Odoo does, and fails on demand:
`fail` is the HTTP status of the next answers, `down()` closes the port, `slow` is waited for before
a call is answered, `faults` are raised by methods, `die` lists how the next calls end without an
answer ("before" or "after" they were done), `hold` is waited for before a lease is answered.
"""

import hashlib
import hmac
import json
import socket
import threading
import time
import xmlrpc.client
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

from tests.doubles.odoo_rows import user_error
from tests.doubles.odoo_tenant import TenantDouble

DB, LOGIN = "control", "ai-service-account_1"
_UID = 7
_LONGEST = 20.0  # seconds anything is held back


class _Died(Exception):
    """The connection ends without an answer."""


@dataclass
class OdooDouble(TenantDouble):
    """One database; itself the first tenant. `facade` False: our addons are not installed.

    plain: answers other models than `ai.facade` (tests/doubles/odoo_plain.py).
    """

    secrets: dict[str, str] = field(default_factory=dict)
    signing_keys: dict[str, str] = field(default_factory=dict)
    expires_in: float = 300
    fail: int = 0
    vault_locked: bool = False
    facade: bool = True
    plain: Any = None
    faults: dict[str, xmlrpc.client.Fault] = field(default_factory=dict)
    die: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__post_init__()
        self.calls: list[tuple[str, tuple[Any, ...]]] = []
        self.logins = 0
        self.connections = 0
        self.leases: list[dict[str, Any]] = []
        self.refusals: list[str] = []
        self.hold: threading.Event | None = None
        self.slow: threading.Event | None = None
        self.tenants: dict[str, tuple[int, TenantDouble]] = {LOGIN: (_UID, self)}
        self._nonces: set[str] = set()
        self._lock = threading.Lock()
        self._open: set[socket.socket] = set()
        self._server: ThreadingHTTPServer | None = None
        self.port = 0
        self.up()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def config(self, ref: str = "odoo_api_key", account_id: str = "account_1") -> dict[str, Any]:
        """The `config` of `integrations.control` and `integrations.mcp`."""
        return {
            "url": self.url,
            "db": DB,
            "username": f"ai-service-{account_id}",
            "credential_ref": ref,
            "timeout": 3,
        }

    def add_tenant(self, account_id: str, api_key: str, **state: Any) -> TenantDouble:
        """Another tenant of the same database, with an integration user of its own."""
        number = len(self.tenants)
        made = TenantDouble(account_id, api_key, company_id=2 + number, **state)
        self.tenants[f"ai-service-{account_id}"] = (_UID + number, made)
        return made

    def up(self) -> None:
        """Serve, at the same port as before."""
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"  # connections are kept, as behind a proxy
            disable_nagle_algorithm = True

            def setup(self) -> None:
                super().setup()
                outer.connections += 1
                outer._open.add(self.connection)

            def finish(self) -> None:
                outer._open.discard(self.connection)
                with suppress(OSError):
                    super().finish()

            def do_POST(self) -> None:
                raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                try:
                    status, kind, content = outer._answer(self.path, dict(self.headers), raw)
                except _Died:
                    self.close_connection = True
                    self.connection.shutdown(socket.SHUT_RDWR)
                    return
                self.send_response(status)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                with suppress(OSError):
                    self.wfile.write(content)

            do_GET = do_POST

            def log_message(self, *args: Any) -> None:
                """Quiet."""

        self._server = ThreadingHTTPServer(("127.0.0.1", self.port), Handler)
        self.port = self._server.server_port
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def down(self) -> None:
        """Stop: kept connections end, new ones are refused."""
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None
            for kept in list(self._open):
                with suppress(OSError):
                    kept.shutdown(socket.SHUT_RDWR)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.down()

    def _answer(self, path: str, headers: dict[str, str], raw: bytes) -> tuple[int, str, bytes]:
        if self.fail:
            return self.fail, "text/html", b"<h1>planted upstream text</h1>"
        if path == "/ai_system/lease":
            status, content = self._lease(path, headers, raw)
            return status, "application/json", json.dumps(content).encode()
        if path == "/web/version":
            return 200, "application/json", b'{"version": "19.0"}'
        if path.startswith("/json/2/"):
            status, content = self._json2(path, headers, raw)
            return status, "application/json", json.dumps(content).encode()
        arguments, method = xmlrpc.client.loads(raw)
        try:
            value = self._xmlrpc(path, method or "", arguments)
            told = xmlrpc.client.dumps((value,), methodresponse=True)
        except xmlrpc.client.Fault as fault:
            told = xmlrpc.client.dumps(fault)
        return 200, "text/xml", told.encode()

    # -- the two protocols ----------------------------------------------------------------------

    def _xmlrpc(self, path: str, method: str, arguments: tuple[Any, ...]) -> Any:
        if path.endswith("/common"):
            if method == "version":
                return {"server_version": "19.0"}
            db, login, key, _ = arguments
            self.logins += 1
            uid, tenant = self.tenants.get(login, (0, self))
            return uid if db == DB and key == tenant.api_key else False
        db, uid, key, model, name, args, *named = arguments
        for number, tenant in self.tenants.values():
            if (db, uid, key) == (DB, number, tenant.api_key):
                return self._work(tenant, model, name, args, *named)
        raise xmlrpc.client.Fault(3, "Access Denied")

    def _json2(self, path: str, headers: dict[str, str], raw: bytes) -> tuple[int, Any]:
        told = {name.lower(): value for name, value in headers.items()}
        key = told.get("authorization", "").removeprefix("bearer ")
        found = [t for _, t in self.tenants.values() if t.api_key == key]
        if told.get("x-odoo-database") != DB or not found:
            return 401, _error("werkzeug.exceptions.Unauthorized", "Invalid apikey")
        _, _, model, method = path.removeprefix("/").split("/")
        named = json.loads(raw)
        if (model, method) == ("res.users", "context_get"):
            return 200, {"lang": "pt_BR", "uid": _UID}
        if model == "ai.facade" and "ids" in named:
            return 422, _error("werkzeug.exceptions.UnprocessableEntity", "cannot call with ids")
        try:
            return 200, self._work(found[0], model, method, [], named)
        except xmlrpc.client.Fault as fault:
            return _as_json2(fault)
        except TypeError as error:
            return 422, _error("werkzeug.exceptions.UnprocessableEntity", str(error))

    def _work(
        self,
        tenant: TenantDouble,
        model: str,
        method: str,
        args: list[Any],
        named: dict[str, Any] | None = None,
    ) -> Any:
        named = named or {}
        self.calls.append((method, (*args, *named.values())))
        if self.slow is not None:
            self.slow.wait(_LONGEST)
        dies = self.die.pop(0) if self.die else ""
        if dies == "before":
            raise _Died
        if method in self.faults:
            raise self.faults[method]
        if model != "ai.facade" and self.plain is not None:
            value = self.plain.answer(model, method, args, named)
        elif model != "ai.facade" or not self.facade:
            raise user_error(f"Object {model} doesn't exist")
        else:
            with self._lock:
                value = tenant.answer(method, args, named)
        if dies:
            raise _Died
        return value

    # -- leases -------------------------------------------------------------------------------

    def _lease(self, path: str, headers: dict[str, str], raw: bytes) -> tuple[int, dict[str, Any]]:
        if self.hold is not None:
            assert self.hold.wait(_LONGEST)
        told = {name.lower(): value for name, value in headers.items()}
        problem = self._problem(path, told, raw)
        if problem:
            self.refusals.append(problem)
            return 401, {"success": False, "error": {"code": "unauthorized"}}
        if self.vault_locked:
            return 503, {"success": False, "error": {"code": "unavailable"}}
        asked = json.loads(raw)
        self.leases.append(asked)
        value = self.secrets.get(asked["ref"])
        if not value:
            return 404, {"success": False, "error": {"code": "not_found"}}
        data = {
            "lease_id": f"lease-{len(self.leases)}",
            "ref": asked["ref"],
            "value": value,
            "expires_in": self.expires_in,
        }
        return 200, {"success": True, "data": data}

    def _problem(self, path: str, told: dict[str, str], raw: bytes) -> str:
        account, key_id = told.get("x-ai-account", ""), told.get("x-ai-key-id", "")
        timestamp, nonce = told.get("x-ai-timestamp", ""), told.get("x-ai-nonce", "")
        key = self.signing_keys.get(key_id)
        if account != self.account_id or key is None:
            return "unknown"
        digest = hashlib.sha256(raw).hexdigest()
        lines = ["v1", "sidecar>odoo", account, key_id, timestamp, nonce, "POST", path, digest]
        wanted = "v1=" + hmac.new(key.encode(), "\n".join(lines).encode(), "sha256").hexdigest()
        if wanted != told.get("x-ai-signature"):
            return "signature"
        if abs(time.time() - int(timestamp)) > 300:
            return "timestamp"
        with self._lock:
            if nonce in self._nonces:
                return "nonce"
            self._nonces.add(nonce)
        return ""


def _error(name: str, message: str) -> dict[str, Any]:
    return {"name": name, "message": message, "arguments": [message], "debug": "Traceback …"}


def _as_json2(fault: xmlrpc.client.Fault) -> tuple[int, Any]:
    """What JSON-2 says where XML-RPC has this fault."""
    text = fault.faultString
    if fault.faultCode in (3, 4):
        kind = "AccessDenied" if fault.faultCode == 3 else "AccessError"
        return 403, _error(f"odoo.exceptions.{kind}", text)
    if fault.faultCode == 2 and not text.startswith("Object "):
        return 422, _error("odoo.exceptions.UserError", text)
    if fault.faultCode == 2 or "does not exist" in text:
        return 404, _error("werkzeug.exceptions.NotFound", text)
    return 500, _error("builtins.ValueError", text)
