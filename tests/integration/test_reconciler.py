"""Messages that never reached us are found in Chatwoot, and answered once."""

import time
from types import SimpleNamespace
from typing import Any

import pytest
import requests

from sidecar.chatwoot.client import ChatwootClient
from sidecar.errors import TooManyRequests
from sidecar.hub.reconciler import Reconciler, reconcile_queue
from sidecar.settings import Settings
from sidecar.store import keys
from sidecar.tasks.scheduler import Scheduler
from sidecar.tenants.doors import chatwoot_of
from sidecar.web.state import WebState
from tests.doubles.playground import wait_until
from tests.integration.conftest import ADMIN, Shop, Worker


@pytest.fixture
def deaf(shop: Shop) -> Shop:
    """A shop whose bot's hook leads nowhere: no event arrives."""
    hook(shop, "http://127.0.0.1:9/nowhere")
    return shop


def hook(shop: Shop, url: str) -> None:
    answer = requests.patch(
        f"{shop.base}/api/v1/accounts/1/agent_bots/1",
        json={"outgoing_url": url},
        headers={"api-access-token": ADMIN},
        timeout=5,
    )
    assert answer.ok, answer.text


def reconciler(worker: Worker, young: float = -5.0) -> Reconciler:
    return Reconciler(worker.hub.services, worker.desk.mailbox, young)


def run(worker: Worker, young: float = -5.0) -> float | None:
    """One look into Chatwoot; when the account is due again."""
    queue = reconcile_queue(worker.hub.services.store, worker.settings)
    queue.mark("account_1")
    lease = queue.acquire("account_1")
    assert lease
    with lease:
        reconciler(worker, young).work(lease)
    return queue.due_at("account_1")


def lost(shop: Shop, *sentences: str) -> int:
    """A conversation whose events were lost, and which is still the bot's."""
    conversation = shop.start(*sentences)

    def all_failed() -> bool:
        told = shop.session.get(f"{shop.base}/playground/api/log", timeout=5).json()["data"]
        failed = [line for line in told if line["text"].startswith("message_created")]
        return len(failed) == len(sentences)

    wait_until(all_failed)
    wait_until(lambda: shop.read(conversation)["status"] == "open")
    shop.act(conversation, "hand_back")  # some Chatwoots are told to keep it pending
    return conversation


def test_lost_messages_are_found_and_answered_once(deaf: Shop, worker: Worker) -> None:
    conversation = lost(deaf, "tem sofá?", "azul")
    assert run(worker) is None
    worker.drain(conversation, 2)
    assert worker.hub.asked[0][0] == "tem sofá?\nazul"
    assert worker.hub.customers[0].phone == "+5511900000001"
    run(worker)  # the ledger knows them now
    assert worker.queue.pending() == 0
    assert len(deaf.answers(conversation)) == 1


def test_what_waits_or_is_young_or_was_dealt_with_is_left_alone(
    shop: Shop, worker: Worker, web: WebState
) -> None:
    conversation = shop.start("tem sofá?")
    key = keys.mailbox("account_1", f"7-{conversation}")
    deadline = time.monotonic() + 10
    while not web.store.llen(key):
        assert time.monotonic() < deadline
        time.sleep(0.01)
    run(worker)
    assert web.store.llen(key) == 1  # it waits in the mailbox
    worker.drain(conversation)
    shop.say(conversation, "e poltrona?")
    worker.drain(conversation)
    run(worker)
    assert worker.queue.pending() == 0


def test_a_webhook_on_its_way_is_not_overtaken(deaf: Shop, worker: Worker) -> None:
    lost(deaf, "tem sofá?")
    run(worker, young=60.0)
    assert worker.queue.pending() == 0


def test_old_messages_are_people_s(deaf: Shop, worker: Worker, web: WebState) -> None:
    lost(deaf, "tem sofá?")
    looking = reconciler(worker)
    past = worker.settings.model_copy(update={"reconcile_hours": -1.0})
    looking.services = SimpleNamespace(settings=past, chatwoot=worker.hub.services.chatwoot)
    tenant = web.tenants.get("account_1")
    assert looking._channel(tenant, tenant.channels[0]) == 0


def test_where_a_person_speaks_nothing_is_taken_in(deaf: Shop, worker: Worker) -> None:
    conversation = lost(deaf, "tem sofá?")
    worker.desk.silence.begin("account_1", f"7-{conversation}", "human_reply", time.time())
    run(worker)
    assert worker.queue.pending() == 0


def test_a_late_webhook_finds_its_message_taken(deaf: Shop, worker: Worker, web: WebState) -> None:
    conversation = lost(deaf, "tem sofá?")
    run(worker)
    key = keys.mailbox("account_1", f"7-{conversation}")
    (letter,) = worker.desk.mailbox.letters("account_1", f"7-{conversation}")
    chatwoot = web.tenants.get("account_1").channels[0]
    digest = f"{chatwoot_of(chatwoot)}:message_created:{letter.message_id}"
    assert not worker.desk.mailbox.put("account_1", f"7-{conversation}", digest, letter)
    assert web.store.llen(key) == 1


def test_a_chatwoot_that_limits_us_is_left_alone_for_a_while(
    shop: Shop, worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    def limited(*_args: Any, **_kwargs: Any) -> Any:
        raise TooManyRequests(retry_after=120)

    monkeypatch.setattr(ChatwootClient, "conversations", limited)
    due = run(worker)
    assert due is not None
    assert 110 < due - time.time() <= 120


def test_the_leading_scheduler_looks_at_once_and_then_now_and_then(
    web: WebState, shop: Shop, settings: Settings
) -> None:
    scheduler = Scheduler(settings)
    scheduler.reconcile()
    queue = reconcile_queue(web.store, settings)
    assert queue.due(time.time()) == ["account_1"]
    web.store.delete(keys.due("reconcile"))
    scheduler.reconcile()
    assert queue.pending() == 0
    scheduler._reconciled -= settings.reconcile_interval
    scheduler.reconcile()
    assert queue.pending() == 1
