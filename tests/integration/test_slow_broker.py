"""A broker that does not answer keeps no webhook waiting; the sweeper finds what was stored."""

import json
import os
import queue
import socket
import threading
import time
from collections.abc import Iterator

import pytest
from dramatiq import Message
from dramatiq.brokers.stub import StubBroker
from pydantic import SecretStr

from sidecar.app import create_app
from sidecar.chatwoot.signature import sign
from sidecar.settings import Settings
from sidecar.store.connection import connect
from sidecar.tasks import messages
from sidecar.tasks.broker import broker_for
from sidecar.tasks.scheduler import Scheduler
from sidecar.tasks.sender import STALE, HintSender
from sidecar.web.state import HINT_SECONDS
from tests.documents import TOKEN, tenant_document
from tests.doubles.playground import wait_until
from tests.integration.conftest import Shop, Worker
from tests.unit.chatwoot.bodies import message

LETTERS = 20


@pytest.fixture
def silent() -> Iterator[int]:
    """A port that takes connections and never says anything."""
    with socket.create_server(("127.0.0.1", 0), backlog=50) as server:
        yield server.getsockname()[1]


@pytest.fixture(params=["redis://127.0.0.1:%d/2", "amqp://guest:guest@127.0.0.1:%d"])
def stuck(request: pytest.FixtureRequest, settings: Settings, silent: int) -> Settings:
    return settings.model_copy(update={"broker_url": SecretStr(request.param % silent)})


def test_a_hint_gives_up_soon(settings: Settings, silent: int) -> None:
    url = SecretStr(f"redis://127.0.0.1:{silent}/2")
    stuck = settings.model_copy(update={"broker_url": url})
    started = time.monotonic()
    assert not messages.hint(broker_for(stuck, HINT_SECONDS), messages.JOBS, "account_1|x")
    assert time.monotonic() - started < 30  # without a limit, never


def test_a_broker_that_never_answers_delays_no_webhook(stuck: Settings, settings: Settings) -> None:
    app = create_app(stuck)
    web, client = app.extensions["sidecar"], app.test_client()
    document = tenant_document()
    document["integrations"]["chatwoot"]["channels"][0].update(account_id=3, inbox_id=8)
    web.tenants.apply(document)
    web.credentials.replace("account_1", {"hook_secret": "s"})
    started = time.monotonic()
    for number in range(LETTERS):
        raw = json.dumps(message(id=9000 + number)).encode()
        signed = sign(raw, "s", int(time.time()))
        answer = client.post(f"/webhook/chatwoot/{TOKEN}", data=raw, headers=signed)
        assert answer.json["data"] == {"stored": True}
    assert time.monotonic() - started < LETTERS * HINT_SECONDS / 2, "they waited for the broker"
    assert len(web.mailbox.letters("account_1", "7-17")) == LETTERS
    assert Scheduler(settings).sweep() == 1, "the sweeper tells the workers"


def test_the_sweeper_gets_the_message_answered(shop: Shop, worker: Worker) -> None:
    worker.hub.services.web.hints._broker = _Hanging()
    conversation = shop.start("tem sofá?")
    worker.drain(conversation)  # takes what is due, as the sweeper tells it
    assert len(shop.answers(conversation)) == 1


def test_a_healthy_broker_is_told_at_once(shop: Shop, worker: Worker, settings: Settings) -> None:
    broker = connect(settings.broker_url.get_secret_value())
    conversation = shop.start("tem sofá?")
    told = f"dramatiq:{messages.CONVERSATIONS}.msgs"
    wait_until(lambda: any(f"7-{conversation}" in str(one) for one in broker.hvals(told)))


class _Hanging(StubBroker):
    """Takes one hint and never comes back, until it is let go."""

    def __init__(self) -> None:
        super().__init__()
        self.took, self.let_go = threading.Event(), threading.Event()
        self.given: queue.Queue[str] = queue.Queue()

    def enqueue(self, told: Message, *, delay: int | None = None) -> Message:
        self.given.put(f"{told.args[0]} {delay}")
        self.took.set()
        self.let_go.wait(30)
        return told


def test_only_so_many_hints_wait_and_none_that_is_stale() -> None:
    broker, now = _Hanging(), [1000.0]
    sender = HintSender(broker, waiting=2, clock=lambda: now[0])
    assert sender.hint(messages.JOBS, "a|1")
    assert broker.took.wait(10)
    assert [sender.hint(messages.JOBS, f"a|{n}") for n in (2, 3, 4)] == [True, True, False]
    now[0] += STALE + 1
    broker.let_go.set()
    wait_until(lambda: sender._waiting.empty())
    assert sender.hint(messages.JOBS, "a|5", 2.0)
    given = [broker.given.get(timeout=10) for _ in range(2)]
    assert given == ["a|1 None", "a|5 2000"], "the sweeper has told of the others long ago"


def test_a_forked_process_gives_its_own_hints() -> None:
    class Told(StubBroker):
        def enqueue(self, told: Message, *, delay: int | None = None) -> Message:
            os.write(write, f"{told.args[0]}\n".encode())
            return told

    read, write = os.pipe()
    with os.fdopen(read) as lines:
        sender = HintSender(Told())
        sender.hint(messages.JOBS, "a|parent")
        assert lines.readline() == "a|parent\n"
        child = os.fork()
        if not child:
            sender.hint(messages.JOBS, "a|child")
            time.sleep(20)  # its hint is given by a thread
            os._exit(0)
        os.close(write)  # a child that dies ends the reading
        try:
            assert lines.readline() == "a|child\n"
        finally:
            os.kill(child, 9)
            os.waitpid(child, 0)
