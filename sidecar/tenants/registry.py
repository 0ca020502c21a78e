"""What every process knows of the tenants: published in Redis, derived from the YAML tree."""

import json
from typing import Any

import redis

from sidecar.errors import UnknownAccount
from sidecar.settings import Settings
from sidecar.store import keys
from sidecar.store.connection import state_store
from sidecar.tenants.files import TenantFiles
from sidecar.tenants.schema import Channel, Tenant

_WRITER_LEASE = "lease:config:writer"


class TenantRegistry:
    """Reads published tenants; writes the tree and publishes. One writer at a time (a lock)."""

    def __init__(self, store: redis.Redis, files: TenantFiles):
        self.store = store
        self.files = files

    @classmethod
    def from_settings(cls, settings: Settings) -> "TenantRegistry":
        return cls(state_store(settings), TenantFiles(settings.config_dir))

    def get(self, account_id: str) -> Tenant:
        """The tenant of that account id; UnknownAccount otherwise."""
        published = self.store.get(keys.config(account_id))
        if published is None:
            raise UnknownAccount(account_id=account_id)
        return Tenant.model_validate_json(published)

    def accounts(self) -> list[str]:
        """Ids of all published tenants, sorted."""
        return sorted(self.store.smembers(keys.ACCOUNTS))

    def channel_of_token(self, token_sha256: str) -> tuple[str, Channel] | None:
        """Account id and channel a webhook URL token belongs to, or None."""
        found = self.store.get(keys.webhook_route(token_sha256))
        if found is None:
            return None
        route = json.loads(found)
        return route["account_id"], Channel.model_validate(route["channel"])

    def apply(self, document: dict[str, Any]) -> Tenant:
        """Merge a pushed document into the tree and publish the result."""
        with self.store.lock(_WRITER_LEASE, timeout=30, blocking_timeout=10):
            tenant = self.files.write(document)
            self.publish(tenant)
        return tenant

    def publish_all(self) -> int:
        """Publish every tenant of the tree (after Redis was emptied); how many there are."""
        count = 0
        with self.store.lock(_WRITER_LEASE, timeout=30, blocking_timeout=10):
            for tenant in self.files.tenants():
                self.publish(tenant)
                count += 1
        return count

    def publish(self, tenant: Tenant) -> None:
        """Replace what is published of one tenant, its webhook routes included."""
        old = self.store.get(keys.config(tenant.account_id))
        stale = _routes(Tenant.model_validate_json(old)) if old else {}
        routes = _routes(tenant)
        with self.store.pipeline() as pipe:
            for token in stale.keys() - routes.keys():
                pipe.delete(keys.webhook_route(token))
            for token, route in routes.items():
                pipe.set(keys.webhook_route(token), route)
            pipe.sadd(keys.ACCOUNTS, tenant.account_id)
            pipe.set(keys.domain(tenant.account_id), tenant.domain)
            pipe.set(keys.config(tenant.account_id), tenant.model_dump_json())
            pipe.execute()


def _routes(tenant: Tenant) -> dict[str, str]:
    return {
        channel.token_sha256: json.dumps(
            {"account_id": tenant.account_id, "channel": channel.model_dump()}
        )
        for channel in tenant.integrations.chatwoot.channels
    }
