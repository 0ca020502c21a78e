"""What the doors share: built once per process by `create_app`, reached as `state()`."""

from dataclasses import dataclass

import redis
from flask import current_app, request

from sidecar.control.audit import AuditLog
from sidecar.credentials.resolver import CredentialResolver
from sidecar.hub.intake import Intake
from sidecar.hub.jobs import JobStore
from sidecar.hub.mailbox import Mailbox
from sidecar.observability.callers import address_of, networks
from sidecar.settings import Settings
from sidecar.store.connection import state_store
from sidecar.tasks.broker import broker_for
from sidecar.tasks.sender import HintSender
from sidecar.tenants.registry import TenantRegistry

HINT_SECONDS = 1.0  # for one hint, given behind the requests: the next one waits for it


@dataclass(frozen=True, slots=True)
class WebState:
    settings: Settings
    store: redis.Redis
    tenants: TenantRegistry
    credentials: CredentialResolver
    mailbox: Mailbox
    intake: Intake
    jobs: JobStore
    hints: HintSender
    audit: AuditLog

    @classmethod
    def build(cls, settings: Settings) -> "WebState":
        store = state_store(settings)
        networks(settings.trusted_proxies)  # a wrong setting stops the start, not a request
        credentials = CredentialResolver.from_settings(settings)
        tenants = TenantRegistry.from_settings(settings, credentials.resolve)
        mailbox = Mailbox(store, settings)
        return cls(
            settings=settings,
            store=store,
            tenants=tenants,
            credentials=credentials,
            mailbox=mailbox,
            intake=Intake(mailbox, tenants, settings),
            jobs=JobStore(store, settings),
            hints=HintSender(broker_for(settings, HINT_SECONDS)),
            audit=AuditLog(store, "web"),
        )


def state() -> WebState:
    """The state of the app that serves the current request."""
    return current_app.extensions["sidecar"]


def caller() -> str:
    """The address that the current request's audit row names."""
    forwarded = request.headers.get("X-Forwarded-For", "")
    return address_of(request.remote_addr or "", forwarded, state().settings.trusted_proxies)
