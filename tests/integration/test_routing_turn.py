"""A turn goes where its inbox and its sender say: the tenant's crew, the owner's, or people."""

import hashlib
import hmac
import json
import time
from collections.abc import Callable
from typing import Any

import pytest
import structlog

from sidecar.store import keys
from sidecar.web.state import WebState
from tests.documents import TOKEN, tenant_document
from tests.integration.conftest import Shop, Worker

OWNER = "+5511900000001"  # who speaks in `Shop.start`
Reconfigure = Callable[..., None]


@pytest.fixture
def reconfigure(shop: Shop, web: WebState) -> Reconfigure:
    """Push the shop's tenant anew, with changes to the document and to its channel."""

    def push(crews: dict[str, Any] | None = None, **channel: Any) -> None:
        version = web.tenants.get("account_1").version + 1
        document = tenant_document(version=version)
        if crews is not None:
            document["crews"] = crews
        told = document["integrations"]["chatwoot"]["channels"][0]
        told.update({"url": shop.base, "inbox_id": shop.inbox} | channel)
        web.tenants.apply(document)

    return push


def done(worker: Worker) -> Callable[[], bool]:
    return lambda: worker.queue.pending() == 0


def notes(shop: Shop, conversation: int) -> list[str]:
    return [m["content"] for m in shop.read(conversation)["messages"] if m["private"]]


def deliver(shop: Shop, web: WebState, number: int, **changes: Any) -> Any:
    """A signed message event of the conversation, as Chatwoot's hook would bring it."""
    body = {
        "event": "message_created",
        "id": 900_000 + number,
        "account": {"id": 1, "name": "x"},
        "content": "tem sofá azul?",
        "message_type": "incoming",
        "private": False,
        "sender": {"id": 1, "name": "Bia"},
        "conversation": {"id": number, "status": "pending", "can_reply": True},
        "created_at": "2026-11-01T00:00:00.000Z",
    } | changes
    raw = json.dumps(body).encode()
    stamp = str(int(time.time()))
    secret = web.credentials.resolve("account_1", "hook_secret")
    mac = hmac.new(secret.encode(), stamp.encode() + b"." + raw, hashlib.sha256).hexdigest()
    headers = {"X-Chatwoot-Timestamp": stamp, "X-Chatwoot-Signature": f"sha256={mac}"}
    url = f"{web.settings.url_of_web()}/webhook/chatwoot/{TOKEN}"
    return shop.session.post(url, data=raw, headers=headers, timeout=5)


def test_the_channels_crew_answers_and_the_log_says_why(
    shop: Shop, worker: Worker, reconfigure: Reconfigure
) -> None:
    reconfigure({"sales": {"enabled": True}}, crew="sales")
    conversation = shop.start("tem sofá?")
    with structlog.testing.capture_logs() as logged:
        worker.drain(conversation)
    assert worker.hub.crews == ["sales"]
    told = {entry["event"]: entry.get("because") for entry in logged}
    assert told["turn.placed"] == f"channel 7 names inbox {shop.inbox}"
    assert told["turn.routed"] == "it is the channel's crew"
    _ids, (row,) = worker.desk.traces.take("account_1")
    routed = [step["told"] for step in row["steps"] if step["kind"] == "route"]
    assert routed == ["é a crew do canal"], "people of the tenant read it in their language"


def test_the_owner_is_known_by_the_number_whatsapp_proves(
    shop: Shop, worker: Worker, reconfigure: Reconfigure
) -> None:
    crews = {"customer_service": {"enabled": True}, "analytics": {"enabled": True}}
    reconfigure(crews, owner_phones=[OWNER])
    conversation = shop.start("quanto vendemos?")
    worker.work_until(lambda: bool(shop.answers(conversation)))
    assert worker.hub.crews == ["analytics"]
    crews["analytics"]["enabled"] = False  # the running worker follows the next push at once
    reconfigure(crews, owner_phones=[OWNER])
    shop.say(conversation, "e hoje?")
    worker.work_until(lambda: len(shop.answers(conversation)) == 2)
    assert worker.hub.crews == ["analytics", "customer_service"]


def test_a_number_that_somebody_claims_makes_no_owner(
    shop: Shop, worker: Worker, web: WebState, reconfigure: Reconfigure
) -> None:
    crews = {"customer_service": {"enabled": True}, "analytics": {"enabled": True}}
    reconfigure(crews, owner_phones=["+5511955554444"])
    conversation = shop.start("oi")
    worker.work_until(lambda: bool(shop.answers(conversation)))
    claimed = {
        "id": conversation,
        "inbox_id": shop.inbox,
        "status": "pending",
        "can_reply": True,
        "channel": "Channel::WebWidget",
        "contact_inbox": {"source_id": "5511955554444"},
    }
    sender = {"id": 1, "name": "Bia", "phone_number": "+5511955554444"}
    answer = deliver(shop, web, conversation, conversation=claimed, sender=sender)
    assert answer.json()["data"] == {"stored": True}
    worker.work_until(lambda: len(worker.hub.crews) == 2)
    assert worker.hub.crews == ["customer_service", "customer_service"]


@pytest.mark.parametrize(
    ("crews", "crew", "reason"),
    [
        (
            {"customer_service": {"enabled": False}},
            "customer_service",
            "Crew customer_service não está habilitada para account_id account_1",
        ),
        ({}, "sales", "Crew sales não está habilitada para account_id account_1"),
        (
            {"marketplace": {"enabled": True}},
            "marketplace",
            "A crew marketplace da account_id account_1 não atende clientes",
        ),
    ],
)
def test_a_crew_that_may_not_answer_hands_over_at_once_and_says_why(
    shop: Shop,
    worker: Worker,
    reconfigure: Reconfigure,
    crews: dict[str, Any],
    crew: str,
    reason: str,
) -> None:
    reconfigure(crews, crew=crew)
    conversation = shop.start("tem sofá?")
    worker.work_until(lambda: shop.read(conversation)["status"] == "open")
    worker.work_until(done(worker))
    assert worker.hub.crews == []
    (answer,) = shop.answers(conversation)
    assert "pessoa da nossa equipe" in answer
    (note,) = notes(shop, conversation)
    assert note.startswith(f"IA passou o atendimento: {reason}")
    ledger = worker.hub.services.store.hgetall(keys.turn("account_1", f"7-{conversation}"))
    assert "attempts" not in ledger  # it was not tried and tried again first


def test_an_event_without_an_inbox_is_placed_by_asking_chatwoot_once(
    shop: Shop, worker: Worker, web: WebState, reconfigure: Reconfigure
) -> None:
    hook = {"id": 12, "token_sha256": hashlib.sha256(TOKEN.encode()).hexdigest()}
    document = tenant_document(version=9)
    first = document["integrations"]["chatwoot"]["channels"][0] | {"url": shop.base}
    wide = first | {"inbox_id": None, "hooks": [hook | {"secret_ref": "hook_secret"}]}
    named = first | {"id": 8, "inbox_id": shop.inbox, "hooks": [], "crew": "sales"}
    document["integrations"]["chatwoot"]["channels"] = [wide, named]
    document["crews"] = {"sales": {"enabled": True}}
    web.tenants.apply(document)
    conversation = shop.start("oi")
    worker.work_until(lambda: bool(shop.answers(conversation)))
    store = web.store
    kept = keys.inbox("account_1", f"7-{conversation}")
    assert store.get(kept) is None
    assert deliver(shop, web, conversation).json()["data"] == {"stored": True}
    worker.work_until(lambda: len(shop.answers(conversation)) == 2)
    assert worker.hub.crews == ["sales", "sales"]  # the channel that names the inbox
    assert store.get(kept) == str(shop.inbox)
    assert 0 < store.ttl(kept) <= keys.INBOX_TTL


def second_tenant(shop: Shop, inbox: int) -> dict[str, Any]:
    document = tenant_document("account_2")
    channel = document["integrations"]["chatwoot"]["channels"][0]
    hook = {"id": 1, "token_sha256": "b" * 64, "secret_ref": "s"}
    channel.update(url=shop.base, inbox_id=inbox, hooks=[hook])
    return document


def test_another_tenants_inbox_is_not_acted_on(
    shop: Shop, worker: Worker, web: WebState, reconfigure: Reconfigure
) -> None:
    reconfigure(inbox_id=None)
    web.tenants.apply(second_tenant(shop, shop.inbox))
    conversation = shop.start("oi")
    told = {"id": conversation, "inbox_id": shop.inbox, "status": "pending", "can_reply": True}
    answer = deliver(shop, web, conversation, conversation=told)
    assert (answer.status_code, answer.json()["data"]) == (200, {"ignored": "other_tenant"})
    # where the event does not tell its inbox, the worker finds out, and drops it untold
    assert deliver(shop, web, conversation).json()["data"] == {"stored": True}
    worker.work_until(done(worker))
    assert worker.hub.asked == []
    assert shop.answers(conversation) == []
    for account in ("account_1", "account_2"):
        assert not list(web.store.scan_iter(f"{account}:mbx:*"))
        assert not list(web.store.scan_iter(f"{account}:hist:*"))


def test_an_inbox_no_channel_serves_is_refused(
    shop: Shop, web: WebState, reconfigure: Reconfigure
) -> None:
    told = {"id": 1, "inbox_id": shop.inbox + 99, "status": "pending", "can_reply": True}
    assert deliver(shop, web, 1, conversation=told).status_code == 403
    assert deliver(shop, web, 1, account={"id": 2}).status_code == 403
