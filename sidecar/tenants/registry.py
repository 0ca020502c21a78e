"""What every process knows of the tenants: published in Redis, derived from the YAML tree."""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import redis
import structlog
from pydantic import ValidationError

from sidecar.errors import ConfigInvalid, SidecarError, UnknownAccount
from sidecar.settings import Settings
from sidecar.store import keys
from sidecar.store.connection import state_store
from sidecar.tenants.doors import Door, doors_of, named_inboxes
from sidecar.tenants.files import TenantFiles
from sidecar.tenants.kinds import CREWS
from sidecar.tenants.schema import Tenant
from sidecar.tenants.values import invalid

log = structlog.get_logger(__name__)

PATIENCE = 20.0  # seconds a writer waits for another one; longer than a killed one's lease lives
_LEASE = 10.0
# what waits for the control Odoo, by its due queue
_REPORTS = {"audit": keys.trail, "traces": keys.traces}

SecretOf = Callable[[str, str], str | None]


@dataclass(frozen=True, slots=True)
class Problem:
    """A tenant (or an entry of the mapping, account "") that is not published as it is written."""

    account_id: str
    file: str
    message: str


@dataclass(slots=True)
class Published:
    """What a publishing of the whole tree did."""

    accounts: list[str] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


class TenantRegistry:
    """Reads published tenants; writes the tree and publishes. One writer at a time (a lock).

    Nothing is kept in the process: what is published is what the next read sees.
    secret_of: (account id, reference) → value, for URL tokens that are kept among the secrets.
    """

    def __init__(
        self, store: redis.Redis, files: TenantFiles, secret_of: SecretOf = lambda _a, _r: None
    ):
        self.store = store
        self.files = files
        self.secret_of = secret_of

    @classmethod
    def from_settings(
        cls, settings: Settings, secret_of: SecretOf = lambda _a, _r: None
    ) -> "TenantRegistry":
        return cls(state_store(settings), TenantFiles(settings.config_dir), secret_of)

    # -- reading --------------------------------------------------------------------------------

    def get(self, account_id: str) -> Tenant:
        """The tenant of that account id; UnknownAccount otherwise."""
        published = self.store.get(keys.config(account_id))
        if published is None:
            raise UnknownAccount(account_id=account_id)
        try:
            return Tenant.model_validate_json(published)
        except ValidationError:
            raise ConfigInvalid(
                "What is published of this tenant is of another version; run"
                " `sidecar tenants publish`.",
                account_id=account_id,
            ) from None

    def accounts(self) -> list[str]:
        """Ids of all published tenants, sorted."""
        return sorted(self.store.smembers(keys.ACCOUNTS))

    def door(self, token_sha256: str) -> Door | None:
        """The door behind a webhook URL token, or None."""
        found = self.store.get(keys.webhook_route(token_sha256))
        return Door.from_json(found) if found else None

    def mcp_account(self, key_sha256: str) -> str | None:
        """The account whose document has an MCP client's key of this hash, or None."""
        return self.store.get(keys.mcp_route(key_sha256))

    def names_inbox(self, chatwoot: str, inbox_id: int) -> set[str]:
        """Account ids of the tenants that name an inbox of a Chatwoot account."""
        return self.store.smembers(keys.inbox_route(chatwoot, inbox_id))

    def problems(self) -> list[Problem]:
        """What could not be published when the tree was read last."""
        kept = self.store.hgetall(keys.CONFIG_ERRORS)
        return [Problem(**json.loads(text)) for _account, text in sorted(kept.items())]

    # -- writing --------------------------------------------------------------------------------

    def apply(
        self,
        document: dict[str, Any],
        reset: bool = False,
        along: Callable[[redis.client.Pipeline], None] | None = None,
    ) -> Tenant:
        """Merge a pushed document into the tree and publish the result.

        `along` adds to the transaction that publishes (the secrets that came with the document).
        ConfigInvalid and Conflict (see `TenantFiles.write`) change nothing.
        """
        with self._writer():
            tenant = self.files.write(document, reset, self._check_claims)
            self._publish(tenant, along)
        return tenant

    def publish_all(self, patience: float = PATIENCE) -> Published:
        """Publish every tenant of the tree, and take back those it no longer names.

        patience: seconds to wait for another writer; a killed one's lease lives up to 10. Raises
        redis' LockError after that.

        A bad tenant stops no other: what was published of it before stays, and it is reported in
        the log, in the answer and by `problems`. An empty or broken mapping takes nothing back,
        since a folder that is not mounted looks just so.
        """
        done = Published()
        unreadable = self.files.mapping_problems()
        for error in unreadable:
            self._report(done, "", error)
        mapped = self.files.accounts()
        for account_id in mapped:
            try:
                with self._writer(patience):  # one each: no push waits for all
                    self._publish_read(account_id)
                done.accounts.append(account_id)
            except SidecarError as error:
                self._report(done, account_id, error)
        if mapped and not unreadable:
            for account_id in set(self.accounts()) - mapped.keys():
                with self._writer(patience):
                    self._withdraw(account_id)
                log.warning("tenant.withdrawn", account=account_id)
        with self.store.pipeline() as pipe:
            pipe.delete(keys.CONFIG_ERRORS)
            for number, problem in enumerate(done.problems):
                told = {
                    "account_id": problem.account_id,
                    "file": problem.file,
                    "message": problem.message,
                }
                name = problem.account_id or f"mapping {number}"
                pipe.hset(keys.CONFIG_ERRORS, name, json.dumps(told, ensure_ascii=False))
            pipe.execute()
        return done

    def publish(self, tenant: Tenant) -> None:
        """Publish one tenant as it is, past the tree. ConfigInvalid for another one's claims."""
        with self._writer():
            self._check_claims(tenant)
            self._publish(tenant)

    def _publish_read(self, account_id: str) -> None:
        reading = self.files.reading(account_id)
        if reading.error is not None:
            raise reading.error
        for note in reading.notes:
            log.warning("tenant.note", account=account_id, field=note.field, note=note.text)
        tenant = reading.tenant
        assert tenant is not None
        self._check_claims(tenant)
        self._publish(tenant)

    def _report(self, done: Published, account_id: str, error: SidecarError) -> None:
        file = str(error.details.get("file", ""))
        done.problems.append(Problem(account_id, file, error.message))
        log.error(
            "tenant.not_published",
            account=account_id,
            file=file,
            field=error.details.get("field", ""),
            error=error.message,
        )

    def _check_claims(self, tenant: Tenant) -> None:
        """ConfigInvalid when a webhook URL, a prefix or an MCP key is another tenant's."""
        doors, _absent = doors_of(tenant, self.secret_of)
        tokens = list(doors)
        for number, key in enumerate(tenant.mcp_keys):
            if self.mcp_account(key.sha256) not in (None, tenant.account_id):
                raise invalid(f"mcp_keys[{number}].sha256", "this key is another tenant's")
        with self.store.pipeline(transaction=False) as pipe:
            pipe.hget(keys.PREFIXES, tenant.prefix)
            pipe.sismember(keys.ACCOUNTS, tenant.prefix)
            for token in tokens:
                pipe.get(keys.webhook_route(token))
            holder, is_account, *found = pipe.execute()
        mine = (None, tenant.account_id)
        if holder not in mine or (is_account and tenant.prefix != tenant.account_id):
            raise invalid("integrations.redis.config.prefix", "is another tenant's prefix")
        for token, text in zip(tokens, found, strict=True):
            other = Door.from_json(text) if text else None
            if other is not None and other.account_id != tenant.account_id:
                raise invalid(_field_of(tenant, doors[token]), "this URL token is another tenant's")

    def _publish(
        self, tenant: Tenant, along: Callable[[redis.client.Pipeline], None] | None = None
    ) -> None:
        """Replace what is published of one tenant, its doors and derived keys included."""
        account_id = tenant.account_id
        old = self._kept(account_id)
        doors, absent = doors_of(tenant, self.secret_of)
        for ref in absent:
            log.warning(
                "door.closed", account=account_id, ref=ref, why="the URL token has no value"
            )
        inboxes = named_inboxes(tenant)
        clients = [key.sha256 for key in tenant.mcp_keys]
        new = {
            "tokens": list(doors),
            "inboxes": inboxes,
            "prefix": tenant.prefix,
            "mcp_keys": clients,
        }
        reports = [kind for kind, of in _REPORTS.items() if self.store.exists(of(account_id))]
        with self.store.pipeline() as pipe:
            self._take_back(pipe, account_id, old)
            for token, door in doors.items():
                pipe.set(keys.webhook_route(token), door.to_json())
            for chatwoot, inbox_id in inboxes:
                pipe.sadd(keys.inbox_route(chatwoot, inbox_id), account_id)
            for client in clients:
                pipe.set(keys.mcp_route(client), account_id)
            pipe.hset(keys.PREFIXES, tenant.prefix, account_id)
            # derived from what is replaced: deleted here, so that nobody meets the old ones
            pipe.delete(*(keys.crew(tenant.prefix, crew) for crew in CREWS))
            pipe.hdel(keys.CONFIG_ERRORS, account_id)
            pipe.sadd(keys.ACCOUNTS, account_id)
            pipe.set(keys.domain(account_id), tenant.domain)
            pipe.set(keys.published(account_id), json.dumps(new))
            pipe.set(keys.config(account_id), tenant.model_dump_json())
            for kind in reports:  # they may have somebody to go to now
                pipe.zadd(keys.due(kind), {account_id: time.time()}, lt=True)
            if along is not None:
                along(pipe)
            pipe.execute()

    def _withdraw(self, account_id: str) -> None:
        with self.store.pipeline() as pipe:
            self._take_back(pipe, account_id, self._kept(account_id))
            pipe.srem(keys.ACCOUNTS, account_id)
            pipe.delete(
                keys.domain(account_id), keys.published(account_id), keys.config(account_id)
            )
            pipe.execute()

    def _kept(self, account_id: str) -> dict[str, Any]:
        text = self.store.get(keys.published(account_id))
        return json.loads(text) if text else {"tokens": [], "inboxes": [], "prefix": account_id}

    @staticmethod
    def _take_back(pipe: Any, account_id: str, old: dict[str, Any]) -> None:
        for token in old["tokens"]:
            pipe.delete(keys.webhook_route(token))
        for chatwoot, inbox_id in old["inboxes"]:
            pipe.srem(keys.inbox_route(chatwoot, inbox_id), account_id)
        for client in old.get("mcp_keys", []):  # what an earlier version published has none
            pipe.delete(keys.mcp_route(client))
        pipe.hdel(keys.PREFIXES, old["prefix"])
        pipe.delete(*(keys.crew(old["prefix"], crew) for crew in CREWS))

    def _writer(self, patience: float = PATIENCE) -> Any:
        return self.store.lock(
            keys.lease("config", "writer"), timeout=_LEASE, blocking_timeout=patience, sleep=0.02
        )


def _field_of(tenant: Tenant, door: Door) -> str:
    for number, channel in enumerate(tenant.channels):
        for place, hook in enumerate(channel.hooks):
            if (channel.id, hook.id) == (door.channel_id, door.hook_id):
                return f"integrations.chatwoot.channels[{number}].hooks[{place}].token_sha256"
    return "integrations.chatwoot.channels"
