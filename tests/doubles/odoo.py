"""Odoo's control side over real HTTP: XML-RPC to `ai.facade`, and the signed lease door.

It keeps what it was told (`job_results`, `audit`), checks each signature as Odoo does, and fails on
demand: `fail` is the HTTP status of the next answers, `down()` closes the port, `hold` is waited
for before a lease is answered.
"""

import hashlib
import hmac
import json
import threading
import time
import xmlrpc.client
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

DB, LOGIN = "control", "ai-service-account_1"


@dataclass
class OdooDouble:
    """One database with one tenant's integration user."""

    account_id: str = "account_1"
    api_key: str = "integration-user-key"
    secrets: dict[str, str] = field(default_factory=dict)
    signing_keys: dict[str, str] = field(default_factory=dict)
    products: list[dict[str, Any]] = field(default_factory=list)
    rules: list[dict[str, Any]] | None = None
    profile: dict[str, Any] = field(default_factory=dict)
    slots: list[dict[str, Any]] = field(default_factory=list)
    open_now: dict[str, Any] = field(default_factory=dict)
    clock: Callable[[], float] = time.time
    expires_in: float = 300
    fail: int = 0
    vault_locked: bool = False

    def __post_init__(self) -> None:
        self.calls: list[tuple[str, tuple[Any, ...]]] = []
        self.logins = 0
        self.leases: list[dict[str, Any]] = []
        self.refusals: list[str] = []
        self.job_results: dict[str, tuple[str, Any, Any]] = {}
        self.audit: dict[str, dict[str, Any]] = {}
        self.hold: threading.Event | None = None
        self._nonces: set[str] = set()
        self._lock = threading.Lock()
        self._server: ThreadingHTTPServer | None = None
        self.port = 0
        self.up()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def config(self, ref: str = "odoo_api_key") -> dict[str, Any]:
        """The `config` of `integrations.control` and `integrations.mcp`."""
        return {"url": self.url, "db": DB, "username": LOGIN, "credential_ref": ref, "timeout": 3}

    def up(self) -> None:
        """Serve, at the same port as before."""
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                raw = self.rfile.read(int(self.headers["Content-Length"]))
                status, kind, content = outer._answer(self.path, dict(self.headers), raw)
                self.send_response(status)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *args: Any) -> None:
                """Quiet."""

        self._server = ThreadingHTTPServer(("127.0.0.1", self.port), Handler)
        self.port = self._server.server_port
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def down(self) -> None:
        """Stop: connections are refused."""
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None

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
        arguments, method = xmlrpc.client.loads(raw)
        try:
            value = self._call(path, method or "", arguments)
            told = xmlrpc.client.dumps((value,), methodresponse=True, allow_none=True)
        except xmlrpc.client.Fault as fault:
            told = xmlrpc.client.dumps(fault)
        return 200, "text/xml", told.encode()

    # -- XML-RPC ------------------------------------------------------------------------------

    def _call(self, path: str, method: str, arguments: tuple[Any, ...]) -> Any:
        if path.endswith("/common"):
            if method == "version":
                return {"server_version": "19.0"}
            db, login, key, _ = arguments
            self.logins += 1
            return 7 if (db, login, key) == (DB, LOGIN, self.api_key) else False
        db, uid, key, model, name, args = arguments
        if (db, uid, key) != (DB, 7, self.api_key):
            raise xmlrpc.client.Fault(3, "Access Denied")
        assert model == "ai.facade", model
        self.calls.append((name, tuple(args)))
        return getattr(self, f"_{name}")(*args)

    def _ping(self) -> dict[str, Any]:
        methods = ["product_ids", "product_facts"]
        if self.rules is not None:  # else the addon is not installed
            methods += ["company_profile", "rule_ids", "rule_facts", "rules_in_force"]
        return {
            "account_id": self.account_id,
            "company_id": 2,
            "odoo_version": "19.0",
            "capabilities": methods,
        }

    def _product_ids(self, after_id: int = 0, limit: int = 500) -> list[int]:
        return [p["id"] for p in self.products if p["id"] > after_id][:limit]

    def _product_facts(self, ids: list[int], lang: Any = None) -> list[dict[str, Any]]:
        return [p for i in ids for p in self.products if p["id"] == i]

    # `rules`: facts of docs/rules.md; which of them hold is asked of `clock`

    def _company_profile(self, lang: Any = None) -> dict[str, Any]:
        return self.profile

    def _rule_ids(self) -> dict[str, list[int]]:
        kinds = ("rule", "scheduling", "document")
        return {kind: [f["id"] for f in self.rules or [] if f["kind"] == kind] for kind in kinds}

    def _rule_facts(self, refs: list[list[Any]], lang: Any = None) -> list[dict[str, Any]]:
        by_ref = {(fact["kind"], fact["id"]): fact for fact in self.rules or []}
        return [by_ref[tuple(ref)] for ref in refs if tuple(ref) in by_ref]

    def _rules_in_force(self, lang: Any = None) -> list[dict[str, Any]]:
        def at(text: Any, otherwise: float) -> float:
            return datetime.fromisoformat(text).timestamp() if text else otherwise

        now = self.clock()
        holding = [
            fact
            for fact in self.rules or []
            if fact["kind"] == "rule"
            and at(fact["valid_from"], 0) <= now < at(fact["valid_to"], now + 1)
        ]
        replaced = {fact["structure"].get("replaces") for fact in holding}
        return [f for f in holding if f["group"] != "permanent" or f["subkind"] not in replaced]

    def _open_state(self) -> dict[str, Any]:
        nothing = {"open": False, "reason": "unknown", "name": "", "until": False, "today": []}
        return self.open_now or {**nothing, "next_opening": False}

    def _free_slots(self, rule: int, first: str, last: str, limit: int = 10) -> list[Any]:
        return self.slots[:limit]

    def _job_result(self, job: str, state: str, result: Any, error: Any) -> bool:
        self.job_results[job] = (state, result, error)
        return True

    def _audit_rows(self, rows: list[dict[str, Any]]) -> bool:
        wanted = {
            "uuid", "at", "operation", "subject", "service", "ip", "result", "code", "count",
        }  # fmt: skip
        if len(rows) > 200 or any(row.keys() != wanted for row in rows):
            raise xmlrpc.client.Fault(2, "A row has exactly these keys")
        for row in rows:
            self.audit.setdefault(row["uuid"], row)
        return True

    # -- leases -------------------------------------------------------------------------------

    def _lease(self, path: str, headers: dict[str, str], raw: bytes) -> tuple[int, dict[str, Any]]:
        if self.hold is not None:
            assert self.hold.wait(10)
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
