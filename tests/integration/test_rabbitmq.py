"""RabbitMQ as the broker: the same promises, with one URL changed."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from pydantic import SecretStr

from sidecar.errors import Unavailable
from sidecar.settings import Settings
from sidecar.store import dead_letters, keys
from sidecar.tasks import messages
from sidecar.tasks.broker import broker_for
from sidecar.tasks.scheduler import Scheduler
from sidecar.web.state import WebState
from tests.integration.conftest import Shop
from tests.rabbitmq import RabbitServer

ASK = "quero falar com um atendente"  # answered without a model and without a shop's data


@pytest.fixture(scope="module")
def rabbit(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RabbitServer]:
    server = RabbitServer(tmp_path_factory.mktemp("rabbit")).start()
    yield server
    server.stop()


@pytest.fixture
def settings(settings: Settings, rabbit: RabbitServer) -> Settings:
    return settings.model_copy(update={"broker_url": SecretStr(rabbit.url)})


@dataclass
class WorkerProcess:
    """A really started `sidecar worker`; `log` is what it printed."""

    settings: Settings
    log: Path
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        told = {
            f"CHATWOOTAI_{name.upper()}": (
                value.get_secret_value() if isinstance(value, SecretStr) else str(value)
            )
            for name, value in self.settings
        }
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "sidecar", "worker"],
                env={**os.environ, **told, "CHATWOOTAI_WORKER_PROCESSES": "1"},
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def kill(self) -> None:
        """kill -9 of the process and its children."""
        if self.process and self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()


@pytest.fixture
def worker_process(settings: Settings, tmp_path: Path) -> Iterator[WorkerProcess]:
    worker = WorkerProcess(settings, tmp_path / "worker.log")
    yield worker
    worker.kill()


def until_answered(shop: Shop, conversation: int, worker: WorkerProcess) -> list[str]:
    deadline = time.monotonic() + 60
    while not (answers := shop.answers(conversation)):
        assert time.monotonic() < deadline, worker.log.read_text()[-3000:]
        time.sleep(0.1)
    time.sleep(1)  # a second answer would come now
    return answers and shop.answers(conversation)


def until_stored(web: WebState, conversation: int) -> None:
    mailbox = keys.mailbox("account_1", f"7-{conversation}")
    deadline = time.monotonic() + 10
    while not web.store.llen(mailbox):
        assert time.monotonic() < deadline, "the webhook did not arrive"
        time.sleep(0.02)


def test_a_message_reaches_a_worker_through_rabbitmq_alone(
    shop: Shop, worker_process: WorkerProcess
) -> None:
    worker_process.start()  # no scheduler runs: nothing but the broker can tell the worker
    conversation = shop.start(ASK)
    assert len(until_answered(shop, conversation, worker_process)) == 1


def test_a_killed_worker_leaves_the_hint_to_the_next_one(
    shop: Shop, web: WebState, worker_process: WorkerProcess
) -> None:
    shop.fail(posts={"count": 1, "mode": "store_then_hang", "seconds": 5})
    worker_process.start()
    conversation = shop.start(ASK)
    until_answered(shop, conversation, worker_process)  # stored, while the worker still waits
    worker_process.kill()
    while web.store.keys("lease:conversations:*"):  # else its hint finds it held
        time.sleep(0.1)
    worker_process.start()
    deadline = time.monotonic() + 60
    while shop.read(conversation)["status"] != "open":  # handed off: the turn went to its end
        assert time.monotonic() < deadline, worker_process.log.read_text()[-3000:]
        time.sleep(0.1)
    assert len(shop.answers(conversation)) == 1


def test_a_broker_that_is_away_loses_nothing(
    shop: Shop,
    web: WebState,
    settings: Settings,
    rabbit: RabbitServer,
    worker_process: WorkerProcess,
) -> None:
    rabbit.kill()
    conversation = shop.start(ASK)
    until_stored(web, conversation)
    assert not messages.hint(broker_for(settings), messages.JOBS, "account_1|nothing")
    rabbit.start()
    worker_process.start()
    scheduler = Scheduler(settings)
    deadline = time.monotonic() + 60
    while not shop.answers(conversation):
        scheduler.sweep()
        assert time.monotonic() < deadline, worker_process.log.read_text()[-3000:]
        time.sleep(0.2)
    assert len(shop.answers(conversation)) == 1


def test_dead_letters_about_a_conversation_are_removed(settings: Settings) -> None:
    broker = broker_for(settings)
    queue = f"{messages.CONVERSATIONS}.XQ"
    assert messages.hint(broker, messages.CONVERSATIONS, "account_1|none")  # declares the queues
    channel = broker.channel
    channel.queue_purge(queue)
    for item in ("account_1|7-1", "account_1|7-12", "account_1|7-1"):
        channel.basic_publish("", queue, json.dumps({"args": [item]}).encode())
    channel.basic_publish("", queue, b"no json")
    assert dead_letters.remove(settings, messages.CONVERSATIONS, ["account_1|7-1"]) == 2
    deadline = time.monotonic() + 10
    while channel.queue_declare(queue, passive=True).method.message_count != 2:
        assert time.monotonic() < deadline, "the others were not given back"
        time.sleep(0.05)
    channel.queue_purge(queue)


def test_without_a_broker_dead_letters_say_try_again(settings: Settings) -> None:
    away = settings.model_copy(update={"broker_url": SecretStr("amqp://guest:guest@127.0.0.1:1")})
    with pytest.raises(Unavailable):
        dead_letters.remove(away, messages.CONVERSATIONS, ["account_1|7-1"])
