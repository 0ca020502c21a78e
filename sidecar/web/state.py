"""What the doors share: built once per process by `create_app`, reached as `state()`."""

from dataclasses import dataclass

import dramatiq
import redis
from flask import current_app

from sidecar.credentials.resolver import CredentialResolver
from sidecar.hub.jobs import JobStore
from sidecar.hub.mailbox import Mailbox
from sidecar.settings import Settings
from sidecar.store.connection import state_store
from sidecar.tasks.broker import broker_for
from sidecar.tenants.registry import TenantRegistry


@dataclass(frozen=True, slots=True)
class WebState:
    settings: Settings
    store: redis.Redis
    tenants: TenantRegistry
    credentials: CredentialResolver
    mailbox: Mailbox
    jobs: JobStore
    broker: dramatiq.Broker

    @classmethod
    def build(cls, settings: Settings) -> "WebState":
        store = state_store(settings)
        return cls(
            settings=settings,
            store=store,
            tenants=TenantRegistry.from_settings(settings),
            credentials=CredentialResolver.from_settings(settings),
            mailbox=Mailbox(store, settings),
            jobs=JobStore(store, settings),
            broker=broker_for(settings),
        )


def state() -> WebState:
    """The state of the app that serves the current request."""
    return current_app.extensions["sidecar"]
