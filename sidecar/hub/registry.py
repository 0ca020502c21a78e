"""Crew definitions, built once and kept in Redis until the tenant's configuration changes."""

import json
import threading

import redis
from pydantic import ValidationError

from sidecar.crews.definition import CrewDefinition, build, canonical, source_digest
from sidecar.store import keys
from sidecar.tenants.schema import Tenant


class DefinitionRegistry:
    """Definitions of all tenants; safe to share between threads. Counts hits and misses.

    A kept definition says what it was built from, so one that a slow process wrote after a push
    is not used.
    """

    def __init__(self, store: redis.Redis):
        self.store = store
        self.hits = 0
        self.misses = 0
        self._counting = threading.Lock()

    def get(self, tenant: Tenant, crew: str) -> CrewDefinition:
        """The definition of the tenant's `crew`. Unprocessable for a crew that is only a name."""
        digest = source_digest(tenant, crew)
        kept = self._kept(tenant, crew, digest)
        with self._counting:
            self.hits += kept is not None
            self.misses += kept is None
        if kept is not None:
            return kept
        definition = build(tenant, crew)
        told = {
            "version": tenant.version,
            "digest": digest,
            "definition": definition.model_dump(mode="json"),
        }
        ttl = tenant.integrations.redis.config.ttl
        self.store.set(keys.crew(tenant.prefix, crew), canonical(told), ex=ttl)
        return definition

    def _kept(self, tenant: Tenant, crew: str, digest: str) -> CrewDefinition | None:
        text = self.store.get(keys.crew(tenant.prefix, crew))
        if text is None:
            return None
        try:
            told = json.loads(text)
            if told["version"] != tenant.version or told["digest"] != digest:
                return None
            return CrewDefinition.model_validate(told["definition"])
        except (ValueError, KeyError, TypeError, ValidationError):
            return None
