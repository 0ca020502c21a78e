"""A contact's memory is erased everywhere, down to the files of Redis, and nobody else's."""

import inspect
import json
import threading
import time
from typing import Any

import pytest
import redis

from sidecar.commands import contacts as command
from sidecar.control.audit import AuditLog
from sidecar.control.traces import TraceLog
from sidecar.errors import Unavailable, Unprocessable
from sidecar.hub import forgetting
from sidecar.hub.forgetting import COUNTS, Forgetting
from sidecar.hub.hub import Hub
from sidecar.hub.jobs import JobStore
from sidecar.hub.mailbox import Letter, Mailbox
from sidecar.hub.reconciler import Reconciler
from sidecar.hub.services import Services
from sidecar.search.embeddings.base import Embedder
from sidecar.search.embeddings.cache import CachedEmbedder, RedisCache
from sidecar.settings import Settings
from sidecar.store import dead_letters, keys
from sidecar.store.connection import cache_store, connect
from sidecar.tenants.schema import parse_tenant
from sidecar.tools.person import Person, PersonMemory
from sidecar.web.state import WebState
from tests.conftest import RedisServer
from tests.documents import tenant_document
from tests.integration.conftest import Shop, Worker

A = "account_1"
NAME, PHONE = "Zilda Quintanilha", "+5511977771234"
WORDS, LATER = "procuro um aparador turquesa", "e também uma cristaleira lilás"
PLANTED = (NAME, PHONE, "turquesa", "lilás", "resumo plantado", "zilda@exemplo.com")


def files_of(server: RedisServer) -> str:
    """Everything in the folder of Redis."""
    found = [p.read_bytes() for p in sorted(server.folder.rglob("*")) if p.is_file()]
    return b"\n".join(found).decode(errors="replace")


def left_in(server: RedisServer, words: tuple[str, ...], seconds: float = 10.0) -> list[str]:
    """Which words are in the files; Redis removes former ones a moment after it rewrote them."""
    deadline = time.monotonic() + seconds
    while (found := [w for w in words if w in files_of(server)]) and time.monotonic() < deadline:
        time.sleep(0.1)
    return found


def all_keys(store: redis.Redis, but: tuple[str, ...] = ()) -> dict[str, Any]:
    names = [n for n in map(str, store.scan_iter(count=1000)) if not n.startswith(("beat:", *but))]
    return {name: store.dump(name) for name in names}


class Plain:
    """An embedder of two dimensions."""

    model, dimension = "plain", 2

    def embed(self, texts: list[str]) -> Any:
        import numpy

        return numpy.full((len(texts), 2), 0.7, dtype=numpy.float32)


def contact_of(worker: Worker, conversation: int) -> int:
    (letter,) = {one.contact_id for one in worker.desk.mailbox.letters(A, f"7-{conversation}")}
    assert letter
    return letter


def plant(worker: Worker, settings: Settings, conversation: int) -> None:
    """What else a conversation leaves behind, by the hands that write it."""
    store, key = worker.hub.services.store, f"7-{conversation}"
    store.set(keys.summary(A, key), json.dumps({"text": "resumo plantado", "through": "x"}))
    PersonMemory(store, A, key, 3600).keep(Person(5, NAME, "channel"))
    store.hset(keys.identity_code(A, key), mapping={"mac": "m", "email": "zilda@exemplo.com"})
    store.hset(keys.confirmation(A, key), mapping={"token": "t", "preview": f'"{WORDS}"'})
    worker.desk.silence.begin(A, key, "human_reply", time.time())
    worker.desk.ledger.alert(A, key, "post_refused")
    AuditLog(store, "worker").record(A, "tool", f"order_status for {NAME} (channel)")
    cached: Embedder = CachedEmbedder(Plain(), RedisCache(cache_store(settings)), "pt")
    cached.embed([WORDS])
    broker = connect(settings.broker_url.get_secret_value())
    dead = json.dumps({"queue_name": "conversations", "args": [f"{A}|{key}"]})
    broker.hset("dramatiq:conversations.XQ.msgs", "1", dead)
    broker.zadd("dramatiq:conversations.XQ", {"1": time.time() * 1000})


def replay_job(settings: Settings, worker: Worker, job_id: str, contact: int) -> None:
    params = {"question": WORDS, "history": [], "crew": "x", "channel_id": 7, "contact_id": contact}
    metadata = {"source": "odoo", "account_id": A, "action": "replay_turn", "job_id": job_id}
    jobs = JobStore(worker.hub.services.store, settings)
    jobs.end(jobs.accept(A, job_id, {"metadata": metadata, "params": params}), {"answer": WORDS})


def test_nothing_of_a_contact_stays_anywhere(
    shop: Shop, worker: Worker, web: WebState, settings: Settings, redis_server: RedisServer
) -> None:
    conversation = shop.start(WORDS, name=NAME, phone=PHONE)
    other = shop.start("tem sofá?", name="Caio", phone="+5511900000002")
    worker.work_until(lambda: bool(shop.answers(other)))
    worker.drain(conversation, letters=0)
    plant(worker, settings, conversation)
    shop.say(conversation, LATER)
    box = keys.mailbox(A, f"7-{conversation}")
    worker_deadline = time.monotonic() + 10
    while not web.store.llen(box):
        assert time.monotonic() < worker_deadline
        time.sleep(0.02)
    contact = contact_of(worker, conversation)
    replay_job(settings, worker, "job-of-zilda", contact)
    replay_job(settings, worker, "job-of-caio", contact + 1000)
    assert set(PLANTED) <= set(left_in(redis_server, PLANTED, 0)), "planted, so it can be missed"
    untouched = (f"{A}:hist:7-{other}", f"{A}:turn:7-{other}", f"{A}:job:job-of-caio")
    before = {name: web.store.dump(name) for name in untouched}

    receipt = Forgetting(settings).forget(A, web.tenants.get(A), 7, contact)["receipt"]

    web.store.delete(f"{A}:job:job-of-caio")  # it has the same words
    assert receipt["append_only_file"] == "rewritten"
    assert {name: receipt[name] for name in COUNTS if name != "keys"} == {
        "conversations": 1,
        "history": 2,
        "mailbox": 1,
        "traces": 1,
        "jobs": 1,
        "dead_letters": 1,
    }
    assert receipt["keys"] >= 10
    left = [n for n in all_keys(web.store) if f"7-{conversation}" in n]
    assert left == [keys.forgotten(A, f"7-{conversation}")]
    assert not web.store.exists(keys.contact(A, 7, contact))
    assert worker.queue.pending() == 0
    assert web.store.lrange(keys.alerts(A), 0, -1) == []
    (row,) = [r for r in AuditLog(web.store, "x").take(A) if r["operation"] == "tool"]
    assert row["subject"] == "order_status for an erased customer (channel)"
    assert list(cache_store(settings).scan_iter("emb:*")) == []
    (told,) = TraceLog(web.store).take(A)[1]
    assert told["conversation"] == other
    del before[f"{A}:job:job-of-caio"]
    assert {name: web.store.dump(name) for name in before} == before
    assert left_in(redis_server, (NAME, PHONE, "lilás", "resumo plantado", PLANTED[5])) == []


def test_what_comes_later_starts_afresh_and_what_was_waiting_stays_away(
    shop: Shop, worker: Worker, web: WebState, settings: Settings
) -> None:
    conversation = shop.start(WORDS, name=NAME, phone=PHONE)
    worker.drain(conversation)
    shop.say(conversation, LATER)
    deadline = time.monotonic() + 10
    while not web.store.llen(keys.mailbox(A, f"7-{conversation}")):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    contact = contact_of(worker, conversation)
    time.sleep(1.0)  # Chatwoot's clock has whole seconds
    Forgetting(settings).forget(A, web.tenants.get(A), 7, contact)
    Reconciler(worker.hub.services, worker.desk.mailbox, young=0.0)._channel(  # type: ignore[arg-type]
        web.tenants.get(A), web.tenants.get(A).channels[0]
    )
    assert worker.queue.pending() == 0, "the reconciler brought back what was erased"
    shop.say(conversation, "tem sofá?")
    worker.drain(conversation)
    assert worker.hub.asked[-1] == ("tem sofá?", [])
    assert len(shop.answers(conversation)) == 2


def test_a_turn_under_way_is_waited_for_and_leaves_nothing(
    shop: Shop, worker: Worker, web: WebState, settings: Settings
) -> None:
    asked, go_on = threading.Event(), threading.Event()
    real = worker.hub.reply

    def slow(question: str) -> Any:
        asked.set()
        assert go_on.wait(20)
        return real(question)

    worker.hub.reply = slow
    conversation = shop.start(WORDS, name=NAME, phone=PHONE)
    working = threading.Thread(target=worker.drain, args=(conversation,))
    working.start()
    assert asked.wait(10)
    contact = contact_of(worker, conversation)
    receipts: list[Any] = []

    def forget() -> None:
        receipts.append(Forgetting(settings).forget(A, web.tenants.get(A), 7, contact))

    erasing = threading.Thread(target=forget)
    erasing.start()
    erasing.join(0.5)
    assert erasing.is_alive(), "a turn was under way"
    go_on.set()
    erasing.join(20)
    working.join(20)
    assert len(receipts) == 1
    left = [n for n in all_keys(web.store) if f"7-{conversation}" in n or ":trace:" in n]
    assert left == [keys.forgotten(A, f"7-{conversation}")]


def test_a_conversation_that_is_worked_on_too_long_says_try_again(
    web: WebState, settings: Settings
) -> None:
    put(web, settings, channel=7, conversation=1, contact=3)
    eraser = Forgetting(settings.model_copy(update={"turn_timeout": 0.2}))
    with eraser._taken(eraser.conversations, f"{A}|7-1"), pytest.raises(Unavailable, match="again"):
        eraser.forget(A, None, 7, 3)
    assert web.store.llen(keys.mailbox(A, "7-1")) == 1


def test_again_finds_nothing_and_a_receipt_counts_what_a_crash_interrupted(
    web: WebState, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(web, settings, channel=7, conversation=1, contact=3)
    eraser = Forgetting(settings)

    def full(*_args: Any) -> str:
        raise Unavailable("the disk is full")

    with monkeypatch.context() as patched:
        patched.setattr(forgetting, "rewrite", full)
        with pytest.raises(Unavailable):
            eraser.forget(A, None, 7, 3)
    first = eraser.forget(A, None, 7, 3)["receipt"]
    assert (first["conversations"], first["mailbox"]) == (1, 1)
    second = eraser.forget(A, None, 7, 3)["receipt"]
    assert [second[name] for name in COUNTS] == [0] * len(COUNTS)


def test_all_channels_of_the_same_chatwoot_are_one_contacts(
    web: WebState, settings: Settings
) -> None:
    document = tenant_document()
    channels = document["integrations"]["chatwoot"]["channels"]
    for number, url in ((8, channels[0]["url"]), (9, "http://127.0.0.1:2")):
        hook = channels[0]["hooks"][0] | {"id": number, "token_sha256": f"{number}" * 64}
        channels.append(
            channels[0] | {"id": number, "url": url, "inbox_id": number, "hooks": [hook]}
        )
    tenant = parse_tenant(document)
    for channel in (7, 8, 9):
        put(web, settings, channel=channel, conversation=channel, contact=3)
    told = Forgetting(settings).forget(A, tenant, 7, 3)["receipt"]
    assert told["conversations"] == 2
    assert web.store.llen(keys.mailbox(A, "9-9")) == 1, "another Chatwoot's contact 3"


@pytest.mark.parametrize(("channel", "contact"), [(0, 1), (7, None), ("7", 1), (True, 1)])
def test_what_is_no_number_is_refused(settings: Settings, channel: Any, contact: Any) -> None:
    with pytest.raises(Unprocessable):
        Forgetting(settings).forget(A, None, channel, contact)


def test_the_command_prints_the_receipt(
    web: WebState, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    web.tenants.apply(tenant_document())
    put(web, settings, channel=7, conversation=1, contact=3)
    assert command.forget(settings, A, 7, 3) == 0
    printed = capsys.readouterr().out
    assert "1 conversations" in printed
    assert "append-only file: rewritten" in printed
    (row,) = [r for r in AuditLog(web.store, "x").take(A) if r["operation"] == "unlink"]
    assert row["subject"] == "contact 7/3"


def test_odoo_asks_for_it_by_a_job(web: WebState, settings: Settings) -> None:
    web.tenants.apply(tenant_document())
    put(web, settings, channel=7, conversation=1, contact=3)
    metadata = {"source": "odoo", "account_id": A, "action": "forget_contact", "job_id": "j" * 8}
    params = {"channel_id": 7, "contact_id": 3}
    told = Hub(Services.build(settings)).process({"metadata": metadata, "params": params})
    assert told["receipt"]["conversations"] == 1


def test_no_key_of_a_conversation_is_left_out(
    web: WebState, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(forgetting, "rewrite", lambda *_: "off")
    put(web, settings, channel=7, conversation=1, contact=3)
    made = [
        function(A, "7-1")
        for _name, function in inspect.getmembers(keys, inspect.isfunction)
        if list(inspect.signature(function).parameters) == ["account", "conversation"]
    ]
    assert len(made) >= 10
    web.store.hset(keys.turn(A, "7-1"), "through", "1")
    for name in made:
        web.store.setnx(name, "{}")
    Forgetting(settings).forget(A, None, 7, 3)
    left = [n for n in all_keys(web.store, (f"{A}:seen:",)) if "7-1" in n]
    assert left == [keys.forgotten(A, "7-1")]


def test_dead_letters_of_others_stay(settings: Settings) -> None:
    broker = connect(settings.broker_url.get_secret_value())
    for number, item in enumerate((f"{A}|7-1", f"{A}|7-12", "account_2|7-1")):
        told = json.dumps({"args": [item]})
        broker.hset("dramatiq:conversations.XQ.msgs", str(number), told)
        broker.zadd("dramatiq:conversations.XQ", {str(number): 1})
    broker.hset("dramatiq:conversations.XQ.msgs", "odd", "no json")
    assert dead_letters.remove(settings, "conversations", [f"{A}|7-1"]) == 1
    assert broker.zrange("dramatiq:conversations.XQ", 0, -1) == ["1", "2"]


# -- nobody else's --------------------------------------------------------------------------------


def put(web: WebState, settings: Settings, channel: int, conversation: int, contact: int) -> None:
    """A letter as the door keeps it, and what was said before."""
    key = f"{channel}-{conversation}"
    letter = Letter(conversation, f"words of {contact}", 1.0, "r", contact_id=contact)
    Mailbox(web.store, settings).put(A, key, f"{key}:{contact}", letter)
    said = json.dumps({"role": "user", "content": f"words of {contact}"})
    web.store.rpush(keys.history(A, key), said)
    web.store.hset(keys.talk(A, key), "crew", "sales")
    web.store.set(keys.changed(A, key, 5), letter.to_json())


def trace(web: WebState, channel: int, conversation: int, contact: int) -> None:
    row = {
        "uuid": f"{channel}-{conversation}-{contact}",
        "at": 1.0,
        "channel_id": channel,
        "conversation": conversation,
        "contact_id": contact,
        "question": "?",
    }
    TraceLog(web.store).keep(A, row)


@pytest.mark.parametrize("seed", range(6))
def test_other_contacts_are_never_touched(
    web: WebState, settings: Settings, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    """Numbers that begin alike, in channels that share a Chatwoot or do not."""
    import random

    dice = random.Random(seed)
    monkeypatch.setattr(forgetting, "rewrite", lambda *_: "off")
    mine = dice.choice((1, 2, 11))
    others = [n for n in (1, 2, 11, 12, 111) if n != mine]
    numbers = iter(dice.sample(range(1, 200), 60))
    for other in dice.choices(others, k=8):
        channel, conversation = dice.choice((1, 7, 17, 71)), next(numbers)
        put(web, settings, channel, conversation, other)
        if dice.random() < 0.5:
            trace(web, channel, conversation, other)
    put(web, settings, 17, next(numbers), mine)  # the same number in another Chatwoot
    due = keys.due("conversations")
    before, waiting = all_keys(web.store, (keys.FENCE, "due:")), set(web.store.zrange(due, 0, -1))
    for _ in range(dice.randint(1, 4)):
        conversation = next(numbers)
        put(web, settings, 7, conversation, mine)
        trace(web, 7, conversation, mine)
    Forgetting(settings).forget(A, None, 7, mine)
    own = ("due:", keys.FENCE, f"{A}:seen:", f"{A}:forgotten:")
    after = all_keys(web.store, own)
    traces = keys.traces(A)
    assert {k: v for k, v in before.items() if not k.startswith(own) and k != traces} == {
        k: v for k, v in after.items() if k != traces
    }
    assert set(web.store.zrange(due, 0, -1)) == waiting
    assert all(one.rpartition("-")[2] != str(mine) for one in web.store.zrange(traces, 0, -1))
