"""`sidecar doctor`: check each part and say what to do for each failure."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import requests
from qdrant_client import QdrantClient

from sidecar.credentials.resolver import CredentialResolver
from sidecar.errors import SidecarError
from sidecar.hub.services import Services
from sidecar.llm.gateway import gateway_from_settings
from sidecar.settings import Settings
from sidecar.store import keys
from sidecar.store.connection import RedisError, cache_store, state_store
from sidecar.tasks.broker import broker_for
from sidecar.tenants.schema import Tenant

OK, OFF, FAILED = "ok", "off", "FAILED"


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the report."""

    part: str
    state: str
    text: str


def run(settings: Settings) -> int:
    """Print the report; 1 when something that is configured fails."""
    failed = False
    for finding in examine(settings):
        print(f"{finding.part:<28} {finding.state:<7} {finding.text}")
        failed = failed or finding.state == FAILED
    return 1 if failed else 0


def examine(settings: Settings) -> Iterator[Finding]:
    """All findings, part by part."""
    store = _checked("redis (state)", lambda: _state(settings))
    yield store
    yield _checked("redis (cache)", lambda: _ping_cache(settings))
    yield _checked("broker", lambda: _broker(settings))
    yield _checked("qdrant", lambda: _qdrant(settings))
    yield _checked("web", lambda: _web(settings))
    yield _llm(settings)
    if store.state == FAILED:
        return
    services = Services.build(settings)
    accounts = services.tenants.accounts()
    if not accounts:
        yield Finding("tenants", OFF, "none enrolled; run `sidecar enroll` and paste it in Odoo")
    for account_id in accounts:
        tenant = services.tenants.get(account_id)
        yield _checked(f"odoo ({account_id})", lambda tenant=tenant: _odoo(services, tenant))
        yield from _chatwoot(services, tenant)
        alerts = services.store.llen(keys.alerts(account_id))
        if alerts:
            yield Finding(f"alerts ({account_id})", FAILED, f"{alerts} turns need a look")


def _checked(part: str, check: Callable[[], str]) -> Finding:
    try:
        return Finding(part, OK, check())
    except SidecarError as error:
        return Finding(part, FAILED, error.message)
    except RedisError as error:
        return Finding(part, FAILED, f"{type(error).__name__}: start Redis or mend its URL")


def _state(settings: Settings) -> str:
    store = state_store(settings)
    facts = store.info()
    policy = store.config_get("maxmemory-policy")["maxmemory-policy"]
    if not facts["aof_enabled"]:
        raise SidecarError("append-only file is off: set `appendonly yes`, or messages can be lost")
    if policy != "noeviction":
        raise SidecarError(f"maxmemory-policy is {policy}: set it to noeviction")
    CredentialResolver.from_settings(settings)
    return f"Redis {facts['redis_version']}, AOF on, noeviction"


def _ping_cache(settings: Settings) -> str:
    cache_store(settings).ping()
    return "answers"


def _broker(settings: Settings) -> str:
    broker = broker_for(settings)
    try:
        client = getattr(broker, "client", None)
        if client is not None:
            client.ping()
        else:
            broker.get_queue_message_counts("jobs")
    except RedisError:
        raise
    except Exception as error:  # noqa: BLE001 - the broker's library decides what it raises
        raise SidecarError(f"cannot be reached ({type(error).__name__}); mend BROKER_URL") from None
    return type(broker).__name__


def _qdrant(settings: Settings) -> str:
    key = settings.qdrant_api_key.get_secret_value() or None
    try:
        client = QdrantClient(
            url=settings.url_of_vectors(), api_key=key, timeout=5, check_compatibility=False
        )
        names = [c.name for c in client.get_collections().collections]
    except Exception as error:  # noqa: BLE001 - the client raises httpx's and its own errors
        raise SidecarError(
            f"cannot be reached ({type(error).__name__}); run `sidecar vectors` or mend QDRANT_URL"
        ) from None
    kind = "server" if settings.qdrant_url else "embedded"
    return f"{kind}, collections: {', '.join(sorted(names)) or 'none yet'}"


def _web(settings: Settings) -> str:
    try:
        answer = requests.get(f"{settings.url_of_web()}/health/ready", timeout=5)
    except requests.RequestException as error:
        raise SidecarError(
            f"cannot be reached ({type(error).__name__}); run `sidecar web`"
        ) from None
    if answer.status_code != 200:
        raise SidecarError(f"answers HTTP {answer.status_code}; see its log")
    return settings.url_of_web()


def _llm(settings: Settings) -> Finding:
    gateway = gateway_from_settings(settings)
    if gateway is None:
        return Finding("llm", OFF, "no CHATWOOTAI_LLM_API_KEY: the extractive writer answers")

    def check() -> str:
        gateway.check()
        return gateway.model

    return _checked("llm", check)


def _odoo(services: Services, tenant: Tenant) -> str:
    told = services.proxy(tenant).erp.ping()
    return f"Odoo {told['odoo_version']}, company {told['company_id']}"


def _chatwoot(services: Services, tenant: Tenant) -> Iterator[Finding]:
    channels = tenant.integrations.chatwoot.channels
    if not channels:
        yield Finding(f"chatwoot ({tenant.account_id})", OFF, "no channel; add one in Odoo")
    for channel in channels:

        def check(channel=channel) -> str:
            client = services.chatwoot(tenant, channel)
            client.check_bot_token()
            if not channel.reading_token_ref:
                return "bot token works; no reading token: a lost answer is alerted, not repeated"
            client.check_reading_token()
            return "bot and reading tokens work"

        yield _checked(f"chatwoot ({tenant.account_id}/{channel.id})", check)
