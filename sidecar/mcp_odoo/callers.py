"""Who calls: a key of a tenant's document, known by its hash, and the client's session.

A key is looked up in the store at every request: what a push no longer names, or what has expired,
is refused from the next request on.
"""

import contextvars
import hashlib
import hmac
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass

import redis

from sidecar.control.audit import AuditLog
from sidecar.errors import ConfigInvalid, NotFound, TooManyRequests, Unauthorized, UnknownAccount
from sidecar.settings import Settings
from sidecar.store import keys
from sidecar.store.connection import RedisError, unavailable
from sidecar.tenants.desk import McpKey
from sidecar.tenants.registry import TenantRegistry
from sidecar.tenants.schema import Tenant

_LONGEST_KEY = 200
_MINUTE = 60


@dataclass(frozen=True, slots=True)
class Caller:
    """One request's. service: as the audit names it. session: "" where the client keeps none."""

    tenant: Tenant
    key: McpKey
    service: str
    session: str = ""
    ip: str = ""


CALLER: contextvars.ContextVar[Caller] = contextvars.ContextVar("mcp_caller")


@dataclass(frozen=True, slots=True)
class Callers:
    """Lets callers in. One per process; safe by threads."""

    store: redis.Redis
    tenants: TenantRegistry
    settings: Settings
    clock: Callable[[], float] = time.time

    def admit(self, authorization: str, session: str, ip: str) -> Caller:
        """The caller behind an Authorization header and an Mcp-Session-Id.

        Raises one uniform Unauthorized (the audit knows why), TooManyRequests with
        `details.retry_after`, NotFound for a session that is not this key's, Unavailable.
        """
        try:
            caller = self._known(authorization, ip)
            self._count(caller)
        except RedisError as error:
            raise unavailable(error) from None
        if session and not _is_session_of(caller.key, session):
            raise NotFound("There is no such session (any more): initialize again.")
        return Caller(caller.tenant, caller.key, caller.service, session, ip)

    def ready(self) -> None:
        """Raises Unavailable when nobody could be let in."""
        try:
            self.store.ping()
        except RedisError as error:
            raise unavailable(error) from None

    def _known(self, authorization: str, ip: str) -> Caller:
        scheme, _, presented = authorization.partition(" ")
        presented = presented.strip()
        if scheme.lower() != "bearer" or not 0 < len(presented) <= _LONGEST_KEY:
            raise self._refusal(None, "no MCP key", ip)
        digest = hashlib.sha256(presented.encode("utf-8", "surrogateescape")).hexdigest()
        account_id = self.tenants.mcp_account(digest)
        tenant = self._tenant(account_id) if account_id else None
        found = None
        for key in tenant.mcp_keys if tenant else ():
            if hmac.compare_digest(key.sha256, digest):
                found = key
        if tenant is None or found is None:
            raise self._refusal(None, "unknown MCP key", ip)
        if self.clock() >= found.expires_at:
            raise self._refusal(tenant.account_id, f"expired MCP key {found.name}", ip)
        return Caller(tenant, found, f"mcp/{found.id}")

    def _tenant(self, account_id: str) -> Tenant | None:
        try:
            return self.tenants.get(account_id)
        except (UnknownAccount, ConfigInvalid):  # withdrawn meanwhile, or of another version
            return None

    def _refusal(self, account_id: str | None, subject: str, ip: str) -> Unauthorized:
        audit = AuditLog(self.store, "mcp")
        audit.record(account_id, "request", subject, "refused", "unknown_key", ip=ip)
        return Unauthorized()

    def _count(self, caller: Caller) -> None:
        """Book a request. TooManyRequests beyond the limit of this minute."""
        now = int(self.clock())
        counter = keys.mcp_requests(caller.tenant.account_id, str(caller.key.id), now // _MINUTE)
        with self.store.pipeline() as pipe:
            pipe.incr(counter)
            pipe.expire(counter, 2 * _MINUTE)
            count, _set = pipe.execute()
        if count > self.settings.mcp_rate:
            wait = _MINUTE - now % _MINUTE
            raise TooManyRequests(
                f"This key may make {self.settings.mcp_rate} requests a minute; try again in"
                f" {wait} s.",
                retry_after=wait,
            )


def new_session(key: McpKey) -> str:
    """A session's id, of this key only. Nothing is kept of it until somebody is proven in it."""
    told = secrets.token_hex(16)
    return f"{told}.{_mac(key, told)}"


def _is_session_of(key: McpKey, session: str) -> bool:
    told, _, mac = session.partition(".")
    return hmac.compare_digest(mac.encode("utf-8", "replace"), _mac(key, told).encode())


def _mac(key: McpKey, told: str) -> str:
    return hmac.new(key.sha256.encode(), told.encode("utf-8", "replace"), "sha256").hexdigest()[:32]
