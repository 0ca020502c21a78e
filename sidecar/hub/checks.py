"""Whether each part really answers: asked by `test_connection` and by `sidecar doctor`.

A check returns what was seen, raises `Off` where nothing is set up, or a named error. Checks run
beside each other and each has ten seconds, so one that hangs hides no other.
"""

import queue
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from typing import Any, Literal

import redis
import structlog
from qdrant_client import QdrantClient

from sidecar.erp.generic.store import PushedRecords
from sidecar.errors import (
    DeadlineExceeded,
    NotConfigured,
    SidecarError,
    Unavailable,
    UpstreamError,
)
from sidecar.hub.services import Services, control_config, has_own_erp
from sidecar.llm.gateway import LlmGateway
from sidecar.store.connection import RedisError
from sidecar.tenants.pushing import KINDS, PushingErp
from sidecar.tenants.schema import Channel, Tenant

log = structlog.get_logger(__name__)

LIMIT = 10.0  # seconds of one check

OK, OFF, FAILED = "ok", "off", "failed"


class Off(Exception):
    """Nothing is set up there; the text says what works instead, or what to do."""


@dataclass(frozen=True, slots=True)
class Check:
    """One line of the result (`docs/contracts.md`, `test_connection`)."""

    part: str
    name: str
    state: Literal["ok", "off", "failed"]
    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Question:
    """A check to be made. `ask` returns what was seen."""

    part: str
    name: str
    ask: Callable[[], str]


def connection_report(services: Services, tenant: Tenant) -> dict[str, Any]:
    """The action's result: every part of one tenant, each with its own line."""
    checks = answers([house_store(services), *questions(services, tenant)])
    failed = [f"{c.part} {c.name}".strip() for c in checks if c.state == FAILED]
    services.audit.record(
        tenant.account_id,
        "test_connection",
        ", ".join(failed) or "all parts answer",
        "error" if failed else "ok",
        next((c.code for c in checks if c.state == FAILED), ""),
    )
    return {"checks": [asdict(check) for check in checks]}


def house_store(services: Services) -> Question:
    """The Redis that keeps the messages."""
    return Question("redis", "", lambda: state_of(services.store))


def questions(services: Services, tenant: Tenant) -> list[Question]:
    """What is asked for one tenant."""
    asked = [
        Question("qdrant", "", lambda: qdrant_of(services.search.client(tenant.context))),
        Question("llm", "", lambda: llm_of(services.chosen_llm(tenant))),
        Question("odoo", "", lambda: _odoo(services, tenant)),
    ]
    if has_own_erp(tenant) or isinstance(tenant.integrations.mcp, PushingErp):
        asked.append(Question("erp", "", lambda: _erp(services, tenant)))
    channels = tenant.channels
    if not channels:
        asked.append(Question("chatwoot", "", _no_channel))
    for channel in channels:

        def ask(channel: Channel = channel) -> str:
            return _chatwoot(services, tenant, channel)

        asked.append(Question("chatwoot", channel.name or str(channel.id), ask))
    return asked


def answers(asked: Iterable[Question], limit: float = LIMIT) -> list[Check]:
    """Ask all at once; the answers in the order of the questions, after `limit` seconds at most."""
    wanted = list(asked)
    told: queue.Queue[tuple[int, Check]] = queue.Queue()
    for number, question in enumerate(wanted):
        # daemons: a check that hangs must not keep the process from ending
        threading.Thread(
            target=lambda n=number, q=question: told.put((n, _answer(q))),
            name=f"check-{question.part}",
            daemon=True,
        ).start()
    found: dict[int, Check] = {}
    deadline = time.monotonic() + limit
    while len(found) < len(wanted):
        try:
            number, check = told.get(timeout=max(0.0, deadline - time.monotonic()))
        except queue.Empty:
            break
        found[number] = check
    late = DeadlineExceeded(f"There was no answer within {limit:g} seconds.")
    return [
        found.get(number) or Check(q.part, q.name, FAILED, late.code, late.message)
        for number, q in enumerate(wanted)
    ]


def _answer(question: Question) -> Check:
    part, name = question.part, question.name
    try:
        return Check(part, name, OK, "", question.ask())
    except Off as off:
        return Check(part, name, OFF, "", str(off))
    except SidecarError as error:
        return Check(part, name, FAILED, error.code, error.message)
    except RedisError as error:
        log.warning("check.store_unreachable", error=type(error).__name__)
        return Check(
            part,
            name,
            FAILED,
            Unavailable.code,
            "Redis cannot be reached; start it or mend its URL.",
        )
    except Exception as error:  # noqa: BLE001 - whatever it is, it hides no other check
        # only its name: the text may be another party's
        log.error("check.failed", part=part, name=name, error=type(error).__name__)
        unexpected = SidecarError()
        return Check(part, name, FAILED, unexpected.code, unexpected.message)


def state_of(store: redis.Redis) -> str:
    """Redis answers, and is set up so that no message can be lost."""
    facts = store.info()
    policy = store.config_get("maxmemory-policy").get("maxmemory-policy")
    if not facts.get("aof_enabled"):
        raise NotConfigured(
            "Redis keeps no append-only file, so messages can be lost: set `appendonly yes`."
        )
    if policy != "noeviction":
        raise NotConfigured("Redis may evict what it keeps: set maxmemory-policy to noeviction.")
    return f"Redis {facts['redis_version']}, append-only file, noeviction"


def qdrant_of(client: QdrantClient) -> str:
    """Qdrant answers to our key; its collections are counted."""
    try:
        count = len(client.get_collections().collections)
    except Exception as error:  # noqa: BLE001 - the client raises httpx's and its own errors
        status = getattr(error, "status_code", None)
        if status in (401, 403):
            raise UpstreamError("Qdrant refused the key; mend it.") from None
        if status is not None:
            raise UpstreamError(f"Qdrant answered HTTP {status}.") from None
        raise Unavailable(
            "Qdrant cannot be reached; start it (`sidecar vectors`) or mend its URL."
        ) from None
    return f"answers, {count} collections"


def llm_of(gateway: LlmGateway | None) -> str:
    """The model's API takes our key."""
    if gateway is None:
        raise Off("No LLM key: the extractive writer answers.")
    gateway.check()
    return gateway.model


def _odoo(services: Services, tenant: Tenant) -> str:
    if control_config(tenant) is None and isinstance(tenant.integrations.mcp, PushingErp):
        raise Off("No Odoo: the ERP sends its data.")
    told = services.control(tenant).ping()
    return f"Odoo {told.get('odoo_version', '')}, company {told.get('company_id', '')}"


def _erp(services: Services, tenant: Tenant) -> str:
    if isinstance(tenant.integrations.mcp, PushingErp):
        kept = PushedRecords.of(services.settings, tenant.account_id)
        return ", ".join(f"{kept.count(kind)} {kind}" for kind in KINDS) + " received"
    rpc = services.erp(tenant)
    rpc.log_in()
    return f"Odoo {rpc.version()[:20]}"


def _no_channel() -> str:
    raise Off("No channel yet; add one in Odoo.")


def _chatwoot(services: Services, tenant: Tenant, channel: Channel) -> str:
    if channel.signature == "required":
        for hook in channel.hooks:
            services.credentials.require(tenant.account_id, hook.secret_ref)
    client = services.chatwoot(tenant, channel)
    try:
        client.check_bot_token()
        if not channel.reading_token_ref:
            return "The bot's token works. Without a reading token a lost answer is only alerted."
        client.check_reading_token()
    finally:
        client.close()
    return "The bot's and the reading token work."
