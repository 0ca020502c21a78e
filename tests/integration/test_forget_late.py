"""What is reported late, or by a channel that is gone, survives no erasure."""

import json
import threading
import time
from typing import Any

import pytest

from sidecar.control.traces import TraceLog
from sidecar.errors import Unavailable
from sidecar.hub import forgetting
from sidecar.hub.forgetting import Forgetting
from sidecar.hub.reconciler import Reconciler
from sidecar.settings import Settings
from sidecar.store import keys
from sidecar.tenants.schema import Tenant, parse_tenant
from sidecar.web.state import WebState
from tests.documents import tenant_document
from tests.doubles.playground import wait_until
from tests.integration.conftest import Shop, Worker

A, BIA = "account_1", 3
HERE, ELSEWHERE = "https://chat.example.com", "https://other.example.com"


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forgetting, "rewrite", lambda *_: "off")


def row(channel: int, url: str = HERE, contact: int = BIA, at: float = 1.0) -> dict[str, Any]:
    return {
        "uuid": f"{channel}-{contact}-{at}",
        "at": at,
        "channel_id": channel,
        "conversation": 5,
        "chatwoot_url": f"{url}/app/accounts/3/conversations/5",
        "contact_id": contact,
        "contact_name": "Bia",
        "question": "onde está o meu pedido?",
    }


def tenant_with(*channels: tuple[int, str]) -> Tenant:
    document = tenant_document()
    told = document["integrations"]["chatwoot"]["channels"]
    first = told.pop()
    for number, url in channels:
        hook = first["hooks"][0] | {"id": number, "token_sha256": f"{number}" * 64}
        own = {"id": number, "url": url, "account_id": 3, "inbox_id": number, "hooks": [hook]}
        told.append(first | own)
    return parse_tenant(document)


def kept(web: WebState) -> list[str]:
    """Uuids of the traces that are anywhere."""
    rows = [json.loads(web.store.get(name)) for name in web.store.keys(keys.trace(A, "*"))]
    return sorted({one["uuid"] for one in rows} | set(web.store.zrange(keys.traces(A), 0, -1)))


def test_a_trace_that_comes_after_the_erasure_is_not_kept(
    web: WebState, settings: Settings
) -> None:
    log = TraceLog(web.store)
    log.keep(A, row(7))
    Forgetting(settings).forget(A, tenant_with((7, HERE)), 7, BIA)
    log.keep(A, row(7, at=time.time() - 60))
    assert kept(web) == []
    log.keep(A, row(7, at=time.time() + 60) | {"uuid": "said later"})
    assert kept(web) == ["said later"]


@pytest.mark.parametrize("gone", [False, True], ids=["", "and its channel was deleted"])
def test_a_worker_that_stalls_before_its_report_leaves_nothing(
    shop: Shop, worker: Worker, web: WebState, settings: Settings, gone: bool
) -> None:
    conversation = shop.start("procuro um aparador")
    real = worker.desk.traces.keep

    def late(account_id: str, told: dict[str, Any]) -> None:
        url = told["chatwoot_url"].partition("/app/")[0]
        tenant = tenant_with((8, url)) if gone else web.tenants.get(A)
        Forgetting(settings).forget(A, tenant, 8 if gone else 7, told["contact_id"])
        real(account_id, told)

    worker.desk.traces.keep = late
    worker.drain(conversation)
    assert len(shop.answers(conversation)) == 1
    assert kept(web) == []


def test_what_a_deleted_channel_left_of_a_contact_is_erased(
    web: WebState, settings: Settings
) -> None:
    log = TraceLog(web.store)
    for told in (row(7), row(8), row(9, ELSEWHERE), row(8, contact=BIA + 1)):
        log.keep(A, told)
    for channel in (8, 9, 10):
        web.store.sadd(keys.contact(A, channel, BIA), f"{channel}-5")
        web.store.rpush(keys.history(A, f"{channel}-5"), '{"role": "user", "content": "oi"}')
    told = Forgetting(settings).forget(A, tenant_with((7, HERE)), 7, BIA)["receipt"]
    assert told["traces"] == 2
    assert kept(web) == [f"8-{BIA + 1}-1.0", f"9-{BIA}-1.0"], "nobody else, no other Chatwoot"
    left = sorted(web.store.keys(f"{A}:hist:*"))
    assert left == [keys.history(A, "9-5")], "nothing tells where channel 10 was"


def test_the_channel_that_is_named_may_be_gone_itself(web: WebState, settings: Settings) -> None:
    log = TraceLog(web.store)
    for told in (row(7), row(8)):
        log.keep(A, told)
    Forgetting(settings).forget(A, tenant_with((8, HERE), (9, ELSEWHERE)), 7, BIA)
    assert kept(web) == []


def test_a_courier_who_has_traces_in_hand_is_waited_for(web: WebState, settings: Settings) -> None:
    TraceLog(web.store).keep(A, row(7))
    eraser = Forgetting(settings.model_copy(update={"turn_timeout": 0.2}))
    with eraser._taken(eraser.traces, A), pytest.raises(Unavailable, match="again"):
        eraser.forget(A, tenant_with((7, HERE)), 7, BIA)
    assert kept(web) != []
    courier = eraser._taken(eraser.traces, A)
    done = threading.Event()

    def forget() -> None:
        Forgetting(settings).forget(A, tenant_with((7, HERE)), 7, BIA)
        done.set()

    with courier:
        erasing = threading.Thread(target=forget)
        erasing.start()
        assert not done.wait(0.3)
    erasing.join(20)
    assert kept(web) == []


@pytest.mark.parametrize("skew", [-600, 600], ids=["our clock is slow", "our clock is fast"])
def test_what_was_erased_is_not_read_again_whatever_our_clock_says(
    shop: Shop, worker: Worker, web: WebState, settings: Settings,
    monkeypatch: pytest.MonkeyPatch, skew: int,
) -> None:  # fmt: skip
    conversation = shop.start("procuro um aparador turquesa")
    worker.drain(conversation)
    shop.say(conversation, "e uma cristaleira lilás")
    wait_until(lambda: web.store.llen(keys.mailbox(A, f"7-{conversation}")))
    (letter,) = worker.desk.mailbox.letters(A, f"7-{conversation}")
    with monkeypatch.context() as patched:
        real = time.time
        patched.setattr(forgetting.time, "time", lambda: real() + skew)
        Forgetting(settings).forget(A, web.tenants.get(A), 7, letter.contact_id)
    reconciler = Reconciler(worker.hub.services, worker.desk.mailbox, young=0.0)  # type: ignore[arg-type]
    reconciler._channel(web.tenants.get(A), web.tenants.get(A).channels[0])
    assert worker.queue.pending() == 0, "the reconciler brought back what was erased"
    shop.say(conversation, "tem sofá?")
    worker.drain(conversation)
    assert worker.hub.asked[-1] == ("tem sofá?", [])
    shop.act(conversation, "take_over")
    shop.say(conversation, "Temos, sim.", **{"as": "agent"})
    shop.act(conversation, "hand_back")
    wait_until(lambda: web.store.hget(keys.talk(A, f"7-{conversation}"), "refresh"))
    shop.say(conversation, "quero")  # read anew from Chatwoot, with what the person said
    worker.drain(conversation)
    said = [entry["content"] for entry in worker.hub.asked[-1][1]]
    assert said[0] == "tem sofá?"
    assert said[-1] == "Temos, sim."
