"""`sidecar doctor`: check each part and say what to do for each failure."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import requests

from sidecar.control.audit import AuditLog
from sidecar.credentials.file import NAME as CREDENTIALS_FILE
from sidecar.errors import SidecarError
from sidecar.hub.checks import (
    FAILED,
    OFF,
    OK,
    Check,
    Question,
    answers,
    house_store,
    llm_of,
    qdrant_of,
    questions,
)
from sidecar.hub.services import Services
from sidecar.observability.callers import networks
from sidecar.settings import Settings
from sidecar.store import keys
from sidecar.store.circuits import open_circuits
from sidecar.store.connection import RedisError, cache_store
from sidecar.tasks.broker import broker_for

_MANY_PENDING = 1000  # rows for the audit that Odoo did not take
_UNKNOWN_SHOWN = 5


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
        shown = finding.state.upper() if finding.state == FAILED else finding.state
        print(f"{finding.part:<28} {shown:<7} {finding.text}")
        failed = failed or finding.state == FAILED
    return 1 if failed else 0


def examine(settings: Settings) -> Iterator[Finding]:
    """All findings, part by part."""
    services = Services.build(settings, "cli")
    store, *house = answers(
        [
            house_store(services),
            Question("redis", "cache", lambda: _ping_cache(settings)),
            Question("broker", "", lambda: _broker(settings)),
            Question("qdrant", "", lambda: qdrant_of(services.search.house)),
            Question("web", "", lambda: _web(settings)),
            Question("llm", "", lambda: llm_of(services.gateway)),
        ]
    )
    for check in (store, *house):
        yield _finding(check)
    yield from _settings(settings, services)
    if store.state == FAILED:
        return
    yield from _tenants(services)
    yield from _unknown(services.audit)


def _tenants(services: Services) -> Iterator[Finding]:
    accounts = services.tenants.accounts()
    if not accounts:
        yield Finding("tenants", OFF, "none enrolled; run `sidecar enroll` and paste it in Odoo")
    for account_id in accounts:
        try:
            tenant = services.tenants.get(account_id)
        except SidecarError as error:
            yield Finding(f"tenant ({account_id})", FAILED, error.message)
            continue
        for check in answers(questions(services, tenant)):
            yield _finding(check, account_id)
        for where, since in open_circuits(services.store, [account_id]).get(account_id, {}).items():
            text = f"{where} does not answer; left alone for {max(0, time.time() - since):.0f} s"
            yield Finding(f"circuit ({account_id})", FAILED, text)
        alerts = services.store.llen(keys.alerts(account_id))
        if alerts:
            yield Finding(f"alerts ({account_id})", FAILED, f"{alerts} turns need a look")
        pending = services.audit.pending(account_id)
        if pending:
            state = FAILED if pending >= _MANY_PENDING else OK
            yield Finding(
                f"audit ({account_id})", state, f"{pending} rows wait for Odoo to take them"
            )
    for problem in services.tenants.problems():
        yield Finding(problem.account_id or "mapping", FAILED, f"{problem.file}: {problem.message}")


def _unknown(audit: AuditLog) -> Iterator[Finding]:
    refused = audit.unknown()
    for row in refused[:_UNKNOWN_SHOWN]:
        claimed = f" for {row['account']}" if "account" in row else ""
        text = f"{row['operation']} {row['code']}{claimed} from {row['ip'] or '?'} ×{row['count']}"
        yield Finding("refused (no account)", OK, text)
    if len(refused) > _UNKNOWN_SHOWN:
        yield Finding("refused (no account)", OK, f"and {len(refused) - _UNKNOWN_SHOWN} more")


def _settings(settings: Settings, services: Services) -> Iterator[Finding]:
    yield from _stated(CREDENTIALS_FILE, lambda: services.credentials.file.stored())
    yield from _stated("trusted proxies", lambda: networks(settings.trusted_proxies))


def _stated(part: str, look: Callable[[], object]) -> Iterator[Finding]:
    """A finding only where something is wrong."""
    try:
        look()
    except SidecarError as error:
        yield Finding(part, FAILED, error.message)


def _finding(check: Check, account_id: str = "") -> Finding:
    where = "/".join(filter(None, (account_id, check.name)))
    return Finding(f"{check.part} ({where})" if where else check.part, check.state, check.message)


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
